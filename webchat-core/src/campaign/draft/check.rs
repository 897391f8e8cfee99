//! From draft to campaign: every setting is looked at, whatever is wrong with the ones before it.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{Deserialize, IntoDeserializer};

use super::{CampaignDraft, ExtraFieldDraft, FilesDraft, TextsDraft};
use crate::campaign::{
    AgentName, AllowedDomains, Campaign, Colour, DispositionRule, EmailRule, ExtraField, Notices,
    OfflineForm, Strategy, WaitingLimit,
};
use crate::field::{self, Pattern};
use crate::file::{FileKind, FileRules};
use crate::limits;
use crate::notice::ADDRESSES;
use crate::problem::Problems;
use crate::schedule::{Schedule, ScheduleDraft, Zones};
use crate::time::Seconds;
use crate::wording::{Language, Texts, Wording};

/// A setting that is accepted but probably not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Warning {
    /// The setting.
    pub field: &'static str,
    /// A stable code of the reason.
    pub code: &'static str,
    /// The reason in English.
    pub text: &'static str,
}

impl CampaignDraft {
    /// The campaign this draft describes, and what about it looks unintended.
    ///
    /// That the name is unique is known to the engine only.
    ///
    /// # Errors
    /// Every problem at once, in the order of the fields, each with path, value and what is allowed.
    pub fn check(&self, zones: &Zones) -> Result<(Campaign, Vec<Warning>), Problems> {
        let mut form = Form::default();
        let campaign = form.campaign(self, zones);
        let campaign = form.problems.or(campaign)?;
        let warnings = self.warnings(&campaign);
        Ok((campaign, warnings))
    }

    fn warnings(&self, campaign: &Campaign) -> Vec<Warning> {
        let hours = ScheduleDraft::from(&campaign.schedule);
        let always_open = hours.always == Some(true) && hours.exceptions.is_empty();
        let waiting_at_most = match campaign.max_chats {
            WaitingLimit::Unlimited => None,
            WaitingLimit::NoWaiting => Some(0),
            WaitingLimit::AtMost(max) => Some(max.get()),
        };
        let has_alarms = campaign.acd.is_some()
            || campaign.time_chat.is_some()
            || (campaign.target_percent > 0 && campaign.answer_within.is_some());
        let strategy = &campaign.strategy;
        let extra = &self.extra_field;
        let possible = [
            (
                strategy.mode.is_pull() && strategy.offer_timeout.is_some(),
                "offer_timeout",
                "no_effect",
                "in this mode agents take chats themselves and nothing is offered",
            ),
            (
                strategy.pause_after_lapses.is_some() && strategy.offer_timeout.is_none(),
                "pause_after_lapses",
                "no_effect",
                "chats are assigned directly, so no offer can lapse",
            ),
            (
                campaign.time_out.is_some() && campaign.answer_within > campaign.time_out,
                "answer_within",
                "always_in_time",
                "nobody can wait that long, so every answer is in time",
            ),
            (
                campaign.target_percent > 0 && campaign.answer_within.is_none(),
                "target_percent",
                "no_effect",
                "without seconds for the service level there is nothing to measure",
            ),
            (
                campaign.schedule.never_opens(),
                "schedule",
                "never_open",
                "there are no opening hours, so every visitor is turned away",
            ),
            (
                campaign
                    .acd
                    .is_some_and(|acd| waiting_at_most.is_some_and(|most| acd.get() > most)),
                "acd",
                "no_effect",
                "so many chats can never wait, so the alarm cannot go off",
            ),
            (
                !self.offline_message && !self.offline_address.trim().is_empty(),
                "offline_address",
                "not_kept",
                "the offline message is off, so its address is not kept",
            ),
            (
                !self.offline_message && self.offline_when_full,
                "offline_when_full",
                "not_kept",
                "the offline message is off",
            ),
            (
                self.offline_message && !self.offline_when_full && always_open,
                "offline_message",
                "no_effect",
                "the campaign is always open, so the form is never shown",
            ),
            (
                !campaign.notices.addresses.is_empty() && !has_alarms,
                "notice_addresses",
                "no_effect",
                "no threshold has an alarm, so there is nothing to tell",
            ),
            (
                self.notice_cleared && campaign.notices.addresses.is_empty(),
                "notice_cleared",
                "not_kept",
                "there is no address to tell",
            ),
            (
                !extra.visible && *extra != ExtraFieldDraft::default(),
                "extra_field",
                "not_kept",
                "the field is not visible, so its settings are not kept",
            ),
            (
                !self.files.allowed && self.files != FilesDraft::default(),
                "files",
                "not_kept",
                "files are not allowed, so their settings are not kept",
            ),
            (
                campaign.allowed_domains.is_empty(),
                "allowed_domains",
                "any_site",
                "no domains are listed, so any site can carry the window",
            ),
        ];
        possible
            .into_iter()
            .filter(|(holds, ..)| *holds)
            .map(|(_, field, code, text)| Warning { field, code, text })
            .collect()
    }
}

