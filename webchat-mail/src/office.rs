//! What a mail is about, read at the moment of sending: the campaign from the engine, a conversation from the
//! read model.

use std::sync::Arc;

use lettre::Message;
use webchat_core::id::{CampaignId, ChatId};
use webchat_core::mail::{Mail, MailOutcome};
use webchat_core::schedule::Zones;
use webchat_core::wording::Language;
use webchat_runtime::{ReadModel, TenantHandle, TenantId};

use crate::compose::{self, Conversation, Desk};
use crate::mailer::Mailer;

/// Messages read at once.
const PAGE: usize = 200;

/// All that is needed to write mails and send them.
pub struct Office {
    /// The tenant's name, which becomes part of the Message-ID.
    pub name: String,
    /// Whose mail it is.
    pub tenant: TenantId,
    /// The tenant's engine.
    pub handle: TenantHandle,
    /// Its conversations.
    pub read_model: Arc<dyn ReadModel>,
    /// The rules of the campaigns' time zones.
    pub zones: Arc<Zones>,
    /// Where mail is sent; `None` answers each as not sendable yet, so that it stays owed and visible.
    pub mailer: Option<Mailer>,
}

/// A mail with all it says.
pub(crate) struct Contents {
    mail: Mail,
    desk: Desk,
    /// Of a transcript.
    conversation: Option<Conversation>,
}

impl Contents {
    pub(crate) fn compose(&self, mailer: &Mailer) -> Result<Message, String> {
        let (desk, from, templates) = (&self.desk, &mailer.from, &*mailer.templates);
        match (&self.mail, &self.conversation) {
            (Mail::Offline(message), _) => compose::offline(message, desk, from, templates),
            (Mail::Notice(notice), _) => compose::notice(notice, desk, from, templates),
            (Mail::Transcript(transcript), Some(conversation)) => {
                compose::transcript(transcript, conversation, desk, from, templates)
            }
            (Mail::Transcript(_), None) => Err("nothing is kept of this chat".to_owned()),
        }
    }
}

impl Office {
    /// What the mail says now; otherwise how the attempt ended.
    pub(crate) async fn read(&self, mail: Mail) -> Result<Contents, MailOutcome> {
        let desk = self.desk(mail.campaign(), &mail).await?;
        let conversation = match &mail {
            Mail::Transcript(transcript) => self.conversation(transcript.chat).await?,
            Mail::Offline(_) | Mail::Notice(_) => None,
        };
        Ok(Contents {
            mail,
            desk,
            conversation,
        })
    }

    /// The campaign as it is now. It may be deleted while its mail is still owed.
    async fn desk(&self, campaign: CampaignId, mail: &Mail) -> Result<Desk, MailOutcome> {
        let otherwise = match mail {
            Mail::Offline(message) => message.language,
            Mail::Transcript(transcript) => transcript.language,
            Mail::Notice(_) => Language::EN,
        };
        let asked = self.handle.query(move |engine, _| {
            let found = engine.view().campaign(campaign);
            found.map(|campaign| {
                let settings = campaign.settings;
                let zone = settings.schedule.zone().to_owned();
                (
                    settings.name.to_string(),
                    settings.wording.default_language,
                    zone,
                )
            })
        });
        let found = asked.await.map_err(not_now)?;
        let (name, language, zone) =
            found.unwrap_or_else(|| (campaign.to_string(), otherwise, "UTC".to_owned()));
        Ok(Desk {
            tenant: self.name.clone(),
            campaign: name,
            language,
            zone: self.zones.find(&zone).unwrap_or(jiff::tz::TimeZone::UTC),
        })
    }

    /// What was said in a chat, as far as it fits into a mail; `None` if nothing is kept of it.
    async fn conversation(&self, chat: ChatId) -> Result<Option<Conversation>, MailOutcome> {
        self.handle.caught_up().await.map_err(not_now)?;
        let recording = self.read_model.recording(self.tenant, chat).await;
        let Some(recording) = recording.map_err(not_now)? else {
            return Ok(None);
        };
        let summary = recording.summary;
        let mut conversation = Conversation {
            began: summary.requested_at,
            ended: summary.closing.map(|closing| closing.at),
            visitor: summary.facts.name.as_deref().map(str::to_owned),
            messages: Vec::new(),
            shortened: false,
        };
        let mut bytes = 0;
        let mut last = 0;
        loop {
            let page = self.read_model.messages(self.tenant, chat, last, PAGE);
            let page = page.await.map_err(not_now)?;
            let whole = page.len() < PAGE;
            for message in page {
                last = message.number;
                bytes += message.text.len();
                if bytes > compose::LONGEST {
                    conversation.shortened = true;
                    return Ok(Some(conversation));
                }
                conversation.messages.push(message);
            }
            if whole {
                return Ok(Some(conversation));
            }
        }
    }
}

fn not_now(error: impl std::fmt::Display) -> MailOutcome {
    MailOutcome::Temporary(error.to_string().into())
}
