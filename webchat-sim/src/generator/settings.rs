//! Campaigns, with limits so small that they are reached, and the edit of any of their fields.

use std::num::NonZeroU32;
use std::sync::Arc;

use webchat_core::campaign::{
    AgentName, AllowedDomains, Campaign, CampaignDraft, Colour, DispositionRule, EmailRule,
    ExtraField, Mode, OfflineForm, OnAgentLost, OnClose, Order, WaitingLimit, WhenEmpty,
};
use webchat_core::file::{FileKind, FileRules};
use webchat_core::schedule::{Day, Schedule, ScheduleDraft, Zones};
use webchat_core::time::Seconds;
use webchat_core::wording::{Language, Texts};

use super::Generator;

const MODES: [Mode; 7] = [
    Mode::InCall,
    Mode::NoCall,
    Mode::Interaction,
    Mode::NoPause,
    Mode::Omni,
    Mode::RingAll,
    Mode::RingAllMultiple,
];

const ORDERS: [Order; 7] = [
    Order::Linear,
    Order::RrMemory,
    Order::LeastRecent,
    Order::FewestCalls,
    Order::Random,
    Order::WRandom,
    Order::LeastLoaded,
];

/// Fields [`Generator::edit`] knows of.
const FIELDS: usize = 34;

impl Generator {
    /// A new campaign with many of its fields drawn.
    pub(super) fn campaign(&mut self) -> Campaign {
        let number = self.unique();
        let draft = CampaignDraft {
            name: format!("Campaign {number}"),
            ..CampaignDraft::default()
        };
        let (mut campaign, _warnings) = draft
            .check(&self.zones)
            .expect("a draft with a name is a campaign");
        // Mode and order always, the rest by chance.
        self.edit_field(0, &mut campaign);
        self.edit_field(1, &mut campaign);
        campaign.media = self.choices.chance(60);
        campaign.files = self.choices.chance(60).then(|| FileRules {
            max_kib: NonZeroU32::MIN,
            kinds: vec![FileKind::Image],
        });
        let edits = self.choices.below(14);
        for _ in 0..edits {
            self.edit(&mut campaign);
        }
        campaign
    }

    /// Draws one field anew.
    pub(super) fn edit(&mut self, campaign: &mut Campaign) {
        let field = self.choices.below(FIELDS);
        self.edit_field(field, campaign);
    }

    fn edit_field(&mut self, field: usize, campaign: &mut Campaign) {
        let strategy = &mut campaign.strategy;
        match field {
            0 => strategy.mode = *self.choices.pick(&MODES),
            1 => strategy.order = *self.choices.pick(&ORDERS),
            2 => strategy.penalty_tiers = self.choices.chance(50),
            3 => strategy.offer_timeout = self.seconds(&[0, 0, 1, 5, 20]),
            4 => strategy.pause_after_lapses = self.count(&[0, 1, 2]),
            5 => campaign.name = self.campaign_name(),
            6 => campaign.weight = *self.choices.pick(&[0, 0, 1, 100]),
            7 => campaign.answer_within = self.seconds(&[0, 1, 20]),
            8 => campaign.target_percent = *self.choices.pick(&[0, 80, 100]),
            9 | 10 => campaign.schedule = self.schedule(),
            11 => {
                campaign.on_close =
                    *self
                        .choices
                        .pick(&[OnClose::SeedRule, OnClose::CloseAll, OnClose::Drain]);
            }
            12 => campaign.wording.default_language = self.language(),
            13 => campaign.wording.welcome = self.texts("welcome"),
            14 => campaign.wording.out_of_time = self.texts("closed"),
            15 => campaign.wording.not_available = self.texts("nobody"),
            16 => campaign.wording.feedback = self.texts("how was it"),
            17 => campaign.wording.automatic = self.texts("hello"),
            18 => campaign.wording.alias = self.texts("alias"),
            19 => campaign.agent_cap = self.count(&[0, 1, 1, 2, 3]),
            20 => campaign.dropout = self.seconds(&[0, 1, 10]),
            21 => {
                campaign.time_chat = self.seconds(&[0, 5, 60]);
                campaign.acd = self.count(&[0, 1, 3]);
                // Drawn from nothing, so that old seeds tell the same stories.
                if campaign.acd.is_some() {
                    campaign.notices.addresses = vec!["lead@mail.example".into()];
                    campaign.notices.cleared = campaign.time_chat.is_some();
                }
            }
            22 => {
                let count = NonZeroU32::new(1 + self.choices.below(4) as u32);
                let limited = count.map_or(WaitingLimit::Unlimited, WaitingLimit::AtMost);
                campaign.max_chats = *self.choices.pick(&[
                    limited,
                    limited,
                    WaitingLimit::Unlimited,
                    WaitingLimit::NoWaiting,
                ]);
            }
            23 => campaign.time_out = self.seconds(&[0, 0, 1, 5, 30, 300]),
            24 => campaign.auto_finish = self.seconds(&[0, 1, 10, 60, 300]),
            25 => {
                let floor = self.seconds(&[1, 5, 120]);
                campaign.waiting_floor = floor.unwrap_or(campaign.waiting_floor);
            }
            26 => {
                campaign.colour = Colour([1, 2, self.choices.below(256) as u8]);
                campaign.media = self.choices.chance(50);
                campaign.files = self.choices.chance(50).then(|| FileRules {
                    max_kib: NonZeroU32::MIN,
                    kinds: vec![FileKind::Image],
                });
                campaign.quality_model = self.count(&[0, 0, 0, 1]).map(NonZeroU32::get);
                campaign.retention_days = self.count(&[0, 30]);
            }
            27 => campaign.agent_name = *self.choices.pick(&[AgentName::Shown, AgentName::Hidden]),
            28 => campaign.enabled = self.choices.chance(85),
            29 => {
                campaign.feedback_form = self.choices.chance(60);
                campaign.email = *self
                    .choices
                    .pick(&[EmailRule::Required, EmailRule::Optional]);
                campaign.extra = self.extra();
            }
            30 => {
                campaign.offline = self.offline();
                campaign.transcript_by_mail = campaign.offline != OfflineForm::Off;
                campaign.allowed_domains = self.domains();
                campaign.disposition = self.disposition();
            }
            31 => {
                campaign.when_empty = *self.choices.pick(&[
                    WhenEmpty::Refuse,
                    WhenEmpty::Admit,
                    WhenEmpty::NeedAvailable,
                ]);
                campaign.leave_when_empty_after = self.seconds(&[0, 0, 1, 30]);
            }
            32 => campaign.wrap_up = self.seconds(&[0, 1, 10]),
            _ => {
                campaign.on_agent_lost = *self.choices.pick(&[
                    OnAgentLost::Requeue,
                    OnAgentLost::Keep,
                    OnAgentLost::Close,
                ]);
            }
        }
    }

