// The campaign's settings in Spanish.

/** @type {typeof import('./campaign-en.js').campaign} */
export const campaign = {
  sections: { basic: 'Básico', strategy: 'Estrategia', schedule: 'Horario', messages: 'Mensajes', thresholds: 'Umbrales', visitor: 'Visitante', offline: 'Mensaje sin conexión', records: 'Agentes y registros' },
  fields: {
    name: { label: 'Nombre', hint: '' },
    enabled: { label: 'Habilitada', hint: 'Apagada: se rechaza a los nuevos, se avisa y cierra a los que esperan, los activos siguen.' },
    colour: { label: 'Color', hint: 'El color de la ventana del visitante.' },
    default_language: { label: 'Idioma por defecto', hint: 'Para visitantes cuyo idioma no tiene texto.' },
    mode: { label: 'Quién puede recibir un chat', hint: '' },
    order: { label: 'Quién sigue', hint: '' },
    agent_cap: { label: 'Máximo de interacciones por agente', hint: 'Chats que un agente puede tener aquí a la vez.' },
    offer_timeout: { label: 'Tiempo para aceptar', hint: 'Cuánto tiene un agente para aceptar un chat.' },
    pause_after_lapses: { label: 'Pausar tras ofertas perdidas', hint: 'Se pausa al agente que deja vencer tantas seguidas.' },
    wrap_up: { label: 'Cierre posterior', hint: 'Cuánto sigue ocupado el lugar después de cerrar un chat.' },
    weight: { label: 'Peso', hint: 'Entre campañas que comparten un agente, va primero la mayor.' },
    penalty_tiers: { label: 'Primero las penalizaciones bajas', hint: 'Siempre se pregunta antes a los miembros con menor penalización.' },
    schedule: { label: 'Horario de atención', hint: '' },
    on_close: { label: 'A la hora de cierre', hint: '' },
    welcome: { label: 'Bienvenida', hint: 'Se envía una vez, cuando se admite el chat.' },
    automatic: { label: 'Mensaje automático del agente', hint: 'Se envía en nombre del primer agente que acepta.' },
    out_of_time: { label: 'Fuera de horario', hint: 'Se muestra mientras la campaña está cerrada.' },
    not_available: { label: 'Mensaje de no disponible', hint: 'Se muestra cuando ningún agente puede atender.' },
    feedback: { label: 'Despedida', hint: 'Se muestra al final de un chat que llegó a un agente.' },
    alias: { label: 'Alias', hint: 'Se muestra en lugar del nombre del agente.' },
    answer_within: { label: 'Nivel de servicio', hint: 'Los chats atendidos dentro de este tiempo cuentan como a tiempo.' },
    target_percent: { label: 'Meta del nivel de servicio', hint: 'Alarma cuando se atiende a tiempo un porcentaje menor.' },
    dropout: { label: 'Tasa de abandono', hint: 'Dejar la cola antes de esto es un abandono corto.' },
    time_chat: { label: 'Tiempo de chat', hint: 'Alarma cuando un chat activo dura más. Nunca lo cierra.' },
    acd: { label: 'ACD', hint: 'Alarma cuando esperan tantos.' },
    max_chats: { label: 'Máximo de chats', hint: 'Cuántos pueden esperar a la vez; los demás se rechazan.' },
    time_out: { label: 'Tiempo de espera', hint: 'La espera más larga; luego se avisa al visitante y se cierra.' },
    auto_finish: { label: 'Finalización automática', hint: 'Cuánto puede estar desconectado el visitante de un chat activo.' },
    waiting_floor: { label: 'Desconectado en la espera', hint: 'Lo mismo para un visitante que todavía espera.' },
    no_waiting: { label: 'Nadie puede esperar', hint: 'Solo se admite a quien se puede atender en el momento.' },
    show_agent_name: { label: 'Mostrar el nombre del agente', hint: 'Apagado: el visitante ve el alias.' },
    feedback_form: { label: 'Habilitar opinión', hint: 'Después del chat el visitante puede dar un puntaje y una nota.' },
    require_email: { label: 'Habilitar correo', hint: 'El visitante debe dar un correo antes de empezar.' },
    media: { label: 'Permitir audio y video', hint: 'Se pueden pedir llamadas y videollamadas.' },
    transcript_by_mail: { label: 'Conversación por correo', hint: 'El visitante puede pedir una copia de la conversación por correo, si lo atendió un agente.' },
    notice_addresses: { label: 'Correo de alarmas', hint: 'Una dirección por línea: supervisores que reciben un correo cuando hay una alarma, como máximo uno por hora y alarma.' },
    notice_cleared: { label: 'También cuando la alarma termina', hint: '' },
    files: { label: 'Archivos', hint: 'Ambos lados pueden enviar archivos en el chat. El servidor revisa cada uno.' },
    extra_field: { label: 'Campo adicional', hint: 'Una pregunta más antes del chat, como un teléfono.' },
    allowed_domains: { label: 'Dominios permitidos', hint: 'Uno por línea, como tienda.example o *.tienda.example. Vacío: cualquier sitio.' },
    offline_message: { label: 'Mensaje sin conexión', hint: 'Con la campaña cerrada, el visitante puede dejar un mensaje que se envía por correo.' },
    offline_address: { label: 'Correo para esos mensajes', hint: '' },
    offline_when_full: { label: 'También con la cola llena', hint: 'Y cuando un visitante esperó demasiado.' },
    when_empty: { label: 'Cuando no hay nadie', hint: '' },
    leave_when_empty_after: { label: 'Cerrar a los que esperan si no hay nadie durante', hint: '' },
    on_agent_lost: { label: 'Cuando se pierde la conexión de un agente', hint: '' },
    retention_days: { label: 'Conservar transcripciones', hint: '' },
    quality_model: { label: 'Modelo de calidad', hint: 'Preguntas para el agente al cerrar.' },
    disposition_required: { label: 'Resultado obligatorio', hint: 'Los agentes no pueden cerrar un chat sin uno.' },
    dispositions: { label: 'Resultados', hint: 'Uno por línea; niveles separados por >, como Venta > Tarjeta. Vacío: cualquier texto.' },
  },
  choices: {
    mode: {
      incall: 'incall: libre de llamadas y chats; pausa al agente mientras atiende', nocall: 'nocall: bajo el límite, con llamadas permitidas', interaction: 'interaction: sin otra interacción, con llamadas permitidas',
      nopause: 'nopause: bajo el límite, aunque otro chat lo haya pausado', omni: 'omni: primero los totalmente libres, luego bajo el límite',
      ringall: 'ringall: los agentes libres toman al primero que espera', ringallmultiple: 'ringallmultiple: los agentes bajo el límite toman a cualquiera',
    },
    order: {
      linear: 'linear: el primero en el orden de miembros', rrmemory: 'rrmemory: el siguiente al último que aceptó', leastrecent: 'leastrecent: el que lleva más tiempo sin un chat', fewestcalls: 'fewestcalls: el que menos atendió hoy',
      random: 'random: al azar', wrandom: 'wrandom: al azar, según la penalización', leastloaded: 'leastloaded: el de menor parte del límite en uso',
    },
    on_close: { seed_rule: 'Sin tiempo de espera, se avisa y cierra a todos los que esperan', close_all: 'Se avisa y cierra a todos los que esperan', drain: 'Se atiende a los que esperan' },
    when_empty: { refuse: 'Rechazar a los nuevos', admit: 'Dejarlos esperar', need_available: 'Rechazar salvo que alguien esté disponible' },
    on_agent_lost: { requeue: 'Sus chats vuelven a la cola, delante', keep: 'Esperan a que vuelva', close: 'Se cierran' },
  },
  zero: { off: '0 = apagado', unlimited: '0 = sin límite', never: '0 = nunca', direct: '0 = se asigna sin preguntar', at_once: '0 = libre enseguida', kept: '0 = para siempre', every: '0 = toda salida es abandono', none: '' },
  warnings: {
    'offer_timeout.no_effect': 'En este modo los agentes toman los chats; no se ofrece nada.',
    'pause_after_lapses.no_effect': 'Los chats se asignan directamente; ninguna oferta puede vencer.',
    'answer_within.always_in_time': 'Nadie puede esperar tanto; toda respuesta llega a tiempo.',
    'target_percent.no_effect': 'Sin segundos para el nivel de servicio no hay qué medir.',
    'schedule.never_open': 'No hay horario; se rechaza a todos los visitantes.',
    'acd.no_effect': 'Nunca pueden esperar tantos; la alarma no puede sonar.',
    'offline_message.no_effect': 'La campaña está siempre abierta; el formulario nunca se muestra.',
    'offline_message.no_mail_server': 'El servidor no tiene correo; los mensajes esperan hasta que lo tenga.',
    'transcript_by_mail.no_mail_server': 'El servidor no tiene correo; la ventana no lo ofrece.',
    'notice_addresses.no_mail_server': 'El servidor no tiene correo; no se avisa a nadie hasta que lo tenga.',
    'notice_addresses.no_effect': 'Ningún umbral tiene alarma; no hay nada que avisar.',
    'allowed_domains.any_site': 'No hay dominios; cualquier sitio puede llevar la ventana.',
  'members.no_member': 'Nadie es miembro, así que ningún chat se atiende.',
  'members.no_voice_campaign': 'Ningún miembro es parte de una campaña de voz, así que ningún chat se atiende.',
  },
  units: { seconds: 'segundos', chats: 'chats', percent: '%', days: 'días', offers: 'ofertas', none: '' },
  days: { mon: 'Lunes', tue: 'Martes', wed: 'Miércoles', thu: 'Jueves', fri: 'Viernes', sat: 'Sábado', sun: 'Domingo' },
  list: {
    title: 'Campañas', add: 'Nueva campaña', none: 'Todavía no hay campañas', noneText: 'Una campaña es una ventana en un sitio web, los agentes detrás y las reglas entre ambos.',
    name: 'Nombre', state: 'Estado', waiting: 'En espera', active: 'Activos', strategy: 'Estrategia', open: 'Abierta', closed: 'Fuera de horario', off: 'Apagada', unsaved: 'Sin guardar',
  },
  editor: {
    fresh: 'Nueva campaña', settings: 'Configuración', members: 'Miembros', history: 'Historial', sections: 'Secciones', discard: 'Descartar cambios', remove: 'Eliminar campaña', saved: 'Guardado',
    pick: 'Elegir un color',
    removeTitle: name => `¿Eliminar ${name}?`,
    removeText: 'La campaña y su configuración desaparecen para siempre. Las grabaciones quedan.',
    unsaved: 'Cambios sin guardar', clean: 'Sin cambios',
    problems: n => (n === 1 ? '1 dato necesita otro valor' : `${n} datos necesitan otro valor`),
    remarks: n => (n === 1 ? 'Guardado, con 1 observación' : `Guardado, con ${n} observaciones`),
    language: 'Textos en', filled: (n, all) => `${n} de ${all} escritos`,
  },
  hours: {
    importFile: 'Importar un calendario', imported: (/** @type {number} */ n) => (n === 1 ? '1 fecha agregada.' : `${n} fechas agregadas.`), leftOut: (/** @type {number} */ n) => (n === 1 ? '1 evento omitido:' : `${n} eventos omitidos:`),
    always: 'Siempre abierta', weekly: 'Horario semanal', zone: 'Zona horaria', closed: 'Cerrado', from: 'Desde', to: 'Hasta',
    add: day => `Agregar horario el ${day.toLowerCase()}`,
    remove: what => `Quitar ${what}`,
    copy: 'Copiar lunes a viernes', exceptions: 'Fechas con otro horario', addDate: 'Agregar fecha', date: 'Fecha', what: 'Qué es', addHours: 'Agregar horario', none: 'No hay fechas.',
  },
  grid: {
    title: 'Horario por media hora', how: 'Arrastre sobre las horas para abrirlas o cerrarlas. Con el teclado: las flechas mueven, Mayús y flechas eligen varias, Espacio abre o cierra.', open: 'abierto', shut: 'cerrado', partly: 'abierto en parte',
    painted: (/** @type {string} */ what, /** @type {boolean} */ open) => `${what}: ${open ? 'abierto' : 'cerrado'}`,
  },
  visit: {
    title: '¿Qué recibiría un visitante a las …?', at: 'Fecha y hora en la zona de la campaña; vacío: ahora', language: 'Idioma del visitante', ask: 'Ver', open: 'Abierta', closed: 'Fuera de horario', off: 'Apagada', failed: 'Antes, los ajustes tienen que ser válidos',
    silent: 'No hay bienvenida escrita, así que no se envía nada.', form: 'El visitante puede dejar un mensaje.', opens: (/** @type {string} */ at) => `Abre: ${at}`, closes: (/** @type {string} */ at) => `Cierra: ${at}`, never: 'Eso no cambia nunca.',
  },
  preview: {
    title: 'Vista previa', language: 'Idioma de la vista previa', scene: 'Qué se muestra', scenes: { form: 'Formulario', chat: 'Chat', ended: 'Final', out_of_time: 'Fuera de horario', not_available: 'No disponible' },
    failed: 'La vista previa no se puede mostrar ahora.', leftOut: (/** @type {string} */ what) => `No se muestran mientras no sean válidos: ${what}`, agent: 'Ana', line: 'Hola, tengo una consulta',
  },
  embed: {
    title: 'Código para el sitio', hint: 'Ponga esta línea en el encabezado de cada página que deba llevar la ventana.', language: 'Idioma de la ventana', anyLanguage: 'Idioma de la página', copy: 'Copiar', copied: 'Copiado',
    only: (/** @type {string} */ sites) => `La ventana aparece solo en: ${sites}`, any: 'Cualquier sitio puede llevarla.',
  },
  history: {
    nobody: 'el programa', number: (/** @type {number} */ n) => `cambio ${n}`, current: 'Ahora', made: 'Se creó la campaña; lo que difiere de una sin tocar:', putBack: 'Restaurar', putBackTitle: (/** @type {number} */ n) => `Restaurar el cambio ${n}`, more: 'Cambios anteriores',
    loaded: (/** @type {number} */ n) => `Estos son los ajustes del cambio ${n}. Revíselos y guarde.`, setting: 'Ajuste', before: 'Antes', after: 'Después', empty: 'vacío', on: 'sí', off: 'no',
  },
  conflict: {
    title: 'Otra persona cambió esta campaña', text: (/** @type {string} */ who) => `${who} la guardó mientras usted la editaba. No se pierde nada de lo suyo. Esto cambió:`,
    merge: 'Combinar y revisar', mine: 'Sobrescribir con lo mío', theirs: 'Tomar lo suyo',
  },
  extra: { visible: 'Visible', required: 'Obligatorio', label: 'Etiqueta', pattern: 'Patrón', patternHint: 'Expresión regular que debe cumplir todo el valor. Vacío: cualquiera.' },
  files: { allowed: 'Permitidos', size: 'Archivo más grande, en KiB', image: 'Imágenes', document: 'Documentos', text: 'Texto simple', audio: 'Sonido', video: 'Video' },
  identity: { title: 'Identidad firmada', hint: 'Un sitio que firma quiénes son sus visitantes necesita este secreto en su servidor.', make: 'Crear un secreto nuevo', forget: 'Olvidar el secreto', shown: 'Cópielo ahora: no se vuelve a mostrar. El anterior ya no vale.', none: 'No hay secreto.', set: 'Hay un secreto.' },
  problem: {
    kinds: 'Elija al menos un tipo de archivo.',
    range: (least, most) => `Un número entero de ${least} a ${most}`,
    line: 'De 1 a 80 caracteres en una línea', text: 'A lo sumo 4000 caracteres', email: 'Un correo como ana@tienda.example', colour: '# y seis dígitos hexadecimales, como #0b6bcb',
    zone: 'Una zona como America/Montevideo', time: 'Una hora como 09:00', date: 'Cada fecha una vez', domain: 'Un dominio como tienda.example o *.tienda.example, sin ruta', label: 'Una etiqueta en al menos un idioma',
    pattern: 'Una expresión regular de a lo sumo 256 caracteres', disposition: 'De 1 a 4 niveles de 1 a 80 caracteres, sin repetir', taken: 'Otra campaña tiene este nombre', ranges: 'No es posible si está siempre abierta',
    other: expected => (expected ? `Se espera: ${expected}` : 'No es válido'),
  },
};

