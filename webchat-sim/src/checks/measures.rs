//! The figures: what the engine counts as it goes is what a fold over the journal computes from nothing, and
//! the alarms that stand are those whose measure is on the wrong side of its threshold.

use webchat_core::Engine;
use webchat_core::event::{Alarm, Recorded};
use webchat_core::metrics::{Fold, Interval, Policy};
use webchat_core::time::Timestamp;

use crate::violation::{Verdict, expect};

const FOLDED: &str = "live figures are those of the journal";
const ALARMS: &str = "an alarm stands while its threshold is crossed";

/// Compares the figures of a whole journal.
///
/// # Errors
/// The first figure that differs.
pub fn check(journal: &[Recorded], engine: &Engine, now: Timestamp) -> Verdict {
    let mut fold = Fold::new(Interval::ALWAYS, Policy::default());
    journal.iter().for_each(|recorded| fold.add(recorded));
    fold.pass(now);
    let view = engine.view();
    for live in view.campaigns() {
        let id = live.id;
        let folded = fold.campaign(id).cloned().unwrap_or_default();
        expect(*live.counters == folded.counters, FOLDED, || {
            let (live, folded) = (live.counters, &folded.counters);
            format!("campaign {id}: {live:?}, folded {folded:?}")
        })?;
        expect(*live.times == folded.times, FOLDED, || {
            let (live, folded) = (live.times, folded.times);
            format!("campaign {id}: {live:?}, folded {folded:?}")
        })?;
        let stands = view.alarms(id).any(|alarm| alarm == Alarm::Acd);
        let acd = live.settings.acd;
        let crossed = acd.is_some_and(|acd| live.waiting >= acd.get());
        expect(stands == crossed, ALARMS, || {
            format!("acd of campaign {id}: {stands}, {} wait", live.waiting)
        })?;
        let level = live.service_level_today;
        let stands = view.alarms(id).any(|alarm| alarm == Alarm::ServiceLevel);
        let target = u64::from(live.settings.target_percent);
        let crossed = level.percent().is_some_and(|percent| percent < target);
        expect(stands == crossed, ALARMS, || {
            format!("service level of campaign {id}: {stands}, {level:?}")
        })?;
    }
    for agent in view.agents() {
        let (live, folded) = (view.work(agent.id, now), fold.agent(agent.id));
        expect(live == folded, FOLDED, || {
            format!("agent {}: {live:?}, folded {folded:?}", agent.id)
        })?;
    }
    Ok(())
}
