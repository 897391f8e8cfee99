// Las páginas de supervisión en español.

/** @type {Record<string, string>} */
const refusals = {
  not_signed_in: 'Quien debe tener o mirar este chat no tiene su puesto abierto',
  not_allowed: 'Solo pueden hacerlo supervisores que también son agentes',
  limit: 'Ya se están mirando demasiados chats',
  chat_closed: 'El chat terminó',
  unknown_chat: 'El chat terminó',
  already_taken: 'El chat ya no espera',
};

/** @type {Record<string, string>} */
const whyNots = {
  not_member: 'no es miembro', not_signed_in: 'sin ingresar', lost: 'sin conexión', paused: 'en pausa', auto_paused: 'en pausa mientras atiende', on_call: 'en una llamada', busy: 'atiende otra cosa',
  at_capacity: 'en su límite', no_voice_campaign: 'sin campaña de voz', missing_skill: 'le falta una habilidad', pull: 'toma chats a mano', takes_part: 'ya está en el chat', already_asked: 'ya se le preguntó',
};

/** @type {Record<string, string>} */
const reasons = {
  disabled: 'campaña deshabilitada', out_of_time: 'fuera de horario', no_agents: 'sin agentes', queue_full: 'cola llena',
};

export const floor = {
  tab: 'Supervisión', pages: 'Supervisión', wallboard: 'Tablero', chats: 'Chats en vivo', agents: 'Agentes', recordings: 'Grabaciones', reports: 'Informes', audit: 'Auditoría',
  connecting: 'Conectando…', offline: 'Sin conexión: estas cifras están detenidas.',
  refusal: (/** @type {string} */ code) => refusals[code],
  whyNot: (/** @type {string} */ code) => whyNots[code] ?? code,
  noData: 'sin datos',
  card: {
    open: 'Abierta', shut: 'Cerrada', off: 'Deshabilitada', waiting: 'En espera', longest: 'Mayor espera', active: 'Activos', available: 'Disponibles', signedIn: 'Ingresados', paused: 'En pausa', nobody: 'nadie',
    ofMax: (/** @type {number} */ n) => `máx. ${n}`,
    of: (/** @type {number} */ n) => `de ${n} miembros`,
    today: 'Hoy', offered: 'Ofrecidos', answered: 'Atendidos', abandoned: 'Abandonados', short: 'Abandonos cortos', timedOut: 'Vencidos', refused: 'Rechazados', speed: 'Respuesta media',
    level: 'Nivel de servicio',
    levels: { answered: 'de los atendidos', abandoned: 'con abandonos', strict: 'estricto' },
    share: (/** @type {number} */ part, /** @type {number} */ of) => `${part} de ${of}`,
    target: (/** @type {number} */ percent, /** @type {string} */ limit) => `Meta ${percent} % en ${limit}`,
    estimates: 'Espera acertada', refusedFor: (/** @type {string} */ reason, /** @type {number} */ n) => `${n} × ${reasons[reason] ?? reason}`,
    why: '¿Por qué?', whyTitle: (/** @type {string} */ name) => `Por qué: qué encontraría quien llegue a ${name}`, members: 'Orden y penalidades',
    membersTitle: (/** @type {string} */ name) => `Orden y penalidades de ${name}`,
  },
  alarms: {
    title: 'Umbrales', none: 'Sin alarmas', fine: 'dentro', over: 'excedido', unset: 'sin usar',
    names: { service_level: 'Nivel de servicio', dropout: 'Tasa de abandono', time_chat: 'Tiempo de chat', acd: 'ACD', max_chats: 'Máx. chats' },
    service_level: (/** @type {string} */ now, /** @type {number} */ target) => `${now}, al menos ${target} %`,
    dropout: (/** @type {number} */ n, /** @type {string} */ limit) => `${n} se fueron antes de ${limit}`,
    time_chat: (/** @type {number} */ n, /** @type {string} */ limit) => `${n} de más de ${limit}`,
    acd: (/** @type {number} */ n, /** @type {number} */ limit) => `${n} esperan, alarma con ${limit}`,
    max_chats: (/** @type {number} */ n, /** @type {number} */ limit) => `${n} esperan, caben ${limit}`,
    rose: (/** @type {string} */ alarm, /** @type {string} */ campaign) => `Alarma en ${campaign}: ${alarm}`,
    fell: (/** @type {string} */ alarm, /** @type {string} */ campaign) => `${campaign}: ${alarm} volvió a su límite`,
    count: (/** @type {number} */ n) => (n === 1 ? '1 alarma' : `${n} alarmas`),
  },
  chart: {
    title: 'Última hora', offered: 'llegaron', answered: 'atendidos', lost: 'perdidos o rechazados',
    summary: (/** @type {number} */ offered, /** @type {number} */ answered, /** @type {number} */ lost) => `En la última hora llegaron ${offered}, se atendieron ${answered} y se perdieron o rechazaron ${lost}.`,
  },
  live: {
    search: 'Buscar', searchHint: 'Nombre, correo o número', campaign: 'Campaña', all: 'Todas las campañas', state: 'Estado', everything: 'Todos', waiting: 'En espera', active: 'Con agentes', alarm: 'Pasados de tiempo',
    shown: (/** @type {number} */ n, /** @type {number} */ of) => `${n} de ${of} chats`,
    cut: (/** @type {number} */ n) => `Solo se muestran los primeros ${n}.`,
    label: 'Chats en vivo', visitor: 'Visitante', since: 'Tiempo', agent: 'Agente', messages: 'Mensajes', actions: 'Acciones', none: 'No hay chats así.', gone: 'visitante desconectado', returned: 'volvió a la cola',
    phases: { waiting: 'En espera', offered: 'Ofreciéndose', active: 'Activo', transferring: 'Transfiriéndose' },
    watch: 'Mirar', watchName: (/** @type {string} */ name) => `Mirar el chat con ${name}`,
    why: '¿Por qué?', whyName: (/** @type {string} */ name) => `¿Por qué el chat con ${name} está donde está?`,
  },
  watch: {
    label: (/** @type {string} */ name) => `Mirando a ${name}`,
    unseen: 'Está mirando. Ni el visitante ni el agente lo ven; la auditoría sí.',
    stop: 'Dejar de mirar', over: 'El chat terminó.', log: (/** @type {string} */ name) => `Mensajes del chat con ${name}`, unowned: 'nadie aún',
    whisper: 'Susurrar al agente', whisperHint: 'Solo lo ve el agente, nunca el visitante', whisperGo: 'Susurrar',
    takeOver: 'Tomar el chat', takeOverTitle: (/** @type {string} */ name) => `¿Tomar el chat con ${name}?`, takeOverText: 'El chat pasa a su puesto de inmediato. El agente lo pierde y el visitante ve su nombre.',
    transfer: 'Transferir', transferTitle: (/** @type {string} */ name) => `Transferir el chat con ${name}`, transferText: 'Se entrega de inmediato, sean cuales sean los límites.', toAgent: 'Agente', toCampaign: 'Campaña', moveText: 'Allí espera según su primera llegada.', nobody: 'Nadie más ha ingresado.',
    end: 'Terminar chat', endTitle: (/** @type {string} */ name) => `¿Terminar el chat con ${name}?`, endText: 'Se avisa al visitante que el chat terminó.',
    done: { take_over: 'El chat está en su puesto', assign: 'El chat fue entregado', move: 'El chat fue movido', end_chat: 'El chat fue terminado', whisper: 'Anotado para el agente' },
  },
  people: {
    name: 'Agente', state: 'Estado', load: 'Carga', answered: 'Atendidos', seats: 'Campañas', actions: 'Acciones', none: 'Todavía no hay agentes.',
    states: { ready: 'Disponible', busy: 'En chats', paused: 'En pausa', auto_paused: 'En pausa por un chat', on_call: 'En una llamada', lost: 'Sin conexión', signed_out: 'Sin ingresar' },
    place: (/** @type {number} */ n) => `número ${n}`, penalty: (/** @type {number} */ n) => `penalidad ${n}`, gets: 'recibe chats',
    resume: 'Reanudar', resumeName: (/** @type {string} */ name) => `Reanudar a ${name}`,
    pause: 'Pausar', pauseName: (/** @type {string} */ name) => `Pausar a ${name}`, signOut: 'Sacar', signOutName: (/** @type {string} */ name) => `Sacar a ${name}`,
    signOutTitle: (/** @type {string} */ name) => `¿Sacar a ${name}?`, signOutText: 'Sus chats activos vuelven a la cola, antes que los demás.',
    whyName: (/** @type {string} */ name, /** @type {string} */ campaign) => `Por qué ${name} recibe o no chats de ${campaign}`,
    find: 'Buscar un agente', count: (/** @type {number} */ n, /** @type {number} */ of) => `${n} de ${of} agentes`,
  },
  why: {
    title: 'Por qué', chat: (/** @type {string} */ name) => `Por qué: el chat con ${name}`, campaign: (/** @type {string} */ name) => `Por qué: alguien que llegue a ${name}`,
    rule: 'Regla', mode: 'Disponibilidad', order: 'Orden', agents: 'Miembros', eligible: (/** @type {number} */ n, /** @type {number} */ of) => `${n} de ${of} podrían recibirlo ahora`,
    rank: 'Turno', agent: 'Agente', verdict: 'Puede recibirlo', yes: 'sí', load: 'Chats aquí', loadAnywhere: 'En total', penalty: 'Penalidad', today: 'Atendidos hoy', served: 'Último', never: 'nunca', chance: 'al azar',
    outcome: {
      refused: (/** @type {string} */ reason) => `Quien llegue sería rechazado: ${reasons[reason] ?? reason}.`,
      atOnce: 'Quien llegue iría de inmediato a un agente.', admitted: 'Quien llegue esperaría.',
      closing: 'Espera el aviso de que la campaña cierra.', disconnected: 'Su visitante está desconectado, así que se lo saltea.', pull: 'Espera que alguien lo tome: en esta campaña los agentes toman los chats.',
      nobody_eligible: 'Espera porque ningún agente puede recibirlo ahora.', behind_others: 'Espera porque otros van antes.',
      position: (/** @type {number} */ n) => `Es el número ${n} de la cola.`,
      offered: (/** @type {string} */ name) => `Se le está ofreciendo a ${name}.`, withAgent: (/** @type {string} */ name) => `Lo tiene ${name}.`, to: 'Se está transfiriendo.',
    },
    admission: { waiting: 'En espera', max: 'Máx. chats', signedIn: 'Ingresados', open: 'Abierta', enabled: 'Habilitada', yes: 'sí', no: 'no', unlimited: 'sin límite' },
  },
  acts: {
    when: 'Cuándo', by: 'Supervisor', what: 'Qué', about: 'Sobre', none: 'Todavía no se hizo nada.', older: 'Anteriores', newest: 'Recientes', all: 'Todo', filter: 'Qué', refresh: 'Actualizar',
    names: {
      watched: 'Miró', whispered: 'Susurró', took_over: 'Tomó el chat', assigned: 'Forzó una transferencia', moved: 'Movió a otra campaña', closed: 'Terminó el chat', evaluated: 'Evaluó', paused: 'Pausó a un agente', resumed: 'Reanudó a un agente',
      signed_out: 'Sacó a un agente', set_members: 'Cambió orden y penalidades',
    },
    chat: (/** @type {string} */ id) => `chat ${id}`,
  },
};
