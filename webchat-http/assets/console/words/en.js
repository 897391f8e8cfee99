// The console in English; the pattern of the other languages.

import { canned, earlier, inviting, quality, recordings } from './at-hand-en.js';
import { campaign, mail, members, seats, tenant, users } from './campaign-en.js';
import { reading } from './reading-en.js';
import { reports } from './reports-en.js';
import { floor } from './supervisor-en.js';
import { webhooks } from './webhooks-en.js';

/** @type {Record<string, string>} */
const refusals = {
  offline: 'There is no connection just now',
  bad_request: 'The server did not understand this request',
  not_signed_in: 'Your session is over; sign in again',
  not_allowed: 'You are not allowed to do this',
  unknown_chat: 'This chat no longer exists',
  unknown_campaign: 'This campaign no longer exists',
  unknown_agent: 'This agent no longer exists',
  invalid_field: 'Something in it is not valid',
  chat_closed: 'The chat is closed',
  at_capacity: 'The limit of chats per agent is reached',
  not_available: 'Not possible in the present state',
  not_owner: 'Another agent has this chat',
  already_taken: 'Another agent has taken it',
  not_head: 'In this campaign only the first one waiting may be taken',
  conflicting_key: 'A different message was already stored in its place',
  too_fast: 'Too many at once; wait a moment',
  files_not_allowed: 'Files are not allowed in this campaign',
  files_full: 'There is no room for more files',
  limit: 'A limit of the server is reached',
  retry: 'The server is recovering; try again',
  shutting_down: 'The server is restarting; try again in a moment',
  active_chats: 'There are chats still active',
  changed_meanwhile: 'Somebody else changed it meanwhile',
  too_large: 'The file is too large',
  campaign_live: 'The campaign has chats at present; wait until they end',
  destination_closed: 'That campaign takes no chats just now',
  feedback_not_open: 'Feedback is not open for this chat',
  already_submitted: 'This was answered before',
  unknown_model: 'This quality model does not exist',
  last_administrator: 'This is the last administrator; make another one first',
  unknown_account: 'This user no longer exists',
  unknown_webhook: 'This webhook no longer exists',
  request_timeout: 'It took too long; try again',
};

/** @type {Record<string, string>} */
const goneReasons = {
  agent_closed: 'Closed by the agent',
  supervisor_closed: 'Closed by a supervisor',
  visitor_left: 'The visitor ended the chat',
  visitor_gone: 'The visitor did not come back',
  transferred: 'Handed on to someone else',
  returned: 'Went back to the queue',
  left: 'You left this chat',
  taken_over: 'A supervisor took it over',
  out_of_time: 'Closed: out of the schedule',
  timed_out: 'Closed: waited too long',
  disabled: 'Closed: the campaign is off',
  agents_gone: 'Closed: nobody was signed in',
  agent_gone: 'Closed: the agent was lost',
};

/** @type {Record<string, string>} */
const whyNots = {
  not_member: 'You are not a member',
  not_signed_in: 'No chats: not signed in',
  lost: 'No chats: your connection was lost',
  paused: 'No chats: you are paused',
  auto_paused: 'No chats: paused while you attend one',
  on_call: 'No chats: you are on a call',
  busy: 'No chats while you attend another',
  at_capacity: 'At your limit',
  no_voice_campaign: 'No chats: you are in no voice campaign',
  missing_skill: 'Needs a skill you do not have',
  closed: 'Out of the schedule',
  disabled: 'The campaign is off',
};

/** @type {Record<string, string>} */
const systemTexts = {
  welcome: 'Welcome message sent',
  agent_joined: 'An agent joined',
  agent_left: 'An agent left',
  returned: 'The chat went back to the queue',
  transferred: 'The chat was handed on',
  call_ended: 'A call ended',
  call_missed: 'A call was not answered',
  closed: 'The chat was closed',
};