impl Campaign {
    /// What to say about settings that need a mail server when there is none. What is owed stays owed.
    pub fn warnings_without_mail(&self) -> Vec<Warning> {
        let needing = [
            (self.offline != OfflineForm::Off, "offline_message"),
            (self.transcript_by_mail, "transcript_by_mail"),
            (!self.notices.addresses.is_empty(), "notice_addresses"),
        ];
        let needing = needing.into_iter().filter(|(on, _)| *on);
        needing
            .map(|(_, field)| Warning {
                field,
                code: "no_mail_server",
                text: "no mail server is set up, so nothing is mailed until there is one",
            })
            .collect()
    }
}

/// Collects the problems of a draft. A wrong setting is noted, and a placeholder takes its place.
#[derive(Default)]
struct Form {
    problems: Problems,
}

impl Form {
    fn campaign(&mut self, draft: &CampaignDraft, zones: &Zones) -> Campaign {
        // The fields are in the order of the draft, so that the problems are, too.
        Campaign {
            name: self.line("name", &draft.name, limits::NAME_CHARS),
            enabled: draft.enabled,
            strategy: Strategy {
                mode: self.choice("mode", &draft.mode),
                order: self.choice("order", &draft.order),
                penalty_tiers: draft.penalty_tiers,
                offer_timeout: self.seconds("offer_timeout", draft.offer_timeout, "direct"),
                pause_after_lapses: self.count(
                    "pause_after_lapses",
                    draft.pause_after_lapses,
                    "never",
                ),
            },
            weight: self.small("weight", draft.weight, limits::WEIGHT, "lowest"),
            answer_within: self.seconds("answer_within", draft.answer_within, "off"),
            target_percent: self.small("target_percent", draft.target_percent, 100, "off"),
            schedule: self.schedule(&draft.schedule, zones),
            on_close: self.choice("on_close", &draft.on_close),
            wording: Wording {
                default_language: self
                    .language("default_language", &draft.default_language)
                    .unwrap_or(Language::EN),
                welcome: self.texts("welcome", &draft.welcome),
                out_of_time: self.texts("out_of_time", &draft.out_of_time),
                not_available: self.texts("not_available", &draft.not_available),
                feedback: self.texts("feedback", &draft.feedback),
                automatic: self.texts("automatic", &draft.automatic),
                alias: self.labels("alias", &draft.alias),
            },
            agent_cap: self.count("agent_cap", draft.agent_cap, "unlimited"),
            quality_model: self
                .number("quality_model", draft.quality_model, u32::MAX, "none", "")
                .map(NonZeroU32::get),
            dropout: self.seconds("dropout", draft.dropout, "off"),
            time_chat: self.seconds("time_chat", draft.time_chat, "off"),
            acd: self.count("acd", draft.acd, "off"),
            max_chats: self.waiting_limit(draft),
            time_out: self.seconds("time_out", draft.time_out, "off"),
            auto_finish: self.seconds("auto_finish", draft.auto_finish, "off"),
            waiting_floor: self.waiting_floor(draft.waiting_floor),
            colour: self.colour(&draft.colour),
            agent_name: if draft.show_agent_name {
                AgentName::Shown
            } else {
                AgentName::Hidden
            },
            feedback_form: draft.feedback_form,
            email: if draft.require_email {
                EmailRule::Required
            } else {
                EmailRule::Optional
            },
            media: draft.media,
            files: self.files(&draft.files),
            offline: self.offline(draft),
            transcript_by_mail: draft.transcript_by_mail,
            notices: self.notices(draft),
            extra: self.extra_field(&draft.extra_field),
            allowed_domains: self.allowed_domains(&draft.allowed_domains),
            when_empty: self.choice("when_empty", &draft.when_empty),
            leave_when_empty_after: self.seconds(
                "leave_when_empty_after",
                draft.leave_when_empty_after,
                "never",
            ),
            wrap_up: self.seconds("wrap_up", draft.wrap_up, "off"),
            on_agent_lost: self.choice("on_agent_lost", &draft.on_agent_lost),
            disposition: DispositionRule {
                required: draft.disposition_required,
                choices: self.dispositions(&draft.dispositions),
            },
            retention_days: self.number(
                "retention_days",
                draft.retention_days,
                limits::SETTING_DAYS,
                "kept for ever",
                " days",
            ),
        }
    }

