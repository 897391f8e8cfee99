//! Speaks to the mail server: each mail within its time, over a connection that nothing was left unsaid on.

use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::Message;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Severity;
use webchat_core::mail::MailOutcome;

use crate::compose::Templates;
use crate::settings::Security;

/// Connections to the mail server at once.
pub(crate) const PARALLEL: usize = 4;

/// How long a connection may rest between two mails. Servers hang up after some minutes themselves.
const REST: Duration = Duration::from_secs(60);

/// A mail server, ready to take mail. Clones share their connections.
#[derive(Clone)]
pub struct Mailer {
    server: Arc<Server>,
    resting: Arc<Mutex<Vec<Resting>>>,
    pub(crate) from: Mailbox,
    pub(crate) templates: Arc<Templates>,
}

/// How to reach the server.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) tls: TlsParameters,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) hello: ClientId,
    pub(crate) timeout: Duration,
}

struct Resting {
    since: Instant,
    connection: AsyncSmtpConnection,
}

impl Mailer {
    pub(crate) fn new(server: Server, from: Mailbox, templates: Templates) -> Self {
        Self {
            server: Arc::new(server),
            resting: Arc::default(),
            from,
            templates: Arc::new(templates),
        }
    }

    /// Sends one mail and says how that went.
    ///
    /// A connection is kept for the next mail only after a clean end. One that was given up half way
    /// is closed: the answers still under way on it would be taken for those to the next mail.
    pub async fn send(&self, mail: Message) -> MailOutcome {
        let limit = self.server.timeout;
        match tokio::time::timeout(limit, self.hand_over(&mail)).await {
            Ok(outcome) => outcome,
            Err(_) => temporary(format!("no answer within {} s", limit.as_secs())),
        }
    }

    /// Sends a mail that proves the settings.
    ///
    /// # Errors
    /// What the server, or the way to it, had against it.
    pub async fn test(&self, address: &str) -> Result<(), String> {
        let to: Mailbox = address
            .parse()
            .map_err(|error| format!("`{address}` is no address: {error}"))?;
        let mail = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject("webchat: test")
            .body("The mail settings of this webchat server work.\r\n".to_owned())
            .map_err(|error| error.to_string())?;
        match self.send(mail).await {
            MailOutcome::Delivered => Ok(()),
            MailOutcome::Temporary(why) | MailOutcome::Permanent(why) => Err(why.to_string()),
        }
    }

    async fn hand_over(&self, mail: &Message) -> MailOutcome {
        let connected = match self.rested().await {
            Some(connection) => Ok(connection),
            None => self.server.connect().await,
        };
        let mut connection = match connected {
            Ok(connection) => connection,
            // Whatever is wrong before the mail is mentioned is not the mail's fault.
            Err(error) => return temporary(chain(&error)),
        };
        match connection.send(mail.envelope(), &mail.formatted()).await {
            Ok(reply) if reply.code().severity == Severity::PositiveCompletion => {
                self.rest(connection);
                MailOutcome::Delivered
            }
            Ok(reply) => temporary(format!("not a final answer: {}", reply.code())),
            Err(error) => refusal(&error),
        }
    }

    /// A connection that has not rested too long and still answers.
    async fn rested(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let mut next = self.resting().pop()?;
            if next.since.elapsed() < REST && next.connection.test_connected().await {
                return Some(next.connection);
            }
        }
    }

    fn rest(&self, connection: AsyncSmtpConnection) {
        let since = Instant::now();
        let mut resting = self.resting();
        resting.retain(|other| other.since.elapsed() < REST);
        if resting.len() < PARALLEL {
            resting.push(Resting { since, connection });
        }
    }

    fn resting(&self) -> std::sync::MutexGuard<'_, Vec<Resting>> {
        // A panic cannot leave the list half changed.
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let tls = |wanted| (self.security == wanted).then(|| self.tls.clone());
        let address = (self.host.as_str(), self.port);
        let limit = Some(self.timeout);
        let wrapper = tls(Security::Tls);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, limit, &self.hello, wrapper, None).await?;
        if let Some(tls) = tls(Security::StartTls) {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).await?;
        }
        Ok(connection)
    }
}

/// A refusal of the mail is for good, unless it says that we should have signed in otherwise.
fn refusal(error: &Error) -> MailOutcome {
    const SIGNING_IN: [&str; 4] = ["530", "534", "535", "538"];
    let code = error.status().map(|code| code.to_string());
    let ours = code.is_some_and(|code| SIGNING_IN.contains(&code.as_str()));
    match error.is_permanent() && !ours {
        true => MailOutcome::Permanent(chain(error).into()),
        false => temporary(chain(error)),
    }
}

fn temporary(why: String) -> MailOutcome {
    MailOutcome::Temporary(why.into())
}

/// The error and what it came from, on one line: a mail server may answer in several.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let deeper_text = deeper.to_string();
        if !text.ends_with(&deeper_text) {
            text = format!("{text}: {deeper_text}");
        }
        cause = deeper.source();
    }
    crate::compose::one_line(&text)
}
