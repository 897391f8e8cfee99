//! A draft tried out: how its window would look and what a visitor would meet at some time, before anything is saved.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use webchat_core::campaign::{AgentName, CampaignDraft, Warning};
use webchat_core::event::RefusalReason;
use webchat_core::id::CampaignId;
use webchat_core::problem::Problem;
use webchat_core::schedule::Calendar;
use webchat_core::time::Timestamp;
use webchat_core::wording::Language;

use super::campaigns;
use crate::api::Api;
use crate::app::{App, Call};
use crate::ical::{self, ClosedDates};
use crate::refused::{Refused, json};
use crate::session;
use crate::window::{self, Window};

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Trial")]
struct Wanted {
    settings: CampaignDraft,
    /// Whose settings they are to be; left out for one that does not exist yet.
    campaign: Option<CampaignId>,
    /// What the clock on the wall shows where the campaign is, such as `2026-12-25T10:00`; left out, now.
    at: Option<String>,
    language: Option<String>,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Tried {
    /// What looks unintended.
    warnings: Vec<Warning>,
    /// What the window would be told.
    window: Window,
    texts: Texts,
    visit: Visit,
}

/// What is said in a chat, in the visitor's language; `None` where nothing is.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "TrialTexts")]
struct Texts {
    welcome: Option<Arc<str>>,
    automatic: Option<Arc<str>>,
    feedback: Option<Arc<str>>,
    /// What the visitor sees instead of the agent's name; `None` where the name is shown.
    alias: Option<Arc<str>>,
}

/// What a visitor who comes then would meet, as long as agents are there and the queue has room.
#[derive(Serialize, schemars::JsonSchema)]
struct Visit {
    at: Timestamp,
    zone: String,
    open: bool,
    /// When that changes; `None` if it never does.
    next_change: Option<Timestamp>,
    /// Why the visitor is turned away; `None` for those who are let in.
    refused: Option<RefusalReason>,
    language: Language,
    /// The text shown: Welcome, Out of Time or Message Not Available. `None` when Welcome is not written.
    text: Option<Arc<str>>,
    next_open_at: Option<Timestamp>,
    offline_form: bool,
}

/// `POST /api/v1/campaigns/trial`
pub(crate) async fn answer(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "POST /api/v1/campaigns/trial").await?;
    let wanted: Wanted = call.json()?;
    let (settings, warnings) = campaigns::checked(app, &wanted.settings)?;
    let calendar = Calendar::compile(&settings.schedule, &app.parts.zones)
        .map_err(|error| Refused::field(Problem::new("schedule.zone", error, "a known zone")))?;
    let at = match &wanted.at {
        None => app.now(),
        Some(wall) => match wall.parse::<DateTime>() {
            Ok(wall) => calendar.first_instant(wall),
            Err(_) => {
                let expected = "a date and a time such as 2026-12-25T10:00";
                return Err(Refused::field(Problem::new("at", wall, expected)));
            }
        },
    };
    let open = calendar.is_open(at);
    let opens = || calendar.next_open_at(at);
    let asked = window::language(wanted.language.as_deref());
    let language = asked.unwrap_or(settings.wording.default_language);
    let next_open_at = (!open).then(opens).flatten();
    let campaign = wanted.campaign.unwrap_or(CampaignId(0));
    let modules = app.assets.modules();
    let mut window = window::window(campaign, &settings, open, next_open_at, asked, modules);
    window.transcript_by_mail &= app.settings.mail;
    let wording = &settings.wording;
    let said = |texts| wording.optional(texts, language);
    let texts = Texts {
        welcome: said(&wording.welcome),
        automatic: said(&wording.automatic),
        feedback: said(&wording.feedback),
        alias: (settings.agent_name == AgentName::Hidden).then(|| wording.alias(language)),
    };
    let zone = settings.schedule.zone().to_owned();
    let next_change = calendar.next_change(at).map(|change| change.at);
    let visit = match settings.turned_away(open) {
        Some(reason) => {
            let refusal = settings.refusal(reason, language, opens());
            Visit {
                at,
                zone,
                open,
                next_change,
                refused: Some(reason),
                language,
                text: Some(refusal.text),
                next_open_at: refusal.next_open_at,
                offline_form: refusal.offline_form,
            }
        }
        None => Visit {
            at,
            zone,
            open,
            next_change,
            refused: None,
            language,
            text: texts.welcome.clone(),
            next_open_at: None,
            offline_form: false,
        },
    };
    let warnings = campaigns::with_members(app, wanted.campaign, warnings).await?;
    let tried = Tried {
        warnings,
        window,
        texts,
        visit,
    };
    Ok(json(StatusCode::OK, &tried))
}

/// `POST /api/v1/closed-dates`: the closed dates of an iCalendar file from today on, for the exceptions of a schedule.
pub(crate) async fn closed_dates(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::POST {
        return Err(Refused::method_not_allowed());
    }
    session::require(app, call, "POST /api/v1/closed-dates").await?;
    let today = jiff::Timestamp::from_millisecond(app.now().as_millis()).unwrap_or_default();
    let today = jiff::tz::Offset::UTC.to_datetime(today).date();
    let file = call.body.clone();
    let read = tokio::task::spawn_blocking(move || ical::closed_dates(&file, today)).await;
    match read {
        Ok(Ok(found)) => Ok(json(StatusCode::OK, &found)),
        Ok(Err(problems)) => Err(Refused::form(problems.0)),
        // A file on which the reader failed changes nothing, and is no reason to fail with it.
        Err(error) => {
            tracing::error!(%error, "an iCalendar file could not be read");
            let expected = "an iCalendar file that can be read";
            Err(Refused::field(Problem::new("file", "this one", expected)))
        }
    }
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "POST /api/v1/campaigns/trial",
        "What a visitor would meet with these settings, which are not saved",
    )
    .takes::<Wanted>()
    .answers::<Tried>(200);
    api.route(
        "POST /api/v1/closed-dates",
        "The closed dates of an iCalendar file from today on, such as public holidays",
    )
    .takes_bytes("text/calendar")
    .answers::<ClosedDates>(200);
}
