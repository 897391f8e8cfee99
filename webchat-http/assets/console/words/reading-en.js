// A recording read, judged, taken along and erased, in English.

export const reading = {
  play: 'Replay', pause: 'Pause', speed: 'Speed', times: (/** @type {number} */ n) => `${n} ×`, place: 'Place in the chat', whole: 'Show all', at: (/** @type {string} */ at) => `at ${at}`, hushed: 'Long silences are shortened.', course: 'Who had the chat when',
  evaluate: 'Evaluate', evaluating: 'Evaluate an agent’s part', about: 'Agent', model: 'Questions', save: 'Save evaluation', kept: (/** @type {string} */ score) => `Evaluation kept: ${score}`, noModels: 'There is no quality model yet.',
  export: 'Export', exporting: 'Export what was found', format: 'As', formats: { json: 'JSON, for programs', csv: 'CSV, for spreadsheets', html: 'A page to print' }, audience: 'For', audiences: { staff: 'Us: with notes, quality and names', visitor: 'The visitor: without notes, quality and hidden names' },
  fits: (/** @type {number} */ n) => (n === 1 ? '1 chat fits.' : `${n} chats fit.`), begin: 'Export', cancel: 'Cancel', progress: (/** @type {number} */ done, /** @type {number} */ total) => `${done} of ${total}`, done: (/** @type {number} */ n) => `Exported: ${n}`, broken: 'The export broke off. Nothing was saved.',
  retention: 'How long recordings are kept', keeps: 'Kept', forever: 'without limit', days: (/** @type {number} */ n) => (n === 1 ? '1 day' : `${n} days`), next: 'Next erased', nothing: 'nothing yet',
  erase: 'Erase this visitor’s data', erasing: 'Erase what this visitor said', held: (/** @type {number} */ chats, /** @type {number} */ messages, /** @type {number} */ notes, /** @type {number} */ mails) => `Chats: ${chats} · messages: ${messages} · internal notes: ${notes} · by mail: ${mails} · and all files sent in them`,
  stays: 'Counts, times, scores and reasons stay; what was said is gone for good, from every file of the server. Backups made before still hold it.', liveChat: 'The visitor has a chat that is not over. It must end first.', already: (/** @type {number} */ n) => `${n} of them were erased before.`, eraseNow: 'Erase for good', erased: (/** @type {number} */ n) => `Chats erased: ${n}`, keep: 'Keep',
};
