//! Each event against the rules, as things stood just before it.

use std::sync::Arc;

use webchat_core::campaign::{AgentName, Campaign, Mode, OnAgentLost, Order};
use webchat_core::command::Destination;
use webchat_core::event::{
    Assignment, Author, CloseReason, Event, OfferEnd, Recorded, SignOutReason, SystemCode,
};
use webchat_core::id::{AgentId, CampaignId, ChatId};
use webchat_core::limits::FEEDBACK_SECONDS;
use webchat_core::time::{Seconds, Timestamp};
use webchat_core::wording::{BuiltIn, Language, Texts};

use crate::picture::{ChatPicture, Picture};
use crate::rules;
use crate::violation::{Verdict, expect};

/// Checks one event against the picture before it. Events that speak of what does not exist pass; the
/// fold refuses them.
///
/// # Errors
/// The rule the event breaks.
pub fn check(picture: &Picture, recorded: &Recorded) -> Verdict {
    let at = recorded.at;
    match &recorded.event {
        Event::ChatRefused {
            campaign, reason, ..
        } => refused(picture, at, *campaign, *reason),
        Event::ChatQueued {
            campaign, skills, ..
        } => {
            let rule = rules::refusal(picture, at, *campaign, skills);
            expect(
                rule.is_none(),
                "a newcomer is admitted unless a rule refuses",
                || format!("campaign {campaign} admitted in spite of {rule:?}"),
            )
        }
        Event::ChatOffered {
            chat,
            agent,
            lapses_at,
            new_round,
            draw,
        } => {
            dispatched(picture, at, *chat, *agent, Some(*new_round), draw.is_some())?;
            let limit = queue_settings(picture, *chat).and_then(|s| s.strategy.offer_timeout);
            expect(
                limit.map(|limit| at.after(limit)) == Some(*lapses_at),
                "an offer lapses after the campaign's time",
                || format!("chat {chat} at {at} lapses at {lapses_at}, limit {limit:?}"),
            )
        }
        Event::OfferEnded { chat, why, due, .. } => {
            let offer = picture.chats.get(chat).and_then(|chat| chat.offer);
            let deadline = offer.map(|(_, lapses_at)| lapses_at);
            lapsed(*why, at, *due, deadline, *chat)
        }
        Event::ChatAssigned {
            chat,
            campaign,
            agent,
            how,
            over_cap,
            draw,
            ..
        } => {
            let drawn = draw.is_some();
            assigned(
                picture, at, *chat, *campaign, *agent, *how, *over_cap, drawn,
            )
        }
        Event::TransferStarted {
            chat,
            to: Destination::Agent(agent),
            ..
        } => slot_is_free(picture, *chat, *agent),
        Event::ChatMoved { chat, to, .. } => transfer_to_campaign(picture, at, *chat, *to),
        Event::TransferStarted {
            chat,
            to: Destination::Campaign(to),
            ..
        } => transfer_to_campaign(picture, at, *chat, *to),
        Event::TransferEnded { chat, why, due } => {
            let transfer = picture.chats.get(chat).and_then(|chat| chat.transfer);
            let deadline = transfer.and_then(|(_, lapses_at)| lapses_at);
            lapsed(*why, at, *due, deadline, *chat)
        }
        Event::ParticipantJoined { chat, agent } => slot_is_free(picture, *chat, *agent),
        Event::AgentLost { agent, until } => expect(
            *until == at.after(picture.tenant.agent_grace),
            "a lost agent has the tenant's grace time",
            || format!("agent {agent} lost at {at} until {until}"),
        ),
        Event::AgentSignedOut {
            agent, why, due, ..
        } => {
            let until = picture.agents.get(agent).and_then(|agent| agent.lost_until);
            match why {
                SignOutReason::Lost => on_time(at, *due, until),
                _ => on_time(at, *due, None),
            }
        }
        Event::CampaignOpened { campaign, due, .. }
        | Event::CampaignWentOutOfTime { campaign, due, .. } => {
            expect(*due <= at, "not before its time", || {
                format!("campaign {campaign} changed at {at}, due {due}")
            })
        }
        Event::WrapUpEnded { agent, chat, due } => {
            let wrap_ups = picture.agents.get(agent).map(|agent| &agent.wrap_ups);
            let mut of_chat = wrap_ups
                .into_iter()
                .flatten()
                .filter(|(of, _, _)| of == chat);
            on_time(at, Some(*due), of_chat.next().map(|(_, _, until)| *until))
        }
        Event::MessagePosted { chat, message } => posted(picture, *chat, message),
        Event::ChatClosed { chat, .. } => closed(picture, at, *chat, &recorded.event),
        Event::CallAsked { chat, .. } => {
            let state = picture.chats.get(chat);
            let campaign = state.and_then(|chat| picture.campaigns.get(&chat.campaign));
            let media = campaign.is_some_and(|campaign| campaign.settings.media);
            let attended = state.is_some_and(|chat| !chat.is_waiting());
            expect(
                media && attended,
                "calls only where they are allowed",
                || format!("chat {chat}: media {media}, attended {attended}"),
            )
        }
        Event::FeedbackGiven { chat, score, .. } => {
            let until = picture.ended.get(chat).and_then(|chat| chat.feedback_until);
            let open = until.is_some_and(|until| at < until) && (1..=5).contains(score);
            expect(open, "feedback only while it is open", || {
                format!("chat {chat} scored {score} at {at}, open until {until:?}")
            })
        }
        _ => Ok(()),
    }
}

