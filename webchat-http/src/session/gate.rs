//! The way in for people whom the embedding program has signed in by its own means.

use std::fmt;

use http::HeaderValue;
use webchat_runtime::accounts::{Account, Role};

use super::person::Named;
use super::{COOKIE, begin};
use crate::admin::users;
use crate::app::App;
use crate::limits;
use crate::refused::Refused;

/// Somebody whom the embedding program knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Who this is in the program's own numbering: never given to somebody else.
    pub subject: String,
    /// What a new user is called at sign-in: 1 to 80 characters without blanks that no other user has.
    pub login: String,
    /// What colleagues call a new user; the login takes the place of what cannot be a name.
    pub name: String,
    /// What they may do from now on.
    pub role: Role,
}

/// Makes the embedding program's people users of this server, and signs them in. From [`Server::gate`](crate::Server::gate).
#[derive(Clone)]
pub struct Gate {
    app: App,
    issuer: String,
}

/// Why somebody was not let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAdmitted {
    code: &'static str,
    why: String,
}

impl Gate {
    pub(crate) fn new(app: App, issuer: String) -> Self {
        Self { app, issuer }
    }

    /// The user this person is, made at the first time: an agent too, unless an administrator. The sessions of another role
    /// than the one they have now end.
    ///
    /// # Errors
    /// `invalid_field` (the login), `login_taken`, `user_disabled` for one who was disabled here, `last_administrator`,
    /// `retry` while the storage does not answer.
    pub async fn account(&self, person: &Person) -> Result<Account, NotAdmitted> {
        if !users::is_login(&person.login) {
            return Err(users::no_login(&person.login).into());
        }
        let named = Named {
            issuer: &self.issuer,
            subject: &person.subject,
            login: &person.login,
            name: &person.name,
            role: Some(person.role),
            roles_there: true,
            link_logins: false,
        };
        Ok(named.account(&self.app).await?)
    }

    /// Opens a session for this person, as [`account`](Self::account) names them: the `set-cookie` with which the program
    /// answers before it sends the browser on to `/console/`. The program must be reached under the same host name as this
    /// server, the port may differ; over TLS of a proxy `public_url` has to say so.
    ///
    /// The program answers for who asks: for its own session, and for whoever could make a browser ask. Who is admitted counts
    /// for ten minutes as having shown who they are; then users and keys change only after they are admitted once more.
    ///
    /// # Errors
    /// As [`account`](Self::account).
    pub async fn admit(&self, person: &Person) -> Result<HeaderValue, NotAdmitted> {
        let account = self.account(person).await?;
        let now = self.app.now();
        let (signed, token) = begin(&self.app, account, now, String::new()).await?;
        tracing::info!(account = signed.account.id.0, "signed in by the host");
        let settings = &self.app.settings;
        let public = settings.public_url.as_ref();
        let secure = settings.tls.is_some() || public.is_some_and(|url| url.scheme() == "https");
        Ok(COOKIE.header(secure, &token, limits::SESSION_TOTAL)?)
    }
}

/// Without who it is.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl NotAdmitted {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for NotAdmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for NotAdmitted {}

impl From<Refused> for NotAdmitted {
    fn from(refused: Refused) -> Self {
        Self {
            code: refused.code(),
            why: refused.message().to_owned(),
        }
    }
}
