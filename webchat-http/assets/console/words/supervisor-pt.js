// As páginas de supervisão em português.

/** @type {Record<string, string>} */
const refusals = {
  not_signed_in: 'Quem deve ter ou acompanhar este chat não está com a mesa aberta',
  not_allowed: 'Só supervisores que também são agentes podem fazer isto',
  limit: 'Já há chats demais sendo acompanhados',
  chat_closed: 'O chat terminou',
  unknown_chat: 'O chat terminou',
  already_taken: 'O chat já não espera',
};

/** @type {Record<string, string>} */
const whyNots = {
  not_member: 'não é membro', not_signed_in: 'não entrou', lost: 'sem conexão', paused: 'em pausa', auto_paused: 'em pausa enquanto atende', on_call: 'em uma ligação', busy: 'atende outra coisa',
  at_capacity: 'no limite', no_voice_campaign: 'sem campanha de voz', missing_skill: 'falta uma habilidade', pull: 'pega chats à mão', takes_part: 'já está no chat', already_asked: 'já foi consultado',
};

/** @type {Record<string, string>} */
const reasons = {
  disabled: 'campanha desativada', out_of_time: 'fora do horário', no_agents: 'sem agentes', queue_full: 'fila cheia',
};

export const floor = {
  tab: 'Supervisão', pages: 'Supervisão', wallboard: 'Painel', chats: 'Chats ao vivo', agents: 'Agentes', recordings: 'Gravações', reports: 'Relatórios', audit: 'Auditoria',
  connecting: 'Conectando…', offline: 'Sem conexão: estes números estão parados.',
  refusal: (/** @type {string} */ code) => refusals[code],
  whyNot: (/** @type {string} */ code) => whyNots[code] ?? code,
  noData: 'sem dados',
  card: {
    open: 'Aberta', shut: 'Fechada', off: 'Desativada', waiting: 'Em espera', longest: 'Maior espera', active: 'Ativos', available: 'Disponíveis', signedIn: 'Presentes', paused: 'Em pausa', nobody: 'ninguém',
    ofMax: (/** @type {number} */ n) => `máx. ${n}`,
    of: (/** @type {number} */ n) => `de ${n} membros`,
    today: 'Hoje', offered: 'Oferecidos', answered: 'Atendidos', abandoned: 'Abandonados', short: 'Abandonos curtos', timedOut: 'Vencidos', refused: 'Recusados', speed: 'Resposta média',
    level: 'Nível de serviço',
    levels: { answered: 'dos atendidos', abandoned: 'com abandonos', strict: 'estrito' },
    share: (/** @type {number} */ part, /** @type {number} */ of) => `${part} de ${of}`,
    target: (/** @type {number} */ percent, /** @type {string} */ limit) => `Meta ${percent} % em ${limit}`,
    estimates: 'Espera acertada', refusedFor: (/** @type {string} */ reason, /** @type {number} */ n) => `${n} × ${reasons[reason] ?? reason}`,
    why: 'Por quê?', whyTitle: (/** @type {string} */ name) => `Por quê: o que encontraria quem chegasse a ${name}`, members: 'Ordem e penalidades',
    membersTitle: (/** @type {string} */ name) => `Ordem e penalidades de ${name}`,
  },
  alarms: {
    title: 'Limites', none: 'Sem alarmes', fine: 'dentro', over: 'excedido', unset: 'sem uso',
    names: { service_level: 'Nível de serviço', dropout: 'Taxa de abandono', time_chat: 'Tempo de chat', acd: 'ACD', max_chats: 'Máx. chats' },
    service_level: (/** @type {string} */ now, /** @type {number} */ target) => `${now}, ao menos ${target} %`,
    dropout: (/** @type {number} */ n, /** @type {string} */ limit) => `${n} saíram antes de ${limit}`,
    time_chat: (/** @type {number} */ n, /** @type {string} */ limit) => `${n} com mais de ${limit}`,
    acd: (/** @type {number} */ n, /** @type {number} */ limit) => `${n} esperam, alarme com ${limit}`,
    max_chats: (/** @type {number} */ n, /** @type {number} */ limit) => `${n} esperam, cabem ${limit}`,
    rose: (/** @type {string} */ alarm, /** @type {string} */ campaign) => `Alarme em ${campaign}: ${alarm}`,
    fell: (/** @type {string} */ alarm, /** @type {string} */ campaign) => `${campaign}: ${alarm} voltou ao limite`,
    count: (/** @type {number} */ n) => (n === 1 ? '1 alarme' : `${n} alarmes`),
  },
  chart: {
    title: 'Última hora', offered: 'chegaram', answered: 'atendidos', lost: 'perdidos ou recusados',
    summary: (/** @type {number} */ offered, /** @type {number} */ answered, /** @type {number} */ lost) => `Na última hora chegaram ${offered}, ${answered} foram atendidos e ${lost} perdidos ou recusados.`,
  },
  live: {
    search: 'Buscar', searchHint: 'Nome, e-mail ou número', campaign: 'Campanha', all: 'Todas as campanhas', state: 'Estado', everything: 'Todos', waiting: 'Em espera', active: 'Com agentes', alarm: 'Além do tempo',
    shown: (/** @type {number} */ n, /** @type {number} */ of) => `${n} de ${of} chats`,
    cut: (/** @type {number} */ n) => `Só os primeiros ${n} são mostrados.`,
    label: 'Chats ao vivo', visitor: 'Visitante', since: 'Tempo', agent: 'Agente', messages: 'Mensagens', actions: 'Ações', none: 'Nenhum chat assim.', gone: 'visitante desconectado', returned: 'voltou à fila',
    phases: { waiting: 'Em espera', offered: 'Sendo oferecido', active: 'Ativo', transferring: 'Em transferência' },
    watch: 'Acompanhar', watchName: (/** @type {string} */ name) => `Acompanhar o chat com ${name}`,
    why: 'Por quê?', whyName: (/** @type {string} */ name) => `Por que o chat com ${name} está onde está?`,
  },
  watch: {
    label: (/** @type {string} */ name) => `Acompanhando ${name}`,
    unseen: 'Você está acompanhando. Nem o visitante nem o agente veem; a auditoria sim.',
    stop: 'Deixar de acompanhar', over: 'O chat terminou.', log: (/** @type {string} */ name) => `Mensagens do chat com ${name}`, unowned: 'ninguém ainda',
    whisper: 'Sussurrar ao agente', whisperHint: 'Só o agente vê, nunca o visitante', whisperGo: 'Sussurrar',
    takeOver: 'Assumir', takeOverTitle: (/** @type {string} */ name) => `Assumir o chat com ${name}?`, takeOverText: 'O chat vai para a sua mesa na hora. O agente o perde e o visitante vê o seu nome.',
    transfer: 'Transferir', transferTitle: (/** @type {string} */ name) => `Transferir o chat com ${name}`, transferText: 'É entregue na hora, sejam quais forem os limites.', toAgent: 'Agente', toCampaign: 'Campanha', moveText: 'Lá espera conforme a primeira chegada.', nobody: 'Ninguém mais está presente.',
    end: 'Encerrar chat', endTitle: (/** @type {string} */ name) => `Encerrar o chat com ${name}?`, endText: 'O visitante é avisado de que o chat terminou.',
    done: { take_over: 'O chat está na sua mesa', assign: 'O chat foi entregue', move: 'O chat foi movido', end_chat: 'O chat foi encerrado', whisper: 'Anotado para o agente' },
  },
  people: {
    name: 'Agente', state: 'Estado', load: 'Carga', answered: 'Atendidos', seats: 'Campanhas', actions: 'Ações', none: 'Ainda não há agentes.',
    states: { ready: 'Disponível', busy: 'Em chats', paused: 'Em pausa', auto_paused: 'Em pausa por um chat', on_call: 'Em uma ligação', lost: 'Sem conexão', signed_out: 'Não entrou' },
    place: (/** @type {number} */ n) => `número ${n}`, penalty: (/** @type {number} */ n) => `penalidade ${n}`, gets: 'recebe chats',
    resume: 'Retomar', resumeName: (/** @type {string} */ name) => `Retomar ${name}`,
    pause: 'Pausar', pauseName: (/** @type {string} */ name) => `Pausar ${name}`, signOut: 'Retirar', signOutName: (/** @type {string} */ name) => `Retirar ${name}`,
    signOutTitle: (/** @type {string} */ name) => `Retirar ${name}?`, signOutText: 'Os chats ativos voltam à fila, à frente dos demais.',
    whyName: (/** @type {string} */ name, /** @type {string} */ campaign) => `Por que ${name} recebe ou não chats de ${campaign}`,
    find: 'Buscar um agente', count: (/** @type {number} */ n, /** @type {number} */ of) => `${n} de ${of} agentes`,
  },
  why: {
    title: 'Por quê', chat: (/** @type {string} */ name) => `Por quê: o chat com ${name}`, campaign: (/** @type {string} */ name) => `Por quê: alguém que chegasse a ${name}`,
    rule: 'Regra', mode: 'Disponibilidade', order: 'Ordem', agents: 'Membros', eligible: (/** @type {number} */ n, /** @type {number} */ of) => `${n} de ${of} poderiam recebê-lo agora`,
    rank: 'Vez', agent: 'Agente', verdict: 'Pode receber', yes: 'sim', load: 'Chats aqui', loadAnywhere: 'No total', penalty: 'Penalidade', today: 'Atendidos hoje', served: 'Último', never: 'nunca', chance: 'por sorteio',
    outcome: {
      refused: (/** @type {string} */ reason) => `Quem chegasse seria recusado: ${reasons[reason] ?? reason}.`,
      atOnce: 'Quem chegasse iria logo a um agente.', admitted: 'Quem chegasse esperaria.',
      closing: 'Espera o aviso de que a campanha fecha.', disconnected: 'O visitante está desconectado, por isso é pulado.', pull: 'Espera que alguém o pegue: nesta campanha os agentes pegam os chats.',
      nobody_eligible: 'Espera porque nenhum agente pode recebê-lo agora.', behind_others: 'Espera porque outros vêm antes.',
      position: (/** @type {number} */ n) => `É o número ${n} da fila.`,
      offered: (/** @type {string} */ name) => `Está sendo oferecido a ${name}.`, withAgent: (/** @type {string} */ name) => `Está com ${name}.`, to: 'Está sendo transferido.',
    },
    admission: { waiting: 'Em espera', max: 'Máx. chats', signedIn: 'Presentes', open: 'Aberta', enabled: 'Ativada', yes: 'sim', no: 'não', unlimited: 'sem limite' },
  },
  acts: {
    when: 'Quando', by: 'Supervisor', what: 'O quê', about: 'Sobre', none: 'Ainda não se fez nada.', older: 'Anteriores', newest: 'Recentes', all: 'Tudo', filter: 'O quê', refresh: 'Atualizar',
    names: {
      watched: 'Acompanhou', whispered: 'Sussurrou', took_over: 'Assumiu', assigned: 'Forçou uma transferência', moved: 'Moveu para outra campanha', closed: 'Encerrou o chat', evaluated: 'Avaliou', paused: 'Pausou um agente', resumed: 'Retomou um agente',
      signed_out: 'Retirou um agente', set_members: 'Mudou ordem e penalidades',
    },
    chat: (/** @type {string} */ id) => `chat ${id}`,
  },
};