fn refused(
    picture: &Picture,
    at: Timestamp,
    campaign: CampaignId,
    reason: webchat_core::event::RefusalReason,
) -> Verdict {
    // The newcomer's skills are not in the event: they decide only whether somebody is free at once.
    let rule = rules::refusal(picture, at, campaign, &[]);
    let full = webchat_core::event::RefusalReason::QueueFull;
    let skilled = reason == full && rule.is_none();
    expect(
        rule == Some(reason) || skilled,
        "a newcomer is refused by the rule that applies",
        || format!("campaign {campaign} refused for {reason:?}, the rule says {rule:?}"),
    )
}

/// The chat must be the most urgent one, and the agent the one the delivery order picks.
fn dispatched(
    picture: &Picture,
    at: Timestamp,
    chat: ChatId,
    agent: AgentId,
    new_round: Option<bool>,
    drawn: bool,
) -> Verdict {
    let matches = rules::matches(picture, at);
    let first = matches.first();
    let is_first = first.is_some_and(|(_, _, most_urgent, _)| *most_urgent == chat);
    expect(is_first, "the most urgent chat goes first", || {
        format!("chat {chat} went to {agent}, possible were {matches:?}")
    })?;
    let Some((_, campaign, _, pick)) = first else {
        return Ok(());
    };
    expect(
        pick.agents.contains(&agent),
        "the delivery order picks the agent",
        || format!("chat {chat} of campaign {campaign} went to {agent}, expected {pick:?}"),
    )?;
    expect(
        new_round.is_none_or(|new_round| new_round == pick.new_round),
        "a new round begins when everyone was asked",
        || format!("chat {chat} to {agent}: {new_round:?}, expected {pick:?}"),
    )?;
    let order = picture
        .campaigns
        .get(campaign)
        .map(|state| state.settings.strategy.order);
    let random = matches!(order, Some(Order::Random | Order::WRandom));
    expect(
        random == drawn,
        "a draw is recorded where there is one",
        || format!("chat {chat}, order {order:?}, drawn {drawn}"),
    )
}

fn queue_settings(picture: &Picture, chat: ChatId) -> Option<&Campaign> {
    let queue = picture.chats.get(&chat)?.queue()?;
    picture.campaigns.get(&queue).map(|state| &state.settings)
}

/// What a timer did says which deadline it was, and comes no earlier.
fn on_time(at: Timestamp, due: Option<Timestamp>, deadline: Option<Timestamp>) -> Verdict {
    let holds = due == deadline && due.is_none_or(|due| due <= at);
    expect(
        holds,
        "a timer fires for its deadline and not before",
        || format!("at {at}, due {due:?}, expected {deadline:?}"),
    )
}

fn lapsed(
    why: OfferEnd,
    at: Timestamp,
    due: Option<Timestamp>,
    deadline: Option<Timestamp>,
    chat: ChatId,
) -> Verdict {
    let deadline = deadline.filter(|_| why == OfferEnd::Lapsed);
    let known = why != OfferEnd::Lapsed || deadline.is_some();
    expect(known, "only what has a deadline lapses", || {
        format!("chat {chat} at {at}")
    })?;
    on_time(at, due, deadline)
}

