//! What if the campaigns had been set differently? The visitors of a journal come once more, under another
//! strategy, cap, schedule or roster.
//!
//! Visitors come when they came, with their language, priority and skills. Who left while waiting leaves when
//! they left, unless an agent was faster; who was served is taken to wait as long as it takes. A chat keeps an
//! agent busy for as long as it did; one that never reached an agent gets the handle times of its campaign in turn.
//! Agents sign in and out, pause, call and lose their connection when they did, but let a chat end before they
//! go; they answer offers as they answered those of the same chat. Chats taken or assigned by hand are so again while
//! they wait. Transfers and conferences are not done again: a chat stays with its agent. Allowed Domains, the form and
//! dispositions keep nobody out, for the journal knows those already.
//!
//! Nobody knows what visitors would really have done, so the unchanged replay is measured too: how far it is from the
//! record shows what these assumptions are worth.

use std::fmt;

use webchat_core::campaign::{Campaign, CampaignDraft, ExtraFieldDraft};
use webchat_core::event::Recorded;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::metrics::{CampaignMeasures, Fold, Interval, Policy, Ratio};
use webchat_core::problem::Problems;
use webchat_core::schedule::Zones;
use webchat_core::wire::{self, DecodeError};

mod past;
mod rerun;

use past::Past;
use rerun::Rerun;

/// What is to be different.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Only in the campaign of this name or number; `None` is in all.
    pub campaign: Option<String>,
    /// Settings by their name in [`CampaignDraft`], at any time.
    pub settings: Vec<(String, serde_json::Value)>,
    /// Agents more. Each works like one of those who are there, in turn: the same campaigns, hours and breaks.
    pub more_agents: u32,
    /// Agents, by name or number, who never sign in.
    pub without: Vec<String>,
}

/// The change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongChange {
    /// No such campaign.
    #[error("campaign is `{0}`, expected the name or number of one in the journal")]
    UnknownCampaign(String),
    /// No such agent.
    #[error("agent is `{0}`, expected the name or number of one in the journal")]
    UnknownAgent(String),
    /// No such setting.
    #[error("setting is `{0}`, expected one of a campaign's form")]
    UnknownSetting(String),
    /// The setting is of another type.
    #[error("the settings cannot be read: {0}")]
    Unreadable(String),
    /// The settings contradict each other or their ranges.
    #[error("{0}")]
    Problems(#[from] Problems),
}

/// Reads an exported journal: one frame a line, as [`wire::encode`] wrote it.
///
/// # Errors
/// The first line that is no frame.
pub fn read(text: &str) -> Result<Vec<Recorded>, DecodeError> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let frames: Result<Vec<_>, _> = lines.map(|line| wire::decode(line.as_bytes())).collect();
    Ok(frames?.concat())
}

/// What happened, what the replay makes of it, and what the change makes of it.
pub struct Report {
    /// The journal's own figures.
    pub recorded: Fold,
    /// Those of the unchanged replay.
    pub replayed: Fold,
    /// Those under the change.
    pub changed: Fold,
    campaigns: Vec<(CampaignId, String)>,
    left_out: u64,
}

/// Replays a journal as it was and under a change.
///
/// # Errors
/// When the change names what is not there, or makes settings that cannot be.
pub fn what_if(journal: &[Recorded], change: &Change) -> Result<Report, WrongChange> {
    let past = Past::of(journal);
    let plan = Plan::check(change, &past)?;
    let mut recorded = Fold::new(Interval::ALWAYS, Policy::default());
    journal.iter().for_each(|event| recorded.add(event));
    recorded.pass(past.end);
    Ok(Report {
        recorded,
        replayed: Rerun::of(&past, &Plan::default())?,
        changed: Rerun::of(&past, &plan)?,
        left_out: past.left_out,
        campaigns: past.campaigns.into_iter().collect(),
    })
}

/// A change whose names were looked up.
#[derive(Default)]
struct Plan {
    change: Change,
    /// `None` is all.
    campaign: Option<CampaignId>,
    /// Whose work each of the agents more does once again.
    models: Vec<AgentId>,
    without: Vec<AgentId>,
}

impl Plan {
    fn check(change: &Change, past: &Past) -> Result<Self, WrongChange> {
        let campaign = match &change.campaign {
            None => None,
            Some(wanted) => {
                let mut known = past.campaigns.iter();
                let found = known.find(|(id, name)| is_meant(wanted, id, name));
                let unknown = || WrongChange::UnknownCampaign(wanted.clone());
                Some(*found.ok_or_else(unknown)?.0)
            }
        };
        let agent = |wanted: &String| {
            let mut known = past.agents.iter();
            let found = known.find(|(id, profile)| is_meant(wanted, id, &profile.name));
            let unknown = || WrongChange::UnknownAgent(wanted.clone());
            Ok(*found.ok_or_else(unknown)?.0)
        };
        let without: Result<Vec<AgentId>, WrongChange> = change.without.iter().map(agent).collect();
        let without = without?;
        let members = past.members.iter();
        let mut models: Vec<AgentId> = members
            .filter(|(id, _)| campaign.is_none_or(|campaign| campaign == **id))
            .flat_map(|(_, members)| members.iter().copied())
            .filter(|agent| !without.contains(agent))
            .collect();
        models.sort_unstable();
        models.dedup();
        let more = change.more_agents as usize;
        Ok(Self {
            models: models.into_iter().cycle().take(more).collect(),
            change: change.clone(),
            campaign,
            without,
        })
    }

