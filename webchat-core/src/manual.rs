//! How to think about the engine, and how to build on it.
//!
//! # Concepts
//!
//! A **tenant** is one contact centre and one [`Engine`]. A **visitor** asks for a **chat** in a **campaign**;
//! the campaign's **members** are **agents**, who get chats by its [`Strategy`]: which agents are eligible
//! ([`Mode`]), and which of those is next ([`Order`]). A chat waits, is offered or assigned, is with its owner, may be
//! transferred, and ends in exactly one [`CloseReason`]. A newcomer who is turned away never becomes a chat; that is an
//! event too, [`Event::ChatRefused`].
//!
//! Four vocabularies: a [`Command`] asks, an [`Event`] is what happened, an [`Effect`] tells somebody, and a
//! [`Rejection`] says why a command made no sense and changed nothing.
//!
//! # How to embed it
//!
//! Three steps, in this order: decide, make durable, release. Nothing may leave the process before the events
//! are on disk, not even a rejection, for it may rest on an event the disk has not seen.
//!
//! ```
//! use webchat_core::command::{ChatRequest, Command, HostCommand, VisitorCommand};
//! use webchat_core::campaign::{CampaignDraft, WhenEmpty};
//! use webchat_core::effect::Receipt;
//! use webchat_core::id::{CampaignId, VisitorKey};
//! use webchat_core::{Engine, Outbox, schedule::Zones, time::Timestamp, wire};
//!
//! let mut draft = CampaignDraft::named("Support");
//! draft.when_empty = "admit".into();
//! let (support, warnings) = draft.check(&Zones::bundled()).unwrap();
//! assert_eq!(support.when_empty, WhenEmpty::Admit);
//! assert!(!warnings.is_empty(), "any site may carry this campaign's window");
//!
//! let mut engine = Engine::new(Zones::bundled());
//! let (mut outbox, mut journal) = (Outbox::default(), Vec::new());
//! let now = Timestamp::from_seconds(1_790_000_000);
//! let chat = ChatRequest::plain(VisitorKey(7), CampaignId(1));
//! for command in [
//!     Command::Host(HostCommand::create_campaign(support)),
//!     Command::Visitor(VisitorCommand::RequestChat(Box::new(chat.clone()))),
//! ] {
//!     engine.handle(now, command, &mut outbox).unwrap();
//!     journal.push(wire::encode(&outbox.take_events())); // sync it
//!     outbox.release().for_each(drop); // then tell people
//! }
//!
//! // A repeat is answered with the chat that is there: nothing happens twice.
//! let again = Command::Visitor(VisitorCommand::RequestChat(Box::new(chat)));
//! let answer = engine.handle(now, again, &mut outbox).unwrap();
//! assert!(matches!(answer, Receipt::Chat(_)) && outbox.is_empty());
//!
//! // What is in the journal is all there is.
//! let mut rebuilt = Engine::new(Zones::bundled());
//! for group in &journal {
//!     rebuilt.replay(&wire::decode(group).unwrap());
//! }
//! assert_eq!(rebuilt.digest(), engine.digest());
//! ```
//!
//! Effects may be lost: a client that comes back says the last message number it saw. What must not be lost, such as
//! mail, is state, and comes again by the engine's own timers until it is settled.
//!
//! # How time works
//!
//! The engine never reads a clock. [`Engine::handle`] is given `now`; an earlier one than the last is clamped to it,
//! so a clock that jumps back does no harm. Whatever was due by `now` happens first, in the order of its due time, so an accept
//! at the very instant its offer lapses comes too late. Between commands, sleep until [`Engine::poll_timeout`] and call
//! [`Engine::handle_timeout`]; too early or too often does no harm, too late only makes what is due late.
//!
//! ```
//! # use webchat_core::{Engine, Outbox, campaign::CampaignDraft, command::*, schedule::{ScheduleDraft, Zones}, time::Timestamp};
//! # let zones = Zones::bundled();
//! let mut draft = CampaignDraft::named("Support");
//! draft.retention_days = 30;
//! let (support, _) = draft.check(&zones).unwrap();
//! # let mut engine = Engine::new(zones);
//! # let mut outbox = Outbox::default();
//! # let noon = Timestamp::from_seconds(1_790_078_400);
//! let create = Command::Host(HostCommand::create_campaign(support));
//! engine.handle(noon, create, &mut outbox).unwrap();
//! let wake = engine.poll_timeout().unwrap();
//! assert_eq!((wake.why, wake.at), ("retention", noon.after_millis(12 * 3_600_000)));
//! engine.handle_timeout(wake.at, &mut outbox);
//! assert!(engine.poll_timeout().unwrap().at > wake.at);
//! ```
//!
//! # Who gets the next chat
//!
//! Chats are taken in the order of priority, first enqueue, number of admission; the same visitor who is returned after
//! an agent was lost stands where the first enqueue puts them. No chat waits while an eligible agent has a free slot for it.
//! Among the eligible agents of a campaign the [`Order`] decides; ties end in member order. What each promises to members who
//! are eligible all the time:
//!
//! | order | bound |
//! |---|---|
//! | `linear` | none: the first takes all they can |
//! | `rrmemory` | the chats of any two members differ by at most one |
//! | `leastrecent` | nobody gets two chats while another has neither received nor finished one |
//! | `fewestcalls` | the day's answers of any two members differ by at most one |
//! | `random` | equal shares, within chance |
//! | `wrandom` | shares in proportion to 1/(1+penalty), within chance |
//! | `leastloaded` | a chat never makes its agent's load exceed another's by more than one |
//!
//! Random draws are recorded, so a replay needs none. An embedding program that wants another order takes the chats
//! itself: with the mode `ringallmultiple` nothing is assigned, and [`AgentCommand::Take`] takes any chat that waits.
//!
//! # Replay, snapshots, versions
//!
//! Folding the events gives exactly the live state; [`Engine::digest`] compares two. [`Engine::snapshot`] saves a long
//! replay: [`Engine::restore`] and the events after it lead to the same state. Replay needs no clock, no zone rules and no
//! randomness, so an old journal stays valid when rules, zone tables or this crate change; events and their fields are only ever
//! added. [`crate::metrics::Fold`] computes any figure of any interval from the same events.
//!
//! # Explain
//!
//! [`View::explain`] says why a newcomer would be refused, why a chat waits, or who has it, and of each agent why not;
//! [`crate::explain::at`] and [`crate::explain::of_chat`] say the same of any decision of the past, from the journal.
//!
//! # Forgetting
//!
//! The engine keeps no transcripts, but the journal does. [`HostCommand::Erase`] and a campaign's retention record what
//! has to go; [`crate::erasure`] turns those events into tombstones without moving any other.
//!
//! # Units and ranges
//!
//! Instants are milliseconds since 1970 in UTC ([`Timestamp`]), spans of settings whole seconds ([`Seconds`]). In a form `0` means
//! "no limit" or "off" and becomes `None`. What is out of range is refused by [`CampaignDraft::check`] with the field, the value and the
//! range, all problems at once. The bounds stand in [`crate::limits`]; the most asked for:
//!
//! | what | range | source |
//! |---|---|---|
//! | spans: Service Level, Dropout rate, Time chat, Time Out, Auto Finish, offer, wrap-up | 0 to 31,622,400 s (366 days) | seed, "Thresholds Section" |
//! | ACD, Max Chats, Maximum Interactions per Agent | 0 to 1,000,000 | seed, "Thresholds Section", "Other Fields" |
//! | service level target | 0 to 100 percent | domain, §2 |
//! | penalty of a member | 0 to 100 | domain, §5 |
//! | text of a message, of a campaign's text | 1 to 4,000 characters | domain, §6 |
//! | note, feedback note | up to 2,000 characters | domain, §6 and §7 |
//! | name | 1 to 80 characters | domain, §2 |
//! | extra field | up to 256 characters | domain, §7 |
//! | feedback | score 1 to 5, within 86,400 s of the close | domain, §7 |
//! | retention | 0 to 36,500 days | domain, §7 |
//!
//! ```
//! use webchat_core::{campaign::CampaignDraft, schedule::Zones};
//!
//! let mut draft = CampaignDraft::named("Support");
//! draft.max_chats = -1;
//! draft.retention_days = 36_501;
//! let problems = draft.check(&Zones::bundled()).unwrap_err();
//! let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
//! assert_eq!(fields, ["max_chats", "retention_days"]);
//! ```
//!
//! [`AgentCommand::Take`]: crate::command::AgentCommand::Take
//! [`CampaignDraft::check`]: crate::campaign::CampaignDraft::check
//! [`CloseReason`]: crate::event::CloseReason
//! [`Command`]: crate::command::Command
//! [`Effect`]: crate::effect::Effect
//! [`Engine`]: crate::Engine
//! [`Engine::digest`]: crate::Engine::digest
//! [`Engine::handle`]: crate::Engine::handle
//! [`Engine::handle_timeout`]: crate::Engine::handle_timeout
//! [`Engine::poll_timeout`]: crate::Engine::poll_timeout
//! [`Engine::restore`]: crate::Engine::restore
//! [`Engine::snapshot`]: crate::Engine::snapshot
//! [`Event`]: crate::event::Event
//! [`Event::ChatRefused`]: crate::event::Event::ChatRefused
//! [`HostCommand::Erase`]: crate::command::HostCommand::Erase
//! [`Mode`]: crate::campaign::Mode
//! [`Order`]: crate::campaign::Order
//! [`Rejection`]: crate::rejection::Rejection
//! [`Seconds`]: crate::time::Seconds
//! [`Strategy`]: crate::campaign::Strategy
//! [`Timestamp`]: crate::time::Timestamp
//! [`View::explain`]: crate::View::explain
