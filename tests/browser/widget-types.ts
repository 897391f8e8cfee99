// A host page in TypeScript: it must compile against widget.d.ts, and its mistakes must not.
/// <reference path="../../webchat-http/assets/widget/widget.d.ts" />
const chat = document.createElement('webchat-window');
chat.setAttribute('campaign', '1');
chat.identify({ name: 'Ana', email: 'ana@example.com' });
chat.identify({ id: '4711', name: 'Ana', expires: 1790000600, signature: 'f0' });
chat.setLanguage('pt');
chat.open();
chat.addEventListener('webchat:state', ({ detail }) => {
  if (detail.state === 'waiting') chat.title = `${detail.position} ${detail.estimate ?? ''}`;
});
document.addEventListener('webchat:message', ({ detail }) => detail.author.kind === 'agent' && chat.append(detail.text));
chat.close();

document.addEventListener('webchat:message', ({ detail }) => detail.file && chat.append(`${detail.file.bytes}`));

// @ts-expect-error a signature says until when it is good
chat.identify({ id: '4711', signature: 'f0' });
// @ts-expect-error a telephone goes into `extra`
chat.identify({ telephone: '1' });
// @ts-expect-error there is no such state
chat.addEventListener('webchat:state', ({ detail }) => detail.state === 'sleeping');