    fn concerns(&self, campaign: CampaignId) -> bool {
        self.campaign.is_none_or(|only| only == campaign)
    }

    /// The settings of a campaign as the replay has them.
    fn settings(
        &self,
        id: CampaignId,
        recorded: &Campaign,
        zones: &Zones,
    ) -> Result<Campaign, WrongChange> {
        let unreadable = |error: serde_json::Error| WrongChange::Unreadable(error.to_string());
        let draft = CampaignDraft {
            require_email: false,
            extra_field: ExtraFieldDraft::default(),
            allowed_domains: Vec::new(),
            disposition_required: false,
            quality_model: 0,
            ..CampaignDraft::from(recorded)
        };
        let mut draft = serde_json::to_value(draft).map_err(unreadable)?;
        for (name, value) in &self.change.settings {
            let unknown = || WrongChange::UnknownSetting(name.clone());
            let setting = draft.get_mut(name).ok_or_else(unknown)?;
            if self.concerns(id) {
                *setting = value.clone();
            }
        }
        let draft: CampaignDraft = serde_json::from_value(draft).map_err(unreadable)?;
        let (campaign, _) = draft.check(zones)?;
        Ok(campaign)
    }
}

fn is_meant(wanted: &str, id: &impl ToString, name: &str) -> bool {
    id.to_string() == wanted || name.eq_ignore_ascii_case(wanted)
}

impl fmt::Display for Report {
    /// A table for each campaign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, name) in &self.campaigns {
            let columns = ["recorded", "replayed", "what if"];
            writeln!(
                f,
                "{name:<28}{:>14}{:>14}{:>14}",
                columns[0], columns[1], columns[2]
            )?;
            let runs = [&self.recorded, &self.replayed, &self.changed];
            let measures = runs.map(|run| run.campaign(*id).cloned().unwrap_or_default());
            for (figure, of) in FIGURES {
                let [recorded, replayed, changed] = measures.each_ref().map(of);
                writeln!(f, "  {figure:<26}{recorded:>14}{replayed:>14}{changed:>14}")?;
            }
        }
        let occupancy = [&self.recorded, &self.replayed, &self.changed].map(occupancy);
        let [recorded, replayed, changed] = occupancy.map(percent);
        writeln!(
            f,
            "{:<28}{recorded:>14}{replayed:>14}{changed:>14}",
            "agents' occupancy"
        )?;
        match self.left_out {
            0 => Ok(()),
            count => writeln!(f, "{count} transfers and invitations were not done again"),
        }
    }
}

/// A figure of a campaign, as text.
type Figure = (&'static str, fn(&CampaignMeasures) -> String);

const FIGURES: [Figure; 13] = [
    ("offered", |of| of.counters.offered.to_string()),
    ("refused", |of| {
        of.counters.refused.values().sum::<u64>().to_string()
    }),
    ("answered", |of| of.counters.answered.to_string()),
    ("abandoned", |of| of.counters.abandoned.to_string()),
    ("short abandoned", |of| {
        of.counters.short_abandoned.to_string()
    }),
    ("timed out", |of| of.counters.timed_out.to_string()),
    ("closed while waiting", |of| of.counters.closed.to_string()),
    ("flowed out", |of| of.counters.flowed_out.to_string()),
    ("waiting at the end", |of| of.counters.waiting.to_string()),
    ("service level", |of| percent(of.counters.service_level())),
    ("abandon rate", |of| percent(of.counters.abandon_rate())),
    ("mean wait of the answered", |of| {
        seconds(of.times.answer.mean())
    }),
    ("mean handle time", |of| seconds(of.times.handle.mean())),
];

fn occupancy(run: &Fold) -> Ratio {
    run.agents().fold(Ratio::default(), |sum, (_, work)| {
        let Ratio { part, of } = work.occupancy();
        Ratio {
            part: sum.part + part,
            of: sum.of + of,
        }
    })
}

fn percent(ratio: Ratio) -> String {
    let percent = ratio.percent();
    percent.map_or_else(|| "no data".to_owned(), |percent| format!("{percent} %"))
}

fn seconds(millis: Option<u64>) -> String {
    let seconds = millis.map(|millis| format!("{:.1} s", millis as f64 / 1_000.0));
    seconds.unwrap_or_else(|| "no data".to_owned())
}
