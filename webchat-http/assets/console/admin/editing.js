// A campaign being edited: the settings as last saved, the draft, what the server said about it. Kept while the
// page is open, so that looking elsewhere loses nothing.

/** @import { CampaignDraft, CampaignRow, Outdated, Problem, Saved, Trial, Warning } from '../types.js' */

import { batch, computed, signal } from '../vendor/preact.js';
import { call } from '../lib/rest.js';
import { Refusal, codeOf } from '../lib/refusal.js';
import { blank, unreadable } from './fields.js';

/** @typedef {keyof CampaignDraft} FieldName */

export class Editing {
  /** @param {number | null} campaign null for one that does not exist yet */
  constructor(campaign) {
    this.campaign = campaign;
    this.saved = signal(/** @type {CampaignDraft | null} */ (campaign == null ? blank() : null));
    this.draft = signal(/** @type {CampaignDraft | null} */ (campaign == null ? blank() : null));
    this.problems = signal(/** @type {Problem[]} */ ([]));
    this.warnings = signal(/** @type {Warning[]} */ ([]));
    this.busy = signal(false);
    /** Names the settings as they were when last loaded or saved. */
    this.version = '';
    /** Set while somebody else's change stands in the way of a save. */
    this.conflict = signal(/** @type {Outdated | null} */ (null));
    /** What the server says of the draft. */
    this.trial = signal(/** @type {Trial | null} */ (null));
    /** Settings the trial had to leave out, for they are wrong. */
    this.leftOut = signal(/** @type {FieldName[]} */ ([]));
    /** Why it could not be loaded, as a code. */
    this.missing = signal(/** @type {string | null} */ (null));
    /** Whose texts are on screen. */
    this.language = signal('es');
    this.dirty = computed(() => JSON.stringify(this.draft.value) !== JSON.stringify(this.saved.value));
  }

  async load() {
    if (this.campaign == null || this.dirty.peek()) return;
    try {
      const row = /** @type {CampaignRow} */ (await call('GET', `/campaigns/${this.campaign}`));
      batch(() => {
        this.version = row.version ?? '';
        this.saved.value = complete(row.settings);
        this.draft.value = complete(row.settings);
        this.missing.value = null;
      });
    } catch (error) {
      this.missing.value = codeOf(error);
    }
  }

  /**
   * @template {FieldName} F
   * @param {F} name
   * @param {CampaignDraft[F]} value
   */
  set(name, value) {
    const draft = this.draft.peek();
    if (!draft) return;
    batch(() => {
      this.draft.value = { ...draft, [name]: value };
      this.problems.value = this.problems.peek().filter(p => !concerns(p.field, name));
      this.warnings.value = this.warnings.peek().filter(w => !concerns(w.field, name));
    });
  }

  discard() {
    batch(() => {
      this.draft.value = this.saved.peek();
      this.problems.value = [];
    });
  }

  /** @returns {Promise<{ done: true, campaign: number } | { done: false, code: string }>} */
  async save() {
    const draft = this.draft.peek();
    if (!draft || this.busy.peek()) return { done: false, code: 'busy' };
    const wrong = unreadable(draft);
    if (wrong.length > 0) {
      this.#refuse(wrong);
      return { done: false, code: 'invalid_field' };
    }
    this.busy.value = true;
    try {
      const made = this.campaign == null;
      const answer = /** @type {Saved} */ (await call(made ? 'POST' : 'PUT', made ? '/campaigns' : `/campaigns/${this.campaign}`, draft, this.version));
      batch(() => {
        this.version = answer?.version ?? '';
        this.conflict.value = null;
        this.saved.value = draft;
        this.problems.value = [];
        this.warnings.value = answer?.warnings ?? [];
      });
      return { done: true, campaign: made ? answer.campaign : Number(this.campaign) };
    } catch (error) {
      if (error instanceof Refusal && error.problems.length > 0) this.#refuse(error.problems);
      if (error instanceof Refusal && error.code === 'changed_meanwhile') this.conflict.value = error.answer;
      return { done: false, code: codeOf(error) };
    } finally {
      this.busy.value = false;
    }
  }

