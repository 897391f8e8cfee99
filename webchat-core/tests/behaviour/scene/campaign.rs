//! Campaigns as scenes set them up.

use webchat_core::campaign::{Campaign, CampaignDraft};
use webchat_core::command::HostCommand;
use webchat_core::schedule::{Day, ScheduleDraft, Zones};

use super::{Scene, Step};

/// A campaign to be created.
pub(crate) struct CampaignSetup(CampaignDraft);

/// The campaign `Support` with the defaults of the form, but for two things: visitors may wait although
/// nobody is signed in, and the texts for those turned away are short.
pub(crate) fn campaign() -> CampaignSetup {
    CampaignSetup(CampaignDraft {
        when_empty: "admit".to_owned(),
        out_of_time: texts("Out of time"),
        not_available: texts("Not available"),
        ..CampaignDraft::named("Support")
    })
}

/// A text in the three languages: `Hello (es)` and so on.
pub(crate) fn texts(text: &str) -> webchat_core::campaign::TextsDraft {
    let tags = ["es", "en", "pt"];
    tags.map(|tag| (tag.to_owned(), format!("{text} ({tag})")))
        .into()
}

macro_rules! settings {
    ($($name:ident: $kind:ty),* $(,)?) => {
        $(pub(crate) fn $name(mut self, value: $kind) -> Self {
            self.0.$name = value.into();
            self
        })*
    };
}

impl CampaignSetup {
    settings! {
        mode: &str, order: &str, offer_timeout: i64, pause_after_lapses: i64, weight: i64,
        penalty_tiers: bool, agent_cap: i64, max_chats: i64, no_waiting: bool, time_out: i64,
        auto_finish: i64, waiting_floor: i64, when_empty: &str, leave_when_empty_after: i64,
        wrap_up: i64, on_agent_lost: &str, on_close: &str, dropout: i64, answer_within: i64,
        enabled: bool, require_email: bool, show_agent_name: bool, feedback_form: bool,
        disposition_required: bool,
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        self.0.name = name.to_owned();
        self
    }

    /// Changes whatever has no method of its own.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut CampaignDraft)) -> Self {
        change(&mut self.0);
        self
    }

    /// Hours such as `mon-fri 09:00-18:00, sat 10:00-14:00`.
    pub(crate) fn open(mut self, hours: &str, zone: &str) -> Self {
        self.0.schedule = hours_of(hours, zone);
        self
    }

    /// Welcome, Automatic Agent Message and Feedback in three languages.
    pub(crate) fn texts(mut self) -> Self {
        self.0.welcome = texts("Welcome");
        self.0.automatic = texts("How can I help?");
        self.0.feedback = texts("Thank you");
        self
    }

    pub(super) fn zone(&self) -> &str {
        match self.0.schedule.zone.as_str() {
            "" => "UTC",
            zone => zone,
        }
    }
}

/// A weekly schedule such as `mon-fri 09:00-18:00, sat 10:00-14:00`.
pub(crate) fn hours_of(hours: &str, zone: &str) -> ScheduleDraft {
    let mut schedule = ScheduleDraft::weekly(zone);
    for range in hours.split(", ").filter(|range| !range.is_empty()) {
        let (days, times) = range.split_once(' ').expect("days and times");
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let day = |name| {
            Day::ALL
                .iter()
                .position(|day| day.as_str() == name)
                .unwrap()
        };
        let (start, end) = times.split_once('-').expect("start and end");
        schedule = schedule.open(&Day::ALL[day(first)..=day(last)], start, end);
    }
    schedule
}

pub(super) fn checked(draft: &CampaignDraft) -> Box<Campaign> {
    let (campaign, _warnings) = draft.check(&Zones::bundled()).unwrap();
    Box::new(campaign)
}

impl Step for CampaignSetup {
    fn play(self, scene: &mut Scene) {
        let created = scene.host(HostCommand::create_campaign(*checked(&self.0)));
        assert!(created.is_ok(), "{created:?}");
    }
}
