// The campaign's settings in Portuguese.

/** @type {typeof import('./campaign-en.js').campaign} */
export const campaign = {
  sections: { basic: 'Básico', strategy: 'Estratégia', schedule: 'Horário', messages: 'Mensagens', thresholds: 'Limites', visitor: 'Visitante', offline: 'Mensagem off-line', records: 'Agentes e registros' },
  fields: {
    name: { label: 'Nome', hint: '' },
    enabled: { label: 'Habilitada', hint: 'Desligada: novos são recusados, quem espera é avisado e encerrado, os ativos continuam.' },
    colour: { label: 'Cor', hint: 'A cor da janela do visitante.' },
    default_language: { label: 'Idioma padrão', hint: 'Para visitantes cujo idioma não tem texto.' },
    mode: { label: 'Quem pode receber um chat', hint: '' },
    order: { label: 'Quem é o próximo', hint: '' },
    agent_cap: { label: 'Máximo de interações por agente', hint: 'Chats que um agente pode ter aqui ao mesmo tempo.' },
    offer_timeout: { label: 'Tempo para aceitar', hint: 'Quanto tempo o agente tem para aceitar um chat.' },
    pause_after_lapses: { label: 'Pausar após ofertas perdidas', hint: 'Pausa o agente que deixa vencer tantas seguidas.' },
    wrap_up: { label: 'Pós-atendimento', hint: 'Quanto tempo a vaga fica ocupada depois de encerrar um chat.' },
    weight: { label: 'Peso', hint: 'Entre campanhas que dividem um agente, a maior vai primeiro.' },
    penalty_tiers: { label: 'Penalidades baixas primeiro', hint: 'Membros com penalidade menor são sempre chamados antes.' },
    schedule: { label: 'Horário de atendimento', hint: '' },
    on_close: { label: 'Na hora de fechar', hint: '' },
    welcome: { label: 'Boas-vindas', hint: 'Enviada uma vez, quando o chat é admitido.' },
    automatic: { label: 'Mensagem automática do agente', hint: 'Enviada em nome do primeiro agente que aceita.' },
    out_of_time: { label: 'Fora do horário', hint: 'Mostrada enquanto a campanha está fechada.' },
    not_available: { label: 'Mensagem de indisponível', hint: 'Mostrada quando nenhum agente pode atender.' },
    feedback: { label: 'Despedida', hint: 'Mostrada no fim de um chat que chegou a um agente.' },
    alias: { label: 'Apelido', hint: 'Mostrado no lugar do nome do agente.' },
    answer_within: { label: 'Nível de serviço', hint: 'Chats atendidos neste tempo contam como no prazo.' },
    target_percent: { label: 'Meta do nível de serviço', hint: 'Alarme quando um percentual menor é atendido no prazo.' },
    dropout: { label: 'Taxa de desistência', hint: 'Sair da fila antes disso é um abandono curto.' },
    time_chat: { label: 'Tempo de chat', hint: 'Alarme quando um chat ativo dura mais. Nunca o encerra.' },
    acd: { label: 'ACD', hint: 'Alarme quando tantos esperam.' },
    max_chats: { label: 'Máximo de chats', hint: 'Quantos podem esperar ao mesmo tempo; os demais são recusados.' },
    time_out: { label: 'Tempo de espera', hint: 'A espera mais longa; depois o visitante é avisado e o chat encerrado.' },
    auto_finish: { label: 'Encerramento automático', hint: 'Quanto o visitante de um chat ativo pode ficar desconectado.' },
    waiting_floor: { label: 'Desconectado na espera', hint: 'O mesmo para um visitante que ainda espera.' },
    no_waiting: { label: 'Ninguém pode esperar', hint: 'Só se admite quem pode ser atendido na hora.' },
    show_agent_name: { label: 'Mostrar o nome do agente', hint: 'Desligado: o visitante vê o apelido.' },
    feedback_form: { label: 'Habilitar avaliação', hint: 'Depois do chat o visitante pode dar uma nota e um comentário.' },
    require_email: { label: 'Habilitar e-mail', hint: 'O visitante precisa dar um e-mail antes de começar.' },
    media: { label: 'Permitir áudio e vídeo', hint: 'Chamadas e videochamadas podem ser pedidas.' },
    transcript_by_mail: { label: 'Conversa por e-mail', hint: 'O visitante pode pedir uma cópia da conversa por e-mail, se um agente o atendeu.' },
    notice_addresses: { label: 'E-mail de alarmes', hint: 'Um endereço por linha: supervisores que recebem um e-mail quando há um alarme, no máximo um por hora e alarme.' },
    notice_cleared: { label: 'Também quando o alarme termina', hint: '' },
    files: { label: 'Arquivos', hint: 'Os dois lados podem enviar arquivos no chat. O servidor examina cada um.' },
    extra_field: { label: 'Campo extra', hint: 'Mais uma pergunta antes do chat, como um telefone.' },
    allowed_domains: { label: 'Domínios permitidos', hint: 'Um por linha, como loja.example ou *.loja.example. Vazio: qualquer site.' },
    offline_message: { label: 'Mensagem off-line', hint: 'Com a campanha fechada, o visitante pode deixar uma mensagem, enviada por e-mail.' },
    offline_address: { label: 'E-mail para essas mensagens', hint: '' },
    offline_when_full: { label: 'Também com a fila cheia', hint: 'E quando um visitante esperou demais.' },
    when_empty: { label: 'Quando não há ninguém', hint: '' },
    leave_when_empty_after: { label: 'Encerrar quem espera se não há ninguém por', hint: '' },
    on_agent_lost: { label: 'Quando a conexão de um agente cai', hint: '' },
    retention_days: { label: 'Guardar transcrições', hint: '' },
    quality_model: { label: 'Modelo de qualidade', hint: 'Perguntas para o agente ao encerrar.' },
    disposition_required: { label: 'Resultado obrigatório', hint: 'Agentes não podem encerrar um chat sem um.' },
    dispositions: { label: 'Resultados', hint: 'Um por linha; níveis separados por >, como Venda > Cartão. Vazio: qualquer texto.' },
  },
  choices: {
    mode: {
      incall: 'incall: livre de ligações e chats; pausa o agente enquanto atende', nocall: 'nocall: abaixo do limite, ligações permitidas', interaction: 'interaction: sem outra interação, ligações permitidas',
      nopause: 'nopause: abaixo do limite, mesmo pausado por outro chat', omni: 'omni: primeiro os totalmente livres, depois abaixo do limite',
      ringall: 'ringall: agentes livres pegam o primeiro da espera', ringallmultiple: 'ringallmultiple: agentes abaixo do limite pegam qualquer um',
    },
    order: {
      linear: 'linear: o primeiro na ordem dos membros', rrmemory: 'rrmemory: o seguinte ao último que aceitou', leastrecent: 'leastrecent: o que está há mais tempo sem chat', fewestcalls: 'fewestcalls: o que menos atendeu hoje',
      random: 'random: ao acaso', wrandom: 'wrandom: ao acaso, conforme a penalidade', leastloaded: 'leastloaded: o de menor parte do limite em uso',
    },
    on_close: { seed_rule: 'Sem tempo de espera, todos os que esperam são avisados e encerrados', close_all: 'Todos os que esperam são avisados e encerrados', drain: 'Quem espera ainda é atendido' },
    when_empty: { refuse: 'Recusar novos', admit: 'Deixar esperar', need_available: 'Recusar a menos que alguém esteja disponível' },
    on_agent_lost: { requeue: 'Seus chats voltam para a fila, à frente', keep: 'Esperam que o agente volte', close: 'São encerrados' },
  },
  zero: { off: '0 = desligado', unlimited: '0 = sem limite', never: '0 = nunca', direct: '0 = atribuído sem perguntar', at_once: '0 = livre na hora', kept: '0 = para sempre', every: '0 = toda saída é abandono', none: '' },
  warnings: {
    'offer_timeout.no_effect': 'Neste modo os agentes pegam os chats; nada é oferecido.',
    'pause_after_lapses.no_effect': 'Os chats são atribuídos diretamente; nenhuma oferta pode vencer.',
    'answer_within.always_in_time': 'Ninguém pode esperar tanto; toda resposta chega no prazo.',
    'target_percent.no_effect': 'Sem segundos para o nível de serviço não há o que medir.',
    'schedule.never_open': 'Não há horário; todo visitante é recusado.',
    'acd.no_effect': 'Nunca podem esperar tantos; o alarme não pode tocar.',
    'offline_message.no_effect': 'A campanha está sempre aberta; o formulário nunca aparece.',
    'offline_message.no_mail_server': 'O servidor não tem e-mail; as mensagens esperam até que tenha.',
    'transcript_by_mail.no_mail_server': 'O servidor não tem e-mail; a janela não oferece isto.',
    'notice_addresses.no_mail_server': 'O servidor não tem e-mail; ninguém é avisado até que tenha.',
    'notice_addresses.no_effect': 'Nenhum limite tem alarme; não há o que avisar.',
    'allowed_domains.any_site': 'Não há domínios; qualquer site pode levar a janela.',
  'members.no_member': 'Ninguém é membro, por isso nenhum chat é atendido.',
  'members.no_voice_campaign': 'Nenhum membro faz parte de uma campanha de voz, por isso nenhum chat é atendido.',
  },
  units: { seconds: 'segundos', chats: 'chats', percent: '%', days: 'dias', offers: 'ofertas', none: '' },
  days: { mon: 'Segunda', tue: 'Terça', wed: 'Quarta', thu: 'Quinta', fri: 'Sexta', sat: 'Sábado', sun: 'Domingo' },
  list: {
    title: 'Campanhas', add: 'Nova campanha', none: 'Ainda não há campanhas', noneText: 'Uma campanha é uma janela em um site, os agentes por trás e as regras entre os dois.',
    name: 'Nome', state: 'Estado', waiting: 'Em espera', active: 'Ativos', strategy: 'Estratégia', open: 'Aberta', closed: 'Fora do horário', off: 'Desligada', unsaved: 'Não salva',
  },
  editor: {
    fresh: 'Nova campanha', settings: 'Configuração', members: 'Membros', history: 'Histórico', sections: 'Seções', discard: 'Descartar alterações', remove: 'Excluir campanha', saved: 'Salvo',
    pick: 'Escolher uma cor',
    removeTitle: name => `Excluir ${name}?`,
    removeText: 'A campanha e sua configuração somem para sempre. As gravações ficam.',
    unsaved: 'Alterações não salvas', clean: 'Sem alterações',
    problems: n => (n === 1 ? '1 campo precisa de outro valor' : `${n} campos precisam de outro valor`),
    remarks: n => (n === 1 ? 'Salvo, com 1 observação' : `Salvo, com ${n} observações`),
    language: 'Textos em', filled: (n, all) => `${n} de ${all} escritos`,
  },
  hours: {
    importFile: 'Importar um calendário', imported: (/** @type {number} */ n) => (n === 1 ? '1 data adicionada.' : `${n} datas adicionadas.`), leftOut: (/** @type {number} */ n) => (n === 1 ? '1 evento omitido:' : `${n} eventos omitidos:`),
    always: 'Sempre aberta', weekly: 'Horário semanal', zone: 'Fuso horário', closed: 'Fechado', from: 'De', to: 'Até',
    add: day => `Adicionar horário: ${day.toLowerCase()}`,
    remove: what => `Remover ${what}`,
    copy: 'Copiar segunda a sexta', exceptions: 'Datas com outro horário', addDate: 'Adicionar data', date: 'Data', what: 'O que é', addHours: 'Adicionar horário', none: 'Não há datas.',
  },
  grid: {
    title: 'Horário por meia hora', how: 'Arraste sobre as horas para abri-las ou fechá-las. Com o teclado: as setas movem, Shift e setas escolhem várias, Espaço abre ou fecha.', open: 'aberto', shut: 'fechado', partly: 'aberto em parte',
    painted: (/** @type {string} */ what, /** @type {boolean} */ open) => `${what}: ${open ? 'aberto' : 'fechado'}`,
  },
  visit: {
    title: 'O que um visitante receberia às …?', at: 'Data e hora no fuso da campanha; vazio: agora', language: 'Idioma do visitante', ask: 'Ver', open: 'Aberta', closed: 'Fora do horário', off: 'Desligada', failed: 'Antes, os ajustes têm de ser válidos',
    silent: 'Não há boas-vindas escritas, por isso nada é enviado.', form: 'O visitante pode deixar uma mensagem.', opens: (/** @type {string} */ at) => `Abre: ${at}`, closes: (/** @type {string} */ at) => `Fecha: ${at}`, never: 'Isso nunca muda.',
  },
  preview: {
    title: 'Prévia', language: 'Idioma da prévia', scene: 'O que se mostra', scenes: { form: 'Formulário', chat: 'Chat', ended: 'Fim', out_of_time: 'Fora do horário', not_available: 'Indisponível' },
    failed: 'A prévia não pode ser mostrada agora.', leftOut: (/** @type {string} */ what) => `Não aparecem enquanto não forem válidos: ${what}`, agent: 'Ana', line: 'Olá, tenho uma dúvida',
  },
  embed: {
    title: 'Código para o site', hint: 'Ponha esta linha no cabeçalho de cada página que deva ter a janela.', language: 'Idioma da janela', anyLanguage: 'Idioma da página', copy: 'Copiar', copied: 'Copiado',
    only: (/** @type {string} */ sites) => `A janela aparece só em: ${sites}`, any: 'Qualquer site pode tê-la.',
  },
  history: {
    nobody: 'o programa', number: (/** @type {number} */ n) => `mudança ${n}`, current: 'Agora', made: 'A campanha foi criada; o que difere de uma intocada:', putBack: 'Restaurar', putBackTitle: (/** @type {number} */ n) => `Restaurar a mudança ${n}`, more: 'Mudanças anteriores',
    loaded: (/** @type {number} */ n) => `Estes são os ajustes da mudança ${n}. Reveja-os e salve.`, setting: 'Ajuste', before: 'Antes', after: 'Depois', empty: 'vazio', on: 'sim', off: 'não',
  },
  conflict: {
    title: 'Outra pessoa mudou esta campanha', text: (/** @type {string} */ who) => `${who} a salvou enquanto você editava. Nada do seu se perde. Isto mudou:`,
    merge: 'Combinar e rever', mine: 'Sobrescrever com o meu', theirs: 'Ficar com o deles',
  },
  extra: { visible: 'Visível', required: 'Obrigatório', label: 'Rótulo', pattern: 'Padrão', patternHint: 'Expressão regular que todo o valor deve cumprir. Vazio: qualquer um.' },
  files: { allowed: 'Permitidos', size: 'Maior arquivo, em KiB', image: 'Imagens', document: 'Documentos', text: 'Texto simples', audio: 'Som', video: 'Vídeo' },
  identity: { title: 'Identidade assinada', hint: 'Um site que assina quem são seus visitantes precisa deste segredo em seu servidor.', make: 'Criar um novo segredo', forget: 'Esquecer o segredo', shown: 'Copie agora: não será mostrado de novo. O anterior já não vale.', none: 'Não há segredo.', set: 'Há um segredo.' },
  problem: {
    kinds: 'Escolha ao menos um tipo de arquivo.',
    range: (least, most) => `Um número inteiro de ${least} a ${most}`,
    line: 'De 1 a 80 caracteres em uma linha', text: 'No máximo 4000 caracteres', email: 'Um e-mail como ana@loja.example', colour: '# e seis dígitos hexadecimais, como #0b6bcb',
    zone: 'Um fuso como America/Montevideo', time: 'Uma hora como 09:00', date: 'Cada data uma vez', domain: 'Um domínio como loja.example ou *.loja.example, sem caminho', label: 'Um rótulo em pelo menos um idioma',
    pattern: 'Uma expressão regular de no máximo 256 caracteres', disposition: 'De 1 a 4 níveis de 1 a 80 caracteres, sem repetir', taken: 'Outra campanha tem este nome', ranges: 'Não é possível se está sempre aberta',
    other: expected => (expected ? `Esperado: ${expected}` : 'Não é válido'),
  },
};

