// The score and the note after a chat with an agent.

const THANKS = '¡Gracias!|Thank you!|Obrigado!';

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.closing form { display: grid; gap: 12px }
.stars { display: flex; justify-content: center; font-size: 34px; line-height: 1 }
.star { position: relative; margin: 0; padding: 6px; opacity: .4; border-radius: 8px }
.star input { position: absolute; inset: 0; margin: 0; opacity: 0 }
.stars:not(:has(:checked)) ~ * { display: none }
.star:has(:checked), .star:has(~ .star :checked) { opacity: 1 }
.star:has(:focus-visible) { outline: 2px solid }
`);

/** Puts the form before `row`; `text` is the campaign's question. */
export default (kit, row, text) => {
	const { h, t, ask, heading, onsubmit, root } = kit;
	if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
	const words = h('textarea', { maxLength: kit.settings.limits.note, ariaLabel: t('note'), placeholder: t('optional', t('note')) });
	const star = (value) => h('label.star', 0, h('input', { type: 'radio', name: 'score', value, ariaLabel: value + ' / 5' }), '★');
	const form = h('form', {
		onsubmit: onsubmit(async () => {
			await ask('feedback', { chat: kit.id(), score: +form.score.value, note: words.value }).catch(() => {});
			form.replaceWith(heading(kit.pick(THANKS)));
			kit.focus();
		}),
	}, h('div.stars', { role: 'radiogroup', ariaLabel: text || t('note') }, ...[1, 2, 3, 4, 5].map(star)), words, kit.button('main', 'send'));
	row.before(form);
};
