// Os webhooks em português.

/** @type {typeof import('./webhooks-en.js').webhooks} */
export const webhooks = {
  title: 'Webhooks', lead: 'Seus próprios programas ficam sabendo o que acontece: ao menos uma vez, em ordem, com assinatura.', add: 'Novo webhook', edit: 'Editar', editing: 'Editar webhook', editTitle: url => `Editar ${url}`,
  none: 'Ninguém é avisado ainda', noneText: 'Um webhook é um endereço seu para o qual cada evento é enviado.',
  url: 'Endereço', urlHint: 'https, para a internet ou para uma rede que o operador permita.', wrongUrl: 'Um endereço como https://loja.example/webchat, fora da nossa rede',
  events: 'Eventos', everything: 'todos os eventos', some: 'só estes', wrongEvents: 'Escolha ao menos um', event: 'Evento',
  enabled: 'Enviar', enabledHint: 'Desligado guarda o lugar: o que acontecer enquanto isso é enviado depois.',
  state: 'Estado', states: { idle: 'Nada pendente', retrying: 'Tentando de novo', off: 'Desligado' },
  attempts: n => (n === 1 ? '1 tentativa' : `${n} tentativas`), next: at => `próxima ${at}`,
  last: 'Último envio', never: 'nunca', outcomes: { delivered: 'Aceito', refused: 'Recusado', failed: 'Falhou', gone: 'Não quer mais' },
  test: 'Testar', testTitle: url => `Testar ${url}`, tested: 'O evento de teste foi aceito', notTaken: 'Não foi aceito',
  dead: 'Recusados', deadOf: (n, url) => `${n} recusados por ${url}`, deadTitle: 'Recusados de vez', deadText: 'Cada um foi recusado várias vezes, e depois se seguiu com o próximo. Ficam guardados até serem enviados ou esquecidos.',
  noDead: 'Não resta nada aqui.', answer: 'Resposta', more: 'Ver mais',
  resend: 'Enviar agora', resendTitle: event => `Enviar agora o evento ${event}`, resendAll: 'Enviar todos agora', sent: n => (n === 1 ? '1 evento aceito' : `${n} eventos aceitos`),
  forget: 'Esquecer', forgetTitle: event => `Esquecer o evento ${event}`, forgotten: n => (n === 1 ? '1 evento esquecido' : `${n} eventos esquecidos`),
  remove: 'Excluir', sure: 'Excluir para sempre', newSecret: 'Novo segredo', voids: 'O anterior deixa de valer',
  secret: 'Segredo', secretText: 'Com ele o seu programa confere as assinaturas. Copie agora: não será mostrado de novo.', copy: 'Copiar', copied: 'Copiado', copiedIt: 'Já tenho',
};
