// The sign-in page.

import { html, useEffect, useId, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { LANGUAGES, language, nameOf, speak, words } from '../lib/words.js';
import { title } from '../lib/alerts.js';
import { codeOf } from '../lib/refusal.js';
import { leftBecause, refusedElsewhere, signIn, signInElsewhere, ways } from '../desk/session.js';
import { Icon } from './icons.js';

export function SignIn() {
  const w = words.value.signIn;
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(refusedElsewhere);
  // The password is changed on the way in.
  const [changing, setChanging] = useState(false);
  const [how, setHow] = useState({ password: true, provider: /** @type {string | null} */ (null) });
  const login = useRef(/** @type {HTMLInputElement | null} */ (null));
  const password = useRef(/** @type {HTMLInputElement | null} */ (null));
  const chosen = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [ids] = [{ login: useId(), password: useId(), chosen: useId(), wrong: useId() }];
  useEffect(() => {
    title.value = `${w.title} · Webchat`;
  }, [w]);
  useLayoutEffect(() => login.current?.focus(), []);
  useEffect(() => void ways().then(setHow), []);

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    const name = login.current?.value.trim() ?? '';
    const secret = password.current?.value ?? '';
    const next = changing ? chosen.current?.value ?? '' : null;
    if (!name || !secret || next === '') {
      setWrong('empty');
      (!name ? login : !secret ? password : chosen).current?.focus();
      return;
    }
    setBusy(true);
    setWrong(null);
    try {
      await signIn(name, secret, next);
    } catch (error) {
      const code = codeOf(error);
      setWrong(code);
      setBusy(false);
      if (code === 'new_password_needed') setChanging(true);
      (code === 'invalid_field' ? chosen : password).current?.select();
    }
  };
  useLayoutEffect(() => {
    if (changing) chosen.current?.focus();
  }, [changing]);
  const elsewhere = async () => {
    if (busy) return;
    setBusy(true);
    setWrong(null);
    try {
      await signInElsewhere();
    } catch (error) {
      setWrong(codeOf(error));
      setBusy(false);
    }
  };
  const left = leftBecause.value;
  const message = wrong ? w.wrong(wrong) : left ? w.left(left) : null;

  return html`<main class="sign-in" id="main">
    <form class="sign-in-card" onSubmit=${submit} novalidate aria-describedby=${message ? ids.wrong : undefined}>
      <div class="brand"><span class="brand-mark"><${Icon} name="chats" size=${20} /></span><span>Webchat</span></div>
      <div class="sign-in-head"><h1>${w.title}</h1><p class="muted">${w.lead}</p></div>
      <div id=${ids.wrong} role="alert">${message && html`<p class="callout ${wrong ? 'bad' : 'plain'}"><${Icon} name=${wrong ? 'warning' : 'door'} />${message}</p>`}</div>
      ${how.provider && html`<button class="button wide ${how.password ? '' : 'primary'}" type="button" aria-disabled=${busy || undefined} onClick=${elsewhere}>${w.through(how.provider)}</button>`}
      ${how.provider && how.password && html`<p class="sign-in-or muted">${w.or}</p>`}
      ${how.password && html`<div class="field"><label for=${ids.login}>${w.login}</label>
        <input ref=${login} id=${ids.login} class="input" name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} maxlength="80" aria-invalid=${wrong === 'not_allowed' || undefined} /></div>
      <div class="field"><label for=${ids.password}>${w.password}</label>
        <input ref=${password} id=${ids.password} class="input" name="password" type="password" autocomplete="current-password" maxlength="200" aria-invalid=${wrong === 'not_allowed' || undefined} /></div>
      ${changing && html`<div class="field"><label for=${ids.chosen}>${w.chosen}</label>
        <input ref=${chosen} id=${ids.chosen} class="input" name="new-password" type="password" autocomplete="new-password" maxlength="128" aria-invalid=${wrong === 'invalid_field' || undefined} /></div>`}
      <button class="button primary wide" type="submit" aria-disabled=${busy || undefined}>${busy ? w.busy : w.go}</button>
      <button class="link-button" type="button" aria-pressed=${changing} onClick=${() => setChanging(!changing)}>${w.change}</button>`}
    </form>
    <div class="languages" role="group" aria-label=${words.value.settings.language}>
      ${LANGUAGES.map(tag => html`<button type="button" class="link-button" lang=${tag} aria-pressed=${tag === language.value} onClick=${() => speak(tag)}>${nameOf(tag)}</button>`)}
    </div>
  </main>`;
}