    pub(super) fn count(&mut self, options: &[u32]) -> Option<NonZeroU32> {
        NonZeroU32::new(*self.choices.pick(options))
    }

    fn seconds(&mut self, options: &[u32]) -> Option<Seconds> {
        Seconds::new(*self.choices.pick(options))
    }

    fn campaign_name(&mut self) -> Arc<str> {
        let number = self.unique();
        match self.is_garbage() {
            // Empty, too long, or perhaps taken.
            true => match self.choices.below(3) {
                0 => "".into(),
                1 => "n".repeat(81).into(),
                _ => format!("campaign {}", self.choices.below(5)).into(),
            },
            false => format!("Campaign {number}").into(),
        }
    }

    fn language(&mut self) -> Language {
        *self
            .choices
            .pick(&[Language::EN, Language::ES, Language::PT])
    }

    fn texts(&mut self, word: &str) -> Texts {
        let tags = [Language::EN, Language::ES, Language::PT];
        let mut texts = Texts::default();
        for tag in tags {
            if self.choices.chance(50) {
                texts.0.insert(tag, format!("{word} {tag}").into());
            }
        }
        texts
    }

    /// Always open, or hours around what the clock shows, in a zone with something special about it.
    fn schedule(&mut self) -> Schedule {
        if self.choices.chance(55) {
            return Schedule::always();
        }
        let zone = *self.choices.pick(&[
            "UTC",
            "America/Montevideo",
            "Europe/Madrid",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
        ]);
        let hours = [
            ("00:00", "24:00"),
            ("00:00", "23:00"),
            ("09:00", "18:00"),
            ("22:00", "06:00"),
            ("12:00", "12:01"),
            ("02:15", "02:45"),
        ];
        let mut draft = ScheduleDraft::weekly(zone);
        for day in Day::ALL {
            if self.choices.chance(85) {
                let (start, end) = *self.choices.pick(&hours);
                draft = draft.open(&[day], start, end);
            }
        }
        if self.choices.chance(30) {
            let seconds = self.clock.as_millis() / 1_000;
            let date = civil_date(seconds + 86_400 * self.choices.below(3) as i64);
            draft = match self.choices.chance(50) {
                true => draft.closed_on(&date),
                false => draft.open_on(&date, "10:00", "10:30"),
            };
        }
        check(&draft, &self.zones)
    }

    fn extra(&mut self) -> Option<ExtraField> {
        self.choices.chance(40).then(|| ExtraField {
            label: Texts::from([(Language::EN, "Telephone")]),
            required: self.choices.chance(50),
            pattern: self.choices.chance(30).then(|| "[0-9 ]+".into()),
        })
    }

    fn offline(&mut self) -> OfflineForm {
        match self.choices.chance(50) {
            true => OfflineForm::Off,
            false => OfflineForm::On {
                address: "team@mail.example".into(),
                also_when_full: self.choices.chance(50),
            },
        }
    }

    fn domains(&mut self) -> AllowedDomains {
        let sites: &[&str] = match self.choices.chance(20) {
            true => &["shop.example"],
            false => &[],
        };
        AllowedDomains::parse(sites.iter().copied()).unwrap_or_default()
    }

    fn disposition(&mut self) -> DispositionRule {
        let paths: &[&[&str]] = match self.choices.chance(50) {
            true => &[&["sale", "card"], &["sale", "cash"], &["complaint"]],
            false => &[],
        };
        let path = |path: &&[&str]| path.iter().map(|step| Arc::from(*step)).collect();
        DispositionRule {
            required: self.choices.chance(30),
            choices: paths.iter().map(path).collect(),
        }
    }
}

fn check(draft: &ScheduleDraft, zones: &Zones) -> Schedule {
    draft.check(zones).unwrap_or_default()
}

/// The UTC date as `YYYY-MM-DD`.
fn civil_date(seconds: i64) -> String {
    let instant = webchat_core::time::Timestamp::from_seconds(seconds).to_string();
    instant.chars().take(10).collect()
}
