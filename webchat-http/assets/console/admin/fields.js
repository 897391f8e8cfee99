// The campaign's settings, once, as a list of sections and fields. The form, its checks and the words all follow it.
// Names, defaults and ranges are those of the server's campaign draft; its answer has the last word.

/** @import { CampaignDraft } from '../types.js' */

const SECONDS = 31_622_400;
const COUNT = 1_000_000;

/** @typedef {keyof CampaignDraft} FieldName */
/**
 * @typedef {object} Field
 * @property {FieldName} name
 * @property {'line' | 'email' | 'check' | 'number' | 'choice' | 'colour' | 'language' | 'texts' | 'schedule' | 'extra' | 'files' | 'addresses' | 'domains' | 'dispositions' | 'quality'} kind
 * @property {number} [least] of a number; 0 when left out
 * @property {number} [most] of a number
 * @property {'seconds' | 'chats' | 'percent' | 'days' | 'offers' | 'none'} [unit] of a number
 * @property {'off' | 'unlimited' | 'never' | 'direct' | 'at_once' | 'kept' | 'every' | 'none'} [zero] what 0 means, if it is special
 * @property {string[]} [choices] of a choice
 * @property {boolean} [short] texts on one line
 * @property {(draft: CampaignDraft) => boolean} [when] whether it matters; shown always when left out
 */
/** @typedef {{ id: SectionId, fields: Field[] }} Section */
/** @typedef {'basic' | 'strategy' | 'schedule' | 'messages' | 'thresholds' | 'visitor' | 'offline' | 'records'} SectionId */

/**
 * @param {FieldName} name
 * @param {NonNullable<Field['zero']>} zero
 * @param {Partial<Field>} [more]
 * @returns {Field}
 */
const seconds = (name, zero, more = {}) => ({ name, kind: 'number', unit: 'seconds', most: SECONDS, zero, ...more });

/** @param {CampaignDraft} draft */
const pulls = draft => draft.mode === 'ringall' || draft.mode === 'ringallmultiple';

