//! Offline messages: receiving them. How each reaches its address is in `mail`.

use std::sync::Arc;

use crate::campaign::{EmailRule, OfflineForm};
use crate::command::OfflineRequest;
use crate::effect::Receipt;
use crate::event::{Event, VisitorFacts};
use crate::field;
use crate::limits;
use crate::mail::Mail;
use crate::offline::{OWED, OfflineMessage, PER_CAMPAIGN_AND_HOUR, PER_VISITOR_AND_HOUR};
use crate::outbox::Outbox;
use crate::rejection::Rejection;
use crate::state::content_hash;
use crate::time::Timestamp;

use super::Engine;

impl Engine {
    /// Takes a message while the campaign is closed, or also when it is open if the campaign allows the
    /// form for those turned away.
    pub(super) fn leave_offline_message(
        &mut self,
        at: Timestamp,
        request: OfflineRequest,
        outbox: &mut Outbox,
    ) -> Result<Receipt, Rejection> {
        let campaign = self.known_campaign(request.campaign)?;
        let settings = campaign.settings.clone();
        if !settings.allowed_domains.permits(request.origin.as_ref()) {
            return Err(Rejection::DomainNotAllowed);
        }
        let key = field::key(&request.key).map_err(Rejection::InvalidField)?;
        let text =
            field::text(&request.text, limits::TEXT_CHARS).map_err(Rejection::InvalidField)?;
        if let Some(first) = self.state.offline_recent.iter().find(|recent| {
            recent.visitor == request.visitor
                && recent.campaign == request.campaign
                && recent.key == key
        }) {
            return match first.content == content_hash(&text) {
                true => Ok(Receipt::Offline(first.id)),
                false => Err(Rejection::ConflictingKey(key.to_string())),
            };
        }
        let address = match &settings.offline {
            OfflineForm::On {
                address,
                also_when_full,
            } if !campaign.open || *also_when_full => address.clone(),
            _ => return Err(Rejection::OfflineFormClosed(request.campaign)),
        };
        let facts = VisitorFacts {
            // Without an address nobody could answer.
            email: field::email(request.form.email.as_deref(), EmailRule::Required)
                .map_err(Rejection::InvalidField)?,
            ..self.visitor_facts(campaign, &request.form)?
        };
        self.check_pace(at, &request)?;
        let message = Arc::new(OfflineMessage {
            id: self.state.next_mail(),
            campaign: request.campaign,
            visitor: request.visitor,
            key,
            at,
            address,
            language: request
                .language
                .unwrap_or(settings.wording.default_language),
            facts,
            text,
        });
        let id = message.id;
        self.emit(at, Event::OfflineMessageLeft { message }, outbox);
        Ok(Receipt::Offline(id))
    }

    /// Nobody can bury an address under mail. Limits: [`crate::offline`].
    fn check_pace(&self, at: Timestamp, request: &OfflineRequest) -> Result<(), Rejection> {
        const HOUR: i64 = 3_600_000;
        let owed = self.state.owed_of(|mail| matches!(mail, Mail::Offline(_)));
        if owed.count() >= OWED {
            return Err(Rejection::Limit {
                what: "offline messages owed",
                max: OWED as u64,
            });
        }
        let recent = || {
            let fresh = self
                .state
                .offline_recent
                .iter()
                .filter(|recent| at.since(recent.at) < HOUR);
            fresh.filter(|recent| recent.campaign == request.campaign)
        };
        let of_visitor = recent().filter(|recent| recent.visitor == request.visitor);
        let oldest = match (of_visitor.clone().count(), recent().count()) {
            (by_visitor, _) if by_visitor >= PER_VISITOR_AND_HOUR => {
                of_visitor.map(|recent| recent.at).next()
            }
            (_, in_all) if in_all >= PER_CAMPAIGN_AND_HOUR => {
                recent().map(|recent| recent.at).next()
            }
            _ => return Ok(()),
        };
        let left = oldest.map_or(0, |oldest| HOUR - at.since(oldest));
        let seconds = u32::try_from((left + 999) / 1000).unwrap_or(3_600);
        Err(Rejection::TooFast {
            what: "offline messages",
            seconds,
        })
    }
}
