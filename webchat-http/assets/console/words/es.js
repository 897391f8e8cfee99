// The console in Spanish.

import { canned, earlier, inviting, quality, recordings } from './at-hand-es.js';
import { campaign, mail, members, seats, tenant, users } from './campaign-es.js';
import { reading } from './reading-es.js';
import { reports } from './reports-es.js';
import { floor } from './supervisor-es.js';
import { webhooks } from './webhooks-es.js';

/** @type {Record<string, string>} */
const refusals = {
  offline: 'En este momento no hay conexión',
  bad_request: 'El servidor no entendió el pedido',
  not_signed_in: 'Su sesión terminó; ingrese de nuevo',
  not_allowed: 'No tiene permiso para esto',
  unknown_chat: 'Este chat ya no existe',
  unknown_campaign: 'Esta campaña ya no existe',
  unknown_agent: 'Este agente ya no existe',
  invalid_field: 'Algún dato no es válido',
  chat_closed: 'El chat está cerrado',
  at_capacity: 'Se alcanzó el límite de chats por agente',
  not_available: 'No es posible en el estado actual',
  not_owner: 'Otro agente tiene este chat',
  already_taken: 'Otro agente ya lo tomó',
  not_head: 'En esta campaña solo se puede tomar al primero que espera',
  conflicting_key: 'En su lugar ya se guardó otro mensaje',
  too_fast: 'Demasiados a la vez; espere un momento',
  files_not_allowed: 'Esta campaña no admite archivos',
  files_full: 'No hay lugar para más archivos',
  limit: 'Se alcanzó un límite del servidor',
  retry: 'El servidor se está recuperando; intente de nuevo',
  shutting_down: 'El servidor se está reiniciando; intente en un momento',
  active_chats: 'Todavía hay chats activos',
  changed_meanwhile: 'Otra persona lo cambió mientras tanto',
  too_large: 'El archivo es demasiado grande',
  campaign_live: 'La campaña tiene chats en curso; espere a que terminen',
  destination_closed: 'Esa campaña no recibe chats en este momento',
  feedback_not_open: 'La opinión no está abierta para este chat',
  already_submitted: 'Esto ya fue respondido',
  unknown_model: 'Este modelo de calidad no existe',
  last_administrator: 'Es el último administrador; cree otro antes',
  unknown_account: 'Este usuario ya no existe',
  unknown_webhook: 'Este webhook ya no existe',
  request_timeout: 'Tardó demasiado; intente de nuevo',
};

/** @type {Record<string, string>} */
const goneReasons = {
  agent_closed: 'Cerrado por el agente',
  supervisor_closed: 'Cerrado por un supervisor',
  visitor_left: 'El visitante terminó el chat',
  visitor_gone: 'El visitante no volvió',
  transferred: 'Pasó a otra persona',
  returned: 'Volvió a la cola',
  left: 'Usted dejó este chat',
  taken_over: 'Lo tomó un supervisor',
  out_of_time: 'Cerrado: fuera de horario',
  timed_out: 'Cerrado: esperó demasiado',
  disabled: 'Cerrado: la campaña está apagada',
  agents_gone: 'Cerrado: no había nadie',
  agent_gone: 'Cerrado: se perdió el agente',
};

/** @type {Record<string, string>} */
const whyNots = {
  not_member: 'No es miembro',
  not_signed_in: 'Sin chats: no ingresó',
  lost: 'Sin chats: se perdió su conexión',
  paused: 'Sin chats: está en pausa',
  auto_paused: 'Sin chats: en pausa mientras atiende uno',
  on_call: 'Sin chats: está en una llamada',
  busy: 'Sin chats mientras atiende otro',
  at_capacity: 'En su límite',
  no_voice_campaign: 'Sin chats: no está en ninguna campaña de voz',
  missing_skill: 'Requiere una habilidad que no tiene',
  closed: 'Fuera de horario',
  disabled: 'La campaña está apagada',
};

