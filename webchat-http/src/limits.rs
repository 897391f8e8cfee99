//! Every bound of the HTTP adapter in one table. What a stranger can make grow has its limit here.

use std::time::Duration;

/// Connections open at once, in all.
pub const CONNECTIONS: usize = 20_000;
/// Connections open at once from one address; an office behind one address is a few hundred visitors.
pub const CONNECTIONS_PER_ADDRESS: usize = 512;
/// Time a client has to send the head of a request, and an idle connection is kept.
pub const HEAD_TIME: Duration = Duration::from_secs(10);
/// Time a client has to send the body of a request.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// Time in which a client must read something of what is written to it; the system counts the same for what it still
/// holds of a connection that was closed here. Whoever reads a little once has that time again.
pub const WRITE_STALL: Duration = Duration::from_secs(8);
/// Bytes the kernel may hold for a client that does not read; it doubles them for its own needs.
pub const SEND_BUFFER: usize = 128 * 1024;
/// Bytes of a request's head.
pub const HEAD_BYTES: usize = 16 * 1024;
/// Header fields of a request.
pub const HEADERS: usize = 64;
/// Bytes of a request's path and query.
pub const URL_BYTES: usize = 2_048;
/// Time given to running requests and open sockets when the server stops.
pub const DRAIN_TIME: Duration = Duration::from_secs(10);
/// Days of a report, which tells each of their hours apart.
pub const REPORT_DAYS: u16 = 1_100;
/// Exports of recordings that run at once.
pub const EXPORTS: usize = 4;
/// Seconds after which another export may have found a place.
pub const EXPORT_PAUSE: u64 = 10;
/// Bytes of an iCalendar file to import.
pub const CALENDAR_BYTES: usize = 1 << 20;
/// Events of an iCalendar file.
pub const CALENDAR_EVENTS: usize = 5_000;
/// Events of an iCalendar file that repeat.
pub const CALENDAR_REPEATING: usize = 100;
/// Years ahead for which repeating events of an iCalendar file are written out.
pub const CALENDAR_YEARS: i16 = 5;
/// Time given to a whole HTTP request, its body included.
pub const REQUEST_TIME: Duration = Duration::from_secs(20);
/// Time given to a request that carries a file in or out; a sender who is silent for [`BODY_TIME`] is cut off before.
pub const FILE_TIME: Duration = Duration::from_secs(600);
/// KiB of files held in memory on their way out; more of them wait.
pub const FILE_MEMORY_KIB: usize = 128 * 1024;
/// How often files that no message refers to are looked for.
pub const SWEEP_TIME: Duration = Duration::from_secs(3_600);
/// Age from which a file that no message refers to is removed.
pub const ORPHAN_AGE: Duration = Duration::from_secs(3_600);
/// Time a site's word about who a visitor is may be good for, at most.
pub const IDENTITY_SECONDS: i64 = 24 * 3_600;
/// Levels of nesting in JSON; a campaign draft needs eight.
pub const JSON_DEPTH: usize = 32;
/// Bytes of a request's body: a campaign with long texts in many languages fits.
pub const BODY_BYTES: u64 = 1024 * 1024;

/// Bytes of one WebSocket message from a client, and of each of its frames.
pub const MESSAGE_BYTES: usize = 16 * 1024;
/// Bytes of a socket's read buffer and of what is collected before writing.
pub const SOCKET_BUFFER: usize = 4 * 1024;
/// Pushes that may wait for one socket; beyond them its client reads too slowly.
pub const SOCKET_QUEUE: usize = 256;
/// Things to tell of chats that were just asked for, until it is known whose they are; beyond them they are read.
pub const UNCLAIMED: usize = 16_384;
/// Requests of one socket that may be unanswered; beyond them it is not read.
pub const SOCKET_REQUESTS: usize = 32;
/// Time a client has to say hello.
pub const HELLO_TIME: Duration = Duration::from_secs(10);
/// Time between pings.
pub const PING_TIME: Duration = Duration::from_secs(20);
/// Silence after which a client is taken for gone; pings make a living one speak.
pub const SILENCE: Duration = Duration::from_secs(50);
/// Time given to a closing handshake.
pub const CLOSE_TIME: Duration = Duration::from_secs(2);
/// Sockets of one visitor in one campaign: open tabs.
pub const VISITOR_SOCKETS: usize = 16;
/// Sockets of one agent: open tabs.
pub const AGENT_SOCKETS: usize = 16;

/// Messages read from a transcript at once.
pub const PAGE: usize = 200;
/// Waiting chats shown to agents, per campaign.
pub const WAITING_SHOWN: usize = 50;
/// Earlier chats of a visitor shown to an agent.
pub const EARLIER_CHATS: usize = 50;
/// Colleagues shown to an agent.
pub const AGENTS_SHOWN: usize = 1_000;
/// Least time between two pushes of a waiting list to agents, and of an agent's own state.
pub const LIST_TIME: Duration = Duration::from_millis(250);
/// Least time between two pushes of their position to the visitors of a campaign.
pub const POSITION_TIME: Duration = Duration::from_secs(1);
/// Visitors' positions asked of the engine in one go.
pub const POSITIONS: usize = 500;

/// Live chats shown to supervisors.
pub const FLOOR_CHATS: usize = 10_000;
/// Chats of one push to supervisors; a larger change takes several.
pub const FLOOR_PART: usize = 500;
/// Least time between two changes pushed to supervisors.
pub const FLOOR_TIME: Duration = Duration::from_millis(500);
/// Longest time until the floor is looked at again while a supervisor is there.
pub const FLOOR_LOOK: Duration = Duration::from_secs(2);

/// A session unused for this long ends.
pub const SESSION_IDLE: Duration = Duration::from_secs(12 * 3600);
/// A session ends after this long in any case.
pub const SESSION_TOTAL: Duration = Duration::from_secs(7 * 24 * 3600);
/// How often the log is told what was refused.
pub const TALLY_TIME: Duration = Duration::from_secs(60);
/// After showing who they are, users may for this long do what somebody at a session left open must not.
pub const PROOF_TIME: Duration = Duration::from_secs(10 * 60);
/// Time from the button on the sign-in page to the return from the provider, the person's typing included.
pub const SIGN_IN_TIME: Duration = Duration::from_secs(600);
/// Sign-ins through the provider under way; beyond them the oldest are forgotten.
pub const SIGN_INS: usize = 10_000;
/// How long the provider's description of itself is used before it is asked for again.
pub const PROVIDER_AGE: Duration = Duration::from_secs(300);
/// The same when a token does not fit the keys that are known.
pub const PROVIDER_PAUSE: Duration = Duration::from_secs(10);
/// Time the provider has to answer.
pub const PROVIDER_TIME: Duration = Duration::from_secs(8);
/// Bytes of an answer of the provider's.
pub const PROVIDER_BYTES: usize = 1 << 20;
/// Seconds by which the provider's clock may differ from this one.
pub const CLOCK_SKEW_SECONDS: i64 = 60;
/// How often an open socket looks whether its session still stands.
pub const SESSION_CHECK: Duration = Duration::from_secs(60);
/// Passwords checked at once; each takes a core and 19 MiB for a moment.
pub const PASSWORD_CHECKS: usize = 2;
/// Characters of a password.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// Characters of a login.
pub const LOGIN_CHARS: usize = 80;
/// Webhooks of a tenant.
pub const WEBHOOKS: usize = 50;
/// API keys of a tenant.
pub const API_KEYS: usize = 200;