/** @type {typeof import('./campaign-en.js').seats} */
export const seats = {
  title: 'Membros', lead: 'Escolha campanhas e agentes e adicione ou remova-os de uma vez. A ordem, a penalidade e as habilidades se ajustam na campanha.', campaigns: 'Campanhas', agents: 'Agentes', all: 'Todos', nowhere: 'em nenhuma campanha',
  count: (/** @type {number} */ n) => (n === 1 ? '1 membro' : `${n} membros`), picked: (/** @type {number} */ c, /** @type {number} */ a) => `${c} campanhas, ${a} agentes escolhidos`,
  add: 'Adicionar às campanhas', remove: 'Remover das campanhas', done: (/** @type {number} */ n) => (n === 1 ? '1 campanha mudada' : `${n} campanhas mudadas`),
};

/** @type {typeof import('./campaign-en.js').members} */
export const members = {
  title: 'Membros', none: 'Ainda não há membros', noneText: 'Só membros recebem chats desta campanha.', order: 'Ordem', agent: 'Agente', penalty: 'Penalidade', skills: 'Habilidades', skillsHint: 'separadas por vírgulas',
  add: 'Adicionar um membro', addGo: 'Adicionar', everyone: 'Todos os agentes são membros.',
  up: name => `Subir ${name}`,
  down: name => `Descer ${name}`,
  remove: name => `Remover ${name}`,
  moved: (name, n) => `${name} é agora o número ${n}`,
  noVoice: 'em nenhuma campanha de voz', disabled: 'desativado',
};

