// Keeping the conversation: saved as a text file, or sent to the visitor by e-mail where the campaign does that.

const WORDS = {
	save: 'Descargar|Download|Baixar',
	later: 'Al terminar el chat se enviará a {}|When the chat ends it will be sent to {}|Ao terminar o chat será enviada para {}',
	done: 'La conversación se enviará a {}|The conversation will be sent to {}|A conversa será enviada para {}',
	wrong: 'Revise este dato|Check this entry|Verifique este dado',
	off: 'No se pudo enviar. Descárguela.|It could not be sent. Download it.|Não foi possível enviar. Baixe-a.',
	fast: 'Espere unos minutos y vuelva a intentarlo|Wait some minutes and try again|Aguarde alguns minutos e tente de novo',
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.keep { display: grid; gap: 10px; padding: 6px 0 10px; text-align: start }
.keep label { margin: 0 }
.keep .row { margin: 0 }
`);

/** Saves it, or opens the panel above `below` where there is a choice; a second call closes that. */
export default (kit, below) => {
	const { h, pick, t, root, time } = kit;
	if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
	const old = below.parentNode.querySelector('.keep');
	if (old) return old.remove();
	const words = (key, value) => pick(WORDS[key], value);

	const save = () => {
		const lines = kit.messages().map(({ at, author, text }) => `[${time(at, { dateStyle: 'short', timeStyle: 'short' })}] ${author.kind === 'visitor' ? t('you') : author.name || '-'}: ${text}\n`);
		const href = URL.createObjectURL(new Blob(lines, { type: 'text/plain;charset=utf-8' }));
		h('a', { href, download: 'chat.txt' }).click();
		setTimeout(() => URL.revokeObjectURL(href), 1e4);
	};
	if (!kit.settings.transcript_by_mail) return save();
	const error = h('span.error', { role: 'alert' });
	const address = h('input', { type: 'email', required: true, autocomplete: 'email', maxLength: kit.settings.limits.email, value: kit.known.email ?? kit.root.host.getAttribute('email') ?? '', oninput: () => complain() });
	const complain = (key) => {
		error.textContent = key ? words(key) : '';
		address.ariaInvalid = key ? true : null;
	};
	const panel = h('form.keep', {
		noValidate: true,
		onkeydown: (event) => {
			if (event.key !== 'Escape') return;
			event.stopPropagation();
			panel.remove();
		},
		onsubmit: async (event) => {
			event.preventDefault();
			if (!address.checkValidity()) {
				complain('wrong');
				return address.focus();
			}
			try {
				const owed = await kit.ask('transcript', { chat: kit.id(), email: address.value.trim() });
				const done = h('p.note', { tabIndex: -1 }, words(owed.at_end ? 'later' : 'done', owed.address));
				panel.replaceChildren(done);
				done.focus();
			} catch ({ code, field }) {
				complain(field ? 'wrong' : code === 'too_fast' ? 'fast' : 'off');
			}
		},
	}, h('label', 0, t('email'), address, error), h('div.row', 0, h('button.side', { type: 'button', onclick: save }, words('save')), h('button.main', {}, t('send'))));
	below.before(panel);
	panel.querySelector('button').focus();
};
