// How the desk calls for attention: a live region, a sound, a desktop notification, the tab's title, a passing notice.

import { computed, effect, signal } from '../vendor/preact.js';
import { preference, setPreference } from './storage.js';

/** @typedef {{ id: number, kind: 'good' | 'bad' | 'plain', text: string }} Notice */

export const sound = signal(preference('sound', true));
export const desktop = signal(preference('desktop', false) && 'Notification' in window && Notification.permission === 'granted');

/** Said by screen readers when they next pause. */
export const polite = signal('');
/** Said at once. */
export const urgent = signal('');
/** Shown in the corner for a while. */
export const notices = signal(/** @type {Notice[]} */ ([]));

/** Unread messages and open offers, before the title. */
export const badge = signal(0);
export const title = signal('Webchat');
const shown = computed(() => (badge.value > 0 ? `(${badge.value}) ${title.value}` : title.value));
effect(() => {
  document.title = shown.value;
});

/**
 * @param {string} text
 * @param {{ now?: boolean }} [how]
 */
export function announce(text, how = {}) {
  const region = how.now ? urgent : polite;
  // The same text twice in a row would not be spoken again.
  region.value = region.peek() === text ? `${text}\u00a0` : text;
}

let nextNotice = 1;

/**
 * @param {Notice['kind']} kind
 * @param {string} text
 */
export function notice(kind, text) {
  const id = nextNotice++;
  notices.value = [...notices.peek().slice(-3), { id, kind, text }];
  announce(text, { now: kind === 'bad' });
  setTimeout(() => dismiss(id), kind === 'bad' ? 9000 : 5000);
}

/** @param {number} id */
export function dismiss(id) {
  notices.value = notices.peek().filter(n => n.id !== id);
}

/** @param {boolean} on */
export function setSound(on) {
  sound.value = on;
  setPreference('sound', on);
  if (on) chime('message');
}

/**
 * @param {boolean} on
 * @returns {Promise<boolean>} whether the browser lets us
 */
export async function setDesktop(on) {
  const granted = on && 'Notification' in window && (await Notification.requestPermission()) === 'granted';
  desktop.value = granted;
  setPreference('desktop', granted);
  return granted || !on;
}

/** @type {AudioContext | null} */
let speaker = null;

/** @param {'message' | 'offer'} kind a soft single note, or two rising ones */
export function chime(kind) {
  if (!sound.peek()) return;
  try {
    speaker ??= new AudioContext();
    if (speaker.state === 'suspended') void speaker.resume();
    const start = speaker.currentTime + 0.02;
    const notes = kind === 'offer' ? [[659, 0], [880, 0.16]] : [[740, 0]];
    for (const [pitch, after] of notes) {
      const tone = speaker.createOscillator();
      const volume = speaker.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start + after);
      volume.gain.linearRampToValueAtTime(0.12, start + after + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, start + after + 0.35);
      tone.connect(volume).connect(speaker.destination);
      tone.start(start + after);
      tone.stop(start + after + 0.4);
    }
  } catch {
    // No audio device: the other ways of calling still work.
  }
}

/**
 * Shows a desktop notification unless the page is being looked at.
 * @param {{ tag: string, title: string, body: string, pick: () => void }} what
 */
export function notify({ tag, title: heading, body, pick }) {
  if (!desktop.peek() || (document.visibilityState === 'visible' && document.hasFocus())) return;
  try {
    const shownOne = new Notification(heading, { tag, body });
    shownOne.onclick = () => {
      window.focus();
      pick();
      shownOne.close();
    };
  } catch {
    // Some browsers only notify from a service worker.
  }
}