#[expect(clippy::too_many_arguments, reason = "the fields of one event")]
fn assigned(
    picture: &Picture,
    at: Timestamp,
    id: ChatId,
    campaign: CampaignId,
    agent: AgentId,
    how: Assignment,
    over_cap: bool,
    drawn: bool,
) -> Verdict {
    let Some(chat) = picture.chats.get(&id) else {
        return Ok(());
    };
    let Some(state) = picture.campaigns.get(&campaign) else {
        return Ok(());
    };
    let taker = picture.agents.get(&agent);
    let signed_in = taker.is_some_and(|agent| agent.session.is_some());
    expect(signed_in, "chats go to agents who are signed in", || {
        format!("chat {id} went to {agent}")
    })?;
    let over = !holds_slot(chat, agent) && at_cap(picture, campaign, agent);
    let meant = matches!(how, Assignment::TakenOver | Assignment::Forced);
    expect(
        over == over_cap && (meant || !over),
        "no agent is over the cap",
        || format!("chat {id} to {agent}, {how:?}: over {over}, recorded {over_cap}"),
    )?;
    let offered = chat
        .offer
        .is_some_and(|(asked, lapses_at)| asked == agent && at < lapses_at);
    let stays = chat.queue().unwrap_or(chat.campaign) == campaign;
    match how {
        Assignment::Direct => {
            let direct = state.settings.strategy.offer_timeout.is_none() && stays;
            expect(direct, "assigned only where nothing is offered", || {
                format!("chat {id} to {agent}")
            })?;
            dispatched(picture, at, id, agent, None, drawn)
        }
        Assignment::Accepted => expect(
            offered && chat.is_waiting() && stays,
            "accepted only what is on offer",
            || format!("chat {id} by {agent} at {at}: {:?}", chat.offer),
        ),
        Assignment::Taken => taken(picture, id, chat, campaign, agent),
        Assignment::Transferred => match chat.transfer {
            Some((Destination::Agent(to), lapses_at)) => expect(
                to == agent && lapses_at.is_none_or(|due| at < due) && campaign == chat.campaign,
                "accepted only what is on offer",
                || format!("transfer of {id} to {to} by {agent} at {at}"),
            ),
            Some((Destination::Campaign(to), _)) => {
                expect(to == campaign, "a transfer arrives where it goes", || {
                    format!("chat {id} in {campaign} instead of {to}")
                })?;
                match offered {
                    true => Ok(()),
                    false => dispatched(picture, at, id, agent, None, drawn),
                }
            }
            None => expect(false, "accepted only what is on offer", || {
                format!("chat {id} by {agent}: no transfer")
            }),
        },
        Assignment::TakenOver | Assignment::Forced => Ok(()),
    }
}

/// Source: domain.md §5, pull modes; §2, "a manual take answers `AtCapacity`".
fn taken(
    picture: &Picture,
    id: ChatId,
    chat: &ChatPicture,
    campaign: CampaignId,
    agent: AgentId,
) -> Verdict {
    let mode = picture
        .campaigns
        .get(&campaign)
        .map(|state| state.settings.strategy.mode);
    let to_be_had = chat.is_waiting() && chat.offer.is_none() && chat.campaign == campaign;
    expect(to_be_had, "only a waiting chat is taken", || {
        format!("chat {id} by {agent}")
    })?;
    let pull = mode.is_some_and(Mode::is_pull);
    let eligible = rules::tier(picture, campaign, agent).is_some();
    expect(!pull || eligible, "only an eligible agent takes", || {
        format!("chat {id} by {agent} in {mode:?}")
    })?;
    let queue = picture.queue(campaign);
    let mut to_be_had = queue
        .iter()
        .filter(|chat| picture.chats[*chat].is_dispatchable());
    let head = to_be_had.next() == Some(&id);
    expect(
        mode != Some(Mode::RingAll) || head,
        "only the head is taken",
        || format!("chat {id} by {agent} of {queue:?}"),
    )
}

fn holds_slot(chat: &ChatPicture, agent: AgentId) -> bool {
    chat.agents.contains(&agent)
        || chat.offer.is_some_and(|(asked, _)| asked == agent)
        || chat
            .transfer
            .is_some_and(|(to, _)| to == Destination::Agent(agent))
}

