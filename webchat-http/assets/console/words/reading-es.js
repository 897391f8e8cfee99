// Una grabación leída, evaluada, llevada y borrada, en español.

/** @type {typeof import('./reading-en.js').reading} */
export const reading = {
  play: 'Reproducir', pause: 'Pausa', speed: 'Velocidad', times: n => `${n} ×`, place: 'Momento del chat', whole: 'Mostrar todo', at: at => `a las ${at}`, hushed: 'Los silencios largos se acortan.', course: 'Quién tuvo el chat y cuándo',
  evaluate: 'Evaluar', evaluating: 'Evaluar la parte de un agente', about: 'Agente', model: 'Preguntas', save: 'Guardar evaluación', kept: score => `Evaluación guardada: ${score}`, noModels: 'Todavía no hay un modelo de calidad.',
  export: 'Exportar', exporting: 'Exportar lo encontrado', format: 'Como', formats: { json: 'JSON, para programas', csv: 'CSV, para hojas de cálculo', html: 'Una página para imprimir' }, audience: 'Para', audiences: { staff: 'Nosotros: con notas, calidad y nombres', visitor: 'El visitante: sin notas, calidad ni nombres ocultos' },
  fits: n => (n === 1 ? '1 chat coincide.' : `${n} chats coinciden.`), begin: 'Exportar', cancel: 'Cancelar', progress: (done, total) => `${done} de ${total}`, done: n => `Exportados: ${n}`, broken: 'La exportación se interrumpió. No se guardó nada.',
  retention: 'Cuánto se conservan las grabaciones', keeps: 'Se conservan', forever: 'sin límite', days: n => (n === 1 ? '1 día' : `${n} días`), next: 'Próximo borrado', nothing: 'nada por ahora',
  erase: 'Borrar los datos de este visitante', erasing: 'Borrar lo que dijo este visitante', held: (chats, messages, notes, mails) => `Chats: ${chats} · mensajes: ${messages} · notas internas: ${notes} · por correo: ${mails} · y todos los archivos enviados en ellos`,
  stays: 'Los recuentos, tiempos, puntuaciones y motivos quedan; lo que se dijo desaparece para siempre de todos los archivos del servidor. Las copias de seguridad anteriores aún lo contienen.', liveChat: 'El visitante tiene un chat sin terminar. Primero debe terminar.', already: n => `${n} de ellos ya se borraron.`, eraseNow: 'Borrar para siempre', erased: n => `Chats borrados: ${n}`, keep: 'Conservar',
};
