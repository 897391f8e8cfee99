//! From the stream of effects to the mail server, and the outcome back to the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::mail::{Mail, MailId, MailOutcome};
use webchat_core::{notice, offline, transcript};
use webchat_runtime::{EffectSink, Unavailable};

use crate::mailer::PARALLEL;
use crate::office::Office;

/// Mails that can be owed at once.
const OWED: usize = offline::OWED + transcript::OWED + notice::OWED;

/// How long it may take to read what a mail is about.
const READING: Duration = Duration::from_secs(60);

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
    pub async fn run(mut self, office: Office, stop: impl Future<Output = ()>) {
        let clerk = Arc::new(Clerk {
            office,
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
    office: Office,
    in_hand: InHand,
}

impl Clerk {
    async fn settle(&self, mail: Mail) {
        let id = mail.id();
        let kind = mail.kind();
        loop {
            let outcome = self.attempt(mail.clone()).await;
            let how = match &outcome {
                MailOutcome::Delivered => {
                    tracing::info!(mail = %id, kind, "delivered");
                    "delivered"
                }
                MailOutcome::Temporary(why) => {
                    tracing::warn!(mail = %id, kind, why = %without_addresses(why), "not delivered yet");
                    "temporary"
                }
                MailOutcome::Permanent(why) => {
                    tracing::error!(mail = %id, kind, why = %without_addresses(why), "refused for good");
                    "permanent"
                }
            };
            metrics::counter!("webchat_mail_attempts_total", "kind" => kind, "outcome" => how)
                .increment(1);
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

    async fn attempt(&self, mail: Mail) -> MailOutcome {
        let Some(mailer) = self.office.mailer.clone() else {
            return MailOutcome::Temporary("mail is not configured".into());
        };
        let read = tokio::time::timeout(READING, self.office.read(mail));
        let contents = match read.await {
            Ok(Ok(contents)) => contents,
            Ok(Err(outcome)) => return outcome,
            Err(_) => return MailOutcome::Temporary("what it is about cannot be read now".into()),
        };
        // In a task of its own, so that a panic of the mail library is an outcome like any other.
        let attempt = tokio::spawn(async move {
            match contents.compose(&mailer) {
                Ok(mail) => mailer.send(mail).await,
                Err(why) => MailOutcome::Permanent(why.into()),
            }
        });
        attempt.await.unwrap_or_else(|error| {
            MailOutcome::Temporary(format!("the mail library failed: {error}").into())
        })
    }

    /// Tells the engine; `false` if that is impossible. While the engine is being rebuilt it waits:
    /// otherwise a delivered mail would be sent again.
    async fn answer(&self, message: MailId, outcome: MailOutcome) -> bool {
        const PAUSE: Duration = Duration::from_secs(1);
        loop {
            let outcome = outcome.clone();
            let answer = Command::Host(HostCommand::MailAnswered { message, outcome });
            match self.office.handle.submit(answer).await {
                Ok(Ok(_)) => return true,
                // Settled already, by an earlier answer.
                Ok(Err(_)) => return false,
                Err(Unavailable::Retry) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    tracing::warn!(mail = %message, %error, "the outcome was not taken");
                    return false;
                }
            }
        }
    }
}

/// What a mail server said, for the log: servers like to repeat whom they do not know.
fn without_addresses(said: &str) -> String {
    let hide = |word| match str::contains(word, '@') {
        true => "(address)",
        false => word,
    };
    said.split(' ').map(hide).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_that_a_mail_server_repeats_is_not_logged() {
        let said = "permanent error (550): 5.1.1 <ines@mail.example>: no such user, ask postmaster@mail.example";
        assert_eq!(
            super::without_addresses(said),
            "permanent error (550): 5.1.1 (address) no such user, ask (address)"
        );
    }
}