fn at_cap(picture: &Picture, campaign: CampaignId, agent: AgentId) -> bool {
    let cap = picture
        .campaigns
        .get(&campaign)
        .and_then(|state| state.settings.agent_cap);
    let here = cap.is_some_and(|cap| picture.load_in(agent, campaign) >= cap.get());
    let tenant = picture.tenant.agent_cap;
    here || tenant.is_some_and(|cap| picture.load(agent) >= cap.get())
}

fn slot_is_free(picture: &Picture, chat: ChatId, agent: AgentId) -> Verdict {
    let campaign = picture.chats.get(&chat).map(|chat| chat.campaign);
    let full = campaign.is_some_and(|campaign| at_cap(picture, campaign, agent));
    expect(!full, "no agent is over the cap", || {
        format!("agent {agent} in chat {chat}")
    })
}

fn transfer_to_campaign(picture: &Picture, at: Timestamp, chat: ChatId, to: CampaignId) -> Verdict {
    let Some(state) = picture.campaigns.get(&to) else {
        return Ok(());
    };
    let waiting = picture.queue(to).len() as u32;
    // Like a newcomer, who is not kept out by a full queue when somebody is free at once.
    let wish = picture
        .chats
        .get(&chat)
        .map(|chat| rules::Wish::of(chat).anew());
    let at_once = wish.is_some_and(|wish| rules::pick(picture, at, to, &wish).is_some());
    let room = at_once || state.settings.max_chats.admits(waiting);
    let takes = state.open && state.settings.enabled && room;
    expect(
        takes,
        "a transfer goes to a campaign that is open, enabled and not full",
        || format!("chat {chat} to {to} with {waiting} waiting"),
    )
}

fn posted(picture: &Picture, id: ChatId, message: &webchat_core::event::Message) -> Verdict {
    let Some(chat) = picture.chats.get(&id) else {
        return Ok(());
    };
    let Some(state) = picture.campaigns.get(&chat.campaign) else {
        return Ok(());
    };
    if let Author::Agent { agent, shown_as } = &message.author {
        let name = picture.agents.get(agent).map(|agent| &agent.profile.name);
        let expected = match state.settings.agent_name {
            AgentName::Shown => name.cloned(),
            AgentName::Hidden => Some(alias(&state.settings, chat.language)),
        };
        expect(
            expected.as_ref() == Some(shown_as),
            "a hidden agent goes by the alias",
            || format!("agent {agent} in chat {id} shown as {shown_as}, expected {expected:?}"),
        )?;
        expect(
            chat.agents.contains(agent),
            "agents write in their own chats",
            || format!("agent {agent} in chat {id}"),
        )?;
    }
    let welcome = |author: &Author| {
        matches!(
            author,
            Author::System {
                code: SystemCode::Welcome
            }
        )
    };
    if welcome(&message.author) {
        let text = text_of(
            &state.settings.wording.welcome,
            &state.settings,
            chat.language,
        );
        let first = message.number == 1 && text.as_ref() == Some(&message.text);
        expect(first, "the welcome comes once and first", || {
            format!("message {} of chat {id}", message.number)
        })?;
    }
    let before = chat.messages.iter().filter(|other| other.automatic).count();
    expect(
        !message.automatic || before == 0,
        "the automatic message comes once",
        || format!("message {} of chat {id}", message.number),
    )
}

