// The campaign's settings in English. Labels are the words of the configuration form; hints say what they do.

/** @import { FieldName, SectionId } from '../admin/fields.js' */

/** @type {Record<SectionId, string>} */
const sections = {
  basic: 'Basic', strategy: 'Strategy', schedule: 'Schedule', messages: 'Messages', thresholds: 'Thresholds', visitor: 'Visitor', offline: 'Offline message', records: 'Agents and records',
};

/** @type {Record<FieldName, { label: string, hint: string }>} */
const fields = {
  name: { label: 'Name', hint: '' },
  enabled: { label: 'Enabled', hint: 'Off: newcomers are refused, those waiting are told and closed, active chats go on.' },
  colour: { label: 'Colour', hint: 'The colour of the visitor’s window.' },
  default_language: { label: 'Default language', hint: 'For visitors whose own language has no text.' },
  mode: { label: 'Who may get a chat', hint: '' },
  order: { label: 'Who is next', hint: '' },
  agent_cap: { label: 'Maximum interactions per agent', hint: 'Chats one agent may have here at once.' },
  offer_timeout: { label: 'Time to accept', hint: 'How long an agent has to accept a chat.' },
  pause_after_lapses: { label: 'Pause after missed offers', hint: 'An agent who lets this many in a row lapse is paused.' },
  wrap_up: { label: 'Wrap-up', hint: 'How long a slot stays taken after a chat is closed.' },
  weight: { label: 'Weight', hint: 'Among campaigns that share an agent, the higher goes first.' },
  penalty_tiers: { label: 'Lower penalties first', hint: 'Members with a lower penalty are always asked first.' },
  schedule: { label: 'Opening hours', hint: '' },
  on_close: { label: 'At closing time', hint: '' },
  welcome: { label: 'Welcome', hint: 'Sent once, when the chat is admitted.' },
  automatic: { label: 'Automatic agent message', hint: 'Sent in the name of the first agent who accepts.' },
  out_of_time: { label: 'Out of time', hint: 'Shown while the campaign is closed.' },
  not_available: { label: 'Message not available', hint: 'Shown when no agent can attend.' },
  feedback: { label: 'Feedback', hint: 'Shown at the end of a chat that reached an agent.' },
  alias: { label: 'Alias', hint: 'Shown instead of the agent’s name.' },
  answer_within: { label: 'Service level', hint: 'Chats answered within this count as in time.' },
  target_percent: { label: 'Service level target', hint: 'Alarm when fewer percent are answered in time.' },
  dropout: { label: 'Dropout rate', hint: 'Leaving the queue sooner than this is a short abandon.' },
  time_chat: { label: 'Time chat', hint: 'Alarm when an active chat lasts longer. It is never closed by it.' },
  acd: { label: 'ACD', hint: 'Alarm when this many are waiting.' },
  max_chats: { label: 'Max chats', hint: 'Most chats waiting at once; more are refused.' },
  time_out: { label: 'Time out', hint: 'Longest wait; then the visitor is told and the chat is closed.' },
  auto_finish: { label: 'Auto finish', hint: 'How long a visitor of an active chat may stay disconnected.' },
  waiting_floor: { label: 'Disconnected while waiting', hint: 'The same for a visitor who still waits.' },
  no_waiting: { label: 'Nobody may wait', hint: 'Only newcomers who can be attended at once are admitted.' },
  show_agent_name: { label: 'Show agent’s name', hint: 'Off: the visitor sees the alias.' },
  feedback_form: { label: 'Enable feedback', hint: 'After the chat the visitor may give a score and a note.' },
  require_email: { label: 'Enable email', hint: 'The visitor must give an e-mail address before starting.' },
  media: { label: 'Allow audio and video', hint: 'Calls and video calls may be asked for.' },
  transcript_by_mail: { label: 'Conversation by mail', hint: 'Visitors may have a copy of their conversation mailed, when an agent was in it.' },
  notice_addresses: { label: 'Mail of alarms', hint: 'One address per line: supervisors who are mailed when an alarm stands, at most once an hour each alarm.' },
  notice_cleared: { label: 'Also when an alarm is over', hint: '' },
  files: { label: 'Files', hint: 'Either side may send files in a chat. The server looks into each one.' },
  extra_field: { label: 'Extra field', hint: 'One more question before the chat, such as a telephone number.' },
  allowed_domains: { label: 'Allowed domains', hint: 'One host per line, such as shop.example or *.shop.example. Empty: any site.' },
  offline_message: { label: 'Offline message', hint: 'While closed, visitors may leave a message, which is mailed.' },
  offline_address: { label: 'Address for offline messages', hint: '' },
  offline_when_full: { label: 'Also when the queue is full', hint: 'And when a visitor waited too long.' },
  when_empty: { label: 'When nobody is signed in', hint: '' },
  leave_when_empty_after: { label: 'Close those waiting when nobody is signed in for', hint: '' },
  on_agent_lost: { label: 'When an agent’s connection is lost', hint: '' },
  retention_days: { label: 'Keep transcripts', hint: '' },
  quality_model: { label: 'Quality model', hint: 'Questions for the agent at the close.' },
  disposition_required: { label: 'Disposition required', hint: 'Agents cannot close a chat without one.' },
  dispositions: { label: 'Dispositions', hint: 'One per line; levels divided by >, such as Sale > Card. Empty: any text.' },
};

