//! From the stream of effects to the mail server, and the outcome back to the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::mail::{Mail, MailId, MailOutcome};
use webchat_core::offline::OWED;
use webchat_runtime::{EffectSink, TenantHandle, Unavailable};

use crate::compose::{Desk, compose};
use crate::mailer::{Mailer, PARALLEL};

/// Takes the mail out of the stream of effects and passes the rest on.
pub struct MailSink {
    next: Arc<dyn EffectSink>,
    queue: mpsc::Sender<Mail>,
    in_hand: InHand,
}

/// The mail taken out, to be sent by [`Outgoing::run`].
pub struct Outgoing {
    queue: mpsc::Receiver<Mail>,
    in_hand: InHand,
}

impl MailSink {
    /// A sink before `next`, and what it takes out.
    pub fn new(next: Arc<dyn EffectSink>) -> (Self, Outgoing) {
        // Each mail is in hand once, so there is room for all that can be owed.
        let (sender, queue) = mpsc::channel(OWED);
        let in_hand = InHand::default();
        let sink = Self {
            next,
            queue: sender,
            in_hand: in_hand.clone(),
        };
        (sink, Outgoing { queue, in_hand })
    }
}

impl EffectSink for MailSink {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        effects.retain(|effect| match effect {
            Effect::Mail { mail } => {
                if self.in_hand.take(mail.id()) && self.queue.try_send(mail.clone()).is_err() {
                    // Nobody sends any more. It stays owed, and is offered again after the next start.
                    self.in_hand.drop(mail.id());
                }
                false
            }
            _ => true,
        });
        self.next.deliver(effects);
    }

    fn connections_lost(&self) {
        self.next.connections_lost();
    }
}

impl Outgoing {
    /// Sends, a few at a time, and tells the engine how each went, until `stop` is over or the sink is
    /// gone; then it returns as soon as what is being sent is answered. What is left stays owed.
    ///
    /// Without a mailer every message is answered as not sendable yet: it stays owed and visible.
    /// `tenant_name` becomes part of the Message-ID.
    pub async fn run(
        mut self,
        tenant_name: &str,
        tenant: TenantHandle,
        mailer: Option<Mailer>,
        stop: impl Future<Output = ()>,
    ) {
        let clerk = Arc::new(Clerk {
            tenant_name: tenant_name.to_owned(),
            tenant,
            mailer,
            in_hand: self.in_hand,
        });
        let mut sending = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = sending.join_next() => {}
                mail = self.queue.recv(), if sending.len() < PARALLEL => match mail {
                    Some(mail) => {
                        let clerk = clerk.clone();
                        sending.spawn(async move { clerk.settle(mail).await });
                    }
                    None => break,
                },
            }
        }
        while sending.join_next().await.is_some() {}
    }
}

/// Which mails are queued or being sent, and whether the engine has offered them again meanwhile: it
/// does when an answer is overdue and after every rebuild. Such a mail is not sent twice at once.
#[derive(Clone, Default)]
struct InHand(Arc<Mutex<BTreeMap<MailId, bool>>>);

impl InHand {
    /// Takes a mail in hand; `false` if it already was.
    fn take(&self, id: MailId) -> bool {
        let mut mails = self.lock();
        let again = mails.contains_key(&id);
        mails.insert(id, again);
        !again
    }

    fn drop(&self, id: MailId) {
        self.lock().remove(&id);
    }

    /// Ends an attempt that did not deliver; `true` if it was offered again, so that it stays in hand.
    fn again(&self, id: MailId) -> bool {
        let mut mails = self.lock();
        let again = mails.remove(&id) == Some(true);
        if again {
            mails.insert(id, false);
        }
        again
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<MailId, bool>> {
        // A panic cannot leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever sends.
struct Clerk {
    tenant_name: String,
    tenant: TenantHandle,
    mailer: Option<Mailer>,
    in_hand: InHand,
}

impl Clerk {
    async fn settle(&self, mail: Mail) {
        let id = mail.id();
        loop {
            let outcome = self.attempt(mail.clone()).await;
            match &outcome {
                MailOutcome::Delivered => {
                    tracing::info!(mail = %id, "delivered")
                }
                MailOutcome::Temporary(why) => {
                    tracing::warn!(mail = %id, %why, "not delivered yet");
                }
                MailOutcome::Permanent(why) => {
                    tracing::error!(mail = %id, %why, "refused for good");
                }
            }
            let delivered = outcome == MailOutcome::Delivered;
            let taken = self.answer(id, outcome).await;
            if delivered || !taken {
                return self.in_hand.drop(id);
            }
            if !self.in_hand.again(id) {
                return;
            }
        }
    }

    /// In a task of its own, so that a panic of the mail library is an outcome like any other.
    async fn attempt(&self, mail: Mail) -> MailOutcome {
        let Some(mailer) = self.mailer.clone() else {
            return MailOutcome::Temporary("mail is not configured".into());
        };
        let Mail::Offline(message) = mail;
        let desk = match self.desk(&message).await {
            Ok(desk) => desk,
            Err(unavailable) => return MailOutcome::Temporary(unavailable.to_string().into()),
        };
        let attempt = tokio::spawn(async move {
            match compose(&message, &desk, &mailer.from, &mailer.templates) {
                Ok(mail) => mailer.send(mail).await,
                Err(why) => MailOutcome::Permanent(why.into()),
            }
        });
        attempt.await.unwrap_or_else(|error| {
            MailOutcome::Temporary(format!("the mail library failed: {error}").into())
        })
    }

    /// Where the message was left, as the campaign is now.
    async fn desk(
        &self,
        message: &webchat_core::offline::OfflineMessage,
    ) -> Result<Desk, Unavailable> {
        let campaign = message.campaign;
        let visitors = message.language;
        let tenant = self.tenant_name.clone();
        let asked = self.tenant.query(move |engine, _| {
            let found = engine.view().campaign(campaign);
            let settings = found.map(|campaign| campaign.settings);
            Desk {
                tenant,
                // A campaign may be deleted while its mail is still owed.
                campaign: settings.map_or(campaign.to_string(), |all| all.name.to_string()),
                language: settings.map_or(visitors, |all| all.wording.default_language),
            }
        });
        asked.await
    }

    /// Tells the engine; `false` if that is impossible. While the engine is being rebuilt it waits:
    /// otherwise a delivered message would be sent again.
    async fn answer(&self, message: MailId, outcome: MailOutcome) -> bool {
        const PAUSE: Duration = Duration::from_secs(1);
        loop {
            let outcome = outcome.clone();
            let answer = Command::Host(HostCommand::MailAnswered { message, outcome });
            match self.tenant.submit(answer).await {
                Ok(Ok(_)) => return true,
                // Settled already, by an earlier answer.
                Ok(Err(_)) => return false,
                Err(Unavailable::Retry) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    tracing::warn!(%message, %error, "the outcome was not taken");
                    return false;
                }
            }
        }
    }
}