/** @type {typeof import('./campaign-en.js').seats} */
export const seats = {
  title: 'Miembros', lead: 'Elija campañas y agentes, y agréguelos o quítelos de una vez. El orden, la penalidad y las habilidades se ajustan en la campaña.', campaigns: 'Campañas', agents: 'Agentes', all: 'Todos', nowhere: 'en ninguna campaña',
  count: (/** @type {number} */ n) => (n === 1 ? '1 miembro' : `${n} miembros`), picked: (/** @type {number} */ c, /** @type {number} */ a) => `${c} campañas, ${a} agentes elegidos`,
  add: 'Agregar a las campañas', remove: 'Quitar de las campañas', done: (/** @type {number} */ n) => (n === 1 ? '1 campaña cambiada' : `${n} campañas cambiadas`),
};

/** @type {typeof import('./campaign-en.js').members} */
export const members = {
  title: 'Miembros', none: 'Todavía no hay miembros', noneText: 'Solo los miembros reciben chats de esta campaña.', order: 'Orden', agent: 'Agente', penalty: 'Penalización', skills: 'Habilidades', skillsHint: 'separadas por comas',
  add: 'Agregar un miembro', addGo: 'Agregar', everyone: 'Todos los agentes son miembros.',
  up: name => `Subir a ${name}`,
  down: name => `Bajar a ${name}`,
  remove: name => `Quitar a ${name}`,
  moved: (name, n) => `${name} es ahora el número ${n}`,
  noVoice: 'en ninguna campaña de voz', disabled: 'deshabilitado',
};

