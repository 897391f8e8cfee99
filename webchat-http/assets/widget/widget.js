// webchat: the visitor's window, <webchat-window>. Attributes, methods and events are described in widget.d.ts.
(() => {
  const LANGUAGES = ['es', 'en', 'pt'];
  const TEXTS = {
    open: ['Abrir el chat', 'Open chat', 'Abrir o chat'],
    unread: ['{} sin leer', '{} unread', '{} não lidas'],
    minimise: ['Minimizar', 'Minimise', 'Minimizar'],
    options: ['Opciones', 'Options', 'Opções'],
    sound: ['Sonido', 'Sound', 'Som'],
    download: ['Descargar', 'Download', 'Baixar'],
    end: ['Finalizar chat', 'End chat', 'Encerrar chat'],
    stay: ['Continuar', 'Continue', 'Continuar'],
    hello: ['¿En qué podemos ayudarle?', 'How can we help?', 'Como podemos ajudar?'],
    name: ['Nombre', 'Name', 'Nome'],
    email: ['Correo electrónico', 'E-mail', 'E-mail'],
    text: ['Mensaje', 'Message', 'Mensagem'],
    optional: ['{} (opcional)', '{} (optional)', '{} (opcional)'],
    start: ['Iniciar chat', 'Start chat', 'Iniciar chat'],
    missing: ['Complete este campo', 'Fill in this field', 'Preencha este campo'],
    wrong: ['Revise este dato', 'Check this entry', 'Verifique este dado'],
    loading: ['Conectando…', 'Connecting…', 'Conectando…'],
    lost: ['Sin conexión. Reintentando…', 'No connection. Trying again…', 'Sem conexão. Tentando de novo…'],
    online: ['En línea', 'Online', 'Online'],
    place: ['Su lugar en la fila: {}', 'Your place in the queue: {}', 'Seu lugar na fila: {}'],
    next: ['Le atenderemos enseguida', 'We will be right with you', 'Vamos atender você já'],
    wait: ['Espera estimada: {} min', 'Estimated wait: {} min', 'Espera estimada: {} min'],
    send: ['Enviar', 'Send', 'Enviar'],
    write: ['Escriba un mensaje…', 'Write a message…', 'Escreva uma mensagem…'],
    typing: ['{} está escribiendo…', '{} is typing…', '{} está digitando…'],
    sending: ['Enviando…', 'Sending…', 'Enviando…'],
    sent: ['Enviado', 'Sent', 'Enviado'],
    delivered: ['Entregado', 'Delivered', 'Entregue'],
    read: ['Leído', 'Read', 'Lido'],
    failed: ['No enviado', 'Not sent', 'Não enviado'],
    you: ['Usted', 'You', 'Você'],
    ended: ['Chat finalizado', 'Chat ended', 'Chat encerrado'],
    again: ['Nuevo chat', 'New chat', 'Novo chat'],
    rate: ['¿Cómo le atendimos?', 'How did we do?', 'Como foi o atendimento?'],
    note: ['Comentario', 'Comment', 'Comentário'],
    thanks: ['¡Gracias!', 'Thank you!', 'Obrigado!'],
    blocked: ['Este chat no está disponible en este sitio.', 'This chat is not available on this site.', 'Este chat não está disponível neste site.'],
    opens: ['Abrimos: {} (su hora local)', 'Open again: {} (your local time)', 'Abrimos: {} (seu horário local)'],
    retry: ['Reintentar', 'Try again', 'Tentar de novo'],
    received: ['Mensaje recibido', 'Message received', 'Mensagem recebida'],
    receipt: ['Comprobante: {}', 'Receipt: {}', 'Comprovante: {}'],
  };
  const CHAT = 'M4 5h16v11H9l-5 4z';
  const DOWN = 'M6 9l6 6 6-6';
  const DOTS = 'M12 5v.1M12 12v.1M12 19v.1';
  const SEND = 'M12 19V5M6 11l6-6 6 6';
  const TICK = 'M5 13l5 5 9-11';
  const STAR = 'M12 3l3 6 6 1-4.5 4 1 7-5.5-3-5.5 3 1-7L3 10l6-1z';

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; color-scheme: light dark !important }
:host([theme=light]) { color-scheme: light !important }
:host([theme=dark]) { color-scheme: dark !important }
:host([launcher=none]) .launcher { display: none }
* { box-sizing: border-box; margin: 0; padding: 0; border: 0 solid #0000; font: inherit; color: inherit; unicode-bidi: plaintext; outline-offset: 2px }
[hidden] { display: none !important }
.root {
  /* White or black, whichever contrasts more with the campaign's colour. */
  --k: clamp(0, (.179 - y) * 1e5, 1);
  --on: color(from var(--c) xyz calc(.95 * var(--k)) calc(var(--k)) calc(1.09 * var(--k)));
  --bg: light-dark(#fff, #1a1c21);
  --soft: light-dark(#f0f2f5, #2a2d35);
  --edge: light-dark(#858c98, #7b8391);
  --mute: light-dark(#596170, #a7aebb);
  --bad: light-dark(#b3261e, #ffb4ab);
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, Arial, sans-serif;
  color: light-dark(#1b1e24, #eef0f4);
}
svg { display: block; width: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
button, summary, .face, .mark { display: grid; place-items: center; flex: none; list-style: none }
button, summary, .star { background: none; cursor: pointer }
button:hover { box-shadow: inset 0 0 99px #8883 }
:focus-visible, .star:has(:focus-visible) { outline: 2px solid }
b, label, h2, .main, .side { font-weight: 600 }
.launcher, .header, .hero, .main, .mark, .item.visitor p { background: var(--c); color: var(--on) }
.aside { position: absolute; clip-path: inset(50%) }

.launcher, .window { position: fixed; inset: auto 20px 20px auto; inset-inline: auto 20px }
:host([position=start]) :is(.launcher, .window) { inset-inline: 20px auto }
.launcher { width: 60px; height: 60px; border: 1px solid #8883; border-radius: 50%; box-shadow: 0 6px 20px #0005 }
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
  background: var(--bg);
  box-shadow: 0 0 0 1px #8884, 0 16px 48px #0004;
}
.window[open] { display: flex }
.header { display: flex; align-items: center; gap: 10px; padding: 14px 12px 14px 16px }
.header :is(button, summary), .face { width: 38px; height: 38px; border-radius: 10px }
.face { border-radius: 50%; background: var(--on); color: var(--c) }
.who { flex: 1; font-size: 13px; display: grid }
.who > *, .typing { overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.who b { font-size: 16px }
details { position: relative; color: light-dark(#1b1e24, #eef0f4) }
summary { color: var(--on) }
.menu { position: absolute; z-index: 1; inset: 42px 0 auto auto; inset-inline: auto 0; padding: 6px; border-radius: 12px; background: var(--bg); box-shadow: 0 0 0 1px #8884, 0 8px 24px #0003 }
.menu button { display: flex; gap: 20px; justify-content: space-between; width: 100%; padding: 0 12px; white-space: nowrap }
[aria-checked=false] svg { opacity: 0 }
.banner { padding: 8px; background: var(--soft); text-align: center }
.page { flex: 1; overflow: auto; padding: 22px 20px }
h2 { outline: 0 !important; font-size: 18px }
.hero { padding: 16px 20px 26px; font-size: 24px }
form > div { margin-bottom: 16px }
.more { display: grid; gap: 10px }
input, textarea { width: 100%; margin-top: 6px; padding: 10px 12px; border: 1px solid var(--edge); border-radius: 10px; background: var(--bg); font-size: 16px; resize: none; outline-offset: -2px }
[aria-invalid] { border-color: var(--bad) }
.error, .failed small { margin-top: 4px; color: var(--bad); font-size: 14px }
.main, .side { padding: 11px 16px; border: 1px solid var(--edge); border-radius: 12px }
.main { border-color: #0000 }
:is(.page, .closing) .main { width: 100% }
[aria-disabled] { opacity: .6 }
.say { display: grid; place-items: center; gap: 14px; padding: 12px 0 28px; text-align: center }
.mark { min-width: 44px; height: 44px; border-radius: 22px; font-size: 20px }
.note, .item b, small, .typing, .system { color: var(--mute); overflow-wrap: anywhere; white-space: pre-line }
.queue { display: flex; align-items: center; gap: 14px; padding: 14px 16px; border-bottom: 1px solid #8883 }
/* Reversed, so that the browser itself keeps the newest message in sight. */
.log { flex: 1; display: flex; flex-direction: column-reverse; overflow: auto; overscroll-behavior: contain; padding: 16px 16px 0 }
.list { margin-bottom: auto }
.item { display: grid; justify-items: start; margin-bottom: 12px }
.item p { max-width: 84%; padding: 8px 13px; overflow: hidden; border-width: 1px; border-radius: 16px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere }
.item b, small { margin: 3px 4px; font-size: 13px }
.item:has(+ .same) { margin-bottom: 3px }
.same b, .visitor b, .item:has(+ .same):not(.failed) small { display: none }
.item.visitor { justify-items: end }
.item.system { justify-items: center; text-align: center }
.system p { background: none }
a { unicode-bidi: isolate }
.typing { padding: 0 20px 6px }
.foot { padding: 12px; border-top: 1px solid #8883; overflow: auto; flex: none; max-height: 80% }
.row { display: flex; gap: 8px; align-items: end }
.row * { flex: 1 }
.row textarea { field-sizing: content; max-height: 132px; margin: 0; border-radius: 22px; padding: 10px 16px }
.row .send { flex: none; padding: 9px; border-radius: 50% }
.closing { display: grid; gap: 12px; padding: 18px 16px; text-align: center }
.stars { display: flex; justify-content: center }
.star { position: relative; padding: 8px; border-radius: 8px }
.star input { position: absolute; inset: 0; margin: 0; opacity: 0 }
.star:has(:checked) path, .star:has(~ .star :checked) path { fill: currentColor }
@media (max-width: 480px) {
  .window { inset: 0 !important; width: auto; height: auto; border-radius: 0 }
}
@media (prefers-reduced-motion: no-preference) {
  .launcher, .window { animation: rise .2s }
  @keyframes rise { from { opacity: 0; transform: translateY(12px) } }
}
`);

  const script = document.currentScript;
  const home = new URL(script?.src || location).origin;
  const mobile = matchMedia('(max-width: 480px)');
  const randomKey = () => Date.now() + '-' + Math.random();

  /** Makes an element from `tag.class`; sets properties where it has them, else attributes. */
  const h = (kind, props, ...children) => {
    const [tag, name] = kind.split('.');
    const node = document.createElement(tag);
    if (name) node.className = name;
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

  /** Text with its links. A host with foreign letters is shown the way the browser asks for it. */
  const linked = (text) =>
    text.split(/((?:https?:\/\/|mailto:)[^\s<>"]*[^\s<>"'.,:;!?)\]])/i).map((part, i) => {
      if (i % 2 === 0 || !URL.canParse(part)) return part;
      const { href, host } = new URL(part);
      return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, host.includes('xn--') ? href : part);
    });

  /** Runs one campaign in one language, until it is stopped. */
  const run = (host, root, known) => {
    const attribute = (name) => host.getAttribute(name);
    const server = attribute('server') || home;
    const campaign = attribute('campaign');
    const language = [attribute('language'), document.documentElement.lang, ...navigator.languages, 'en'].map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => LANGUAGES.includes(tag));
    const t = (key, value) => TEXTS[key][LANGUAGES.indexOf(language)].replace('{}', () => value);
    const time = (at, shape) => new Intl.DateTimeFormat(navigator.language.startsWith(language) ? navigator.language : language, shape).format(at);
    const timers = {};
    const later = (name, delay, act) => {
      clearTimeout(timers[name]);
      timers[name] = act && setTimeout(act, delay);
    };

    // Kept in the browser and shared by its tabs: token, live, open, mute, draft, queue, and how far the chat `id` was read.
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
    let queue = kept.queue || []; // written, not yet acknowledged
    const settle = (key) => {
      queue = queue.filter((item) => item.key !== key);
      keep({ queue });
    };

    // ---- The socket

    let settings, ws, up, met, cut; // up: hello was answered on this socket; met: on this page; cut: the banner says so
    let tries = 0;
    let ids = 0;
    const asks = new Map(); // requests without an answer, by id
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

    /** Resolves with the server's answer, however many connections it takes. */
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
      else if (/retry|too_fast|shutting/.test(error?.code)) setTimeout(() => up && send(asked.frame), 1500);
      else if (asked) {
        asks.delete(re);
        error ? asked.no(error) : asked.yes(ok);
      } else if (push === 'state') adopt(rest.view);
      else if (push === 'message') take(rest.message, rest.chat);
      else if (rest.chat === id) {
        if (push === 'typing') typing(rest.on);
        if (push === 'seen') Object.assign(chat, rest);
        if (push === 'closed') over(rest);
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
      for (const message of messages) take(message, id, !met);
      met = true;
      if (view) adopt(view);
      else if (chat || (ended && now !== kept.done)) end || over(ended || {});
      for (const { frame } of asks.values()) send(frame);
      pump();
    };

    // ---- The chat

    let chat, id, end, no, page; // `no` and `end` say why there is none, or no more
    let last, messages; // by number; last is the highest one without a gap before it
    let told, typist, writing, telling;
    const items = new Map(); // their elements, by key or number

    const reset = (to) => {
      id = to;
      messages = [];
      last = 0;
      told = '';
      items.clear();
      list.replaceChildren();
      kept.id === id || keep({ id, read: 0 });
    };

    const adopt = (view) => {
      if (view.chat !== id) {
        reset(view.chat);
        view.last && renew();
      }
      chat = view;
      no = end = null;
      keep({ live: true });
    };

    const take = (message, to, quiet) => {
      to === id || reset(to);
      const { number, author, key, text } = message;
      if (messages[number]) return;
      messages[number] = message;
      while (messages[last + 1]) last++;
      key && settle(key);
      if (quiet) return;
      if (author.kind !== 'visitor') {
        typing(false);
        say(author.name, text);
        author.name && !(frame.open && document.hasFocus()) && beep();
      }
      tell('message', { chat: id, ...message });
    };

    /** Sends what was written one by one, so that a message refused for now is not overtaken. */
    const pump = async () => {
      const item = queue.find((item) => item.chat === chat?.chat && !item.failed);
      if (writing || !item) return;
      writing = true;
      const { chat: to, key, text } = item;
      try {
        take({ ...(await ask('write', { chat: to, key, text })), key, text, author: { kind: 'visitor' } }, to);
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

    const over = ({ reason, text, feedback, ...more }) => {
      chat = null;
      for (const item of queue) item.failed = true;
      keep({ live: false, queue: [] });
      if (!feedback && /out_of_time|timed_out|disabled|agents_gone/.test(reason)) {
        keep({ done: id });
        no = { text, ...more };
      } else end = { text, feedback };
    };

    const load = async () => {
      try {
        const answer = await fetch(`${server}/api/v1/campaigns/${campaign}/window?language=${language}`, { signal });
        if (/403|404/.test(answer.status)) no = { text: t('blocked') };
        else {
          const news = await answer.text();
          if (news !== said.settings && page === 'form') page = null;
          settings = JSON.parse((said.settings = news));
          const { enabled, open, not_available, out_of_time } = settings;
          if (!chat && !end) no = enabled && open ? null : { ...settings, text: enabled ? out_of_time : not_available || t('blocked') };
          connect();
        }
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

    // ---- What is told

    const tell = (name, detail) => host.dispatchEvent(new CustomEvent('webchat:' + name, { detail, bubbles: true, composed: true }));

    const said = {};
    const say = (...words) => {
      live.append(h('p', 0, words.filter(Boolean).join('. ')));
      live.children[4] && live.firstChild.remove();
    };

    const beep = () => {
      if (kept.mute) return;
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      const level = audio.createGain();
      level.gain.setValueAtTime(0.1, 0);
      level.gain.linearRampToValueAtTime(0, 0.4);
      tone.frequency.value = 880;
      tone.connect(level).connect(audio.destination);
      tone.start();
      tone.stop(0.4);
    };

    // ---- What is seen

    const button = (kind, key, onclick) => h('button.' + kind, { type: onclick ? 'button' : 'submit', onclick }, t(key));
    const heading = (text) => h('h2', { tabIndex: -1 }, text);
    const note = (text) => text && h('p.note', 0, text);

    const live = h('div.aside', { role: 'log' });
    const list = h('div.list');
    const log = h('div.log', { tabIndex: 0, role: 'region', ariaLabel: 'Chat', onscroll: () => paint() }, list);
    const title = h('b', { id: 'title' });
    const under = h('span');
    const face = h('b.face', { ariaHidden: true });
    const banner = h('p.banner');
    const body = h('div.body');
    const sound = h('button', { role: 'switch', onclick: () => paint(keep({ mute: !kept.mute })) }, t('sound'), icon(TICK));
    const stop = button('', 'end', () => confirm(true));
    const menu = h('details', 0, h('summary', { ariaLabel: t('options') }, icon(DOTS)), h('div.menu', { onclick: () => (menu.open = false) }, sound, button('', 'download', () => download()), stop));
    const header = h('div.header', 0, face, h('div.who', 0, title, under), menu, h('button', { ariaLabel: t('minimise'), onclick: () => toggle() }, icon(DOWN)));
    const frame = h('dialog.window', { 'aria-labelledby': 'title', onkeydown: (event) => escape(event) }, header, banner);
    const badge = h('b.badge');
    const toggle = () => host.toggleAttribute('open');
    const launcher = h('button.launcher', { hidden: true, onclick: toggle });
    const whole = h('div.root', 0, frame, launcher, live);
    root.replaceChildren(whole);
    const focus = () => (frame.querySelector('h2, input, textarea') || header.lastChild).focus();

    const show = (on) => {
      if (on === frame.open) return;
      const had = frame.contains(root.activeElement);
      on ? (mobile.matches ? frame.showModal() : (frame.open = true)) : frame.close();
      on ? banner.before(live) : whole.append(live); // never beside what is inert
      keep({ open: on });
      if (!on) had && launcher.focus();
      else if (page === 'form' || no?.form) load();
      connect();
      paint();
    };

    const escape = (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      if (menu.open) menu.open = menu.firstChild.focus();
      else sure?.checkVisibility() ? confirm(false) : toggle();
    };

    const form = (names, label, submit) => {
      const { form, limits } = settings;
      const send = button('main', label);
      const complain = (input, key) => {
        input.nextSibling.textContent = key ? t(key) : '';
        input.ariaInvalid = key ? true : null;
        return key;
      };
      const fields = names.map((name) => {
        const { label = t(name), pattern, required } = form[name]?.label ? form[name] : { required: names[3] || form[name] === 'required' };
        if (form[name] === null) return;
        const input = h(name === 'text' ? 'textarea' : 'input', {
          name,
          required,
          id: name,
          maxLength: limits[name],
          value: known[name] ?? attribute(name) ?? '',
          'aria-describedby': 'error-' + name,
          oninput: () => {
            known[name] = input.value;
            complain(input);
          },
        });
        if (name === 'email') input.type = name;
        if (pattern) input.pattern = pattern;
        input.autocomplete = name === 'extra' ? 'on' : name;
        return h('div', 0, h('label', { htmlFor: name }, required ? label : t('optional', label)), input, h('p.error', { id: 'error-' + name }));
      });
      return h('form', {
        noValidate: true,
        onsubmit: async (event) => {
          event.preventDefault();
          const inputs = [...event.target].slice(0, -1);
          const [bad] = inputs.filter((input) => {
            input.value = input.value.trim();
            return complain(input, input.validity.valueMissing ? 'missing' : !input.validity.valid && 'wrong');
          });
          if (bad) return bad.focus();
          if (send.ariaDisabled) return;
          send.ariaDisabled = true;
          try {
            await submit(Object.fromEntries(inputs.filter(({ value }) => value).map(({ name, value }) => [name, value])));
          } catch ({ field }) {
            const input = inputs.find(({ name }) => name === field) || inputs[0];
            complain(input, 'wrong');
            input.focus();
          }
          send.ariaDisabled = null;
          paint();
        },
      }, ...fields, send);
    };

    const formPage = () => [
      h('div.hero', 0, h('b', 0, t('hello'))),
      h('div.page', 0, form(['name', 'email', 'extra'], 'start', async (visitor) => {
        const { chat, refused } = await ask('start', { ...visitor, page: location.href });
        chat ? adopt(chat) : (no = refused);
      })),
    ];

    const refusedPage = (had) => {
      const { text, next_open_at, offline_form } = no;
      const key = randomKey();
      const next = next_open_at && t('opens', time(next_open_at, { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }));
      const page = h('div.page', 0, h('div.say', 0, h('div.mark', 0, icon(CHAT)), heading(text), note(next)));
      frame.open && say(!had && text, next);
      if (offline_form) page.append(form(['name', 'email', 'extra', 'text'], 'send', async (letter) => {
        const { receipt } = await ask('offline', { key, ...letter });
        known.text = '';
        page.replaceChildren(h('div.say', 0, h('div.mark', 0, icon(TICK)), heading(t('received')), note(t('receipt', receipt))));
        focus();
      }));
      else if (settings) page.append(button('main', 'retry', again));
      return [page];
    };

    let composer, sure, queued, rank, where, wait, busy;
    const confirm = (on) => {
      composer.hidden = on;
      sure.hidden = !on;
      (on ? sure.lastChild : composer.firstChild).focus();
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
        placeholder: t('write'),
        value: kept.draft || '',
        onkeydown: (event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          composer.requestSubmit();
        },
        oninput: () => {
          keep({ draft: field.value });
          wrote(!!field.value);
        },
      });
      composer = h('form.row', {
        onsubmit: (event) => {
          event.preventDefault();
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
        },
      }, field, h('button.main', { ariaLabel: t('send') }, icon(SEND)));
      composer.lastChild.classList.add('send');
      sure = h('div.row', { hidden: true }, button('side', 'stay', () => confirm(false)), button('main', 'end', () => ask('end', { chat: id }).catch(() => {})));
      rank = h('b.mark', { ariaHidden: true });
      where = h('b');
      wait = h('p.note');
      queued = h('div.queue', 0, rank, h('div', 0, where, wait));
      busy = h('p.typing');
      return [queued, log, busy, h('div.foot', 0, composer, sure)];
    };

    const endedPage = (had) => {
      const { text, feedback } = end;
      const foot = h('div.foot', 0, heading(t('ended')), note(text), note(feedback?.text));
      foot.classList.add('closing');
      frame.open && say(!had && t('ended'), text, feedback?.text);
      if (feedback?.form && feedback.until > Date.now()) {
        const words = h('textarea', { maxLength: settings.limits.note, ariaLabel: t('note'), placeholder: t('optional', t('note')) });
        const more = h('div.more', { hidden: true }, words, button('main', 'send'));
        const form = h('form', {
          onsubmit: async (event) => {
            event.preventDefault();
            await ask('feedback', { chat: id, score: +form.score.value, note: words.value.trim() || undefined }).catch(() => {});
            form.replaceWith(heading(t('thanks')));
            focus();
          },
        }, h('div.stars', { role: 'radiogroup', ariaLabel: t('rate') }, ...[1, 2, 3, 4, 5].map((value) => h('label.star', 0, h('input', { type: 'radio', name: 'score', value, ariaLabel: value + ' / 5', onchange: () => (more.hidden = false) }), icon(STAR)))), more);
        foot.append(form);
      }
      foot.append(h('div.row', 0, button('side', 'download', download), button('side', 'again', again)));
      return [log, foot];
    };

    const download = () => {
      const lines = Object.values(messages).map(({ at, author, text }) => `[${time(at, { dateStyle: 'short', timeStyle: 'short' })}] ${author.kind === 'visitor' ? t('you') : author.name || '-'}: ${text}\n`);
      h('a', { href: URL.createObjectURL(new Blob(lines)), download: 'chat.txt' }).click();
    };

    /** Shows what is known now; right at any time. A page is built only when it becomes another. */
    const paint = () => {
      const { agent, phase, position, estimate } = chat || {};
      const waiting = phase === 'waiting';
      const now = chat ? 'chat' : end || no || (settings && (met || !kept.token) ? 'form' : 'loading');
      if (now !== page) {
        const active = root.activeElement;
        const had = active === frame || (frame.contains(active) && !header.contains(active));
        page = now;
        while (banner.nextSibling) banner.nextSibling.remove();
        frame.append(...(chat ? chatPage() : end ? endedPage(had) : no ? refusedPage(had) : now === 'form' ? formPage() : [h('p.page', 0, t(now))]));
        had && focus();
      }
      whole.style.setProperty('--c', /^#\w{6}$/.test(settings?.colour) ? settings.colour : '#2456c8');
      title.textContent = agent || settings?.name;
      under.textContent = agent && t('online');
      face.replaceChildren(agent ? [...agent][0] : icon(CHAT));
      menu.hidden = !chat && !end;
      stop.hidden = !chat;
      sound.ariaChecked = !kept.mute;
      banner.hidden = !cut;
      banner.textContent = t('lost');
      const words = waiting ? (position ? t('place', position) : t('next')) : '';
      if (words !== said.place) {
        said.place = words;
        words && say(words);
      }
      if (chat) {
        queued.hidden = !waiting;
        rank.textContent = position || '…';
        where.textContent = words;
        wait.textContent = estimate == null ? '' : t('wait', Math.ceil(estimate / 60) || 1);
        busy.textContent = typist ? t('typing', agent) : '';
      }

      const all = id ? [...messages.filter(({ text }) => text), ...queue.filter((item) => item.chat === id)] : [];
      const mine = all.findLast(({ key, number }) => key && number);
      let before;
      all.forEach(({ key, number, at, text, code, failed, author: { kind, name } = { kind: 'visitor' } }, i) => {
        const item = items.get(key || number) || h('div', 0, h('b'), h('p', 0, ...linked(text)), h('small'));
        items.set(key || number, item);
        const status = failed ? 'failed' : !number ? 'sending' : mine?.number !== number ? '' : chat?.read >= number ? 'read' : chat?.delivered >= number ? 'delivered' : 'sent';
        item.className = `item ${code === 'welcome' ? 'bot' : kind} ${before === kind + name ? 'same' : ''} ${status}`;
        before = kind + name;
        item.firstChild.textContent = name || '';
        item.lastChild.textContent = kind === 'system' ? '' : [at && time(at, { timeStyle: 'short' }), status && t(status)].filter(Boolean).join(' · ');
        list.children[i] === item || list.insertBefore(item, list.children[i] || null);
      });

      if (frame.open && !document.hidden && log.scrollTop > -60 && kept.read !== last) keep({ read: last });
      const { read } = kept;
      if (up && chat && told !== last + '/' + read) {
        told = last + '/' + read;
        send({ do: 'seen', chat: id, delivered: last, read });
      }
      const unread = all.filter(({ number, author }) => number > read && /agent|bot/.test(author.kind)).length;
      badge.hidden = !unread;
      badge.textContent = unread;
      launcher.hidden = !settings && !no;
      launcher.ariaExpanded = frame.open;
      launcher.ariaLabel = t(frame.open ? 'minimise' : 'open') + (unread ? ', ' + t('unread', unread) : '');
      launcher.replaceChildren(icon(frame.open ? DOWN : CHAT), badge);

      const detail = { state: phase || (end ? 'ended' : no ? 'refused' : now), open: frame.open, chat: id, agent, position, estimate, unread, connected: !!up };
      const news = JSON.stringify(detail);
      if (news !== said.state) {
        said.state = news;
        tell('state', detail);
      }
    };

    const control = new AbortController();
    const { signal } = control;
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    on(window, 'online', renew);
    on(window, 'storage', () => {
      keep();
      connect();
      paint();
    });
    on(document, 'visibilitychange', () => {
      up ? ask('ping') : connect();
      paint();
    });
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
    #known = {};
    #root = this.attachShadow({ mode: 'open' });
    #chat;

    connectedCallback() {
      this.#root.adoptedStyleSheets = [sheet];
      this.#chat?.stop();
      this.#chat = null;
      this.#chat = run(this, this.#root, this.#known);
    }

    disconnectedCallback() {
      this.#chat.stop();
    }

    attributeChangedCallback(name, before, now) {
      if (name === 'open') this.#chat?.show(now !== null);
      else if (this.#chat && before !== now) this.connectedCallback();
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

    identify(visitor) {
      Object.assign(this.#known, visitor);
      this.#chat?.renew();
    }
  });

  if (script?.dataset.campaign) {
    const chat = document.createElement('webchat-window');
    for (const name in script.dataset) chat.setAttribute(name, script.dataset[name]);
    const place = () => document.body.append(chat);
    // At the end of the page, so that it comes last for the keyboard too.
    document.readyState === 'loading' ? addEventListener('DOMContentLoaded', place) : place();
  }
})();