/** @type {Record<string, string>} */
const systemTexts = {
  welcome: 'Se envió la bienvenida',
  agent_joined: 'Entró un agente',
  agent_left: 'Salió un agente',
  returned: 'El chat volvió a la cola',
  transferred: 'El chat pasó a otra persona',
  call_ended: 'Terminó una llamada',
  call_missed: 'Hubo una llamada sin respuesta',
  closed: 'El chat se cerró',
};

/** @type {typeof import('./en.js').en} */
export const es = {
  campaign, canned, earlier, floor, inviting, mail, members, quality, reading, recordings, reports, seats, tenant, users, webhooks,
  language: 'Español',
  common: { notices: 'Avisos', optional: '(opcional)', close: 'Cerrar', cancel: 'Cancelar', save: 'Guardar', saving: 'Guardando…', dismiss: 'Descartar', remove: 'Quitar', back: 'Volver', tryAgain: 'Reintentar', loading: 'Cargando…' },
  refusal: code => refusals[code] ?? `Algo salió mal (${code})`,
  gone: reason => goneReasons[reason] ?? `Terminado (${reason})`,
  whyNot: code => whyNots[code] ?? `Sin chats (${code})`,
  signIn: {
    title: 'Ingresar', lead: 'Su puesto para conversar con los visitantes.', login: 'Usuario', password: 'Contraseña', go: 'Ingresar', busy: 'Ingresando…',
    wrong: code => ({
      empty: 'Escriba su usuario y su contraseña.',
      not_allowed: 'El usuario o la contraseña no es correcto.',
      offline: 'No se puede llegar al servidor. Revise su conexión e intente de nuevo.',
      too_fast: 'Demasiados intentos. Espere un minuto e intente de nuevo.',
      limit: 'Demasiados intentos. Espere un minuto e intente de nuevo.',
    })[code] ?? `No se pudo ingresar (${code}). Intente de nuevo.`,
    left: why => ({
      signed_out: 'Se cerró su sesión.',
      offline: 'En este momento no se puede llegar al servidor.',
    })[why] ?? 'Su sesión terminó. Ingrese de nuevo; lo que había escrito se conserva.',
  },
  signOut: {
    go: 'Salir', title: '¿Salir con chats abiertos?',
    text: n => (n === 1 ? 'Su chat activo vuelve a la cola, delante de los demás.' : `Sus ${n} chats activos vuelven a la cola, delante de los demás.`),
  },
  skip: { label: 'Saltar', main: 'Saltar a la conversación', mine: 'Saltar a mis chats', waiting: 'Saltar a la lista de espera' },
  nav: { label: 'Páginas', desk: 'Puesto', campaigns: 'Campañas', canned: 'Respuestas', quality: 'Calidad', users: 'Usuarios', mail: 'Correo', webhooks: 'Webhooks', tenant: 'Todas las campañas', nothing: 'Todavía no hay nada aquí para su rol.' },
  roles: { agent: 'Agente', supervisor: 'Supervisor', administrator: 'Administrador' },
  state: { label: 'Su estado', available: 'Disponible', paused: 'En pausa', onCall: 'En una llamada', pause: 'Pausa por', phone: 'Teléfono' },
  pauses: { break: 'Descanso', lunch: 'Almuerzo', meeting: 'Reunión', training: 'Capacitación', paperwork: 'Gestión', lapsed_offers: 'Ofertas perdidas', other: 'Otro motivo…' },
  pausing: { title: 'Pausa', reason: 'Motivo', go: 'Pausar' },
  settings: {
    label: 'Ajustes', alerts: 'Avisos', sound: 'Sonido', desktop: 'Notificaciones de escritorio', desktopDenied: 'El navegador no permite notificaciones de esta página.',
    theme: 'Apariencia', themes: { system: 'Como el sistema', light: 'Clara', dark: 'Oscura' }, language: 'Idioma',
  },
  trouble: {
    diskFull: 'El disco del servidor está lleno y no se guarda nada. Lo que escriba queda aquí y se envía en cuanto haya espacio. Avise a quien se ocupa del servidor.',
    store: 'El servidor no llega a su almacenamiento y no se guarda nada. Lo sigue intentando. Avise a quien se ocupa del servidor.',
  },
  link: {
    connecting: 'Conectando', waiting: 'Reconectando', stopped: 'Sin conexión', lost: 'Se perdió la conexión. Reconectando.', back: 'Conectado de nuevo.',
    explain: 'Sin conexión. Puede seguir escribiendo; se envía cuando la conexión vuelva.',
    retryIn: n => `próximo intento en ${n} s`,
    elsewhere: 'El puesto está abierto en otro lugar', elsewhereText: 'Ingresó desde otra pestaña u otro equipo, y sus chats están allí.', useHere: 'Usarlo aquí',
  },
  rail: {
    label: 'Chats', offers: 'Para usted', mine: 'Mis chats', waiting: 'En espera', ended: 'Terminados', noChats: 'Ningún chat activo.', noCampaigns: 'Todavía no está en ninguna campaña.',
  },
  queue: {
    closed: 'Cerrada', youGet: 'Recibe chats', youMayTake: 'Tome los que pueda', take: 'Tomar', beingAsked: 'ofrecido',
    load: (n, cap) => `${n} de ${cap}`,
    loadOpen: n => (n === 1 ? '1 activo' : `${n} activos`),
    more: n => `y ${n} más`,
    takeName: name => `Tomar a ${name}`,
  },
  offer: { accept: 'Aceptar', refuse: 'Rechazar', left: 'Tiempo para responder', label: name => `Oferta: ${name}`, from: name => `de ${name}` },
  elapsed: { wait: 'Espera', chat: 'En el chat', near: limit => `cerca del límite de ${limit}`, over: limit => `pasó el límite de ${limit}` },
  visitor: { unnamed: 'Visitante' },
  say: {
    message: name => `Mensaje nuevo de ${name}`,
    offeredTitle: 'Un chat para usted',
    offered: (name, campaign) => `Se le ofrece ${name}, campaña ${campaign}. Control K, Enter acepta.`,
    assigned: name => `Tiene un chat nuevo: ${name}`,
    lapsed: name => `Venció la oferta de ${name}`,
    rescinded: name => `${name} ya no se le ofrece`,
    ended: name => `Terminó el chat con ${name}`,
  },
  layout: { label: 'Disposición', one: 'Uno por vez', side: 'Lado a lado' },
  chat: {
    label: name => `Chat con ${name}`,
    log: name => `Mensajes del chat con ${name}`,
    connected: 'Conectado', disconnected: 'Desconectado', transferring: 'En transferencia', invite: 'Sumar a un compañero', transfer: 'Transferir', close: 'Cerrar chat', leave: 'Dejar', facts: 'Datos del visitante',
    transferringTo: name => `Se pidió a ${name}. El chat sigue siendo suyo hasta que se acepte.`,
    call: 'Llamar', videoCall: 'Videollamada', calls: 'Le llama',
    cancelTransfer: 'Cancelar transferencia', noMessages: 'Todavía no hay mensajes.', loading: 'Cargando mensajes…', typing: 'escribiendo…',
    isTyping: name => `${name} está escribiendo`,
    newBelow: 'Nuevo abajo', automatic: 'Automático', bot: 'Bot', note: 'Nota interna', whisper: 'Susurro del supervisor', noteHidden: 'el visitante nunca la ve',
    number: n => `Mensaje ${n}`,
    marks: { stored: 'Guardado', delivered: 'Entregado', read: 'Leído' },
    notSent: 'No se envió', sending: 'Enviando', sendsLater: 'Se envía cuando vuelva la conexión', retry: 'Reintentar', toDraft: 'Editar', discard: 'Descartar', draft: 'Borrador',
    unread: n => `${n} sin leer`,
    you: (own, name) => (own ? 'Usted' : name || 'Agente'),
    system: code => systemTexts[code] ?? code,
  },
  composer: {
    attach: 'Adjuntar archivos', tooLarge: 'el archivo supera lo que permite la campaña', wrongKind: 'este tipo de archivo no se admite',
    mode: 'Escribir', reply: 'Respuesta', note: 'Nota interna', hint: 'Enter envía, Shift Enter cambia de línea', offline: 'Sin conexión: se guarda y se envía después',
    replyLabel: name => `Responder a ${name}`,
    noteLabel: 'Nota interna', replyPlaceholder: 'Escriba una respuesta', notePlaceholder: 'Solo sus colegas ven esta nota', send: 'Enviar', addNote: 'Anotar',
    length: (n, limit) => `${n} de ${limit} caracteres`,
  },
  facts: {
    identity: 'Verificado como',
    label: 'Visitante', hide: 'Ocultar datos del visitante', email: 'Correo', extra: 'Campo adicional', language: 'Idioma', page: 'Página', chat: 'Chat', campaign: 'Campaña', number: 'Número',
    requested: 'Solicitado', waited: 'Esperó', answered: 'Primera respuesta', owner: 'Agente', participants: 'Participan', priority: 'Prioridad', history: 'Historia',
    returned: 'Volvió a la cola', unknown: 'sin dato',
  },
  closing: {
    disposition: 'Resultado', choose: 'Elija…',
    title: name => `¿Cerrar el chat con ${name}?`,
    text: 'Se avisa al visitante que el chat terminó. No se puede volver a abrir.', unsent: 'Hay texto sin enviar. Se pierde si cierra.', go: 'Cerrar chat',
  },
  transferring: {
    title: name => `Transferir a ${name}`,
    text: 'El chat sigue con usted hasta que la otra parte acepte.', to: 'A', agent: 'Agente', campaign: 'Campaña', search: 'Buscar', none: 'No se encontró a nadie.', away: 'no ingresó', go: 'Transferir',
    asked: name => `Se pidió a ${name} que tome el chat`,
  },
  palette: { open: 'Buscar o hacer', title: 'Comandos', placeholder: '¿Qué quiere hacer?', none: 'No se encontró nada.', move: 'mover', run: 'hacer', shut: 'cerrar' },
  command: {
    offers: 'Para usted', thisChat: 'Este chat', chats: 'Mis chats', waiting: 'En espera', state: 'Su estado', view: 'Vista', ended: 'Terminados',
    accept: name => `Aceptar a ${name}`,
    refuse: name => `Rechazar a ${name}`,
    reply: name => `Responder a ${name}`,
    note: name => `Escribir una nota sobre ${name}`,
    transfer: name => `Transferir a ${name}…`,
    invite: name => `Sumar a un compañero al chat con ${name}…`,
    close: name => `Cerrar el chat con ${name}…`,
    go: name => `Ir a ${name}`,
    take: name => `Tomar a ${name}`,
    pause: reason => `Pausa: ${reason}`,
    available: 'Quedar disponible', onCall: 'Estoy en una llamada', offCall: 'Terminó la llamada', side: 'Chats lado a lado', one: 'Un chat por vez',
    hideFacts: 'Ocultar datos del visitante', showFacts: 'Mostrar datos del visitante', soundOn: 'Activar sonido', soundOff: 'Silenciar', light: 'Apariencia clara', dark: 'Apariencia oscura',
  },
  empty: {
    none: 'Ningún chat por ahora', pick: 'Elija un chat a la izquierda', paused: 'Está en pausa', pausedText: 'No recibe chats nuevos hasta que vuelva a estar disponible.', resume: 'Quedar disponible',
    ready: n => (n === 1 ? 'Está listo en 1 campaña. El próximo chat aparece aquí.' : `Está listo en ${n} campañas. El próximo chat aparece aquí.`),
    notReady: 'Por ahora ninguna campaña le envía chats; la lista de la izquierda dice por qué.',
    keys: { palette: 'buscar o hacer algo', send: 'enviar', line: 'línea nueva', list: 'moverse en una lista' },
  },
};
