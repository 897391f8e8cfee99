// The console in Portuguese.

import { canned, earlier, inviting, quality, recordings } from './at-hand-pt.js';
import { campaign, mail, members, seats, tenant, users } from './campaign-pt.js';
import { reading } from './reading-pt.js';
import { reports } from './reports-pt.js';
import { floor } from './supervisor-pt.js';
import { webhooks } from './webhooks-pt.js';

/** @type {Record<string, string>} */
const refusals = {
  offline: 'Sem conexão neste momento',
  bad_request: 'O servidor não entendeu o pedido',
  not_signed_in: 'Sua sessão terminou; entre de novo',
  not_allowed: 'Você não tem permissão para isto',
  unknown_chat: 'Este chat não existe mais',
  unknown_campaign: 'Esta campanha não existe mais',
  unknown_agent: 'Este agente não existe mais',
  invalid_field: 'Algum dado não é válido',
  chat_closed: 'O chat está encerrado',
  at_capacity: 'O limite de chats por agente foi atingido',
  not_available: 'Não é possível no estado atual',
  not_owner: 'Este chat é de outro agente',
  already_taken: 'Outro agente já o pegou',
  not_head: 'Nesta campanha só se pode pegar o primeiro da espera',
  conflicting_key: 'Outra mensagem já foi guardada no lugar desta',
  too_fast: 'Muitos de uma vez; aguarde um momento',
  files_not_allowed: 'Esta campanha não aceita arquivos',
  files_full: 'Não há espaço para mais arquivos',
  limit: 'Um limite do servidor foi atingido',
  retry: 'O servidor está se recuperando; tente de novo',
  shutting_down: 'O servidor está reiniciando; tente em instantes',
  active_chats: 'Ainda há chats ativos',
  changed_meanwhile: 'Outra pessoa o mudou entretanto',
  too_large: 'O arquivo é grande demais',
  campaign_live: 'A campanha tem chats agora; espere que terminem',
  destination_closed: 'Essa campanha não recebe chats agora',
  feedback_not_open: 'A avaliação não está aberta para este chat',
  already_submitted: 'Isto já foi respondido',
  unknown_model: 'Este modelo de qualidade não existe',
  last_administrator: 'É o último administrador; crie outro antes',
  unknown_account: 'Este usuário não existe mais',
  unknown_webhook: 'Este webhook não existe mais',
  request_timeout: 'Demorou demais; tente de novo',
};

/** @type {Record<string, string>} */
const goneReasons = {
  agent_closed: 'Encerrado pelo agente',
  supervisor_closed: 'Encerrado por um supervisor',
  visitor_left: 'O visitante encerrou o chat',
  visitor_gone: 'O visitante não voltou',
  transferred: 'Passou para outra pessoa',
  returned: 'Voltou para a fila',
  left: 'Você deixou este chat',
  taken_over: 'Um supervisor assumiu',
  out_of_time: 'Encerrado: fora do horário',
  timed_out: 'Encerrado: esperou demais',
  disabled: 'Encerrado: a campanha está desligada',
  agents_gone: 'Encerrado: não havia ninguém',
  agent_gone: 'Encerrado: o agente foi perdido',
};

/** @type {Record<string, string>} */
const whyNots = {
  not_member: 'Você não é membro',
  not_signed_in: 'Sem chats: você não entrou',
  lost: 'Sem chats: sua conexão caiu',
  paused: 'Sem chats: você está em pausa',
  auto_paused: 'Sem chats: em pausa enquanto atende um',
  on_call: 'Sem chats: você está em uma ligação',
  busy: 'Sem chats enquanto atende outro',
  at_capacity: 'No seu limite',
  no_voice_campaign: 'Sem chats: você não está em nenhuma campanha de voz',
  missing_skill: 'Exige uma habilidade que você não tem',
  closed: 'Fora do horário',
  disabled: 'A campanha está desligada',
};

