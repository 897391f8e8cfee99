//! Transcripts by mail: a visitor asks for a copy of the conversation, which is owed like any mail.
//!
//! The state keeps none of the conversation: whoever sends the mail reads it then. Source: beyond the seed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{CampaignId, ChatId, VisitorKey};
use crate::mail::MailId;
use crate::private::discreet;
use crate::time::Timestamp;
use crate::wording::Language;

discreet!(Transcript);

/// A copy of a conversation that is to be mailed to its visitor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transcript {
    /// The mail's number.
    pub id: MailId,
    /// Of which chat.
    pub chat: ChatId,
    /// The campaign the visitor came to; its setting allowed the request.
    pub campaign: CampaignId,
    /// Who asked.
    pub visitor: VisitorKey,
    /// When.
    pub at: Timestamp,
    /// Where it is to be mailed to.
    pub address: Arc<str>,
    /// The language of the chat.
    pub language: Language,
}

/// Addresses one chat may be mailed to; a repeat is the same mail.
pub const PER_CHAT: usize = 3;
/// Transcripts one visitor may ask for within an hour.
pub const PER_VISITOR_AND_HOUR: usize = 5;
/// Transcripts mailed to one address within an hour, whoever asks.
pub const PER_ADDRESS_AND_HOUR: usize = 5;
/// Transcripts asked of one campaign within an hour.
pub const PER_CAMPAIGN_AND_HOUR: usize = 500;
/// Transcripts owed at once, dead ones included. When there are so many, the oldest dead one makes room.
pub const OWED: usize = 5_000;