export const en = {
  campaign, canned, earlier, floor, inviting, mail, members, quality, reading, recordings, reports, seats, tenant, users, webhooks,
  language: 'English',
  common: { notices: 'Notices', optional: '(optional)', close: 'Close', cancel: 'Cancel', save: 'Save', saving: 'Saving…', dismiss: 'Dismiss', remove: 'Remove', back: 'Back', tryAgain: 'Try again', loading: 'Loading…' },
  refusal: (/** @type {string} */ code) => refusals[code] ?? `Something went wrong (${code})`,
  gone: (/** @type {string} */ reason) => goneReasons[reason] ?? `Ended (${reason})`,
  whyNot: (/** @type {string} */ code) => whyNots[code] ?? `No chats (${code})`,
  signIn: {
    title: 'Sign in', lead: 'Your desk for talking with visitors.', login: 'User name', password: 'Password', go: 'Sign in', busy: 'Signing in…',
    wrong: (/** @type {string} */ code) => ({
      empty: 'Enter your user name and your password.',
      not_allowed: 'The user name or the password is wrong.',
      offline: 'The server cannot be reached. Check your connection and try again.',
      too_fast: 'Too many attempts. Wait a minute and try again.',
      limit: 'Too many attempts. Wait a minute and try again.',
    })[code] ?? `Signing in did not work (${code}). Try again.`,
    left: (/** @type {string} */ why) => ({
      signed_out: 'You were signed out.',
      offline: 'The server cannot be reached just now.',
    })[why] ?? 'Your session is over. Sign in again; what you had typed is kept.',
  },
  signOut: {
    go: 'Sign out', title: 'Sign out with chats open?',
    text: (/** @type {number} */ n) => (n === 1 ? 'Your active chat goes back to the queue, ahead of the others.' : `Your ${n} active chats go back to the queue, ahead of the others.`),
  },
  skip: { label: 'Skip', main: 'Skip to the conversation', mine: 'Skip to my chats', waiting: 'Skip to the waiting list' },
  nav: { label: 'Pages', desk: 'Desk', campaigns: 'Campaigns', canned: 'Canned responses', quality: 'Quality', users: 'Users', mail: 'Mail', webhooks: 'Webhooks', tenant: 'All campaigns', nothing: 'There is nothing for your role here yet.' },
  roles: { agent: 'Agent', supervisor: 'Supervisor', administrator: 'Administrator' },
  state: { label: 'Your state', available: 'Available', paused: 'Paused', onCall: 'On a call', pause: 'Pause for', phone: 'Telephone' },
  pauses: { break: 'Break', lunch: 'Lunch', meeting: 'Meeting', training: 'Training', paperwork: 'Paperwork', lapsed_offers: 'Missed offers', other: 'Other reason…' },
  pausing: { title: 'Pause', reason: 'Reason', go: 'Pause' },
  settings: {
    label: 'Settings', alerts: 'Alerts', sound: 'Sound', desktop: 'Desktop notifications', desktopDenied: 'The browser does not allow notifications for this page.',
    theme: 'Appearance', themes: { system: 'As the system', light: 'Light', dark: 'Dark' }, language: 'Language',
  },
  trouble: {
    diskFull: 'The server’s disk is full, so nothing is being saved. What you write stays here and is sent once there is space. Tell whoever looks after the server.',
    store: 'The server cannot reach its storage, so nothing is being saved. It keeps trying. Tell whoever looks after the server.',
  },
  link: {
    connecting: 'Connecting', waiting: 'Reconnecting', stopped: 'Not connected', lost: 'The connection was lost. Reconnecting.', back: 'Connected again.',
    explain: 'No connection. You can go on writing; it is sent when the connection is back.',
    retryIn: (/** @type {number} */ n) => `next try in ${n} s`,
    elsewhere: 'The desk is open elsewhere', elsewhereText: 'You signed in from another tab or computer, and your chats are there now.', useHere: 'Use it here',
  },
  rail: {
    label: 'Chats', offers: 'Asked of you', mine: 'My chats', waiting: 'Waiting', ended: 'Ended', noChats: 'No active chats.', noCampaigns: 'You are in no campaign yet.',
  },
  queue: {
    closed: 'Closed', youGet: 'You get chats', youMayTake: 'Take any you can', take: 'Take', beingAsked: 'being asked',
    load: (/** @type {number} */ n, /** @type {number} */ cap) => `${n} of ${cap}`,
    loadOpen: (/** @type {number} */ n) => `${n} active`,
    more: (/** @type {number} */ n) => `and ${n} more`,
    takeName: (/** @type {string} */ name) => `Take ${name}`,
  },
  offer: {
    accept: 'Accept', refuse: 'Refuse', left: 'Time left to answer',
    label: (/** @type {string} */ name) => `Offer: ${name}`,
    from: (/** @type {string} */ name) => `from ${name}`,
  },
  elapsed: {
    wait: 'Waiting', chat: 'In the chat',
    near: (/** @type {string} */ limit) => `close to the limit of ${limit}`,
    over: (/** @type {string} */ limit) => `over the limit of ${limit}`,
  },
  visitor: { unnamed: 'Visitor' },
  say: {
    message: (/** @type {string} */ name) => `New message from ${name}`,
    offeredTitle: 'A chat for you',
    offered: (/** @type {string} */ name, /** @type {string} */ campaign) => `${name} is asked of you, campaign ${campaign}. Control K, Enter accepts.`,
    assigned: (/** @type {string} */ name) => `You have a new chat: ${name}`,
    lapsed: (/** @type {string} */ name) => `The offer of ${name} lapsed`,
    rescinded: (/** @type {string} */ name) => `${name} is no longer asked of you`,
    ended: (/** @type {string} */ name) => `The chat with ${name} ended`,
  },
  layout: { label: 'Layout', one: 'One at a time', side: 'Side by side' },
  chat: {
    label: (/** @type {string} */ name) => `Chat with ${name}`,
    log: (/** @type {string} */ name) => `Messages of the chat with ${name}`,
    connected: 'Connected', disconnected: 'Disconnected', transferring: 'Being transferred', invite: 'Bring in a colleague', transfer: 'Transfer', close: 'Close chat', leave: 'Leave', facts: 'Visitor details',
    transferringTo: (/** @type {string} */ name) => `Asked ${name}. The chat stays yours until it is accepted.`,
    call: 'Call', videoCall: 'Video call', calls: 'Calls you',
    cancelTransfer: 'Cancel transfer', noMessages: 'No messages yet.', loading: 'Loading messages…', typing: 'typing…',
    isTyping: (/** @type {string} */ name) => `${name} is typing`,
    newBelow: 'New below', automatic: 'Automatic', bot: 'Bot', note: 'Internal note', whisper: 'Whisper of the supervisor', noteHidden: 'the visitor never sees it',
    number: (/** @type {number} */ n) => `Message ${n}`,
    marks: { stored: 'Stored', delivered: 'Delivered', read: 'Read' },
    notSent: 'Not sent', sending: 'Sending', sendsLater: 'Sent when the connection is back', retry: 'Try again', toDraft: 'Edit', discard: 'Discard', draft: 'Draft',
    unread: (/** @type {number} */ n) => (n === 1 ? '1 unread' : `${n} unread`),
    you: (/** @type {boolean} */ own, /** @type {string} */ name) => (own ? 'You' : name || 'Agent'),
    system: (/** @type {string} */ code) => systemTexts[code] ?? code,
  },
  composer: {
    attach: 'Attach files', tooLarge: 'the file is larger than this campaign allows', wrongKind: 'this kind of file is not accepted',
    mode: 'Write', reply: 'Reply', note: 'Internal note', hint: 'Enter sends, Shift Enter breaks the line', offline: 'Offline: it is kept and sent later',
    replyLabel: (/** @type {string} */ name) => `Reply to ${name}`,
    noteLabel: 'Internal note', replyPlaceholder: 'Write a reply', notePlaceholder: 'Only colleagues see this note', send: 'Send', addNote: 'Add note',
    length: (/** @type {number} */ n, /** @type {number} */ limit) => `${n} of ${limit} characters`,
  },
  facts: {
    identity: 'Verified as',
    label: 'Visitor', hide: 'Hide visitor details', email: 'E-mail', extra: 'Extra field', language: 'Language', page: 'Page', chat: 'Chat', campaign: 'Campaign', number: 'Number',
    requested: 'Requested', waited: 'Waited', answered: 'First reply after', owner: 'Agent', participants: 'Taking part', priority: 'Priority', history: 'History',
    returned: 'Came back to the queue', unknown: 'not given',
  },
  closing: {
    disposition: 'Disposition', choose: 'Choose…',
    title: (/** @type {string} */ name) => `Close the chat with ${name}?`,
    text: 'The visitor is told that the chat has ended. It cannot be opened again.', unsent: 'There is text here that was not sent. It is lost if you close.', go: 'Close chat',
  },
  transferring: {
    title: (/** @type {string} */ name) => `Transfer ${name}`,
    text: 'The chat stays with you until the other side accepts.', to: 'To', agent: 'Agent', campaign: 'Campaign', search: 'Search', none: 'Nobody found.', away: 'not signed in', go: 'Transfer',
    asked: (/** @type {string} */ name) => `${name} was asked to take the chat`,
  },
  palette: { open: 'Search or do', title: 'Commands', placeholder: 'What do you want to do?', none: 'Nothing found.', move: 'move', run: 'do it', shut: 'close' },
  command: {
    offers: 'Asked of you', thisChat: 'This chat', chats: 'My chats', waiting: 'Waiting', state: 'Your state', view: 'View', ended: 'Ended',
    accept: (/** @type {string} */ name) => `Accept ${name}`,
    refuse: (/** @type {string} */ name) => `Refuse ${name}`,
    reply: (/** @type {string} */ name) => `Reply to ${name}`,
    note: (/** @type {string} */ name) => `Write a note about ${name}`,
    transfer: (/** @type {string} */ name) => `Transfer ${name}…`,
    invite: (/** @type {string} */ name) => `Bring a colleague into the chat with ${name}…`,
    close: (/** @type {string} */ name) => `Close the chat with ${name}…`,
    go: (/** @type {string} */ name) => `Go to ${name}`,
    take: (/** @type {string} */ name) => `Take ${name}`,
    pause: (/** @type {string} */ reason) => `Pause: ${reason}`,
    available: 'Become available', onCall: 'I am on a call', offCall: 'The call is over', side: 'Chats side by side', one: 'One chat at a time',
    hideFacts: 'Hide visitor details', showFacts: 'Show visitor details', soundOn: 'Sound on', soundOff: 'Sound off', light: 'Light appearance', dark: 'Dark appearance',
  },
  empty: {
    none: 'No chats right now', pick: 'Choose a chat on the left', paused: 'You are paused', pausedText: 'No new chats come to you until you are available again.', resume: 'Become available',
    ready: (/** @type {number} */ n) => (n === 1 ? 'You are ready in 1 campaign. The next chat appears here.' : `You are ready in ${n} campaigns. The next chat appears here.`),
    notReady: 'At present no campaign sends you chats; the list on the left says why.',
    keys: { palette: 'search or do anything', send: 'send', line: 'new line', list: 'move in a list' },
  },
};
