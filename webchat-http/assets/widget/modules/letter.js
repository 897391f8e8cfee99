// The message that can be left when nobody can chat, and its receipt.

const RECEIPT = 'Mensaje recibido: {}|Message received: {}|Mensagem recebida: {}';

/** Puts the form at the end of `page`, the part of the window that says why there is no chat. */
export default (kit, page) => {
	const { h, ask, heading } = kit;
	// One key for the letter however often it is sent: a repeat gets the same receipt.
	const key = kit.randomKey();
	page.append(kit.form(['name', 'email', 'extra', 'text'], 'send', async (letter) => {
		const { receipt } = await ask('offline', { key, ...letter });
		kit.known.text = '';
		page.replaceChildren(h('div.say', 0, h('b.mark', 0, '✓'), heading(kit.pick(RECEIPT, receipt))));
		kit.focus();
	}));
};
