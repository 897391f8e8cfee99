// A desk in the middle of the day, for looking at it: three chats, people waiting, a campaign that sends none.

/**
 * @param {import('../mock/agent-server.mjs').Centre} mock
 * @param {'es' | 'en'} [language] of the texts the server writes
 */
export function busy(mock, language = 'en') {
  const now = Date.now();
  const say = name => (language === 'es' ? `${name} se unió al chat` : `${name} joined the chat`);
  const joao = mock.arrive({ name: 'João Pereira', language: 'pt-BR', page: 'https://shop.example/', at: now - 800e3 });
  const maria = mock.arrive({ name: 'María Gómez', email: 'maria.gomez@correo.example', extra: '+598 99 123 456', language: 'es-UY', page: 'https://shop.example/calzado/botas?talle=38', at: now - 400e3 });
  const emily = mock.arrive({ campaign: 2, name: 'Emily Carter', language: 'en', page: 'https://shop.example/account/invoices', at: now - 120e3 });
  mock.assign(joao, 1, { since: now - 620e3, say });
  mock.say(joao, 'Olá, o meu pedido 4821 ainda não chegou.', { at: now - 600e3 });
  mock.reply(joao, 1, 'Vou verificar agora mesmo.', { at: now - 590e3 });
  mock.assign(maria, 1, { since: now - 380e3, automatic: 'Hola, soy Ana. Enseguida le ayudo.', say });
  mock.say(maria, 'Hola, buenas tardes', { at: now - 370e3 });
  mock.say(maria, 'Quería saber si las botas de cuero marrón están disponibles en talle 38, y cuánto demora el envío a Salto.', { at: now - 365e3 });
  mock.reply(maria, 1, '¡Buenas tardes, María! Sí, en talle 38 quedan dos pares.', { at: now - 340e3 });
  mock.note(maria, 1, 'Clienta frecuente: ofrecer envío sin costo.', { at: now - 330e3 });
  mock.reply(maria, 1, 'El envío a Salto demora entre 48 y 72 horas.', { at: now - 325e3 });
  mock.visitorSees(maria, 6, 5);
  mock.say(maria, '¡Perfecto! ¿Y puedo pagar en cuotas?', { at: now - 20e3 });
  mock.assign(emily, 1, { since: now - 110e3, say: name => `${name} joined the chat` });
  mock.say(emily, 'Hi! The invoice page shows an error 500 when I download the PDF.', { at: now - 60e3 });
  mock.visitorTypes(emily, true);
  for (const [campaign, name, ago] of [[1, 'Lucía Fernández', 34], [1, 'Pedro', 16], [1, null, 5], [2, 'Tomás Acosta', 12]]) {
    mock.arrive({ campaign, name, language: campaign === 2 ? 'en' : 'es', at: now - ago * 1e3 });
  }
  return { joao, maria, emily };
}