fn closed(picture: &Picture, at: Timestamp, id: ChatId, event: &Event) -> Verdict {
    let Event::ChatClosed {
        reason,
        due,
        text,
        feedback,
        feedback_until,
        wrap_up_until,
        ..
    } = event
    else {
        return Ok(());
    };
    let Some(chat) = picture.chats.get(&id) else {
        return Ok(());
    };
    let Some(state) = picture.campaigns.get(&chat.campaign) else {
        return Ok(());
    };
    let settings = &state.settings;
    let language = chat.language;
    let in_queue = chat.is_waiting() && chat.transfer.is_none();
    let (allowed, says) = match reason {
        CloseReason::VisitorLeft | CloseReason::SupervisorClosed => (due.is_none(), None),
        CloseReason::AgentClosed => (!chat.is_waiting() && due.is_none(), None),
        CloseReason::VisitorGone => {
            let limit = patience(chat, settings);
            let deadline = chat
                .lost_since
                .zip(limit)
                .map(|(since, limit)| since.after(limit));
            (deadline.is_some() && deadline == *due, None)
        }
        CloseReason::TimedOut => {
            let deadline = settings.time_out.map(|limit| chat.wait_from.after(limit));
            let unavailable = not_available(settings, language);
            (
                in_queue && deadline.is_some() && deadline == *due,
                Some(unavailable),
            )
        }
        CloseReason::OutOfTime => (
            in_queue && !state.open,
            Some(out_of_time(settings, language)),
        ),
        CloseReason::Disabled => {
            let allowed = in_queue && !settings.enabled;
            (allowed, Some(not_available(settings, language)))
        }
        CloseReason::AgentsGone => {
            let deadline = empty_for_too_long(chat, settings, state.empty_since);
            let allowed = in_queue && deadline.is_some() && deadline == *due;
            (allowed, Some(not_available(settings, language)))
        }
        CloseReason::AgentGone => {
            let allowed = !chat.is_waiting() && settings.on_agent_lost == OnAgentLost::Close;
            (allowed, Some(not_available(settings, language)))
        }
    };
    expect(chat.call.is_none(), "a call ends with its chat", || {
        format!("chat {id}: {:?}", chat.call)
    })?;
    expect(
        allowed,
        "a chat is closed only for a reason that applies",
        || format!("chat {id}: {reason:?} due {due:?}, {chat:?}"),
    )?;
    expect(
        due.is_none_or(|due| due <= at),
        "not before its time",
        || format!("chat {id} closed at {at}, due {due:?}"),
    )?;
    expect(
        *text == says,
        "the visitor is told why in their language",
        || format!("chat {id}: {text:?}, expected {says:?}"),
    )?;
    let day = Seconds::new(FEEDBACK_SECONDS);
    let form = chat.answered && settings.feedback_form;
    let until = day.filter(|_| form).map(|day| at.after(day));
    expect(
        feedback.is_some() == chat.answered && *feedback_until == until,
        "feedback is asked for if an agent had accepted",
        || format!("chat {id}: {feedback:?} until {feedback_until:?}"),
    )?;
    let wrap_up = settings.wrap_up.filter(|_| chat.owner().is_some());
    expect(
        *wrap_up_until == wrap_up.map(|wrap_up| at.after(wrap_up)),
        "the slot stays taken for the wrap-up time",
        || format!("chat {id}: {wrap_up_until:?}"),
    )
}

/// How long a disconnected visitor's chat is kept.
pub(super) fn patience(chat: &ChatPicture, settings: &Campaign) -> Option<Seconds> {
    match (settings.auto_finish, chat.is_waiting()) {
        (Some(limit), _) => Some(limit),
        (None, true) => Some(settings.waiting_floor),
        (None, false) => None,
    }
}

/// When a chat that waits is told that nobody is there any more.
pub(super) fn empty_for_too_long(
    chat: &ChatPicture,
    settings: &Campaign,
    empty_since: Option<Timestamp>,
) -> Option<Timestamp> {
    let limit = settings.leave_when_empty_after?;
    let since = empty_since?.max(chat.wait_from);
    Some(since.after(limit))
}

/// The text for a language: the tag, its primary subtag, the default, then en, es, pt, then any.
fn text_of(texts: &Texts, settings: &Campaign, language: Language) -> Option<Arc<str>> {
    let primary = language.as_str().split('-').next().unwrap_or_default();
    let wanted = [
        language.as_str(),
        primary,
        settings.wording.default_language.as_str(),
        "en",
        "es",
        "pt",
    ];
    let written = |tag: &&str| texts.0.iter().find(|(written, _)| written.as_str() == *tag);
    let found = wanted
        .iter()
        .find_map(written)
        .or_else(|| texts.0.iter().next());
    found.map(|(_, text)| text.clone())
}

fn out_of_time(settings: &Campaign, language: Language) -> Arc<str> {
    or_built_in(
        &settings.wording.out_of_time,
        BuiltIn::OutOfTime,
        settings,
        language,
    )
}

fn not_available(settings: &Campaign, language: Language) -> Arc<str> {
    or_built_in(
        &settings.wording.not_available,
        BuiltIn::NotAvailable,
        settings,
        language,
    )
}

fn alias(settings: &Campaign, language: Language) -> Arc<str> {
    or_built_in(&settings.wording.alias, BuiltIn::Alias, settings, language)
}

fn or_built_in(
    texts: &Texts,
    built_in: BuiltIn,
    settings: &Campaign,
    language: Language,
) -> Arc<str> {
    text_of(texts, settings, language).unwrap_or_else(|| {
        built_in
            .wording(language, settings.wording.default_language)
            .into()
    })
}
