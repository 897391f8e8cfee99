// What agents and supervisors have at hand, in Spanish: canned responses, colleagues, earlier chats, the quality model, recordings.

export const canned = {
  label: 'Respuestas predefinidas', nothing: 'Ninguna respuesta coincide.', take: 'usarla', language: 'idioma',
  fill: (/** @type {string} */ names) => `Complete o borre ${names} antes de enviar.`,
  title: 'Respuestas predefinidas', lead: 'Textos que el agente encuentra escribiendo / en la respuesta.', scope: 'Dónde', shared: 'Todas las campañas', shortcut: 'Atajo', text: 'Texto', add: 'Agregar una respuesta', none: 'Aquí no hay ninguna todavía.',
  hint: 'Variables: {visitor}, {email}, {extra}, {agent}, {campaign}.', export: 'Exportar', import: 'Importar', imported: (/** @type {number} */ n) => `${n} leídas del archivo. Guarde para conservarlas.`, badFile: 'Este archivo no contiene respuestas predefinidas.',
  wrong: { shortcut: 'De 1 a 32 letras, cifras, - y _, sin repetir', texts: 'Un texto de 1 a 4.000 caracteres en al menos un idioma' },
};

export const inviting = {
  title: (/** @type {string} */ name) => `Sumar a un compañero al chat con ${name}`, text: 'El compañero participa junto a usted. El visitante ve que alguien se sumó.', go: 'Sumar',
  joined: (/** @type {string} */ name) => `${name} ya participa`,
};

export const earlier = {
  title: 'Chats anteriores', none: 'Ninguno.', of: (/** @type {string} */ when) => `Chat del ${when}`, score: (/** @type {number} */ n) => `puntuación ${n} de 5`,
};

export const quality = {
  open: 'Preguntas de calidad', title: (/** @type {string} */ name) => `¿Cómo fue el chat con ${name}?`, text: 'El chat está cerrado. Sus respuestas se guardan con la grabación.', later: 'Más tarde', go: 'Guardar respuestas',
  missing: 'Hace falta una respuesta', clear: 'Quitar', noScore: 'Sus respuestas están guardadas.', thanks: (/** @type {number} */ points, /** @type {number} */ most) => `Sus respuestas están guardadas: ${points} de ${most} puntos.`,
  models: 'Calidad', lead: 'Preguntas para el agente al cerrar. Un modelo no cambia nunca: al guardar se crea una versión nueva.', version: 'Versión', name: 'Nombre', category: 'Categoría', question: 'Pregunta', mandatory: 'Obligatoria', answer: 'Respuesta', score: 'Puntos', none: 'Todavía no hay ningún modelo.',
  unasked: 'Sin preguntas', add: 'Modelo nuevo', copy: 'Versión nueva', addCategory: 'Agregar una categoría', addQuestion: 'Agregar una pregunta', addAnswer: 'Agregar una respuesta', saved: (/** @type {number} */ n) => `Guardado como versión ${n}`, questions: (/** @type {number} */ n) => (n === 1 ? '1 pregunta' : `${n} preguntas`), invalid: 'Cada categoría, pregunta y respuesta necesita un texto; cada pregunta, dos respuestas; los puntos van de -1000 a 1000.',
};

/** @type {typeof import('./at-hand-en.js').recordings} */
export const recordings = {
  title: 'Grabaciones', all: 'Todo', text: 'Dicho', textHint: 'Palabras del chat o del formulario', campaign: 'Campaña', agent: 'Agente', from: 'Desde', until: 'Hasta', reason: 'Cómo terminó', score: 'Puntuación', find: 'Buscar', older: 'Más antiguas',
  none: 'Ningún chat coincide.', visitor: 'Visitante', when: 'Pedido', length: 'Duró', number: 'Número', waited: 'Esperó', unanswered: 'nunca atendido', feedback: 'Opinión', segments: 'Agentes', guest: 'participó', messages: 'Lo que se dijo',
  quality: 'Calidad', system: 'Automático', noScore: 'sin puntaje', erased: 'Borrado', erasedText: 'Lo que se dijo fue borrado.',
  stars: n => `${n} de 5`, chat: id => `Chat ${id}`,
  calls: 'Llamadas', missed: 'sin respuesta', call: video => (video ? 'Videollamada' : 'Llamada'), asked: name => `pedida por ${name}`, accepted: name => `aceptada por ${name}`, lasted: time => `duró ${time}`,
  judged: (by, about) => (by === about ? `respondido por ${by}` : `respondido por ${by} sobre ${about}`),
};