/** @type {Record<string, Record<string, string>>} */
const choices = {
  mode: {
    incall: 'incall: free of calls and chats; pauses the agent while attending', nocall: 'nocall: below the limit, calls allowed', interaction: 'interaction: nothing else live, calls allowed',
    nopause: 'nopause: below the limit, also when paused by another chat', omni: 'omni: first those free of all, then those below the limit',
    ringall: 'ringall: free agents take the first one waiting', ringallmultiple: 'ringallmultiple: agents below the limit take any',
  },
  order: {
    linear: 'linear: the first in member order', rrmemory: 'rrmemory: the next after the last who accepted', leastrecent: 'leastrecent: the longest without a chat here', fewestcalls: 'fewestcalls: the fewest answered today',
    random: 'random', wrandom: 'wrandom: random, weighted by penalty', leastloaded: 'leastloaded: the lowest share of the limit in use',
  },
  on_close: { seed_rule: 'Without Time out, everyone waiting is told and closed', close_all: 'Everyone waiting is told and closed', drain: 'Those waiting are still served' },
  when_empty: { refuse: 'Refuse newcomers', admit: 'Let them wait', need_available: 'Refuse unless someone is available' },
  on_agent_lost: { requeue: 'Active chats go back to the queue, ahead', keep: 'They stay for the agent’s return', close: 'They are closed' },
};

/** @type {Record<string, string>} */
const zero = { off: '0 = off', unlimited: '0 = no limit', never: '0 = never', direct: '0 = assigned without asking', at_once: '0 = free at once', kept: '0 = for ever', every: '0 = every leave is an abandon', none: '' };

/** @type {Record<string, string>} */
const warnings = {
  'offer_timeout.no_effect': 'In this mode agents take chats themselves, so nothing is offered.',
  'pause_after_lapses.no_effect': 'Chats are assigned directly, so no offer can lapse.',
  'answer_within.always_in_time': 'Nobody can wait that long, so every answer is in time.',
  'target_percent.no_effect': 'Without seconds for the service level there is nothing to measure.',
  'schedule.never_open': 'There are no opening hours, so every visitor is turned away.',
  'acd.no_effect': 'So many can never wait, so the alarm cannot go off.',
  'offline_message.no_effect': 'The campaign is always open, so the form is never shown.',
  'offline_message.no_mail_server': 'The server has no mail server, so messages wait until it has one.',
  'transcript_by_mail.no_mail_server': 'The server has no mail server, so the window does not offer this.',
  'notice_addresses.no_mail_server': 'The server has no mail server, so nobody is mailed until it has one.',
  'notice_addresses.no_effect': 'No threshold has an alarm, so there is nothing to tell.',
  'allowed_domains.any_site': 'No domains are listed, so any site can carry the window.',
  'members.no_member': 'Nobody is a member, so no chat is ever answered.',
  'members.no_voice_campaign': 'No member is part of a voice campaign, so no chat is ever answered.',
};

