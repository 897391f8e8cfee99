//! Copies of conversations: one for each address, of chats an agent has been in, and few.

use std::sync::Arc;

use webchat_core::campaign::EmailRule;
use webchat_core::event::Event;
use webchat_core::field;
use webchat_core::id::{ChatId, VisitorKey};
use webchat_core::mail::{Mail, MailId};
use webchat_core::rejection::Rejection;
use webchat_core::transcript::{
    OWED, PER_ADDRESS_AND_HOUR, PER_CAMPAIGN_AND_HOUR, PER_CHAT, PER_VISITOR_AND_HOUR, Transcript,
};

use super::offline::HOUR;
use super::visitors::too_many;
use super::{Answer, Halt, Model};
use crate::violation::Verdict;

/// Whether a transcript counts against a limit.
type Counts<'a> = &'a dyn Fn(&Arc<Transcript>) -> bool;

impl Model<'_> {
    pub(super) fn ask_transcript(
        &mut self,
        visitor: VisitorKey,
        id: ChatId,
        email: Option<&str>,
    ) -> Result<Answer, Halt> {
        let live = self.picture.chats.get(&id);
        let live = live.map(|chat| {
            let email = chat.facts.email.clone();
            (
                chat.visitor,
                chat.came_to,
                chat.answered,
                chat.language,
                email,
            )
        });
        let ended = self.picture.ended.get(&id).map(|chat| {
            let email = chat.email.clone();
            (
                chat.visitor,
                chat.came_to,
                chat.answered,
                chat.language,
                email,
            )
        });
        let at_end = live.is_some();
        let (owner, campaign, answered, language, known) =
            live.or(ended).ok_or(Rejection::UnknownChat(id))?;
        if owner != visitor {
            return Err(Rejection::UnknownChat(id).into());
        }
        let state = self.picture.campaigns.get(&campaign);
        if !answered || !state.is_some_and(|state| state.settings.transcript_by_mail) {
            return Err(Rejection::TranscriptNotOpen(id).into());
        }
        let wanted = email.or(known.as_deref());
        let address = field::email(wanted, EmailRule::Required).map_err(Rejection::InvalidField)?;
        let address = address.ok_or(Rejection::TranscriptNotOpen(id))?;
        let same = |copy: &Arc<Transcript>| copy.address.to_lowercase() == address.to_lowercase();
        let copies: Vec<_> = self
            .picture
            .copies
            .iter()
            .filter(|copy| copy.chat == id)
            .collect();
        if let Some(first) = copies.iter().find(|copy| same(copy)) {
            let mail = first.id;
            return Ok(Answer::Transcript { mail, at_end });
        }
        if copies.len() >= PER_CHAT {
            return Err(too_many("addresses for the transcript of one chat").into());
        }
        let fresh = |copy: &&Arc<Transcript>| self.now.since(copy.at) < HOUR;
        let recent: Vec<_> = self.picture.copies_recent.iter().filter(fresh).collect();
        let limits: [(usize, Counts<'_>); 3] = [
            (PER_VISITOR_AND_HOUR, &|copy| copy.visitor == visitor),
            (PER_ADDRESS_AND_HOUR, &same),
            (PER_CAMPAIGN_AND_HOUR, &|copy| copy.campaign == campaign),
        ];
        for (most, counts) in limits {
            let counted: Vec<_> = recent.iter().filter(|copy| counts(copy)).collect();
            if counted.len() >= most {
                let left = HOUR - self.now.since(counted[0].at);
                return Err(Rejection::TooFast {
                    what: "transcripts",
                    seconds: (left as u32).div_ceil(1_000),
                }
                .into());
            }
        }
        let owed = self.picture.owed.values();
        if owed
            .filter(|debt| matches!(debt.mail, Mail::Transcript(_)))
            .count()
            >= OWED
        {
            return Err(too_many("transcripts owed").into());
        }
        let mail = MailId(self.picture.mails + 1);
        let transcript = Arc::new(Transcript {
            id: mail,
            chat: id,
            campaign,
            visitor,
            at: self.now,
            address,
            language,
        });
        self.emit(Event::TranscriptAsked { transcript })?;
        Ok(Answer::Transcript { mail, at_end })
    }

    /// The chat has ended: its copies are due.
    pub(super) fn send_copies(&mut self, chat: ChatId) -> Verdict {
        let copies = self.picture.copies.iter().filter(|copy| copy.chat == chat);
        let copies: Vec<MailId> = copies.map(|copy| copy.id).collect();
        for message in copies {
            if self.picture.owed.contains_key(&message) {
                self.emit(Event::MailRevived { message })?;
            }
        }
        Ok(())
    }
}
