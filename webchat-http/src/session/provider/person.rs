//! Whom a provider's word makes a user of ours, and in which role.

use std::cmp::max;

use serde_json::Value;
use webchat_core::field;
use webchat_runtime::accounts::{Account, Profile, Role};

use super::Provider;
use super::token::Claims;
use crate::admin::users;
use crate::app::App;
use crate::refused::Refused;

/// The user whom good claims name; one who comes for the first time is made, or found by login where that is wanted.
pub(super) async fn account(
    app: &App,
    provider: &Provider,
    claims: &Claims,
) -> Result<Account, Refused> {
    let missing = || Refused::new("invalid_token", "it names nobody");
    let subject = claims.text("sub").ok_or_else(missing)?;
    let role = role(provider, claims);
    let no_role = || Refused::new("no_role", "the provider says of no role here");
    let accounts = app.accounts();
    let known = accounts.by_identity(&provider.issuer, subject).await?;
    let account = match known {
        Some(account) => account,
        None => {
            let role = role.ok_or_else(no_role)?;
            let login = login(provider, claims, subject);
            let account = match accounts.by_login(&login).await? {
                Some(account) if provider.link_logins => account,
                Some(_) => {
                    let why = "somebody else has the login that the provider says";
                    return Err(Refused::new("login_taken", why));
                }
                None => users::insert(app, profile(provider, claims, login, role), false).await?,
            };
            let linked = accounts.link_identity(account.id, &provider.issuer, subject);
            linked.await?;
            account
        }
    };
    if account.profile.disabled {
        return Err(Refused::new("user_disabled", "this user is disabled"));
    }
    match (&provider.roles.claim, role) {
        // Roles are given here.
        (None, _) => Ok(account),
        (Some(_), Some(role)) if role == account.profile.role => Ok(account),
        (Some(_), Some(role)) => users::set_role(app, account, role).await,
        (Some(_), None) => Err(no_role()),
    }
}

/// The highest role that the claims give.
fn role(provider: &Provider, claims: &Claims) -> Option<Role> {
    let roles = &provider.roles;
    let said = roles.claim.as_ref().and_then(|claim| claims.at(claim));
    let values = match said {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let given = values
        .iter()
        .filter_map(|value| roles.values.get(value.as_str()?).copied());
    given.reduce(max).or(roles.otherwise)
}

fn login(provider: &Provider, claims: &Claims, subject: &str) -> String {
    let said = claims.text(&provider.login_claim);
    let said = said.filter(|login| users::is_login(login));
    said.unwrap_or(subject).to_owned()
}

fn profile(provider: &Provider, claims: &Claims, login: String, role: Role) -> Profile {
    let name = claims.text(&provider.name_claim);
    let name = name.and_then(|name| field::name(Some(name)).ok().flatten());
    Profile {
        name: name.map_or_else(|| login.chars().take(80).collect(), |name| name.to_string()),
        login,
        role,
        agent: None,
        // No password opens it.
        password_hash: String::new(),
        disabled: false,
    }
}