export const campaign = {
  sections,
  fields,
  choices,
  zero,
  warnings,
  units: { seconds: 'seconds', chats: 'chats', percent: '%', days: 'days', offers: 'offers', none: '' },
  days: { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' },
  list: {
    title: 'Campaigns', add: 'New campaign', none: 'There is no campaign yet', noneText: 'A campaign is a window on a web site, the agents behind it and the rules between.',
    name: 'Name', state: 'State', waiting: 'Waiting', active: 'Active', strategy: 'Strategy', open: 'Open', closed: 'Out of schedule', off: 'Off', unsaved: 'Unsaved',
  },
  editor: {
    fresh: 'New campaign', settings: 'Settings', members: 'Members', history: 'History', sections: 'Sections', discard: 'Discard changes', remove: 'Delete campaign', saved: 'Saved',
    pick: 'Pick a colour',
    removeTitle: (/** @type {string} */ name) => `Delete ${name}?`,
    removeText: 'The campaign and its settings are gone for good. Recordings stay.',
    unsaved: 'Unsaved changes', clean: 'No changes',
    problems: (/** @type {number} */ n) => (n === 1 ? '1 setting needs another value' : `${n} settings need another value`),
    remarks: (/** @type {number} */ n) => (n === 1 ? 'Saved, with 1 remark' : `Saved, with ${n} remarks`),
    language: 'Texts in', filled: (/** @type {number} */ n, /** @type {number} */ all) => `${n} of ${all} written`,
  },
  hours: {
    importFile: 'Import a calendar file', imported: (/** @type {number} */ n) => (n === 1 ? '1 date added.' : `${n} dates added.`), leftOut: (/** @type {number} */ n) => (n === 1 ? '1 event left out:' : `${n} events left out:`),
    always: 'Always open', weekly: 'Weekly hours', zone: 'Time zone', closed: 'Closed', from: 'From', to: 'To',
    add: (/** @type {string} */ day) => `Add hours on ${day}`,
    remove: (/** @type {string} */ what) => `Remove ${what}`,
    copy: 'Copy Monday to Friday', exceptions: 'Dates with other hours', addDate: 'Add a date', date: 'Date', what: 'What it is', addHours: 'Add hours', none: 'No such dates.',
  },
  grid: {
    title: 'Opening hours by the half hour', how: 'Drag over the hours to open or close them. With the keyboard: arrows move, Shift and arrows pick several, Space opens or closes.', open: 'open', shut: 'closed', partly: 'partly open',
    painted: (/** @type {string} */ what, /** @type {boolean} */ open) => `${what}: ${open ? 'open' : 'closed'}`,
  },
  visit: {
    title: 'What would a visitor get at …?', at: 'Date and time in the campaign’s zone; empty: now', language: 'Visitor’s language', ask: 'Look', open: 'Open', closed: 'Out of schedule', off: 'Off', failed: 'The settings have to be valid first',
    silent: 'No welcome is written, so nothing is sent.', form: 'The visitor may leave a message.', opens: (/** @type {string} */ at) => `Opens ${at}`, closes: (/** @type {string} */ at) => `Closes ${at}`, never: 'That never changes.',
  },
  preview: {
    title: 'Preview', language: 'Language of the preview', scene: 'What is shown', scenes: { form: 'Form', chat: 'Chat', ended: 'Ended', out_of_time: 'Out of time', not_available: 'Not available' },
    failed: 'The preview cannot be shown just now.', leftOut: (/** @type {string} */ what) => `Not shown as long as they are not valid: ${what}`, agent: 'Ana', line: 'Hello, I have a question',
  },
  embed: {
    title: 'Embed code', hint: 'Put this line into the head of every page that is to carry the window.', language: 'Language of the window', anyLanguage: 'Language of the page', copy: 'Copy', copied: 'Copied',
    only: (/** @type {string} */ sites) => `The window appears only on: ${sites}`, any: 'Any site can carry it.',
  },
  history: {
    nobody: 'the program', number: (/** @type {number} */ n) => `change ${n}`, current: 'Now', made: 'The campaign was made; what differs from an untouched one:', putBack: 'Put back', putBackTitle: (/** @type {number} */ n) => `Put back change ${n}`, more: 'Older changes',
    loaded: (/** @type {number} */ n) => `These are the settings of change ${n}. Look at them and save.`, setting: 'Setting', before: 'Before', after: 'After', empty: 'empty', on: 'on', off: 'off',
  },
  conflict: {
    title: 'Somebody else changed this campaign', text: (/** @type {string} */ who) => `${who} saved it while you were editing. Nothing of yours is lost. This was changed:`,
    merge: 'Merge and look', mine: 'Overwrite with mine', theirs: 'Take theirs',
  },
  extra: { visible: 'Visible', required: 'Required', label: 'Label', pattern: 'Pattern', patternHint: 'A regular expression the whole value must match. Empty: any value.' },
  files: { allowed: 'Allowed', size: 'Largest file, in KiB', image: 'Pictures', document: 'Documents', text: 'Plain text', audio: 'Sound', video: 'Video' },
  identity: { title: 'Signed identity', hint: 'A site that signs who its visitors are needs this secret on its server.', make: 'Make a new secret', forget: 'Forget the secret', shown: 'Copy it now: it is not shown again. The one before is void.', none: 'There is no secret.', set: 'There is a secret.' },
  problem: {
    kinds: 'Choose at least one kind of file.',
    range: (/** @type {number} */ least, /** @type {number} */ most) => `A whole number from ${least} to ${most}`,
    line: 'From 1 to 80 characters on one line', text: 'At most 4000 characters', email: 'An e-mail address such as ana@shop.example', colour: '# and six hex digits, such as #0b6bcb',
    zone: 'A time zone such as America/Montevideo', time: 'A time such as 09:00', date: 'Each date once', domain: 'A host such as shop.example or *.shop.example, without path', label: 'A label in at least one language',
    pattern: 'A regular expression of at most 256 characters', disposition: '1 to 4 levels of 1 to 80 characters, none twice', taken: 'Another campaign has this name', ranges: 'Not possible together with always open',
    other: (/** @type {string} */ expected) => (expected ? `Expected: ${expected}` : 'Not valid'),
  },
};

export const seats = {
  title: 'Members', lead: 'Pick campaigns and agents, then add or remove them in one go. Order, penalty and skills are set in the campaign.', campaigns: 'Campaigns', agents: 'Agents', all: 'All', nowhere: 'in no campaign',
  count: (/** @type {number} */ n) => (n === 1 ? '1 member' : `${n} members`), picked: (/** @type {number} */ c, /** @type {number} */ a) => `${c} campaigns, ${a} agents picked`,
  add: 'Add to the campaigns', remove: 'Remove from the campaigns', done: (/** @type {number} */ n) => (n === 1 ? '1 campaign changed' : `${n} campaigns changed`),
};

export const members = {
  title: 'Members', none: 'Nobody is a member yet', noneText: 'Only members get chats of this campaign.', order: 'Order', agent: 'Agent', penalty: 'Penalty', skills: 'Skills', skillsHint: 'divided by commas',
  add: 'Add a member', addGo: 'Add', everyone: 'Every agent is a member.',
  up: (/** @type {string} */ name) => `Move ${name} up`,
  down: (/** @type {string} */ name) => `Move ${name} down`,
  remove: (/** @type {string} */ name) => `Remove ${name}`,
  moved: (/** @type {string} */ name, /** @type {number} */ n) => `${name} is now number ${n}`,
  noVoice: 'in no voice campaign', disabled: 'disabled',
};

export const users = {
  title: 'Users', add: 'New user', edit: 'Edit', name: 'Name', login: 'User name', role: 'Role', state: 'State', agent: 'Agent', active: 'Active', disabled: 'Disabled', password: 'Password', newPassword: 'New password',
  keep: 'Leave empty to keep it', least: 'At least 8 characters', voice: 'Part of a voice campaign', voiceHint: 'Needed to get chats where the centre asks for it.', disable: 'Disabled', disableHint: 'Cannot sign in; active chats go back to the queue.',
  remove: 'Delete user', sure: 'Delete for good', editTitle: (/** @type {string} */ name) => `Edit ${name}`,
  problem: { login: 'A user name nobody has yet, without blanks', name: 'From 1 to 80 characters on one line', password: 'At least 8 characters', role: 'Choose a role' },
};

export const mail = {
  title: 'Mail', refresh: 'Refresh', from: 'From', text: 'Message', to: 'To', state: 'State', resend: 'Send now', resendTitle: (/** @type {number} */ number) => `Send now: message ${number}`,
  kinds: { offline: 'Message', transcript: 'Conversation', notice: 'Alarm' }, alarms: { service_level: 'Service level', time_chat: 'Time chat', acd: 'ACD' }, forget: 'Forget', forgetTitle: (/** @type {number} */ n) => `Forget: message ${n}`,
  none: 'Nothing is owed', noneText: 'Every mail has gone out.',
  states: { held: 'Waits for the end of the chat', due: 'Waits for the next attempt', sending: 'Being sent', dead: 'Given up' },
  count: (/** @type {number} */ total, /** @type {number} */ dead) => `${total} to be delivered, ${dead} of them given up`,
};

export const tenant = {
  title: 'All campaigns', lead: 'What holds for every campaign. Changes act at once.', unlimited: 'no limit',
  names: { agent_cap: 'Chats per agent', agent_grace: 'Seconds a lost agent is waited for', transfer_timeout: 'Seconds to accept a transfer', text_chars: 'Characters of a message' },
  hints: { agent_cap: 'Over all campaigns together; each campaign may have a limit of its own. Empty is no limit.', agent_grace: 'Then the active chats go back to the queue, ahead of the others.', transfer_timeout: 'Then the chat stays with the agent who has it.', text_chars: 'At most 4,000.' },
  voice: 'Only members of a voice campaign get chats', voiceHint: 'The members list says beside the name who gets none for that reason.',
  range: (/** @type {number} */ least, /** @type {number} */ most) => `A whole number from ${least} to ${most}`,
};
