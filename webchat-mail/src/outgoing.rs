//! From the stream of effects to the mail server, and the outcome back to the engine.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use webchat_core::command::{Command, HostCommand};
use webchat_core::effect::Effect;
use webchat_core::offline::{MailOutcome, OfflineMessage};
use webchat_runtime::{EffectSink, TenantHandle};

use crate::compose::compose;
use crate::settings::{Mailer, PARALLEL};

/// Messages waiting for a connection to the mail server. The engine offers again what finds no room.
const QUEUE: usize = 256;

/// Takes the mail out of the stream of effects and passes the rest on.
pub struct MailSink {
    next: Arc<dyn EffectSink>,
    queue: mpsc::Sender<Arc<OfflineMessage>>,
}

/// The mail taken out, to be sent by [`Outgoing::run`].
pub struct Outgoing {
    queue: mpsc::Receiver<Arc<OfflineMessage>>,
}

impl MailSink {
    /// A sink before `next`, and what it takes out.
    pub fn new(next: Arc<dyn EffectSink>) -> (Self, Outgoing) {
        let (sender, queue) = mpsc::channel(QUEUE);
        (
            Self {
                next,
                queue: sender,
            },
            Outgoing { queue },
        )
    }
}

impl EffectSink for MailSink {
    fn deliver(&self, effects: &mut Vec<Effect>) {
        effects.retain(|effect| match effect {
            Effect::Mail { message } => {
                // Without room or without a worker it stays owed, and comes again when its answer is overdue.
                let _ = self.queue.try_send(message.clone());
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
    /// Sends until the sink is gone, a few at a time, and tells the engine how each went.
    ///
    /// Without a mailer every message is answered as not sendable yet: it stays owed and visible.
    pub async fn run(mut self, tenant_name: &str, tenant: TenantHandle, mailer: Option<Mailer>) {
        let mut sending = JoinSet::new();
        loop {
            tokio::select! {
                message = self.queue.recv(), if sending.len() < PARALLEL => match message {
                    Some(message) => {
                        let job = settle(tenant_name.to_owned(), tenant.clone(), mailer.clone(), message);
                        sending.spawn(job);
                    }
                    None => break,
                },
                Some(_) = sending.join_next() => {}
            }
        }
        while sending.join_next().await.is_some() {}
    }
}

async fn settle(
    tenant_name: String,
    tenant: TenantHandle,
    mailer: Option<Mailer>,
    message: Arc<OfflineMessage>,
) {
    let id = message.id;
    let campaign = message.campaign;
    let name = tenant.query(move |engine, _| {
        engine
            .view()
            .campaign(campaign)
            .map(|campaign| campaign.settings.name.clone())
    });
    let Ok(name) = name.await else { return };
    let name = name.unwrap_or_else(|| campaign.to_string().into());
    // In a task of its own, so that a panic of the mail library is an outcome like any other.
    let attempt = tokio::spawn(async move {
        let Some(mailer) = mailer else {
            return MailOutcome::Temporary("mail is not configured".into());
        };
        match compose(
            &message,
            &tenant_name,
            &name,
            &mailer.from,
            &mailer.templates,
        ) {
            Ok(mail) => mailer.send(mail).await,
            Err(why) => MailOutcome::Permanent(why.into()),
        }
    });
    let outcome = attempt.await.unwrap_or_else(|error| {
        MailOutcome::Temporary(format!("the mail library failed: {error}").into())
    });
    match &outcome {
        MailOutcome::Delivered => tracing::info!(message = %id, "offline message delivered"),
        MailOutcome::Temporary(why) => {
            tracing::warn!(message = %id, %why, "offline message not delivered yet")
        }
        MailOutcome::Permanent(why) => {
            tracing::error!(message = %id, %why, "offline message refused for good")
        }
    }
    let answer = Command::Host(HostCommand::MailAnswered {
        message: id,
        outcome,
    });
    // An answer that cannot be given is overdue later, and the message comes again.
    if let Err(error) = tenant.submit(answer).await {
        tracing::warn!(message = %id, %error, "the outcome was not taken");
    }
}
