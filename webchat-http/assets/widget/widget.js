// How it works: README.md. How to use it: widget.d.ts.
(() => {
	const LANGUAGES = ['es', 'en', 'pt'];
	const TEXTS = {
		open: 'Abrir el chat|Open chat|Abrir o chat',
		unread: '{} sin leer|{} unread|{} não lidas',
		minimise: 'Minimizar|Minimise|Minimizar',
		sound: 'Sonido|Sound|Som',
		transcript: 'Transcripción|Transcript|Transcrição',
		end: 'Finalizar chat|End chat|Encerrar chat',
		stay: 'Continuar|Continue|Continuar',
		hello: '¿En qué podemos ayudarle?|How can we help?|Como podemos ajudar?',
		name: 'Nombre|Name|Nome',
		email: 'Correo electrónico|E-mail|E-mail',
		text: 'Mensaje|Message|Mensagem',
		optional: '{} (opcional)|{} (optional)|{} (opcional)',
		start: 'Iniciar chat|Start chat|Iniciar chat',
		missing: 'Complete este campo|Fill in this field|Preencha este campo',
		wrong: 'Revise este dato|Check this entry|Verifique este dado',
		lost: 'Sin conexión…|No connection…|Sem conexão…',
		online: 'En línea|Online|Online',
		place: 'Su lugar en la fila: {}|Your place in line: {}|Seu lugar na fila: {}',
		next: 'Enseguida le atendemos|We will be right with you|Já vamos atender',
		wait: 'Espera estimada: {} min|Estimated wait: {} min|Espera estimada: {} min',
		send: 'Enviar|Send|Enviar',
		typing: '{} está escribiendo…|{} is typing…|{} está digitando…',
		sending: 'Enviando…|Sending…|Enviando…',
		sent: 'Enviado|Sent|Enviado',
		delivered: 'Entregado|Delivered|Entregue',
		read: 'Leído|Read|Lido',
		failed: 'No enviado|Not sent|Não enviado',
		fast: 'Espere {} s|Wait {} s|Aguarde {} s',
		proof: 'Identidad no confirmada|Identity not confirmed|Identidade não confirmada',
		you: 'Usted|You|Você',
		ended: 'Chat finalizado|Chat ended|Chat encerrado',
		note: 'Comentario|Comment|Comentário',
		blocked: 'Chat no disponible aquí|Chat not available here|Chat não disponível aqui',
		opens: 'Abrimos: {}|We open: {}|Abrimos: {}',
	};
	const CHAT = 'M4 5h16v11H9l-5 4z';
	const DOWN = 'M6 9l6 6 6-6';
	const SEND = 'M12 19V5M6 11l6-6 6 6';
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(`
:host { all: initial !important }
* { box-sizing: border-box; margin: 0; padding: 0; border: 0 solid #0000; font: inherit; color: inherit; background: none; unicode-bidi: plaintext }
[hidden] { display: none !important }
.root {
	--k: clamp(0, (.179 - y) * 1e5, 1);
	--on: color(from var(--c) xyz calc(.95 * var(--k)) calc(var(--k)) calc(1.09 * var(--k)));
	color-scheme: var(--webchat-scheme, light dark);
	font: 15px/1.45 system-ui, sans-serif;
	color: CanvasText;
}
svg { display: block; width: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
button, .mark { display: grid; place-items: center; flex: none; border-radius: 12px }
button { cursor: pointer }
button:hover { box-shadow: inset 0 0 99px #8883 }
:focus-visible { outline: 2px solid }
b, label, h2, .main, .side { font-weight: 600 }
.launcher, .header, .hero, .main, .mark, .item.visitor p { background: var(--c); color: var(--on) }
.aside { position: absolute; overflow: hidden; width: 1px; height: 1px; clip-path: inset(50%) }
.launcher, .window { position: fixed; z-index: 2147483000; inset: auto 20px 20px auto; inset-inline: var(--webchat-inline, auto 20px) }
.launcher { display: var(--webchat-launcher, grid); width: 60px; height: 60px; border: 1px solid #8883; border-radius: 50%; box-shadow: 0 6px 20px #0005 }
.badge { position: absolute; inset: -4px -4px auto auto; min-width: 22px; border-radius: 11px; background: #c2141b; color: #fff; font-size: 12px; line-height: 22px }
.window {
	inset-block: auto 94px;
	flex-direction: column;
	width: 384px;
	max-width: none;
	height: min(650px, 100dvh - 114px);
	max-height: none;
	overflow: hidden;
	border-radius: 18px;
	background: Canvas;
	box-shadow: 0 0 0 1px #8884, 0 16px 48px #0004;
}
.window[open] { display: flex }
.header, .queue { display: flex; align-items: center; gap: 12px; padding: 14px 16px; border-bottom: 1px solid #8883 }
.header .mark { background: var(--on); color: var(--c) }
.who { flex: 1; min-width: 0 }
.who * { display: block; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.page { flex: 1; overflow: auto; padding: 22px 20px }
h2 { outline: 0 !important; font-size: 18px }
.hero { margin-top: -1px; padding: 16px 20px 26px; font-size: 24px }
label { display: block; margin-bottom: 16px }
input, textarea { width: 100%; margin-top: 6px; padding: 10px 12px; border: 1px solid #888; border-radius: 10px; font-size: 16px; font-weight: 400; resize: none }
.error, .failed small, [aria-invalid] { color: light-dark(#900, #fbb); border-color: currentColor }
.main, .side { padding: 11px 16px; border: 1px solid #888 }
.main { width: 100%; border-color: #0000 }
.say { display: grid; place-items: center; gap: 14px; padding: 12px 0 28px; text-align: center }
.mark { min-width: 40px; height: 40px; border-radius: 20px; font-size: 18px }
.note, .item b, small, .system { opacity: .75; font-size: 14px; overflow-wrap: anywhere; white-space: pre-line }
.log { flex: 1; display: flex; flex-direction: column-reverse; overflow: auto; overscroll-behavior: contain; padding: 16px 16px 0 }
.list { margin-bottom: auto }
.item { display: grid; justify-items: start; margin-bottom: 12px }
.item p { max-width: 84%; padding: 8px 13px; overflow: hidden; border-width: 1px; border-radius: 16px; background: #8882; white-space: pre-wrap; overflow-wrap: anywhere }
.item b, small { margin: 3px 4px; font-size: 13px }
.item:has(+ .same) { margin-bottom: 3px }
.same b, .visitor b, .item:has(+ .same):not(.failed) small { display: none }
.item.visitor { justify-items: end }
.item.system { justify-items: center; text-align: center }
.system p { background: none }
a { unicode-bidi: isolate }
.typing { margin: 0 20px 6px }
.foot { padding: 12px 12px 6px; border-top: 1px solid #8883; overflow: auto; flex: none; max-height: 80% }
.row { display: flex; gap: 8px; align-items: end; margin-bottom: 6px }
.row * { flex: 1 }
.row textarea { field-sizing: content; max-height: 132px; margin: 0; border-radius: 22px; padding: 10px 16px }
.send { flex: none; width: 44px; padding: 9px; border-radius: 50% }
.tool { padding: 5px; font-size: 13px }
[aria-checked=false] { text-decoration: line-through }
.closing { display: grid; gap: 12px; padding: 18px 16px; text-align: center }
.file::before { content: '↓ ' / '' }
.file { display: inline; text-decoration: underline; text-align: start; overflow-wrap: anywhere; border-radius: 4px }
@media (max-width: 480px) {
	.window { inset: 0 !important; width: auto; height: auto; border-radius: 0 }
}
@media (prefers-reduced-motion: no-preference) {
	.window { animation: fade .2s }
	@keyframes fade { from { opacity: 0 } }
}
`);
	const script = document.currentScript;
	const home = new URL(script.src).origin;
	const mobile = matchMedia('(max-width: 480px)');
	const randomKey = () => Date.now() + '-' + Math.random();

	const h = (kind, props, ...children) => {
		const [tag, ...names] = kind.split('.');
		const node = document.createElement(tag);
		node.className = names.join(' ');
		for (const key in props) key in node ? (node[key] = props[key]) : node.setAttribute(key, props[key]);
		node.append(...children.filter(Boolean));
		return node;
	};

	const icon = (d) => {
		const [svg, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
		svg.setAttribute('viewBox', '0 0 24 24');
		svg.ariaHidden = true;
		path.setAttribute('d', d);
		svg.append(path);
		return svg;
	};

	const linked = (text) =>
		text.split(/((?:https?:\/\/|mailto:)[^\s<>"]*[^\s<>"'.,:;!?)\]])/i).map((part, i) => {
			if (i % 2 < 1 || !URL.canParse(part)) return part;
			const { href } = new URL(part);
			return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, href.includes('xn--') ? href : part);
		});

	const run = (host) => {
		const root = host.shadowRoot || host.attachShadow({ mode: 'open' });
		root.adoptedStyleSheets = [sheet];
		const known = {};
		const attribute = (name) => host.getAttribute(name);
		const server = attribute('server') || home;
		const campaign = attribute('campaign');
		const language = [attribute('language'), document.documentElement.lang, ...navigator.languages, 'en'].map((tag) => tag?.slice(0, 2)).find((tag) => LANGUAGES.includes(tag));
		const pick = (words, value) => words.split('|')[LANGUAGES.indexOf(language)].replace('{}', () => value);
		const t = (key, value) => pick(TEXTS[key], value);
		const time = (at, shape) => new Date(at).toLocaleString(language, shape);
		const timers = {};
		const later = (name, delay, act) => {
			clearTimeout(timers[name]);
			timers[name] = act && setTimeout(act, delay);
		};

		const place = `webchat ${server} ${campaign}`;
		let kept = {};
		const keep = (change) => {
			try {
				kept = JSON.parse(localStorage[place] || '{}');
				localStorage[place] = JSON.stringify(Object.assign(kept, change));
			} catch {
				Object.assign(kept, change);
			}
		};
		keep();
		let queue = kept.queue || [];
		const settle = (key) => {
			queue = queue.filter((item) => item.key !== key);
			uploads.delete(key);
			keep({ queue });
		};

		let settings, ws, up, met, cut;
		let chat, id, end, no, page;
		let last, messages, past;
		let told, typist, writing, telling;
		let composer, sure, queued, rank, where, wait, busy, sound;
		let tries = 0;
		let ids = 0;
		const said = {};
		const asks = new Map();
		const items = new Map();
		const uploads = new Map();

		const wanted = () => settings && (frame.open || kept.live || asks.size);

		const connect = () => {
			if (ws || !wanted()) return;
			const socket = (ws = new WebSocket(`${server.replace('http', 'ws')}/api/v1/visitor?campaign=${campaign}`));
			socket.onopen = () => send({ id: 0, do: 'hello', token: kept.token, language, seen: last, page: location.href });
			socket.onmessage = ({ data }) => socket === ws && hear(JSON.parse(data));
			socket.onclose = () => socket === ws && drop();
			later('watch', 1e4, drop);
		};

		const drop = () => {
			const socket = ws;
			ws = up = null;
			socket?.close();
			later('watch');
			later('ping');
			if (!wanted()) return;
			later('retry', Math.min(3e4, 500 * 2 ** tries++) * (0.5 + Math.random() / 2), connect);
			cut || later('cut', 1500, () => {
				cut = true;
				say(t('lost'));
				paint();
			});
		};

		const renew = () => {
			drop();
			connect();
		};

		const send = (frame) => {
			ws.send(JSON.stringify(frame));
			frame.id && !timers.watch && later('watch', 1e4, drop);
		};

		const ask = (what, fields) =>
			new Promise((yes, no) => {
				const frame = { id: ++ids, do: what, ...fields };
				asks.set(ids, { frame, yes, no });
				up ? send(frame) : connect();
			});

		const hear = ({ re, ok, error, push, ...rest }) => {
			const asked = asks.get(re);
			later('watch');
			later('ping', 25e3, () => ask('ping'));
			if (re === 0) ok ? hello(ok) : drop();
			else if (/retry|fast|down/.test(error?.code) && !(error.seconds > 9)) setTimeout(() => up && send(asked.frame), 1500);
			else if (asked) {
				asks.delete(re);
				error ? asked.no(error) : asked.yes(ok);
			} else if (push === 'state') adopt(rest.view);
			else if (push === 'message') take(rest.message, rest.chat);
			else if (rest.chat === id) {
				if (push === 'typing') typing(rest.on);
				if (/seen|call/.test(push)) Object.assign(chat || {}, rest);
				kit[push]?.(rest);
			}
			paint();
		};

		const hello = ({ token, chat: view, messages, ended }) => {
			keep({ token });
			const now = (view || ended)?.chat;
			if (now && now !== id) {
				const partial = last;
				reset(now);
				if (partial) return renew();
			}
			up = true;
			tries = 0;
			later('cut');
			cut && say(t('online'));
			cut = false;
			if (!met) past = view ? view.last : 1e9;
			met = true;
			for (const message of messages) take(message, id);
			if (view) adopt(view);
			else if (chat || (ended && now !== kept.done)) end || over(ended || {});
			for (const { frame } of asks.values()) send(frame);
			pump();
		};

		const reset = (to) => {
			id = to;
			messages = [];
			last = past = 0;
			told = '';
			items.clear();
			uploads.clear();
			list.replaceChildren();
			kept.id === id || keep({ id, read: 0 });
		};

		const adopt = (view) => {
			if (view.chat !== id) reset(view.chat);
			later('gap', 2000, () => view.last > last && renew());
			chat = view;
			no = end = null;
			keep({ live: true });
		};

		const take = (message, to) => {
			to === id || reset(to);
			const { number, author, key, text } = message;
			if (messages[number]) return;
			messages[number] = message;
			while (messages[last + 1]) last++;
			key && settle(key);
			if (number <= past) return;
			if (author.kind !== 'visitor') {
				typing(false);
				say(author.name, text);
				author.name && !kept.mute && !(frame.open && document.hasFocus()) && part('sound');
			}
			tell('message', { chat: id, ...message });
		};

		const pump = async () => {
			const item = queue.find((item) => item.chat === chat?.chat && !item.failed);
			if (writing || !item) return;
			writing = true;
			const { chat: to, key, text } = item;
			try {
				const stored = await ask('write', { chat: to, key, text });
				settle(key);
				to === id && take({ ...stored, key, text, author: { kind: 'visitor' } }, to);
			} catch {
				item.failed = true;
			}
			writing = false;
			paint();
			pump();
		};

		const typing = (on) => {
			typist = on;
			later('typist', 1e4, on && (() => paint(typing(false))));
		};

		const over = ({ text, feedback, ...more }) => {
			end = { ...chat, text, feedback, ...more };
			chat = null;
			for (const item of queue) item.failed = true;
			keep({ live: false, queue: [] });
			if (text && !feedback) {
				keep({ done: id });
				end = null;
				no = { text, ...more };
			}
		};

		const load = async () => {
			try {
				const answer = await fetch(`${server}/api/v1/campaigns/${campaign}/window?language=${language}`, { signal });
				if (answer.ok) {
					settings = await answer.json();
					const { enabled, open, not_available, out_of_time } = settings;
					if (!chat && !end) no = enabled && open ? null : { ...settings, text: enabled ? out_of_time : not_available || t('blocked') };
					connect();
				} else if (/403|404/.test(answer.status)) no = { text: t('blocked') };
				else throw 0;
				paint();
			} catch {
				signal.aborted || later('load', 4000, load);
			}
		};

		const again = () => {
			keep({ done: id });
			end = null;
			load();
		};

		const tell = (name, detail) => host.dispatchEvent(new CustomEvent('webchat:' + name, { detail, bubbles: true }));

		const say = (...words) => {
			const text = words.filter(Boolean).join('. ');
			text && live.append(h('p', 0, text));
			live.children[4] && live.firstChild.remove();
		};

		// What few visitors need comes when it is needed, from where the server says it is.
		const part = async (name, ...what) => {
			try {
				const { default: act } = await import(server + settings.modules + name + '.js');
				act(kit, ...what);
			} catch {}
		};

		const put = (node, text) => {
			node.textContent = text;
			node.hidden = !text;
		};
		const button = (kind, key, onclick) => h('button.' + kind, { type: onclick ? 'button' : 'submit', onclick }, t(key));
		const onsubmit = (act) => (event) => {
			event.preventDefault();
			act(event.target);
		};
		const heading = (text) => h('h2', { tabIndex: -1 }, text);
		const note = (text) => text && h('p.note', 0, text);

		const live = h('div.aside', { role: 'log' });
		const list = h('div.list');
		const log = h('div.log', { tabIndex: 0, role: 'region', ariaLabel: 'Chat', onscroll: () => paint() }, list);
		const title = h('b', { id: 'title' });
		const under = h('span');
		const face = h('b.mark', { ariaHidden: true });
		const banner = h('p.header');
		const toggle = () => host.toggleAttribute('open');
		const escape = (event) => {
			if (event.key !== 'Escape') return;
			sure?.checkVisibility() ? confirm(false) : toggle();
			return false;
		};
		const header = h('div.header', 0, face, h('div.who', 0, title, under), h('button', { ariaLabel: t('minimise'), onclick: toggle }, icon(DOWN)));
		const frame = h('dialog.window', { 'aria-labelledby': 'title', onkeydown: escape }, header, banner);
		const badge = h('b.badge');
		const launcher = h('button.launcher', { hidden: true, onclick: toggle });
		const whole = h('div.root', 0, frame, launcher, live);
		root.replaceChildren(whole);
		const focus = () => (frame.querySelector('h2, input, textarea') || header.lastChild).focus();

		const show = (on) => {
			if (on === frame.open) return;
			const had = frame.contains(root.activeElement);
			on ? (mobile.matches ? frame.showModal() : (frame.open = true)) : frame.close();
			on ? banner.before(live) : whole.append(live);
			keep({ open: on });
			if (!on) had && launcher.focus();
			else if (page === 'form' || no?.form) load();
			connect();
			paint();
		};

		const confirm = (on) => {
			composer.hidden = on;
			sure.hidden = !on;
			(on ? sure.lastChild : composer.firstChild).focus();
		};

		const form = (names, label, submit) => {
			const { form, limits } = settings;
			const complain = (input, key, value) => {
				input.nextSibling.textContent = key ? t(key, value) : '';
				input.ariaInvalid = key ? true : null;
				return key;
			};
			const fields = names.map((name) => {
				const { label, pattern, required = names[3] || form[name] === 'required' } = form[name] || {};
				if (form[name] === null) return;
				const words = label || t(TEXTS[name] ? name : 'note');
				const input = h(name === 'text' ? 'textarea' : 'input', {
					name,
					required,
					maxLength: limits[name],
					value: known[name] ?? attribute(name) ?? '',
					oninput: () => {
						known[name] = input.value;
						complain(input);
					},
				});
				if (name === 'email') input.type = name;
				if (pattern) input.pattern = pattern;
				input.autocomplete = name === 'extra' ? 'on' : name;
				return h('label', 0, required ? words : t('optional', words), input, h('span.error'));
			});
			return h('form', {
				noValidate: true,
				onsubmit: onsubmit(async (form) => {
					const [bad] = [...form].filter((input) => input.name && complain(input, input.validity.valueMissing ? 'missing' : !input.validity.valid && 'wrong'));
					if (bad) return bad.focus();
					try {
						await submit(Object.fromEntries(new FormData(form)));
					} catch ({ code, field, seconds }) {
						const input = form[field] || form[0];
						complain(input, field ? 'wrong' : seconds ? 'fast' : /ident|signature/.test(code) ? 'proof' : 'failed', seconds);
						input.focus();
					}
					paint();
				}),
			}, ...fields, button('main', label));
		};

		const proof = () => {
			const [id, name, email, expires, signature] = ['visitor', 'name', 'email', 'expires', 'signature'].map(attribute);
			return signature && { id, name, email, expires: +expires, signature };
		};

		const formPage = () => [
			h('b.hero', 0, t('hello')),
			h('div.page', 0, form(['name', 'email', 'extra'], 'start', async (visitor) => {
				const { chat, refused } = await ask('start', { ...visitor, identity: proof(), page: location.href });
				chat ? adopt(chat) : (no = refused);
			})),
		];

		const opens = (at) => at && t('opens', time(at, { dateStyle: 'full', timeStyle: 'short' }));

		const refusedPage = (had) => {
			const { text, next_open_at, offline_form } = no;
			const next = opens(next_open_at);
			const page = h('div.page', 0, h('div.say', 0, h('b.mark', 0, icon(CHAT)), heading(text), note(next)));
			frame.open && say(!had && text, next);
			if (offline_form) part('letter', page);
			else if (settings) page.append(button('main', 'start', again));
			return [page];
		};

		const chatPage = () => {
			const wrote = (on) => {
				if (up && on !== telling) send({ do: 'typing', chat: id, on });
				telling = on;
				later('telling', 4000, on && (() => wrote(false)));
			};
			const field = h('textarea', {
				rows: 1,
				maxLength: settings.limits.text,
				ariaLabel: t('text'),
				placeholder: t('text'),
				value: kept.draft || '',
				onkeydown: (event) => {
					if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
					composer.requestSubmit();
					return false;
				},
				oninput: () => {
					keep({ draft: field.value });
					wrote(!!field.value);
				},
			});
			composer = h('form.row', {
				onsubmit: onsubmit(() => {
					const text = field.value.trim();
					if (!text) return;
					field.value = '';
					wrote(false);
					queue.push({ chat: id, key: randomKey(), text });
					keep({ queue, draft: '' });
					pump();
					paint();
					log.scrollTop = 0;
					field.focus();
				}),
			}, field, h('button.main.send', { ariaLabel: t('send') }, icon(SEND)));
			sure = h('div.row', { hidden: true }, button('side', 'stay', () => confirm(false)), button('main', 'end', () => ask('end', { chat: id }).catch(() => {})));
			rank = h('b.mark', { ariaHidden: true });
			where = h('b');
			wait = h('p.note');
			queued = h('div.queue', 0, rank, h('div', 0, where, wait));
			settings.files && part('files', composer, field);
			settings.media && part('ring', () => chat);
			busy = h('p.note.typing');
			sound = h('button.tool', { role: 'switch', onclick: () => paint(keep({ mute: !kept.mute })) }, t('sound'));
			return [queued, log, busy, h('div.foot', 0, composer, sure, tools('tool', sound, button('tool', 'end', () => confirm(true))))];
		};

		const endedPage = (had) => {
			const { text, feedback, next_open_at } = end;
			const next = opens(next_open_at);
			const foot = h('div.foot.closing', 0, heading(t('ended')), note(text), note(next), note(feedback?.text));
			frame.open && say(!had && t('ended'), text, next, feedback?.text);
			const row = tools('side', 0, button('side', 'start', again));
			foot.append(row);
			feedback?.form && part('feedback', row, feedback.text);
			return [log, foot];
		};

		const tools = (kind, first, last) => {
			const row = h('div.row', 0, first, button(kind, 'transcript', () => part('transcript', row)), last);
			return row;
		};

		const paint = () => {
			const { agent, phase, position, estimate } = chat || {};
			const { delivered, read: seen } = chat || end || {};
			const now = chat ? 'chat' : end || no || (settings && (met || !kept.token) ? 'form' : 'loading');
			if (now !== page) {
				const active = root.activeElement;
				const had = active === frame || (frame.contains(active) && !header.contains(active));
				page = now;
				while (banner.nextSibling) banner.nextSibling.remove();
				frame.append(...(chat ? chatPage() : end ? endedPage(had) : no ? refusedPage(had) : now === 'form' ? formPage() : [h('p.page', 0, '…')]));
				had && focus();
			}
			whole.style.setProperty('--c', /^#\w{6}$/.test(settings?.colour) ? settings.colour : '#2456c8');
			put(title, agent || settings?.name);
			put(under, agent && !cut && t('online'));
			face.replaceChildren(agent ? [...agent][0] : icon(CHAT));
			put(banner, cut && t('lost'));
			const words = phase !== 'waiting' ? '' : position ? t('place', position) : t('next');
			if (said.place !== (said.place = words)) say(words);
			if (chat) {
				queued.hidden = !words;
				rank.textContent = position || '…';
				where.textContent = words;
				put(wait, estimate == null ? '' : t('wait', Math.ceil(estimate / 60) || 1));
				put(busy, typist && t('typing', agent || ''));
				sound.ariaChecked = !kept.mute;
			}

			const all = [...messages.filter(({ text }) => text), ...queue.filter((item) => item.chat === id), ...uploads.values()];
			const mine = all.findLast(({ key, number }) => key && number)?.number;
			let before;
			all.forEach(({ key, number, at, text, code, failed, file, why, author: { kind, name } = { kind: 'visitor' } }, i) => {
				const item = items.get(key || number) || h('div', 0, h('b'), h('p', 0, ...(file ? [h('button.file', { onclick: () => part('fetch', key, number) }, text)] : linked(text))), h('small'));
				items.set(key || number, item);
				const status = failed ? 'failed' : !number ? 'sending' : mine !== number ? '' : seen >= number ? 'read' : delivered >= number ? 'delivered' : 'sent';
				item.className = `item ${code === 'welcome' ? 'bot' : kind} ${before === kind + name ? 'same' : ''} ${status}`;
				before = kind + name;
				put(item.firstChild, name);
				put(item.lastChild, kind === 'system' ? '' : [at && time(at, { timeStyle: 'short' }), why || (status && t(status))].filter(Boolean).join(' · '));
				list.children[i] === item || list.insertBefore(item, list.children[i]);
			});

			if (frame.open && !document.hidden && log.scrollTop > -60 && kept.read !== last) keep({ read: last });
			const { read } = kept;
			if (up && chat && told !== (told = last + '/' + read)) send({ do: 'seen', chat: id, delivered: last, read });
			const unread = messages.filter(({ number, author }) => number > read && /agent|bot/.test(author.kind)).length;
			put(badge, unread || '');
			launcher.hidden = !settings && !no;
			launcher.ariaExpanded = frame.open;
			launcher.ariaLabel = t(frame.open ? 'minimise' : 'open') + (unread ? ', ' + t('unread', unread) : '');
			launcher.replaceChildren(icon(frame.open ? DOWN : CHAT), badge);

			const detail = { ...chat, state: phase || (end ? 'ended' : no ? 'refused' : now), open: frame.open, unread, connected: !!up };
			if (said.state !== (said.state = JSON.stringify(detail))) tell('state', detail);
		};

		const kit = {
			h, icon, t, pick, time, ask, form, heading, button, onsubmit, say, paint, focus, root, frame, known, uploads, server, language, randomKey,
			get settings() {
				return settings;
			},
			id: () => id,
			chat: () => chat?.chat,
			token: () => kept.token,
			messages: () => Object.values(messages),
			notice: (text) => {
				put(banner, text);
				say(text);
			},
			down: () => (log.scrollTop = 0),
			closed: over,
		};
		const control = new AbortController();
		const { signal } = control;
		const wake = () => {
			keep();
			connect();
			paint();
		};
		for (const name of ['online', 'storage', 'visibilitychange']) addEventListener(name, wake, { signal });
		reset(kept.id);
		if (attribute('open') !== null || (kept.open && !mobile.matches)) {
			host.setAttribute('open', '');
			show(true);
		}
		load();
		paint();
		return {
			show: (on) => {
				show(on);
				on && focus();
			},
			renew: () => {
				page = null;
				paint();
			},
			stop: () => {
				settings = null;
				control.abort();
				drop();
			},
		};
	};

	customElements.define('webchat-window', class extends HTMLElement {
		static observedAttributes = ['campaign', 'server', 'language', 'open'];
		#chat;

		connectedCallback() {
			this.#chat?.stop();
			this.#chat = null;
			this.#chat = run(this);
		}

		disconnectedCallback() {
			this.#chat.stop();
		}

		attributeChangedCallback(name, before, now) {
			if (name === 'open') this.#chat?.show(now !== null);
			else if (this.#chat) this.connectedCallback();
		}

		open() {
			this.setAttribute('open', '');
		}

		close() {
			this.removeAttribute('open');
		}

		setLanguage(language) {
			this.setAttribute('language', language);
		}

		identify({ id, ...visitor }) {
			if (id) visitor.visitor = id;
			for (const name in visitor) this.setAttribute(name, visitor[name]);
			this.#chat?.renew();
		}
	});

	if (script.dataset.campaign) {
		const chat = document.createElement('webchat-window');
		for (const name in script.dataset) chat.setAttribute(name, script.dataset[name]);
		const place = () => document.body.append(chat);
		document.readyState === 'loading' ? addEventListener('DOMContentLoaded', place) : place();
	}
})();
