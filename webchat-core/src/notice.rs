//! Notices by mail to supervisors: an alarm was raised, or stands no longer.
//!
//! Source: beyond the seed; the alarms are those of domain.md §4.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Alarm;
use crate::id::CampaignId;
use crate::mail::MailId;
use crate::private::discreet;
use crate::time::{Seconds, Timestamp};

discreet!(Notice);

/// A notice that is to be mailed to one address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notice {
    /// The mail's number.
    pub id: MailId,
    /// Whose alarm.
    pub campaign: CampaignId,
    /// Which.
    pub alarm: Alarm,
    /// The threshold and what the measure came to, as in [`crate::event::Event::AlarmRaised`]; `None` when the
    /// alarm stands no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<Raised>,
    /// When.
    pub at: Timestamp,
    /// Where it is to be mailed to.
    pub address: Arc<str>,
}

/// How an alarm was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Raised {
    /// The threshold: percent, seconds or chats.
    pub limit: u32,
    /// What the measure came to, in the same unit.
    pub reached: u32,
}

/// Addresses a campaign may name.
pub const ADDRESSES: usize = 10;
/// Between two notices that an alarm about the same measure of a campaign was raised.
pub const PAUSE: Seconds = Seconds::new(3_600).expect("not zero");
/// Notices owed at once; beyond that an alarm is told in the console only. What did not reach an address is
/// forgotten once it is out of date, so few can ever gather.
pub const OWED: usize = 1_000;
