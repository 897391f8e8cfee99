//! Whom somebody else's word makes a user of ours, and in which role: a sign-in provider's, or the embedding program's.

use webchat_core::field;
use webchat_runtime::accounts::{Account, Profile, Role};

use crate::admin::users;
use crate::app::App;
use crate::refused::Refused;

/// A person as whoever signed them in names them.
pub(super) struct Named<'a> {
    /// Who says so.
    pub(super) issuer: &'a str,
    /// Never given to somebody else there.
    pub(super) subject: &'a str,
    /// What a new user is called at sign-in.
    pub(super) login: &'a str,
    /// What colleagues call a new user; the login where it cannot be a name.
    pub(super) name: &'a str,
    /// `None`: they have none there.
    pub(super) role: Option<Role>,
    /// The role is given there at every sign-in; otherwise here, but for the first.
    pub(super) roles_there: bool,
    /// Whoever comes for the first time is taken for the user whose login is the same.
    pub(super) link_logins: bool,
}

impl Named<'_> {
    /// The user there is, or a new one; in the role that they have there.
    pub(super) async fn account(&self, app: &App) -> Result<Account, Refused> {
        let no_role = || Refused::new("no_role", "the provider says of no role here");
        let accounts = app.accounts();
        let known = accounts.by_identity(self.issuer, self.subject).await?;
        let account = match known {
            Some(account) => account,
            None => {
                let role = self.role.ok_or_else(no_role)?;
                let account = match accounts.by_login(self.login).await? {
                    Some(account) if self.link_logins => account,
                    Some(_) => {
                        let why = "somebody else has the login that the provider says";
                        return Err(Refused::new("login_taken", why));
                    }
                    None => users::insert(app, self.profile(role), false).await?,
                };
                let linked = accounts.link_identity(account.id, self.issuer, self.subject);
                linked.await?;
                account
            }
        };
        if account.profile.disabled {
            return Err(Refused::new("user_disabled", "this user is disabled"));
        }
        match self.role {
            _ if !self.roles_there => Ok(account),
            Some(role) if role == account.profile.role => Ok(account),
            Some(role) => users::set_role(app, account, role).await,
            None => Err(no_role()),
        }
    }

    fn profile(&self, role: Role) -> Profile {
        let name = field::name(Some(self.name)).ok().flatten();
        Profile {
            name: match name {
                Some(name) => name.to_string(),
                None => self.login.chars().take(80).collect(),
            },
            login: self.login.to_owned(),
            role,
            agent: None,
            // No password opens it.
            password_hash: String::new(),
            disabled: false,
        }
    }
}
