// A stage for the real window: the editor sends a draft, and this answers the window as a server with that draft would.
// The page around it may frame nothing and connect to nobody; what the window keeps is forgotten with the frame.
{
  /** @typedef {{ window: any, texts: { welcome: string | null, automatic: string | null, feedback: string | null, alias: string | null }, scene: string, agent: string, line: string }} Play */

  /** @type {Play | null} */
  let play = null;
  let shown = '';

  Object.defineProperty(window, 'localStorage', { value: {} });

  window.fetch = async () => new Response(JSON.stringify({
    ...play?.window,
    open: play?.scene !== 'out_of_time', enabled: play?.scene !== 'not_available',
    next_open_at: play?.scene === 'out_of_time' ? play.window.next_open_at : null,
    offline_form: play?.scene === 'out_of_time' && play.window.offline_form,
  }), { headers: { 'content-type': 'application/json' } });

  /** What was said so far, as in a chat an agent has just taken. @param {Play} play */
  const said = ({ texts, agent, line }) => [
    { author: { kind: 'system' }, code: 'welcome', text: texts.welcome },
    { author: { kind: 'agent', name: texts.alias ?? agent }, automatic: true, text: texts.automatic },
    { author: { kind: 'visitor' }, text: line },
  ].filter(message => message.text).map((message, i) => ({ number: i + 1, at: Date.now(), code: null, automatic: false, key: null, ...message }));

  class Theatre {
    onopen = () => {};
    onmessage = (/** @type {{ data: string }} */ _) => {};
    onclose = () => {};

    constructor() {
      setTimeout(() => this.onopen());
    }

    /** @param {string} text */
    send(text) {
      const asked = JSON.parse(text);
      if (asked.id === undefined || !play) return;
      const messages = said(play);
      const last = messages.length;
      const chat = { chat: '1-1', campaign: 0, phase: 'active', position: null, estimate: null, agent: play.texts.alias ?? play.agent, language: play.window.language, last, delivered: last, read: last };
      const feedback = { text: play.texts.feedback, form: play.window.feedback_form, until: Date.now() + 86_400_000 };
      const ended = { chat: '1-1', reason: 'agent_closed', text: null, next_open_at: null, offline_form: false, feedback };
      const hello = { token: 'preview', chat: play.scene === 'chat' ? chat : null, ended: play.scene === 'ended' ? ended : null, messages: play.scene === 'chat' || play.scene === 'ended' ? messages : [] };
      const ok = asked.do === 'hello' ? hello : asked.do === 'start' ? { chat } : asked.do === 'write' ? { number: last + 1, at: Date.now() } : {};
      this.#hear({ re: asked.id, ok });
      if (asked.do === 'start') for (const message of messages.slice(0, -1)) this.#hear({ push: 'message', chat: '1-1', message });
      if (asked.do === 'end') this.#hear({ push: 'closed', ...ended });
    }

    /** @param {unknown} frame */
    #hear(frame) {
      setTimeout(() => this.onmessage({ data: JSON.stringify(frame) }));
    }

    close() {}
  }
  window.WebSocket = /** @type {any} */ (Theatre);

  addEventListener('message', ({ data, origin, source }) => {
    // Other programs of the page, such as those that look it over, may speak here too.
    if (origin !== location.origin || source !== parent || !data?.window) return;
    const next = JSON.stringify(data);
    if (next === shown) return;
    shown = next;
    play = data;
    document.documentElement.lang = data.window.language;
    document.querySelector('webchat-window')?.remove();
    const chat = document.createElement('webchat-window');
    for (const [name, value] of Object.entries({ campaign: '0', language: data.window.language, open: '' })) chat.setAttribute(name, value);
    document.body.append(chat);
  });
  parent.postMessage('ready', location.origin);
}
