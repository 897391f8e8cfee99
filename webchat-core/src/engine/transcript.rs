//! Copies of a conversation by mail, for visitors who ask. Limits: [`crate::transcript`].

use std::sync::Arc;

use crate::campaign::EmailRule;
use crate::effect::Receipt;
use crate::event::Event;
use crate::field;
use crate::id::{CampaignId, ChatId, VisitorKey};
use crate::mail::{Delivery, Mail};
use crate::outbox::Outbox;
use crate::rejection::Rejection;
use crate::state::{CopyAsked, RecentTranscript, address_hash};
use crate::time::Timestamp;
use crate::transcript::{
    OWED, PER_ADDRESS_AND_HOUR, PER_CAMPAIGN_AND_HOUR, PER_CHAT, PER_VISITOR_AND_HOUR, Transcript,
};
use crate::wording::Language;

use super::Engine;

/// What a transcript needs to know of its chat, live or ended.
struct Talk {
    campaign: CampaignId,
    language: Option<Language>,
    /// The address of the form.
    email: Option<Arc<str>>,
    /// An agent has been in it.
    answered: bool,
    live: bool,
    copies: Vec<CopyAsked>,
}

impl Engine {
    /// Owes the visitor a copy of the conversation. The same address again is the same mail.
    ///
    /// Only of chats an agent has been in: otherwise anybody could have anything mailed to anyone.
    pub(super) fn ask_transcript(
        &mut self,
        at: Timestamp,
        visitor: VisitorKey,
        chat: ChatId,
        email: Option<String>,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let talk = self.talk(visitor, chat)?;
        let campaign = self.state.campaign(talk.campaign);
        let settings = campaign
            .map(|campaign| campaign.settings.clone())
            .filter(|settings| settings.transcript_by_mail && talk.answered)
            .ok_or(Rejection::TranscriptNotOpen(chat))?;
        let given = email.as_deref().or(talk.email.as_deref());
        let address = field::email(given, EmailRule::Required)
            .map_err(Rejection::InvalidField)?
            .ok_or(Rejection::TranscriptNotOpen(chat))?;
        let to = address_hash(&address);
        let receipt = |mail| Receipt::Transcript {
            mail,
            address: address.clone(),
            at_end: talk.live,
        };
        if let Some(first) = talk.copies.iter().find(|copy| copy.to == to) {
            return Ok(receipt(first.mail));
        }
        if talk.copies.len() >= PER_CHAT {
            return Err(Rejection::Limit {
                what: "addresses for the transcript of one chat",
                max: PER_CHAT as u64,
            });
        }
        self.check_transcript_pace(at, visitor, talk.campaign, to)?;
        self.make_room_for_transcript(at, outbox)?;
        let id = self.state.next_mail();
        let transcript = Arc::new(Transcript {
            id,
            chat,
            campaign: talk.campaign,
            visitor,
            at,
            address: address.clone(),
            language: talk.language.unwrap_or(settings.wording.default_language),
        });
        self.emit(at, Event::TranscriptAsked { transcript }, outbox);
        Ok(receipt(id))
    }

    /// The visitor's own chat; another visitor's does not exist for them.
    fn talk(&self, visitor: VisitorKey, id: ChatId) -> Result<Talk, Rejection> {
        let live = self.state.chat(id).filter(|chat| chat.visitor == visitor);
        if let Some(chat) = live {
            return Ok(Talk {
                campaign: chat.came_to,
                language: Some(chat.language),
                email: chat.facts.email.clone(),
                answered: chat.answered,
                live: true,
                copies: chat.copies.to_vec(),
            });
        }
        let ended = self.state.ended(id).filter(|chat| chat.visitor == visitor);
        let ended = ended.ok_or(Rejection::UnknownChat(id))?;
        Ok(Talk {
            campaign: ended.came_to,
            language: ended.language,
            email: ended.email.clone(),
            answered: ended.feedback.is_some(),
            live: false,
            copies: ended.copies.to_vec(),
        })
    }

    /// Nobody can bury an address under mail.
    fn check_transcript_pace(
        &self,
        at: Timestamp,
        visitor: VisitorKey,
        campaign: CampaignId,
        to: u64,
    ) -> Result<(), Rejection> {
        const HOUR: i64 = 3_600_000;
        let oldest_of = |most: usize, counts: &dyn Fn(&RecentTranscript) -> bool| {
            let recent = self.state.transcripts_recent.iter();
            let mut fresh = recent.filter(|recent| at.since(recent.at) < HOUR && counts(recent));
            let oldest = fresh.next()?;
            (fresh.count() + 1 >= most).then_some(oldest.at)
        };
        let full = oldest_of(PER_VISITOR_AND_HOUR, &|recent| recent.visitor == visitor)
            .or_else(|| oldest_of(PER_ADDRESS_AND_HOUR, &|recent| recent.to == to))
            .or_else(|| oldest_of(PER_CAMPAIGN_AND_HOUR, &|recent| recent.campaign == campaign));
        let Some(oldest) = full else { return Ok(()) };
        let left = HOUR - at.since(oldest);
        Err(Rejection::TooFast {
            what: "transcripts",
            seconds: u32::try_from((left + 999) / 1000).unwrap_or(3_600),
        })
    }

    /// Addresses that do not exist are a visitor's to mistype: the oldest such mail gives way.
    fn make_room_for_transcript(
        &mut self,
        at: Timestamp,
        outbox: &mut Outbox,
    ) -> Result<(), Rejection> {
        let owed = || {
            self.state
                .owed_of(|mail| matches!(mail, Mail::Transcript(_)))
        };
        if owed().count() < OWED {
            return Ok(());
        }
        let dead = owed().find(|debt| debt.delivery == Delivery::Dead);
        let message = dead.map(|debt| debt.mail.id()).ok_or(Rejection::Limit {
            what: "transcripts owed",
            max: OWED as u64,
        })?;
        self.emit(at, Event::MailForgotten { message }, outbox);
        Ok(())
    }

    /// The chat has ended: the copies asked for meanwhile are due.
    pub(super) fn send_copies(&mut self, at: Timestamp, chat: ChatId, outbox: &mut Outbox) {
        let copies = self.state.ended(chat).map(|ended| &ended.copies);
        let copies = copies.map(|copies| copies.to_vec());
        for copy in copies.into_iter().flatten() {
            let message = copy.mail;
            let debt = self.state.owed.get(&message);
            if debt.is_some_and(|debt| debt.delivery == Delivery::Held) {
                self.emit(at, Event::MailRevived { message }, outbox);
            }
        }
    }
}