/** @type {Section[]} */
export const SECTIONS = [
  { id: 'basic', fields: [
    { name: 'name', kind: 'line' },
    { name: 'enabled', kind: 'check' },
    { name: 'colour', kind: 'colour' },
    { name: 'default_language', kind: 'language' },
  ] },
  { id: 'strategy', fields: [
    { name: 'mode', kind: 'choice', choices: ['incall', 'nocall', 'interaction', 'nopause', 'omni', 'ringall', 'ringallmultiple'] },
    { name: 'order', kind: 'choice', choices: ['linear', 'rrmemory', 'leastrecent', 'fewestcalls', 'random', 'wrandom', 'leastloaded'], when: draft => !pulls(draft) },
    { name: 'agent_cap', kind: 'number', unit: 'chats', most: COUNT, zero: 'unlimited' },
    seconds('offer_timeout', 'direct', { when: draft => !pulls(draft) }),
    { name: 'pause_after_lapses', kind: 'number', unit: 'offers', most: COUNT, zero: 'never', when: draft => !pulls(draft) && draft.offer_timeout !== 0 },
    seconds('wrap_up', 'at_once'),
    { name: 'weight', kind: 'number', unit: 'none', most: 100 },
    { name: 'penalty_tiers', kind: 'check', when: draft => !pulls(draft) },
  ] },
  { id: 'schedule', fields: [
    { name: 'schedule', kind: 'schedule' },
    { name: 'on_close', kind: 'choice', choices: ['seed_rule', 'close_all', 'drain'], when: draft => draft.schedule.always === false || (draft.schedule.exceptions?.length ?? 0) > 0 },
  ] },
  { id: 'messages', fields: [
    { name: 'welcome', kind: 'texts' },
    { name: 'automatic', kind: 'texts' },
    { name: 'out_of_time', kind: 'texts' },
    { name: 'not_available', kind: 'texts' },
    { name: 'feedback', kind: 'texts' },
    { name: 'alias', kind: 'texts', short: true, when: draft => !draft.show_agent_name },
  ] },
  { id: 'thresholds', fields: [
    seconds('answer_within', 'off'),
    { name: 'target_percent', kind: 'number', unit: 'percent', most: 100, zero: 'off' },
    seconds('dropout', 'every'),
    seconds('time_chat', 'off'),
    { name: 'acd', kind: 'number', unit: 'chats', most: COUNT, zero: 'off' },
    { name: 'max_chats', kind: 'number', unit: 'chats', most: COUNT, zero: 'unlimited', when: draft => !draft.no_waiting },
    seconds('time_out', 'unlimited'),
    seconds('auto_finish', 'never'),
    seconds('waiting_floor', 'none', { least: 1 }),
    { name: 'no_waiting', kind: 'check' },
    { name: 'notice_addresses', kind: 'addresses' },
    { name: 'notice_cleared', kind: 'check', when: draft => draft.notice_addresses.length > 0 },
  ] },
  { id: 'visitor', fields: [
    { name: 'show_agent_name', kind: 'check' },
    { name: 'require_email', kind: 'check' },
    { name: 'feedback_form', kind: 'check' },
    { name: 'media', kind: 'check' },
    { name: 'transcript_by_mail', kind: 'check' },
    { name: 'files', kind: 'files' },
    { name: 'extra_field', kind: 'extra' },
    { name: 'allowed_domains', kind: 'domains' },
  ] },
  { id: 'offline', fields: [
    { name: 'offline_message', kind: 'check' },
    { name: 'offline_address', kind: 'email', when: draft => draft.offline_message },
    { name: 'offline_when_full', kind: 'check', when: draft => draft.offline_message },
  ] },
  { id: 'records', fields: [
    { name: 'when_empty', kind: 'choice', choices: ['refuse', 'admit', 'need_available'] },
    seconds('leave_when_empty_after', 'never'),
    { name: 'on_agent_lost', kind: 'choice', choices: ['requeue', 'keep', 'close'] },
    { name: 'retention_days', kind: 'number', unit: 'days', most: 36_500, zero: 'kept' },
    { name: 'quality_model', kind: 'quality' },
    { name: 'disposition_required', kind: 'check' },
    { name: 'dispositions', kind: 'dispositions' },
  ] },
];

export const FIELDS = SECTIONS.flatMap(section => section.fields);

/** @returns {CampaignDraft} a campaign without a name, as the server would fill it in */
export function blank() {
  return {
    name: '', enabled: true, mode: 'nocall', order: 'rrmemory', penalty_tiers: false, offer_timeout: 0, pause_after_lapses: 0, weight: 0,
    answer_within: 20, target_percent: 0, schedule: {}, on_close: 'seed_rule', default_language: 'en',
    welcome: {}, out_of_time: {}, not_available: {}, feedback: {}, automatic: {}, alias: {},
    agent_cap: 3, quality_model: 0, dropout: 0, time_chat: 0, acd: 0, max_chats: 0, no_waiting: false, time_out: 0, auto_finish: 300, waiting_floor: 120,
    colour: '#0b6bcb', show_agent_name: true, feedback_form: true, require_email: false, media: false, files: { allowed: false, max_kib: 5_120, kinds: ['image', 'document', 'text'] },
    offline_message: false, offline_address: '', offline_when_full: false, transcript_by_mail: false, notice_addresses: [], notice_cleared: false, extra_field: { visible: false, required: false, label: {}, pattern: '' }, allowed_domains: [],
    when_empty: 'refuse', leave_when_empty_after: 0, wrap_up: 0, on_agent_lost: 'requeue', disposition_required: false, dispositions: [], retention_days: 0,
  };
}

/**
 * What is wrong with a draft before it is sent: only what would not even be a number.
 * @param {CampaignDraft} draft
 * @returns {import('../types.js').Problem[]}
 */
export function unreadable(draft) {
  return FIELDS.filter(f => f.kind === 'number' && typeof draft[f.name] !== 'number').map(f => ({ field: f.name, value: draft[f.name] }));
}
