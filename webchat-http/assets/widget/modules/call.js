// The call of a chat on screen, for the visitor's window and the agent's console alike: it rings, runs, and says what is
// wrong in words that help. Loaded when a call begins; the page around it is given as `kit`.

import { Peer, whyNot } from './peer.js';

const WORDS = {
	call: 'Llamada|Call|Chamada',
	calling: 'Llamando a {}…|Calling {}…|Chamando {}…',
	rings: '{} le llama|{} is calling you|{} está ligando',
	ringsvideo: '{} le propone una videollamada|{} would like a video call|{} propõe uma chamada de vídeo',
	ringing: 'Alguien más atiende la llamada|Somebody else has the call|Outra pessoa está na chamada',
	accept: 'Aceptar|Accept|Aceitar',
	audio: 'Solo voz|Voice only|Só voz',
	decline: 'Rechazar|Decline|Recusar',
	hang: 'Colgar|Hang up|Desligar',
	away: 'La llamada está en otra pestaña|The call is in another tab|A chamada está em outra aba',
	here: 'Seguir aquí|Continue here|Continuar aqui',
	joining: 'Conectando…|Connecting…|Conectando…',
	lost: 'Se cortó; reconectando…|Interrupted; reconnecting…|Caiu; reconectando…',
	failed: 'La llamada no logra conectarse: puede que su red no lo permita. Siga por escrito o pruebe desde otra red.|The call cannot connect; your network may not allow it. Go on in writing, or try from another network.|A chamada não consegue conectar: talvez sua rede não permita. Continue por escrito ou tente de outra rede.',
	refused: 'El servidor de llamadas no aceptó la credencial. Siga por escrito y avise a quien administra el sitio.|The call server did not accept the credential. Go on in writing, and tell whoever runs this site.|O servidor de chamadas não aceitou a credencial. Continue por escrito e avise quem administra o site.',
	mic: 'Micrófono|Microphone|Microfone',
	cam: 'Cámara|Camera|Câmera',
	out: 'Altavoz|Speaker|Alto-falante',
	flip: 'Cambiar de cámara|Switch camera|Trocar de câmera',
	gear: 'Dispositivos|Devices|Dispositivos',
	pip: 'Imagen flotante|Picture in picture|Imagem flutuante',
	close: 'Cerrar|Close|Fechar',
	you: 'Su cámara|Your camera|Sua câmera',
	denied: 'El navegador no deja usar el micrófono o la cámara. Permítalos junto a la dirección de esta página y llame de nuevo; el chat sigue.|The browser does not allow the microphone or the camera. Allow them beside this page’s address and call again; the chat goes on.|O navegador não permite usar o microfone ou a câmera. Permita ao lado do endereço desta página e ligue de novo; o chat continua.',
	none: 'No hay micrófono. Conecte uno y llame de nuevo; el chat sigue.|There is no microphone. Connect one and call again; the chat goes on.|Não há microfone. Conecte um e ligue de novo; o chat continua.',
	busy: 'Otro programa usa el micrófono o la cámara. Ciérrelo y llame de nuevo; el chat sigue.|Another program is using the microphone or the camera. Close it and call again; the chat goes on.|Outro programa usa o microfone ou a câmera. Feche-o e ligue de novo; o chat continua.',
	unsupported: 'Este navegador no puede hacer llamadas. Pruebe con otro más nuevo; el chat sigue.|This browser cannot make calls. Try a newer one; the chat goes on.|Este navegador não faz chamadas. Tente um mais novo; o chat continua.',
	unseen: 'Sin cámara: le oyen, pero no le ven|No camera: you are heard, not seen|Sem câmera: ouvem você, mas não veem',
	media_not_allowed: 'Ahora no se permiten llamadas; el chat sigue.|Calls are not allowed now; the chat goes on.|Chamadas não são permitidas agora; o chat continua.',
	later: 'No se pudo; inténtelo de nuevo|That did not work; try again|Não deu certo; tente de novo',
	no_call: 'La llamada ya terminó|The call is over|A chamada já terminou',
	taken_back: 'Llamada perdida|Missed call|Chamada perdida',
	not_taken: 'No se aceptó la llamada|The call was not accepted|A chamada não foi aceita',
	over: 'Llamada finalizada|Call ended|Chamada encerrada',
};