/** @type {Record<string, string>} */
const systemTexts = {
  welcome: 'Boas-vindas enviadas',
  agent_joined: 'Um agente entrou',
  agent_left: 'Um agente saiu',
  returned: 'O chat voltou para a fila',
  transferred: 'O chat passou para outra pessoa',
  call_ended: 'Uma chamada terminou',
  call_missed: 'Uma chamada não foi atendida',
  closed: 'O chat foi encerrado',
};

/** @type {typeof import('./en.js').en} */
export const pt = {
  campaign, canned, earlier, floor, inviting, mail, members, quality, reading, recordings, reports, seats, tenant, users, webhooks,
  language: 'Português',
  common: { notices: 'Avisos', optional: '(opcional)', close: 'Fechar', cancel: 'Cancelar', save: 'Salvar', saving: 'Salvando…', dismiss: 'Dispensar', remove: 'Remover', back: 'Voltar', tryAgain: 'Tentar de novo', loading: 'Carregando…' },
  refusal: code => refusals[code] ?? `Algo deu errado (${code})`,
  gone: reason => goneReasons[reason] ?? `Encerrado (${reason})`,
  whyNot: code => whyNots[code] ?? `Sem chats (${code})`,
  signIn: {
    title: 'Entrar', lead: 'Sua mesa para conversar com os visitantes.', login: 'Usuário', password: 'Senha', go: 'Entrar', busy: 'Entrando…',
    wrong: code => ({
      empty: 'Digite seu usuário e sua senha.',
      not_allowed: 'O usuário ou a senha está errado.',
      offline: 'Não foi possível alcançar o servidor. Verifique a conexão e tente de novo.',
      too_fast: 'Muitas tentativas. Espere um minuto e tente de novo.',
      limit: 'Muitas tentativas. Espere um minuto e tente de novo.',
    })[code] ?? `Não foi possível entrar (${code}). Tente de novo.`,
    left: why => ({
      signed_out: 'Sua sessão foi encerrada.',
      offline: 'Não foi possível alcançar o servidor agora.',
    })[why] ?? 'Sua sessão terminou. Entre de novo; o que você digitou foi guardado.',
  },
  signOut: {
    go: 'Sair', title: 'Sair com chats abertos?',
    text: n => (n === 1 ? 'Seu chat ativo volta para a fila, à frente dos outros.' : `Seus ${n} chats ativos voltam para a fila, à frente dos outros.`),
  },
  skip: { label: 'Pular', main: 'Pular para a conversa', mine: 'Pular para meus chats', waiting: 'Pular para a lista de espera' },
  nav: { label: 'Páginas', desk: 'Mesa', campaigns: 'Campanhas', canned: 'Respostas', quality: 'Qualidade', users: 'Usuários', mail: 'E-mail', webhooks: 'Webhooks', tenant: 'Todas as campanhas', nothing: 'Ainda não há nada aqui para a sua função.' },
  roles: { agent: 'Agente', supervisor: 'Supervisor', administrator: 'Administrador' },
  state: { label: 'Seu estado', available: 'Disponível', paused: 'Em pausa', onCall: 'Em ligação', pause: 'Pausar para', phone: 'Telefone' },
  pauses: { break: 'Descanso', lunch: 'Almoço', meeting: 'Reunião', training: 'Treinamento', paperwork: 'Tarefas', lapsed_offers: 'Ofertas perdidas', other: 'Outro motivo…' },
  pausing: { title: 'Pausa', reason: 'Motivo', go: 'Pausar' },
  settings: {
    label: 'Ajustes', alerts: 'Avisos', sound: 'Som', desktop: 'Notificações na área de trabalho', desktopDenied: 'O navegador não permite notificações desta página.',
    theme: 'Aparência', themes: { system: 'Como o sistema', light: 'Clara', dark: 'Escura' }, language: 'Idioma',
  },
  trouble: {
    diskFull: 'O disco do servidor está cheio e nada é salvo. O que você escrever fica aqui e é enviado quando houver espaço. Avise quem cuida do servidor.',
    store: 'O servidor não alcança o armazenamento e nada é salvo. Ele continua tentando. Avise quem cuida do servidor.',
  },
  link: {
    connecting: 'Conectando', waiting: 'Reconectando', stopped: 'Sem conexão', lost: 'A conexão caiu. Reconectando.', back: 'Conectado de novo.',
    explain: 'Sem conexão. Você pode continuar escrevendo; será enviado quando a conexão voltar.',
    retryIn: n => `próxima tentativa em ${n} s`,
    elsewhere: 'A mesa está aberta em outro lugar', elsewhereText: 'Você entrou por outra aba ou outro computador, e seus chats estão lá.', useHere: 'Usar aqui',
  },
  rail: {
    label: 'Chats', offers: 'Para você', mine: 'Meus chats', waiting: 'Em espera', ended: 'Encerrados', noChats: 'Nenhum chat ativo.', noCampaigns: 'Você ainda não está em nenhuma campanha.',
  },
  queue: {
    closed: 'Fechada', youGet: 'Você recebe chats', youMayTake: 'Pegue os que puder', take: 'Pegar', beingAsked: 'oferecido',
    load: (n, cap) => `${n} de ${cap}`,
    loadOpen: n => (n === 1 ? '1 ativo' : `${n} ativos`),
    more: n => `e mais ${n}`,
    takeName: name => `Pegar ${name}`,
  },
  offer: { accept: 'Aceitar', refuse: 'Recusar', left: 'Tempo para responder', label: name => `Oferta: ${name}`, from: name => `de ${name}` },
  elapsed: { wait: 'Espera', chat: 'No chat', near: limit => `perto do limite de ${limit}`, over: limit => `passou do limite de ${limit}` },
  visitor: { unnamed: 'Visitante' },
  say: {
    message: name => `Nova mensagem de ${name}`,
    offeredTitle: 'Um chat para você',
    offered: (name, campaign) => `${name} é oferecido a você, campanha ${campaign}. Control K, Enter aceita.`,
    assigned: name => `Você tem um chat novo: ${name}`,
    lapsed: name => `A oferta de ${name} venceu`,
    rescinded: name => `${name} não é mais oferecido a você`,
    ended: name => `O chat com ${name} terminou`,
  },
  layout: { label: 'Disposição', one: 'Um por vez', side: 'Lado a lado' },
  chat: {
    label: name => `Chat com ${name}`,
    log: name => `Mensagens do chat com ${name}`,
    connected: 'Conectado', disconnected: 'Desconectado', transferring: 'Em transferência', invite: 'Trazer um colega', transfer: 'Transferir', close: 'Encerrar chat', leave: 'Deixar', facts: 'Dados do visitante',
    transferringTo: name => `Pedido a ${name}. O chat continua seu até ser aceito.`,
    call: 'Ligar', videoCall: 'Chamada de vídeo', calls: 'Está ligando',
    cancelTransfer: 'Cancelar transferência', noMessages: 'Ainda não há mensagens.', loading: 'Carregando mensagens…', typing: 'digitando…',
    isTyping: name => `${name} está digitando`,
    newBelow: 'Novas abaixo', automatic: 'Automática', bot: 'Bot', note: 'Nota interna', whisper: 'Sussurro do supervisor', noteHidden: 'o visitante nunca a vê',
    number: n => `Mensagem ${n}`,
    marks: { stored: 'Guardada', delivered: 'Entregue', read: 'Lida' },
    notSent: 'Não enviada', sending: 'Enviando', sendsLater: 'Será enviada quando a conexão voltar', retry: 'Tentar de novo', toDraft: 'Editar', discard: 'Descartar', draft: 'Rascunho',
    unread: n => (n === 1 ? '1 não lida' : `${n} não lidas`),
    you: (own, name) => (own ? 'Você' : name || 'Agente'),
    system: code => systemTexts[code] ?? code,
  },
  composer: {
    attach: 'Anexar arquivos', tooLarge: 'o arquivo passa do que a campanha permite', wrongKind: 'este tipo de arquivo não é aceito',
    mode: 'Escrever', reply: 'Resposta', note: 'Nota interna', hint: 'Enter envia, Shift Enter quebra a linha', offline: 'Sem conexão: fica guardado e é enviado depois',
    replyLabel: name => `Responder a ${name}`,
    noteLabel: 'Nota interna', replyPlaceholder: 'Escreva uma resposta', notePlaceholder: 'Só colegas veem esta nota', send: 'Enviar', addNote: 'Anotar',
    length: (n, limit) => `${n} de ${limit} caracteres`,
  },
  facts: {
    identity: 'Verificado como',
    label: 'Visitante', hide: 'Ocultar dados do visitante', email: 'E-mail', extra: 'Campo extra', language: 'Idioma', page: 'Página', chat: 'Chat', campaign: 'Campanha', number: 'Número',
    requested: 'Solicitado', waited: 'Esperou', answered: 'Primeira resposta', owner: 'Agente', participants: 'Participam', priority: 'Prioridade', history: 'Histórico',
    returned: 'Voltou para a fila', unknown: 'não informado',
  },
  closing: {
    disposition: 'Resultado', choose: 'Escolha…',
    title: name => `Encerrar o chat com ${name}?`,
    text: 'O visitante é avisado de que o chat terminou. Não é possível reabri-lo.', unsent: 'Há texto não enviado aqui. Ele se perde se você encerrar.', go: 'Encerrar chat',
  },
  transferring: {
    title: name => `Transferir ${name}`,
    text: 'O chat continua com você até o outro lado aceitar.', to: 'Para', agent: 'Agente', campaign: 'Campanha', search: 'Buscar', none: 'Ninguém encontrado.', away: 'não entrou', go: 'Transferir',
    asked: name => `Pedimos a ${name} que assuma o chat`,
  },
  palette: { open: 'Buscar ou fazer', title: 'Comandos', placeholder: 'O que você quer fazer?', none: 'Nada encontrado.', move: 'mover', run: 'fazer', shut: 'fechar' },
  command: {
    offers: 'Para você', thisChat: 'Este chat', chats: 'Meus chats', waiting: 'Em espera', state: 'Seu estado', view: 'Exibição', ended: 'Encerrados',
    accept: name => `Aceitar ${name}`,
    refuse: name => `Recusar ${name}`,
    reply: name => `Responder a ${name}`,
    note: name => `Escrever uma nota sobre ${name}`,
    transfer: name => `Transferir ${name}…`,
    invite: name => `Trazer um colega para o chat com ${name}…`,
    close: name => `Encerrar o chat com ${name}…`,
    go: name => `Ir para ${name}`,
    take: name => `Pegar ${name}`,
    pause: reason => `Pausa: ${reason}`,
    available: 'Ficar disponível', onCall: 'Estou em uma ligação', offCall: 'A ligação terminou', side: 'Chats lado a lado', one: 'Um chat por vez',
    hideFacts: 'Ocultar dados do visitante', showFacts: 'Mostrar dados do visitante', soundOn: 'Ligar o som', soundOff: 'Desligar o som', light: 'Aparência clara', dark: 'Aparência escura',
  },
  empty: {
    none: 'Nenhum chat agora', pick: 'Escolha um chat à esquerda', paused: 'Você está em pausa', pausedText: 'Você não recebe chats novos até ficar disponível de novo.', resume: 'Ficar disponível',
    ready: n => (n === 1 ? 'Você está pronto em 1 campanha. O próximo chat aparece aqui.' : `Você está pronto em ${n} campanhas. O próximo chat aparece aqui.`),
    notReady: 'No momento nenhuma campanha envia chats a você; a lista à esquerda diz por quê.',
    keys: { palette: 'buscar ou fazer algo', send: 'enviar', line: 'nova linha', list: 'mover-se em uma lista' },
  },
};