/** @type {typeof import('./campaign-en.js').users} */
export const users = {
  title: 'Usuários', add: 'Novo usuário', edit: 'Editar', name: 'Nome', login: 'Usuário', role: 'Função', state: 'Estado', agent: 'Agente', active: 'Ativo', disabled: 'Desativado', password: 'Senha', newPassword: 'Nova senha',
  keep: 'Vazio: não muda', least: 'Pelo menos 8 caracteres', voice: 'Em uma campanha de voz', voiceHint: 'Necessário para receber chats onde a central exige.', disable: 'Desativado', disableHint: 'Não pode entrar; seus chats voltam para a fila.',
  remove: 'Excluir usuário', sure: 'Excluir para sempre', editTitle: name => `Editar ${name}`,
  problem: { login: 'Um usuário que ninguém tenha, sem espaços', name: 'De 1 a 80 caracteres em uma linha', password: 'Pelo menos 8 caracteres', role: 'Escolha uma função' },
};

/** @type {typeof import('./campaign-en.js').mail} */
export const mail = {
  title: 'E-mail', refresh: 'Atualizar', from: 'De', text: 'Mensagem', to: 'Para', state: 'Estado', resend: 'Enviar agora', resendTitle: (/** @type {number} */ number) => `Enviar agora: mensagem ${number}`,
  kinds: { offline: 'Mensagem', transcript: 'Conversa', notice: 'Alarme' }, alarms: { service_level: 'Nível de serviço', time_chat: 'Duração do chat', acd: 'ACD' }, forget: 'Esquecer', forgetTitle: (/** @type {number} */ n) => `Esquecer: mensagem ${n}`,
  none: 'Não há nada a entregar', noneText: 'Todo o e-mail já saiu.',
  states: { held: 'Espera o fim do chat', due: 'Espera a próxima tentativa', sending: 'Sendo enviada', dead: 'Abandonada' },
  count: (/** @type {number} */ total, /** @type {number} */ dead) => `${total} por entregar, ${dead} delas abandonadas`,
};

export const tenant = {
  title: 'Todas as campanhas', lead: 'O que vale para cada campanha. As mudanças valem na hora.', unlimited: 'sem limite',
  names: { agent_cap: 'Chats por agente', agent_grace: 'Segundos de espera por um agente perdido', transfer_timeout: 'Segundos para aceitar uma transferência', text_chars: 'Caracteres de uma mensagem' },
  hints: { agent_cap: 'Somando todas as campanhas; cada uma pode ter o seu próprio limite. Vazio é sem limite.', agent_grace: 'Depois os chats ativos voltam para a fila, à frente dos outros.', transfer_timeout: 'Depois o chat fica com o agente que o tem.', text_chars: 'No máximo 4000.' },
  voice: 'Só membros de uma campanha de voz recebem chats', voiceHint: 'A lista de membros diz ao lado do nome quem não recebe nenhum por isso.',
  range: (/** @type {number} */ least, /** @type {number} */ most) => `Um número inteiro de ${least} a ${most}`,
};
