// Los webhooks en español.

/** @type {typeof import('./webhooks-en.js').webhooks} */
export const webhooks = {
  title: 'Webhooks', lead: 'Sus propios programas se enteran de lo que pasa: al menos una vez, en orden, con firma.', add: 'Nuevo webhook', edit: 'Editar', editing: 'Editar webhook', editTitle: url => `Editar ${url}`,
  none: 'Todavía no se avisa a nadie', noneText: 'Un webhook es una dirección suya a la que se envía cada evento.',
  url: 'Dirección', urlHint: 'https, a internet o a una red que el operador permita.', wrongUrl: 'Una dirección como https://tienda.example/webchat, fuera de nuestra red',
  events: 'Eventos', everything: 'todos los eventos', some: 'solo estos', wrongEvents: 'Elija al menos uno', event: 'Evento',
  enabled: 'Enviar', enabledHint: 'Apagado conserva su lugar: lo que pase mientras tanto se envía después.',
  state: 'Estado', states: { idle: 'Nada pendiente', retrying: 'Reintentando', off: 'Apagado' },
  attempts: n => (n === 1 ? '1 intento' : `${n} intentos`), next: at => `próximo ${at}`,
  last: 'Último envío', never: 'nunca', outcomes: { delivered: 'Aceptado', refused: 'Rechazado', failed: 'Falló', gone: 'Ya no lo quiere' },
  test: 'Probar', testTitle: url => `Probar ${url}`, tested: 'El evento de prueba fue aceptado', notTaken: 'No fue aceptado',
  dead: 'Rechazados', deadOf: (n, url) => `${n} rechazados por ${url}`, deadTitle: 'Rechazados para siempre', deadText: 'Cada uno fue rechazado una y otra vez, y después se siguió con el próximo. Se guardan hasta que se envíen o se olviden.',
  noDead: 'Aquí no queda nada.', answer: 'Respuesta', more: 'Ver más',
  resend: 'Enviar ahora', resendTitle: event => `Enviar ahora el evento ${event}`, resendAll: 'Enviar todos ahora', sent: n => (n === 1 ? '1 evento aceptado' : `${n} eventos aceptados`),
  forget: 'Olvidar', forgetTitle: event => `Olvidar el evento ${event}`, forgotten: n => (n === 1 ? '1 evento olvidado' : `${n} eventos olvidados`),
  remove: 'Eliminar', sure: 'Eliminar para siempre', newSecret: 'Nuevo secreto', voids: 'El anterior deja de valer',
  secret: 'Secreto', secretText: 'Con él su programa verifica las firmas. Cópielo ahora: no se vuelve a mostrar.', copy: 'Copiar', copied: 'Copiado', copiedIt: 'Ya lo tengo',
};