    fn schedule(&mut self, draft: &ScheduleDraft, zones: &Zones) -> Schedule {
        draft.check(zones).unwrap_or_else(|problems| {
            self.problems.nest("schedule", problems);
            Schedule::always()
        })
    }

    fn waiting_limit(&mut self, draft: &CampaignDraft) -> WaitingLimit {
        let most = self.count("max_chats", draft.max_chats, "no limit");
        match (draft.no_waiting, most) {
            (true, Some(_)) => {
                self.problems
                    .add("max_chats", draft.max_chats, "0 when no_waiting is on");
                WaitingLimit::NoWaiting
            }
            (true, None) => WaitingLimit::NoWaiting,
            (false, Some(most)) => WaitingLimit::AtMost(most),
            (false, None) => WaitingLimit::Unlimited,
        }
    }

    fn waiting_floor(&mut self, value: i64) -> Seconds {
        let floor = within(value, limits::SETTING_SECONDS).and_then(Seconds::new);
        floor.unwrap_or_else(|| {
            let expected = format!("1 to {} seconds", limits::SETTING_SECONDS);
            self.problems.add("waiting_floor", value, expected);
            ONE_SECOND
        })
    }

    fn colour(&mut self, value: &str) -> Colour {
        value.parse().unwrap_or_else(|_| {
            self.problems
                .add("colour", value, "# and six hex digits such as #0b6bcb");
            Colour::default()
        })
    }

    fn files(&mut self, draft: &FilesDraft) -> Option<FileRules> {
        if !draft.allowed {
            return None;
        }
        let max_kib = within(draft.max_kib, limits::FILE_KIB).and_then(NonZeroU32::new);
        if max_kib.is_none() {
            let expected = format!("1 to {} KiB", limits::FILE_KIB);
            self.problems.add("files.max_kib", draft.max_kib, expected);
        }
        let known = || FileKind::ALL.map(FileKind::code).join(", ");
        let mut kinds = Vec::new();
        for (index, word) in draft.kinds.iter().enumerate() {
            match FileKind::ALL.into_iter().find(|kind| kind.code() == word) {
                Some(kind) if !kinds.contains(&kind) => kinds.push(kind),
                Some(_) => {}
                None => {
                    let expected = format!("one of {}", known());
                    self.problems
                        .add(format!("files.kinds[{index}]"), word, expected);
                }
            }
        }
        if draft.kinds.is_empty() {
            let expected = format!("at least one of {}", known());
            self.problems.add("files.kinds", "", expected);
        }
        Some(FileRules {
            max_kib: max_kib.unwrap_or(NonZeroU32::MIN),
            kinds,
        })
    }

