//! Offline messages: what a visitor leaves while the campaign is closed, to be mailed to the campaign's address.
//!
//! Source: domain.md §7, "Offline Message + Address".

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::VisitorFacts;
use crate::id::{CampaignId, VisitorKey};
use crate::mail::MailId;
use crate::private::discreet;
use crate::time::Timestamp;
use crate::wording::Language;

discreet!(OfflineMessage);

/// What a visitor left.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfflineMessage {
    /// Its number.
    pub id: MailId,
    /// To which campaign.
    pub campaign: CampaignId,
    /// By whom.
    pub visitor: VisitorKey,
    /// The client's own id of it, 1–64 characters.
    pub key: Arc<str>,
    /// When it was received.
    pub at: Timestamp,
    /// Where it is to be mailed to, as the campaign said at receipt.
    pub address: Arc<str>,
    /// The visitor's language.
    pub language: Language,
    /// Who the visitor says to be; the e-mail address is the Reply-To.
    pub facts: VisitorFacts,
    /// 1–4,000 characters.
    pub text: Arc<str>,
}

/// Offline messages owed at once, dead ones included.
pub const OWED: usize = 10_000;
/// Messages one visitor may leave within an hour.
pub const PER_VISITOR_AND_HOUR: usize = 5;
/// Messages one campaign takes within an hour.
pub const PER_CAMPAIGN_AND_HOUR: usize = 500;
