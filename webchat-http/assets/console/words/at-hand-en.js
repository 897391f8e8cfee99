// What agents and supervisors have at hand, in English: canned responses, colleagues, earlier chats, the quality model, recordings.

export const canned = {
  label: 'Canned responses', nothing: 'No canned response fits.', take: 'use it', language: 'language',
  fill: (/** @type {string} */ names) => `Fill in or delete ${names} before you send.`,
  title: 'Canned responses', lead: 'Texts agents find by typing / in a reply.', scope: 'Where', shared: 'All campaigns', shortcut: 'Shortcut', text: 'Text', add: 'Add a response', none: 'There are none here yet.',
  hint: 'Variables: {visitor}, {email}, {extra}, {agent}, {campaign}.', export: 'Export', import: 'Import', imported: (/** @type {number} */ n) => `${n} read from the file. Save to keep them.`, badFile: 'This file holds no canned responses.',
  wrong: { shortcut: '1 to 32 letters, digits, - and _, not used before', texts: 'A text of 1 to 4,000 characters in at least one language' },
};

export const inviting = {
  title: (/** @type {string} */ name) => `Bring a colleague into the chat with ${name}`, text: 'The colleague takes part beside you. The visitor sees that somebody joined.', go: 'Bring in',
  joined: (/** @type {string} */ name) => `${name} takes part now`,
};

export const earlier = {
  title: 'Earlier chats', none: 'None.', of: (/** @type {string} */ when) => `Chat of ${when}`, score: (/** @type {number} */ n) => `score ${n} of 5`,
};

export const quality = {
  open: 'Quality questions', title: (/** @type {string} */ name) => `How did the chat with ${name} go?`, text: 'The chat is closed. Your answers are kept with its recording.', later: 'Later', go: 'Save answers',
  missing: 'An answer is needed', clear: 'Clear', noScore: 'Your answers are kept.', thanks: (/** @type {number} */ points, /** @type {number} */ most) => `Your answers are kept: ${points} of ${most} points.`,
  models: 'Quality', lead: 'Questions for the agent at the close. A model never changes: saving makes a new version.', version: 'Version', name: 'Name', category: 'Category', question: 'Question', mandatory: 'Mandatory', answer: 'Answer', score: 'Points', none: 'There is no model yet.',
  unasked: 'No questions', add: 'New model', copy: 'New version', addCategory: 'Add a category', addQuestion: 'Add a question', addAnswer: 'Add an answer', saved: (/** @type {number} */ n) => `Saved as version ${n}`, questions: (/** @type {number} */ n) => (n === 1 ? '1 question' : `${n} questions`), invalid: 'Each category, question and answer needs a text, each question two answers, points from -1000 to 1000.',
};

export const recordings = {
  title: 'Recordings', all: 'All', text: 'Said', textHint: 'Words of the chat or the form', campaign: 'Campaign', agent: 'Agent', from: 'From', until: 'To', reason: 'How it ended', score: 'Score', find: 'Find', older: 'Older ones',
  none: 'No chat fits.', visitor: 'Visitor', when: 'Requested', length: 'Lasted', number: 'Number', waited: 'Waited', unanswered: 'never answered', feedback: 'Feedback', segments: 'Agents', guest: 'took part', messages: 'What was said',
  quality: 'Quality', system: 'Automatic', noScore: 'no score', erased: 'Erased', erasedText: 'What was said was erased.',
  stars: (/** @type {number} */ n) => `${n} of 5`, chat: (/** @type {string} */ id) => `Chat ${id}`,
  calls: 'Calls', missed: 'not answered', call: /** @type {(video: boolean) => string} */ (video => (video ? 'Video call' : 'Call')), asked: (/** @type {string} */ name) => `asked for by ${name}`, accepted: (/** @type {string} */ name) => `accepted by ${name}`, lasted: (/** @type {string} */ time) => `lasted ${time}`,
  judged: (/** @type {string} */ by, /** @type {string} */ about) => (by === about ? `answered by ${by}` : `answered by ${by} about ${about}`),
};
