// The supervisor's pages in English; the pattern of the other languages.

/** @type {Record<string, string>} */
const refusals = {
  not_signed_in: 'Whoever is to have or watch this chat is not signed in at a desk',
  not_allowed: 'Only supervisors who are agents can do this',
  limit: 'Too many chats are being watched already',
  chat_closed: 'The chat has ended',
  unknown_chat: 'The chat has ended',
  already_taken: 'The chat no longer waits',
};

/** @type {Record<string, string>} */
const whyNots = {
  not_member: 'no member', not_signed_in: 'not signed in', lost: 'connection lost', paused: 'paused', auto_paused: 'paused while in a chat', on_call: 'on a call', busy: 'attends something else',
  at_capacity: 'at the limit', no_voice_campaign: 'in no voice campaign', missing_skill: 'lacks a skill', pull: 'takes chats by hand', takes_part: 'is in the chat already', already_asked: 'was asked already',
};

/** @type {Record<string, string>} */
const reasons = {
  disabled: 'the campaign is off', out_of_time: 'it is out of time', no_agents: 'no agents', queue_full: 'the queue is full',
};

export const floor = {
  tab: 'Supervision', pages: 'Supervision', wallboard: 'Wallboard', chats: 'Live chats', agents: 'Agents', recordings: 'Recordings', reports: 'Reports', audit: 'Audit',
  connecting: 'Connecting…', offline: 'No connection: these figures stand still.',
  refusal: (/** @type {string} */ code) => refusals[code],
  whyNot: (/** @type {string} */ code) => whyNots[code] ?? code,
  noData: 'no data',
  card: {
    open: 'Open', shut: 'Closed', off: 'Off', waiting: 'Waiting', longest: 'Longest wait', active: 'Active', available: 'Available', signedIn: 'Signed in', paused: 'Paused', nobody: 'nobody',
    ofMax: (/** @type {number} */ n) => `max. ${n}`,
    of: (/** @type {number} */ n) => `of ${n} members`,
    today: 'Today', offered: 'Offered', answered: 'Answered', abandoned: 'Abandoned', short: 'Short abandons', timedOut: 'Timed out', refused: 'Refused', speed: 'Average answer',
    level: 'Service level',
    levels: { answered: 'of the answered', abandoned: 'with abandons', strict: 'strict' },
    share: (/** @type {number} */ part, /** @type {number} */ of) => `${part} of ${of}`,
    target: (/** @type {number} */ percent, /** @type {string} */ limit) => `Target ${percent} % within ${limit}`,
    estimates: 'Wait foretold right', refusedFor: (/** @type {string} */ reason, /** @type {number} */ n) => `${n} × ${reasons[reason] ?? reason}`,
    why: 'Why?', whyTitle: (/** @type {string} */ name) => `Why: what a newcomer of ${name} would meet`, members: 'Order and penalties',
    membersTitle: (/** @type {string} */ name) => `Order and penalties of ${name}`,
  },
  alarms: {
    title: 'Thresholds', none: 'No alarm', fine: 'within', over: 'exceeded', unset: 'off',
    names: { service_level: 'Service level', dropout: 'Dropout rate', time_chat: 'Time chat', acd: 'ACD', max_chats: 'Max chats' },
    service_level: (/** @type {string} */ now, /** @type {number} */ target) => `${now}, at least ${target} %`,
    dropout: (/** @type {number} */ n, /** @type {string} */ limit) => `${n} left before ${limit}`,
    time_chat: (/** @type {number} */ n, /** @type {string} */ limit) => `${n} longer than ${limit}`,
    acd: (/** @type {number} */ n, /** @type {number} */ limit) => `${n} wait, alarm at ${limit}`,
    max_chats: (/** @type {number} */ n, /** @type {number} */ limit) => `${n} wait, ${limit} may`,
    rose: (/** @type {string} */ alarm, /** @type {string} */ campaign) => `Alarm in ${campaign}: ${alarm}`,
    fell: (/** @type {string} */ alarm, /** @type {string} */ campaign) => `${campaign}: ${alarm} is back within its limit`,
    count: (/** @type {number} */ n) => (n === 1 ? '1 alarm' : `${n} alarms`),
  },
  chart: {
    title: 'Last hour', offered: 'arrived', answered: 'answered', lost: 'lost or refused',
    summary: (/** @type {number} */ offered, /** @type {number} */ answered, /** @type {number} */ lost) => `In the last hour ${offered} arrived, ${answered} were answered, ${lost} were lost or refused.`,
  },
  live: {
    search: 'Search', searchHint: 'Name, e-mail or number', campaign: 'Campaign', all: 'All campaigns', state: 'State', everything: 'All', waiting: 'Waiting', active: 'With agents', alarm: 'Over time',
    shown: (/** @type {number} */ n, /** @type {number} */ of) => `${n} of ${of} chats`,
    cut: (/** @type {number} */ n) => `Only the first ${n} are shown.`,
    label: 'Live chats', visitor: 'Visitor', since: 'Time', agent: 'Agent', messages: 'Messages', actions: 'Actions', none: 'No chats like this.', gone: 'visitor disconnected', returned: 'came back to the queue',
    phases: { waiting: 'Waiting', offered: 'Being offered', active: 'Active', transferring: 'Being transferred' },
    watch: 'Watch', watchName: (/** @type {string} */ name) => `Watch the chat with ${name}`,
    why: 'Why?', whyName: (/** @type {string} */ name) => `Why does the chat with ${name} stand where it stands?`,
  },
  watch: {
    label: (/** @type {string} */ name) => `Watching ${name}`,
    unseen: 'You are watching. Neither the visitor nor the agent sees it; the audit does.',
    stop: 'Stop watching', over: 'The chat has ended.', log: (/** @type {string} */ name) => `Messages of the chat with ${name}`, unowned: 'nobody yet',
    whisper: 'Whisper to the agent', whisperHint: 'Only the agent sees this, never the visitor', whisperGo: 'Whisper',
    takeOver: 'Take over', takeOverTitle: (/** @type {string} */ name) => `Take over the chat with ${name}?`, takeOverText: 'The chat moves to your desk at once. The agent loses it, and the visitor is told your name.',
    transfer: 'Transfer', transferTitle: (/** @type {string} */ name) => `Transfer the chat with ${name}`, transferText: 'It is handed over at once, whatever the limits are.', toAgent: 'Agent', toCampaign: 'Campaign', moveText: 'It waits there by its first arrival.', nobody: 'Nobody else is signed in.',
    end: 'End chat', endTitle: (/** @type {string} */ name) => `End the chat with ${name}?`, endText: 'The visitor is told that the chat has ended.',
    done: { take_over: 'The chat is on your desk now', assign: 'The chat was handed over', move: 'The chat was moved', end_chat: 'The chat was ended', whisper: 'Noted for the agent' },
  },
  people: {
    name: 'Agent', state: 'State', load: 'Load', answered: 'Answered', seats: 'Campaigns', actions: 'Actions', none: 'There are no agents yet.',
    states: { ready: 'Available', busy: 'In chats', paused: 'Paused', auto_paused: 'Paused by a chat', on_call: 'On a call', lost: 'Connection lost', signed_out: 'Signed out' },
    place: (/** @type {number} */ n) => `number ${n}`, penalty: (/** @type {number} */ n) => `penalty ${n}`, gets: 'gets chats',
    resume: 'Resume', resumeName: (/** @type {string} */ name) => `Resume ${name}`,
    pause: 'Pause', pauseName: (/** @type {string} */ name) => `Pause ${name}`, signOut: 'Sign out', signOutName: (/** @type {string} */ name) => `Sign out ${name}`,
    signOutTitle: (/** @type {string} */ name) => `Sign ${name} out?`, signOutText: 'Active chats go back to the queue, ahead of the others.',
    whyName: (/** @type {string} */ name, /** @type {string} */ campaign) => `Why ${name} gets chats of ${campaign} or not`,
    find: 'Find an agent', count: (/** @type {number} */ n, /** @type {number} */ of) => `${n} of ${of} agents`,
  },
  why: {
    title: 'Why', chat: (/** @type {string} */ name) => `Why: the chat with ${name}`, campaign: (/** @type {string} */ name) => `Why: a newcomer of ${name}`,
    rule: 'Rule', mode: 'Availability', order: 'Order', agents: 'Members', eligible: (/** @type {number} */ n, /** @type {number} */ of) => `${n} of ${of} could get it now`,
    rank: 'Turn', agent: 'Agent', verdict: 'Can get it', yes: 'yes', load: 'Chats here', loadAnywhere: 'All together', penalty: 'Penalty', today: 'Answered today', served: 'Last served', never: 'never', chance: 'by chance',
    outcome: {
      refused: (/** @type {string} */ reason) => `A newcomer would be turned away: ${reasons[reason] ?? reason}.`,
      atOnce: 'A newcomer would go to an agent at once.', admitted: 'A newcomer would wait.',
      closing: 'It waits to be told that the campaign closes.', disconnected: 'Its visitor is disconnected, so it is passed over.', pull: 'It waits to be taken: in this campaign agents take chats themselves.',
      nobody_eligible: 'It waits because no agent can get it now.', behind_others: 'It waits because others come first.',
      position: (/** @type {number} */ n) => `It is number ${n} in the queue.`,
      offered: (/** @type {string} */ name) => `${name} is being asked.`, withAgent: (/** @type {string} */ name) => `${name} has it.`, to: 'It is being handed over.',
    },
    admission: { waiting: 'Waiting', max: 'Max chats', signedIn: 'Signed in', open: 'Open', enabled: 'Enabled', yes: 'yes', no: 'no', unlimited: 'no limit' },
  },
  acts: {
    when: 'When', by: 'Supervisor', what: 'What', about: 'About', none: 'Nothing was done yet.', older: 'Older', newest: 'Newest', all: 'Everything', filter: 'What', refresh: 'Refresh',
    names: {
      watched: 'Watched', whispered: 'Whispered', took_over: 'Took over', assigned: 'Forced transfer', moved: 'Moved to a campaign', closed: 'Ended the chat', evaluated: 'Evaluated', paused: 'Paused an agent', resumed: 'Resumed an agent',
      signed_out: 'Signed an agent out', set_members: 'Set order and penalties',
    },
    chat: (/** @type {string} */ id) => `chat ${id}`,
  },
};