const ICONS = {
	mic: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3',
	cam: 'M3 6h12v12H3zM15 11l6-4v10l-6-4',
	flip: 'M4 9a8 8 0 0 1 14-3l2 2M20 3v5h-5M20 15a8 8 0 0 1-14 3l-2-2M4 21v-5h5',
	gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
	pip: 'M3 5h18v14H3zM12 12h6v4h-6z',
	hang: 'M3 15c-1-7 19-7 18 0l-4 1-2-3H9l-2 3z',
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.call { position: relative; display: grid; flex: 0 1 auto; gap: 10px; min-height: 0; overflow: auto; padding: 12px 16px; background: #16191d; color: #fff; text-align: center; font-size: 14px }
.call:empty { display: none }
.call p { margin: 0 }
.call video { display: block; width: 100%; min-height: 0; max-height: min(32vh, 420px); border-radius: 12px; background: #000; object-fit: contain }
.call .own { position: absolute; inset: 20px 24px auto auto; width: 22%; max-width: 140px; border: 1px solid #fff8; transform: scaleX(-1); object-fit: cover }
.call div { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; align-items: center }
.call button, .call select { min-height: 40px; padding: 0 14px; border: 1px solid #fff5; border-radius: 20px; background: #2c3138; color: #fff; font: inherit; cursor: pointer }
.call select { width: 100%; min-width: 0; min-height: 34px }
.call label { display: grid; grid-template-columns: 84px 1fr; gap: 8px; align-items: center; width: 100%; margin: 0; text-align: start; font-weight: 400 }
.call .call-keys { flex-wrap: nowrap; gap: 6px }
.call .round { position: relative; display: grid; flex: 0 1 40px; place-items: center; min-width: 0; min-height: 0; aspect-ratio: 1; padding: 0 }
.call .round svg { width: 20px }
.call [aria-pressed=true] { background: #fff; color: #16191d }
.call [aria-pressed=true]::after { content: ''; position: absolute; width: 26px; border-top: 2px solid; rotate: 45deg }
.call .go { border-color: #0000; background: #17803d }
.call .stop { border-color: #0000; background: #c2141b }
.call :focus-visible { outline: 2px solid #fff; outline-offset: 1px }
`);

const FLAG = 'webchat call';
// The tab that takes part, so that it comes back to its call when it is loaded anew.
const part = (chat) => {
	try {
		if (chat !== undefined) sessionStorage[FLAG] = chat;
		return sessionStorage[FLAG];
	} catch {}
};

/**
 * `kit`: `h`, `icon` and `pick` of the window; `ask`, `chat()`, `name()`, `say`, `root` for the style; `agent` when this is
 * the agent's side; `ends(call)` whether this side may speak in it.
 */
export default (kit) => {
	const { h, icon, pick, ask } = kit;
	const t = (key) => pick(WORDS[key], kit.name());
	if (!kit.root.adoptedStyleSheets.includes(sheet)) kit.root.adoptedStyleSheets.push(sheet);
	const node = h('section.call', { role: 'region', ariaLabel: t('call') });
	let call, chat, peer, busy, panel, shown, trouble, status, remote, own;

	const button = (key, kind, onclick, glyph) => h('button.' + kind, { type: 'button', title: t(key), ariaLabel: t(key), onclick }, glyph ? icon(ICONS[glyph]) : t(key));
	const request = (what, fields) => ask(what, { chat, ...fields });
	const ours = () => chat && part() === chat;

	const complain = (text) => {
		trouble = text;
		kit.say(text);
		paint();
	};
	const wrong = (error) => complain(t(error instanceof DOMException || !error.code ? whyNot(error) : WORDS[error.code] ? error.code : 'later'));

	const drop = () => {
		peer?.shut();
		peer = panel = null;
	};

	/** The devices first: whoever cannot speak rings nobody, and the browser asks while the hand is still on the button. */
	const devices = async (video) => {
		if (busy || peer) return;
		busy = true;
		const to = chat;
		const mine = new Peer({
			polite: !kit.agent,
			servers: () => ask('call_servers', { chat: to }),
			send: (signal) => ask('signal', { chat: to, signal }),
			changed: () => peer === mine && changed(),
		});
		try {
			await mine.open(video);
			peer = mine;
		} finally {
			busy = false;
		}
	};

	const begin = async (what, video) => {
		trouble = null;
		try {
			await devices(video);
			part(chat);
			await request(what, { video });
		} catch (error) {
			leave();
			wrong(error);
		}
		paint();
	};
	const leave = () => {
		drop();
		if (ours()) part('');
	};
	const hangUp = () => {
		leave();
		request('hang_up').catch(() => {});
		paint();
	};

	/** The call runs, and this tab is in it. */
	const join = async () => {
		try {
			await devices(call.video);
			if (!call?.running || !peer || peer.joined) return;
			peer.joined = true;
			peer.join();
		} catch (error) {
			leave();
			wrong(error);
			request('hang_up').catch(() => {});
		}
		paint();
	};

	const changed = () => {
		if (peer.state === 'elsewhere') {
			leave();
			return paint();
		}
		if (peer.state === 'over') {
			hangUp();
			return complain(t('failed'));
		}
		paint();
	};

	const clock = () => {
		const seconds = Math.max(0, Math.floor((kit.now() - call.since) / 1000));
		return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
	};

	const toggle = (key, kind) => {
		const track = peer.track(kind);
		return track && h('button.round', { type: 'button', title: t(key), ariaLabel: t(key), ariaPressed: !track.enabled, onclick: (event) => {
			const now = peer.track(kind);
			now.enabled = !now.enabled;
			event.currentTarget.ariaPressed = !now.enabled;
		} }, icon(ICONS[key]));
	};

	const choose = async () => {
		if (panel) {
			panel.remove();
			panel = null;
			return;
		}
		panel = h('div.devices');
		node.append(panel);
		const all = await navigator.mediaDevices.enumerateDevices();
		for (const [key, kind, track] of [['mic', 'audioinput', 'audio'], ['cam', 'videoinput', 'video'], ['out', 'audiooutput']]) {
			const some = all.filter((device) => device.kind === kind && device.deviceId);
			const now = track ? peer.track(track)?.getSettings().deviceId : remote.sinkId;
			if (!some.length || (track === 'video' && !call.video) || (!track && !remote.setSinkId)) continue;
			const list = h('select', { onchange: () => (track ? peer.use(track, list.value) : remote.setSinkId(list.value)).catch(wrong) },
				...some.map(({ deviceId: value, label }) => h('option', { value, selected: value === now }, label)));
			panel.append(h('label', 0, t(key), list));
		}
	};

	const stage = () => {
		status = h('p', { role: 'timer' });
		remote = h('video', { autoplay: true, playsInline: true, ariaLabel: kit.name() });
		own = h('video.own', { autoplay: true, playsInline: true, muted: true, ariaLabel: t('you') });
		return [remote, own, status, h('div.call-keys', 0,
			toggle('mic', 'audio'),
			call.video && toggle('cam', 'video'),
			call.video && button('flip', 'round', () => peer.flip().catch(wrong), 'flip'),
			button('gear', 'round', choose, 'gear'),
			call.video && document.pictureInPictureEnabled && button('pip', 'round', () => (document.pictureInPictureElement ? document.exitPictureInPicture() : remote.requestPictureInPicture()).catch(() => {}), 'pip'),
			button('hang', 'round.stop', hangUp, 'hang'))];
	};

	const incoming = () => [h('p', 0, t(call.video ? 'ringsvideo' : 'rings')), h('div', 0,
		button('accept', 'go', () => begin('accept_call', call.video)),
		call.video && button('audio', 'voice', () => begin('accept_call', false)),
		button('decline', 'stop', hangUp))];

	const paint = () => {
		const mine = call && call.from_visitor === !kit.agent;
		const now = !call ? (trouble ? 'trouble' : '') : !kit.ends(call) ? 'ringing' : call.running ? (peer ? 'stage' : busy ? 'joining' : 'away') : mine ? 'calling' : busy ? 'joining' : 'incoming';
		const key = [now, call?.since, trouble, peer?.track('video')?.id, peer?.unseen].join();
		if (key !== shown) {
			shown = key;
			panel = null;
			const hang = button('hang', 'stop', hangUp);
			const had = node.contains(kit.root.activeElement);
			const page = {
				'': () => [],
				trouble: () => [h('div', 0, button('close', 'shut', () => complain('')))],
				ringing: () => [h('p', 0, t('ringing'))],
				joining: () => [h('p', 0, t('joining')), h('div', 0, hang)],
				away: () => [h('p', 0, t('away')), h('div', 0, button('here', 'go', () => (part(chat), (trouble = null), join())), hang)],
				calling: () => [h('p', 0, t('calling')), h('div', 0, hang)],
				incoming,
				stage,
			}[now]();
			node.replaceChildren(...(trouble ? [h('p', 0, trouble)] : []), ...page);
			node.dataset.state = now;
			had && node.querySelector('button')?.focus();
			if (/calling|incoming/.test(now)) kit.say(node.querySelector('p').textContent);
		}
		if (now !== 'stage') return;
		if (remote.srcObject !== peer.remote) remote.srcObject = peer.remote;
		if (own.srcObject !== peer.local) own.srcObject = peer.local;
		remote.hidden = !peer.remote?.getVideoTracks().length;
		own.hidden = !peer.track('video');
		const words = [kit.agent && kit.name(), peer.state === 'running' ? clock() : t(peer.state), peer.unseen && t('unseen')].filter(Boolean).join(' · ');
		if (status.textContent !== words) status.textContent = words;
		if (node.dataset.peer !== (node.dataset.peer = peer.state)) peer.state === 'running' || kit.say(words);
	};

	return {
		node,
		/** Asks for a call. */
		start: (video) => {
			chat = kit.chat();
			return begin('call', video);
		},
		/** What the server says of the call of the chat now in front; `why` it ended, when it just did. */
		show: (next, why) => {
			if (chat !== kit.chat()) {
				leave();
				trouble = null;
				chat = kit.chat();
			}
			const before = call;
			call = next;
			if (!next && before) {
				const mine = before.from_visitor === !kit.agent;
				// The conversation has a line of it.
				if (why) kit.say(why === 'taken_back' ? (mine ? '' : t('taken_back')) : why === 'refused' ? (mine ? t('not_taken') : '') : t('over'));
				leave();
			}
			if (next) trouble = before ? trouble : null;
			if (next?.running && kit.ends(next) && ours()) peer?.joined ? peer.wake() : join();
			paint();
		},
		signal: (text) => peer?.hear(text),
		leave,
	};
};
