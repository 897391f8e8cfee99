// The buttons that ask for a call, and the ear that hears one ring. Everything else about calls comes when there is one.

const WORDS = {
	call: 'Llamar|Call|Ligar',
	video: 'Videollamada|Video call|Chamada de vídeo',
};
const ICONS = {
	call: 'M6 4h3l2 4-2 2a12 12 0 0 0 5 5l2-2 4 2v3a2 2 0 0 1-2 2A16 16 0 0 1 4 6a2 2 0 0 1 2-2z',
	video: 'M3 6h12v12H3zM15 11l6-4v10l-6-4',
};

/** Stands in the header as long as the window does; `view` is the chat as the server last said. */
export default (kit, view) => {
	if (kit.signal) return;
	const { h, icon, pick, root, ask } = kit;
	const { host } = root;
	const header = kit.frame.firstChild;
	let chat = {};
	let why, part;

	const load = () =>
		(part ||= import('./call.js').then(({ default: begin }) => {
			const call = begin({ ...kit, ask, chat: () => chat.chat || null, name: () => chat.agent || kit.settings.name, ends: () => true, now: Date.now });
			header.after(call.node);
			return call;
		}));
	// A part that cannot be loaded now may be had later.
	const use = (act) => load().then(act, () => (part = null));
	const buttons = Object.keys(WORDS).map((name) =>
		h('button', { type: 'button', hidden: true, title: pick(WORDS[name]), ariaLabel: pick(WORDS[name]), onclick: () => use((call) => call.start(name === 'video')) }, icon(ICONS[name])),
	);
	header.lastChild.before(...buttons);

	const know = (next) => {
		const { call } = next;
		const had = chat.call;
		chat = { ...next };
		for (const button of buttons) button.hidden = next.phase !== 'active' || !!call;
		if (!call && !part) return;
		// Who is called should see it.
		if (call && !call.running && !call.from_visitor && !had) {
			host.setAttribute('open', '');
			import('./sound.js').then(({ default: ring }) => ring(kit), () => {});
		}
		const ended = had && !call && (why || 'chat_closed');
		why = null;
		use((shown) => shown.show(call || null, ended));
	};
	kit.call = (told) => (why = told.why);
	kit.signal = ({ signal }) => use((call) => call.signal(signal));
	const look = () => know(view() || {});
	host.addEventListener('webchat:state', look);
	look();
};