/** @type {typeof import('./campaign-en.js').users} */
export const users = {
  title: 'Usuarios', add: 'Nuevo usuario', edit: 'Editar', name: 'Nombre', login: 'Usuario', role: 'Rol', state: 'Estado', agent: 'Agente', active: 'Activo', disabled: 'Deshabilitado', password: 'Contraseña', newPassword: 'Nueva contraseña',
  keep: 'Vacío: no cambia', least: 'Al menos 8 caracteres', voice: 'En una campaña de voz', voiceHint: 'Necesario para recibir chats donde el centro lo exige.', disable: 'Deshabilitado', disableHint: 'No puede ingresar; sus chats vuelven a la cola.',
  remove: 'Eliminar usuario', sure: 'Eliminar para siempre', editTitle: name => `Editar a ${name}`,
  problem: { login: 'Un usuario que nadie tenga, sin espacios', name: 'De 1 a 80 caracteres en una línea', password: 'Al menos 8 caracteres', role: 'Elija un rol' },
};

/** @type {typeof import('./campaign-en.js').mail} */
export const mail = {
  title: 'Correo', refresh: 'Actualizar', from: 'De', text: 'Mensaje', to: 'Para', state: 'Estado', resend: 'Enviar ahora', resendTitle: (/** @type {number} */ number) => `Enviar ahora: mensaje ${number}`,
  kinds: { offline: 'Mensaje', transcript: 'Conversación', notice: 'Alarma' }, alarms: { service_level: 'Nivel de servicio', time_chat: 'Duración del chat', acd: 'ACD' }, forget: 'Olvidar', forgetTitle: (/** @type {number} */ n) => `Olvidar: mensaje ${n}`,
  none: 'No hay nada por entregar', noneText: 'Todo el correo ya salió.',
  states: { held: 'Espera el fin del chat', due: 'Espera el próximo intento', sending: 'Enviándose', dead: 'Abandonado' },
  count: (/** @type {number} */ total, /** @type {number} */ dead) => `${total} por entregar, ${dead} de ellos abandonados`,
};

export const tenant = {
  title: 'Todas las campañas', lead: 'Lo que vale para cada campaña. Los cambios actúan enseguida.', unlimited: 'sin límite',
  names: { agent_cap: 'Chats por agente', agent_grace: 'Segundos de espera por un agente perdido', transfer_timeout: 'Segundos para aceptar una transferencia', text_chars: 'Caracteres de un mensaje' },
  hints: { agent_cap: 'Sumando todas las campañas; cada una puede tener su propio límite. Vacío es sin límite.', agent_grace: 'Después los chats activos vuelven a la cola, delante de los demás.', transfer_timeout: 'Después el chat se queda con el agente que lo tiene.', text_chars: '4000 como máximo.' },
  voice: 'Solo los miembros de una campaña de voz reciben chats', voiceHint: 'La lista de miembros dice junto al nombre quién no recibe ninguno por eso.',
  range: (/** @type {number} */ least, /** @type {number} */ most) => `Un número entero de ${least} a ${most}`,
};
