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
/// Time in which a client must read something of what is written to it.
pub const WRITE_STALL: Duration = Duration::from_secs(15);
/// Bytes of a request's head.
pub const HEAD_BYTES: usize = 16 * 1024;
/// Header fields of a request.
pub const HEADERS: usize = 64;
/// Bytes of a request's path and query.
pub const URL_BYTES: usize = 2_048;
/// Time given to running requests and open sockets when the server stops.
pub const DRAIN_TIME: Duration = Duration::from_secs(10);
/// Bytes of an iCalendar file to import.
pub const CALENDAR_BYTES: usize = 1 << 20;
/// Events of an iCalendar file.
pub const CALENDAR_EVENTS: usize = 5_000;
/// Events of an iCalendar file that repeat.
pub const CALENDAR_REPEATING: usize = 100;
/// Years ahead for which repeating events of an iCalendar file are written out.
pub const CALENDAR_YEARS: i16 = 5;
