//! From the stream of effects to the mail server, and the outcome back to the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::offline::{MailOutcome, OWED, OfflineId, OfflineMessage};
use webchat_runtime::{EffectSink, TenantHandle, Unavailable};

use crate::compose::{Desk, compose};
use crate::mailer::{Mailer, PARALLEL};

/// Takes the mail out of the stream of effects and passes the rest on.
pub struct MailSink {
    next: Arc<dyn EffectSink>,
    queue: mpsc::Sender<Arc<OfflineMessage>>,
    in_hand: InHand,
}

/// The mail taken out, to be sent by [`Outgoing::run`].
pub struct Outgoing {
    queue: mpsc::Receiver<Arc<OfflineMessage>>,
    in_hand: InHand,
}

impl MailSink {
    /// A sink before `next`, and what it takes out.
    pub fn new(next: Arc<dyn EffectSink>) -> (Self, Outgoing) {
        // Each message is in hand once, so there is room for all that can be owed.
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
            Effect::Mail { message } => {
                if self.in_hand.take(message.id) && self.queue.try_send(message.clone()).is_err() {
                    // Nobody sends any more. It stays owed, and is offered again after the next start.
                    self.in_hand.drop(message.id);
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
                message = self.queue.recv(), if sending.len() < PARALLEL => match message {
                    Some(message) => {
                        let clerk = clerk.clone();
                        sending.spawn(async move { clerk.settle(message).await });
                    }
                    None => break,
                },
            }
        }
        while sending.join_next().await.is_some() {}
    }
}

/// Which messages are queued or being sent, and whether the engine has offered them again meanwhile: it
/// does when an answer is overdue and after every rebuild. Such a message is not sent twice at once.
#[derive(Clone, Default)]
struct InHand(Arc<Mutex<BTreeMap<OfflineId, bool>>>);

impl InHand {
    /// Takes a message in hand; `false` if it already was.
    fn take(&self, id: OfflineId) -> bool {
        let mut messages = self.lock();
        let again = messages.contains_key(&id);
        messages.insert(id, again);
        !again
    }

    fn drop(&self, id: OfflineId) {
        self.lock().remove(&id);
    }

    /// Ends an attempt that did not deliver; `true` if it was offered again, so that it stays in hand.
    fn again(&self, id: OfflineId) -> bool {
        let mut messages = self.lock();
        let again = messages.remove(&id) == Some(true);
        if again {
            messages.insert(id, false);
        }
        again
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<OfflineId, bool>> {
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
    async fn settle(&self, message: Arc<OfflineMessage>) {
        let id = message.id;
        loop {
            let outcome = self.attempt(message.clone()).await;
            match &outcome {
                MailOutcome::Delivered => {
                    tracing::info!(message = %id, "offline message delivered")
                }
                MailOutcome::Temporary(why) => {
                    tracing::warn!(message = %id, %why, "offline message not delivered yet");
                }
                MailOutcome::Permanent(why) => {
                    tracing::error!(message = %id, %why, "offline message refused for good");
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
    async fn attempt(&self, message: Arc<OfflineMessage>) -> MailOutcome {
        let Some(mailer) = self.mailer.clone() else {
            return MailOutcome::Temporary("mail is not configured".into());
        };
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
    async fn desk(&self, message: &OfflineMessage) -> Result<Desk, Unavailable> {
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
    async fn answer(&self, message: OfflineId, outcome: MailOutcome) -> bool {
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