  /**
   * Goes on from what somebody else saved: with the settings changed here kept, all of the draft, or none of it.
   * @param {'merge' | 'mine' | 'theirs'} how
   */
  goOn(how) {
    const { conflict, saved, draft } = this;
    const base = saved.peek();
    const mine = draft.peek();
    const now = conflict.peek()?.now;
    if (!now || !base || !mine) return;
    const theirs = complete(now.settings);
    batch(() => {
      this.version = now.version ?? '';
      conflict.value = null;
      saved.value = theirs;
      draft.value = how === 'mine' ? mine : how === 'theirs' ? theirs : merged(base, mine, theirs);
    });
  }

  /** Asks the server what a visitor would meet with this draft. @param {{ at?: string, language?: string }} [wish] @returns {Promise<Trial | null>} */
  async tryOut(wish = {}) {
    const draft = this.draft.peek();
    if (!draft) return null;
    let settings = draft;
    /** @type {FieldName[]} */
    let wrong = unreadable(draft).map(p => /** @type {FieldName} */ (p.field));
    for (let left = 2; left > 0; left--) {
      const sound = { ...(this.saved.peek() ?? blank()) };
      settings = { ...settings, ...Object.fromEntries(wrong.map(name => [name, sound[name]])) };
      if (!settings.name) settings.name = '…';
      try {
        const trial = /** @type {Trial} */ (await call('POST', '/campaigns/trial', { settings, campaign: this.campaign ?? undefined, language: this.language.peek(), ...wish }));
        this.leftOut.value = wrong.filter(name => name !== 'name' || draft.name);
        return trial;
      } catch (error) {
        if (!(error instanceof Refusal) || error.problems.length === 0) return null;
        wrong = [...wrong, ...error.problems.map(p => /** @type {FieldName} */ (p.field.split(/[.[]/)[0]))];
      }
    }
    return null;
  }

  /** @param {Problem[]} problems */
  #refuse(problems) {
    batch(() => {
      this.problems.value = problems;
      // A text that is wrong has to be on screen.
      const text = problems.map(p => /^(?:welcome|automatic|out_of_time|not_available|feedback|alias|extra_field\.label)\.(.+)$/.exec(p.field)?.[1]).find(Boolean);
      if (text) this.language.value = text;
    });
  }
}

/** @type {Map<number | null, Editing>} */
const open = new Map();

/** @param {number | null} campaign */
export function editing(campaign) {
  let one = open.get(campaign);
  if (!one) open.set(campaign, (one = new Editing(campaign)));
  return one;
}

/** @param {number | null} campaign */
export const forget = campaign => open.delete(campaign);

/** @param {number} campaign @returns {boolean} whether it has changes that are not saved */
export const unsaved = campaign => open.get(campaign)?.dirty.value ?? false;

addEventListener('beforeunload', event => {
  if ([...open.values()].some(one => one.dirty.peek())) event.preventDefault();
});

/**
 * @param {string} path such as `schedule.ranges[0].start`
 * @param {string} field
 */
export const concerns = (path, field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);

const same = (/** @type {unknown} */ a, /** @type {unknown} */ b) => JSON.stringify(a) === JSON.stringify(b);
const looksInto = (/** @type {any} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What was changed here stays; of the rest, what they have.
 * @param {any} base @param {any} mine @param {any} theirs
 * @returns {any}
 */
export function merged(base, mine, theirs) {
  if (same(mine, base) || same(mine, theirs)) return theirs;
  if (same(theirs, base) || !looksInto(mine) || !looksInto(theirs)) return mine;
  const keys = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  const parts = [...keys].map(key => [key, merged(base?.[key], mine[key], theirs[key])]);
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
}

/** @param {CampaignDraft} settings @returns {CampaignDraft} with what an older server may have left out */
function complete(settings) {
  const whole = { ...blank(), ...settings };
  return { ...whole, extra_field: { ...blank().extra_field, ...whole.extra_field }, files: { ...blank().files, ...whole.files } };
}