    fn offline(&mut self, draft: &CampaignDraft) -> OfflineForm {
        if !draft.offline_message {
            return OfflineForm::Off;
        }
        let address = draft.offline_address.trim();
        if !field::is_email(address) {
            self.problems
                .add("offline_address", address, field::AN_EMAIL);
        }
        OfflineForm::On {
            address: address.into(),
            also_when_full: draft.offline_when_full,
        }
    }

    fn notices(&mut self, draft: &CampaignDraft) -> Notices {
        let entries = &draft.notice_addresses;
        if entries.len() > ADDRESSES {
            let found = format_args!("a list of {}", entries.len());
            let expected = format!("at most {ADDRESSES}");
            self.problems.add("notice_addresses", found, expected);
            return Notices::default();
        }
        let mut addresses: Vec<Arc<str>> = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let address = entry.trim();
            let path = format!("notice_addresses[{index}]");
            let same = |known: &Arc<str>| known.to_lowercase() == address.to_lowercase();
            if !field::is_email(address) {
                self.problems.add(path, address, field::AN_EMAIL);
            } else if addresses.iter().any(same) {
                self.problems.add(path, address, "each address once");
            } else {
                addresses.push(address.into());
            }
        }
        Notices {
            cleared: draft.notice_cleared && !addresses.is_empty(),
            addresses,
        }
    }

    fn extra_field(&mut self, draft: &ExtraFieldDraft) -> Option<ExtraField> {
        if !draft.visible {
            return None;
        }
        let problems_before = self.problems.0.len();
        let label = self.labels("extra_field.label", &draft.label);
        if label.0.is_empty() && self.problems.0.len() == problems_before {
            self.problems
                .add("extra_field.label", "", "a label in at least one language");
        }
        if let Err(problem) = Pattern::compile(&draft.pattern) {
            let expected = format!(
                "a regular expression of at most {} characters",
                limits::PATTERN_CHARS
            );
            self.problems.add(
                "extra_field.pattern",
                &draft.pattern,
                format!("{expected} ({problem})"),
            );
        }
        let pattern = (!draft.pattern.is_empty()).then(|| draft.pattern.as_str().into());
        Some(ExtraField {
            label,
            required: draft.required,
            pattern,
        })
    }

    fn allowed_domains(&mut self, entries: &[String]) -> AllowedDomains {
        AllowedDomains::parse(entries.iter().map(String::as_str)).unwrap_or_else(|bad| {
            for (index, problem) in bad {
                let path = format!("allowed_domains[{index}]");
                self.problems
                    .add(path, &entries[index], problem.to_string());
            }
            AllowedDomains::default()
        })
    }

    fn dispositions(&mut self, paths: &[Vec<String>]) -> Vec<Vec<Arc<str>>> {
        if paths.len() > limits::DISPOSITIONS {
            let expected = format!("at most {}", limits::DISPOSITIONS);
            self.problems.add(
                "dispositions",
                format_args!("a list of {}", paths.len()),
                expected,
            );
            return Vec::new();
        }
        let mut known = std::collections::BTreeSet::new();
        let mut choices = Vec::with_capacity(paths.len());
        for (index, steps) in paths.iter().enumerate() {
            let path = format!("dispositions[{index}]");
            if !(1..=limits::DISPOSITION_LEVELS).contains(&steps.len()) {
                let expected = format!("1 to {}", limits::DISPOSITION_LEVELS);
                self.problems
                    .add(path, format_args!("a list of {}", steps.len()), expected);
                continue;
            }
            let choice: Vec<Arc<str>> = steps
                .iter()
                .enumerate()
                .map(|(level, step)| {
                    self.line(&format!("{path}[{level}]"), step, limits::LABEL_CHARS)
                })
                .collect();
            if !known.insert(choice.clone()) {
                self.problems
                    .add(path, choice.join(" / "), "each disposition once");
            }
            choices.push(choice);
        }
        choices
    }

    /// `0` is off.
    fn seconds(&mut self, field: &str, value: i64, zero: &str) -> Option<Seconds> {
        let seconds = self.number(field, value, limits::SETTING_SECONDS, zero, " seconds")?;
        Seconds::new(seconds.get())
    }

    /// `0` is off.
    fn count(&mut self, field: &str, value: i64, zero: &str) -> Option<NonZeroU32> {
        self.number(field, value, limits::SETTING_COUNT, zero, "")
    }

    /// `0` is itself.
    fn small(&mut self, field: &str, value: i64, most: u8, zero: &str) -> u8 {
        let number = self.number(field, value, most.into(), zero, "");
        number
            .and_then(|number| number.get().try_into().ok())
            .unwrap_or_default()
    }

    fn number(
        &mut self,
        field: &str,
        value: i64,
        most: u32,
        zero: &str,
        unit: &str,
    ) -> Option<NonZeroU32> {
        let number = within(value, most);
        if number.is_none() {
            self.problems
                .add(field, value, format!("0 ({zero}) to {most}{unit}"));
        }
        number.and_then(NonZeroU32::new)
    }

    fn choice<T: Default + for<'de> Deserialize<'de>>(&mut self, field: &str, value: &str) -> T {
        let word: StrDeserializer<'_, UnknownChoice> = value.into_deserializer();
        T::deserialize(word).unwrap_or_else(|UnknownChoice(words)| {
            self.problems
                .add(field, value, format!("one of {}", words.join(", ")));
            T::default()
        })
    }

    fn language(&mut self, field: &str, tag: &str) -> Option<Language> {
        let language = tag.parse().ok();
        if language.is_none() {
            let expected =
                "a language tag of 2 to 8 letters, digits and hyphens such as es or pt-br";
            self.problems.add(field, tag, expected);
        }
        language
    }

    fn line(&mut self, field: &str, value: &str, most: usize) -> Arc<str> {
        let value = value.trim();
        if value.is_empty() || !field::is_line(value, most) {
            self.problems.add(field, value, field::one_line(most));
        }
        value.into()
    }

    /// Texts are kept as they are; blank ones are left out.
    fn texts(&mut self, field: &str, draft: &TextsDraft) -> Texts {
        self.by_language(field, draft, |form, path, text| {
            if !field::is_text(text, limits::TEXT_CHARS) {
                let most = limits::TEXT_CHARS;
                let expected = format!(
                    "at most {most} characters, no control characters other than newline and tab"
                );
                form.problems.add(path, text, expected);
            }
            text.into()
        })
    }

    /// Labels are trimmed; blank ones are left out.
    fn labels(&mut self, field: &str, draft: &TextsDraft) -> Texts {
        self.by_language(field, draft, |form, path, text| {
            form.line(path, text, limits::LABEL_CHARS)
        })
    }

    fn by_language(
        &mut self,
        field: &str,
        draft: &TextsDraft,
        check: impl Fn(&mut Self, &str, &str) -> Arc<str>,
    ) -> Texts {
        if draft.len() > limits::LANGUAGES {
            let expected = format!("at most {} languages", limits::LANGUAGES);
            self.problems
                .add(field, format_args!("a map of {}", draft.len()), expected);
            return Texts::default();
        }
        let mut texts = Texts::default();
        for (tag, text) in draft {
            let path = format!("{field}.{tag}");
            let Some(language) = self.language(&path, tag) else {
                continue;
            };
            if text.trim().is_empty() {
                continue;
            }
            let text = check(self, &path, text);
            // Two spellings of one tag, such as `pt-BR` and `pt_br`.
            if texts.0.insert(language, text).is_some() {
                self.problems.add(path, tag, "each language once");
            }
        }
        texts
    }
}

const ONE_SECOND: Seconds = match Seconds::new(1) {
    Some(second) => second,
    None => unreachable!(),
};

fn within(value: i64, most: u32) -> Option<u32> {
    u32::try_from(value).ok().filter(|number| *number <= most)
}

/// The error of reading a choice: the words that would have been right.
#[derive(Debug, thiserror::Error)]
#[error("not one of {0:?}")]
struct UnknownChoice(&'static [&'static str]);

impl serde::de::Error for UnknownChoice {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, words: &'static [&'static str]) -> Self {
        Self(words)
    }
}
