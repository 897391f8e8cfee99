//! Every bound of the core in one table. What can grow has its limit here.

/// Characters of a campaign's, agent's or visitor's name, after trim.
pub const NAME_CHARS: usize = 80;
/// Characters of an e-mail address (RFC 5321).
pub const EMAIL_CHARS: usize = 254;
/// Characters of the extra field's value.
pub const EXTRA_CHARS: usize = 256;
/// Characters of a message, and of each configured text.
pub const TEXT_CHARS: usize = 4_000;
/// Characters of a feedback note and of an internal note.
pub const NOTE_CHARS: usize = 2_000;
/// Characters of a client's own id of a message.
pub const KEY_CHARS: usize = 64;
/// Characters of the address of the page a chat was started from.
pub const PAGE_CHARS: usize = 2_048;
/// Characters of a pause reason, a skill, a disposition step.
pub const LABEL_CHARS: usize = 80;
/// Characters of the extra field's pattern.
pub const PATTERN_CHARS: usize = 256;
/// Bytes of the compiled pattern, so that matching one value takes milliseconds at worst.
pub const PATTERN_BYTES: usize = 65_536;
/// Campaigns of a tenant.
pub const CAMPAIGNS: usize = 10_000;
/// Agents of a tenant.
pub const AGENTS: usize = 200_000;
/// Members of a campaign.
pub const MEMBERS: usize = 200_000;
/// Live chats of a tenant.
pub const LIVE_CHATS: usize = 2_000_000;
/// Chats that may wait in one campaign whose Max Chats is unlimited.
pub const WAITING_CHATS: u32 = 1_000_000;
/// Messages of one chat.
pub const MESSAGES_PER_CHAT: u32 = 20_000;
/// KiB of one file, whatever a campaign allows.
pub const FILE_KIB: u32 = 51_200;
/// Files of one chat.
pub const FILES_PER_CHAT: u32 = 50;
/// Characters of a file's name.
pub const FILE_NAME_CHARS: usize = 120;
/// Agents concerned with one chat: those taking part and the one who is asked to.
pub const PARTICIPANTS: usize = 8;
/// Supervisors who watch one chat.
pub const WATCHERS: usize = 16;
/// Chats one supervisor watches.
pub const WATCHED: usize = 100;
/// Skills of one member and of one chat.
pub const SKILLS: usize = 16;
/// Allowed domains of a campaign.
pub const ALLOWED_DOMAINS: usize = 100;
/// Languages of one configured text.
pub const LANGUAGES: usize = 32;
/// Dispositions of a campaign, over all levels.
pub const DISPOSITIONS: usize = 500;
/// Levels of a disposition.
pub const DISPOSITION_LEVELS: usize = 4;
/// Largest number of seconds in a setting: 366 days.
pub const SETTING_SECONDS: u32 = 31_622_400;
/// Largest number of days in a setting: a hundred years.
pub const SETTING_DAYS: u32 = 36_500;
/// Largest count in a setting.
pub const SETTING_COUNT: u32 = 1_000_000;
/// Largest penalty of a member.
pub const PENALTY: u8 = 100;
/// Largest weight of a campaign.
pub const WEIGHT: u8 = 100;
/// Seconds after the close in which feedback is accepted.
pub const FEEDBACK_SECONDS: u32 = 86_400;
/// Ended chats remembered for feedback and for a visitor coming back; the oldest go first.
pub const ENDED_CHATS: usize = 200_000;
/// Chats erased by one command.
pub const ERASED_CHATS: usize = 1_000;
/// Agents listed by one explanation.
pub const EXPLAINED_AGENTS: usize = 50;
/// Decisions about one chat explained from the journal; the latest count.
pub const EXPLAINED_DECISIONS: usize = 1_000;
/// Timers fired by one call of `handle_timeout`.
pub const TIMERS_PER_CALL: usize = 1_024;
/// Weekly ranges of a schedule.
pub const SCHEDULE_RANGES: usize = 168;
/// Dated exceptions of a schedule.
pub const SCHEDULE_EXCEPTIONS: usize = 1_000;
/// Ranges of one dated exception.
pub const EXCEPTION_RANGES: usize = 24;
/// Years in which a dated exception may lie.
pub const EXCEPTION_YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;
