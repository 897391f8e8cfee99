// Webhooks in English; the pattern of the other languages.

export const webhooks = {
  title: 'Webhooks', lead: 'Your own programs are told what happens: at least once, in order, signed.', add: 'New webhook', edit: 'Edit', editing: 'Edit webhook', editTitle: (/** @type {string} */ url) => `Edit ${url}`,
  none: 'Nobody is told yet', noneText: 'A webhook is an address of your own that every event is sent to.',
  url: 'Address', urlHint: 'https, to the public internet or to a network the operator allows.', wrongUrl: 'An address such as https://shop.example/webchat, outside our own network',
  events: 'Events', everything: 'all events', some: 'only these', wrongEvents: 'Choose at least one', event: 'Event',
  enabled: 'Send', enabledHint: 'Off keeps its place: what happens meanwhile is sent later.',
  state: 'State', states: { idle: 'Nothing outstanding', retrying: 'Trying again', off: 'Off' },
  attempts: (/** @type {number} */ n) => (n === 1 ? '1 attempt' : `${n} attempts`), next: (/** @type {string} */ at) => `next ${at}`,
  last: 'Last sent', never: 'never', outcomes: /** @type {Record<string, string>} */ ({ delivered: 'Taken', refused: 'Refused', failed: 'Failed', gone: 'Not wanted any more' }),
  test: 'Test', testTitle: (/** @type {string} */ url) => `Test ${url}`, tested: 'The test event was taken', notTaken: 'It was not taken',
  dead: 'Refused for good', deadOf: (/** @type {number} */ n, /** @type {string} */ url) => `${n} refused for good by ${url}`, deadTitle: 'Refused for good', deadText: 'Each was refused again and again, then passed over. They are kept until they are sent or forgotten.',
  noDead: 'Nothing is left here.', answer: 'Answer', more: 'Show more',
  resend: 'Send now', resendTitle: (/** @type {string} */ event) => `Send now: event ${event}`, resendAll: 'Send all now', sent: (/** @type {number} */ n) => (n === 1 ? '1 event was taken' : `${n} events were taken`),
  forget: 'Forget', forgetTitle: (/** @type {string} */ event) => `Forget event ${event}`, forgotten: (/** @type {number} */ n) => (n === 1 ? '1 event was forgotten' : `${n} events were forgotten`),
  remove: 'Delete', sure: 'Delete for good', newSecret: 'New secret', voids: 'The old one becomes void',
  secret: 'Secret', secretText: 'Your program checks the signatures with it. Copy it now: it is not shown again.', copy: 'Copy', copied: 'Copied', copiedIt: 'I have it',
};
