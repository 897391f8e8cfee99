//! Offline messages: each taken once.

use std::sync::Arc;

use webchat_core::campaign::{EmailRule, OfflineForm};
use webchat_core::command::OfflineRequest;
use webchat_core::event::Event;
use webchat_core::field;
use webchat_core::limits;
use webchat_core::mail::{Mail, MailId};
use webchat_core::offline::{OWED, OfflineMessage, PER_CAMPAIGN_AND_HOUR, PER_VISITOR_AND_HOUR};
use webchat_core::rejection::Rejection;

use super::visitors::{facts, too_many};
use super::{Answer, Halt, Model};
pub(super) const HOUR: i64 = 3_600_000;

impl Model<'_> {
    /// Takes a message while the campaign is closed, or also when it is open if the campaign allows the form
    /// for those turned away.
    pub(super) fn leave_offline_message(
        &mut self,
        request: &OfflineRequest,
    ) -> Result<Answer, Halt> {
        let campaign = self.known_campaign(request.campaign)?;
        let settings = &campaign.settings;
        if !settings.allowed_domains.permits(request.origin.as_ref()) {
            return Err(Rejection::DomainNotAllowed.into());
        }
        let key = field::key(&request.key).map_err(Rejection::InvalidField)?;
        let text =
            field::text(&request.text, limits::TEXT_CHARS).map_err(Rejection::InvalidField)?;
        let here = || {
            let recent = self.picture.recent.iter();
            recent.filter(|message| message.campaign == request.campaign)
        };
        let own = || here().filter(|message| message.visitor == request.visitor);
        if let Some(first) = own().find(|message| message.key == key) {
            return match first.text == text {
                true => Ok(Answer::Offline(first.id)),
                false => Err(Rejection::ConflictingKey(key.to_string()).into()),
            };
        }
        let address = match &settings.offline {
            OfflineForm::On {
                address,
                also_when_full,
            } if !campaign.open || *also_when_full => address.clone(),
            _ => return Err(Rejection::OfflineFormClosed(request.campaign).into()),
        };
        // Without an address nobody could answer.
        let facts = facts(&request.form, EmailRule::Required, settings.extra.as_ref())?;
        let owed = self.picture.owed.values();
        let owed = owed.filter(|debt| matches!(debt.mail, Mail::Offline(_)));
        if owed.count() >= OWED {
            return Err(too_many("offline messages owed").into());
        }
        let fresh = |message: &&Arc<OfflineMessage>| self.now.since(message.at) < HOUR;
        let oldest = if own().filter(fresh).count() >= PER_VISITOR_AND_HOUR {
            own().find(fresh)
        } else if here().filter(fresh).count() >= PER_CAMPAIGN_AND_HOUR {
            here().find(fresh)
        } else {
            None
        };
        if let Some(oldest) = oldest {
            let left = HOUR - self.now.since(oldest.at);
            return Err(Rejection::TooFast {
                what: "offline messages",
                seconds: (left as u32).div_ceil(1_000),
            }
            .into());
        }
        let language = request.language;
        let message = Arc::new(OfflineMessage {
            id: MailId(self.picture.mails + 1),
            campaign: request.campaign,
            visitor: request.visitor,
            key,
            at: self.now,
            address,
            language: language.unwrap_or(settings.wording.default_language),
            facts,
            text,
        });
        let id = message.id;
        self.emit(Event::OfflineMessageLeft { message })?;
        Ok(Answer::Offline(id))
    }
}
