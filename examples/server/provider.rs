//! Where people sign in to the console beside here: `[sign_in]` in the settings file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use url::{Host, Url};
use webchat_http::{Provider, Roles, Strength};
use webchat_mail::Secret;
use webchat_runtime::accounts::Role;

/// `[sign_in]` in the settings file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderFile {
    issuer: String,
    client_id: String,
    client_secret: Option<Secret>,
    name: Option<String>,
    scopes: Option<Vec<String>>,
    login_claim: Option<String>,
    name_claim: Option<String>,
    role_claim: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, String>,
    role: Option<String>,
    #[serde(default)]
    link_logins: bool,
    #[serde(default)]
    required_acr: Vec<String>,
    #[serde(default)]
    required_amr: Vec<String>,
    max_age_minutes: Option<u32>,
    passwords: Option<bool>,
    authority: Option<PathBuf>,
}

impl ProviderFile {
    /// The provider that the file describes; `secret` is the environment's word for its secret, `public` where browsers reach
    /// this server.
    pub(crate) fn check(
        self,
        secret: Option<String>,
        public: Option<&Url>,
    ) -> anyhow::Result<Provider> {
        let issuer = Url::parse(&self.issuer).ok();
        let fits = issuer.as_ref().is_some_and(|url| match url.scheme() {
            "https" => true,
            // Whoever stands between could say who signs in.
            "http" => is_this_machine(url),
            _ => false,
        });
        if !fits {
            bail!(
                "sign_in.issuer is {}, expected an https address",
                self.issuer
            );
        }
        if public.is_none() {
            bail!(
                "public_url is missing, expected beside sign_in: the provider has to know where to send people back to"
            );
        }
        let mut provider = Provider::at(self.issuer, self.client_id);
        provider.client_secret = secret.or(self.client_secret.map(|secret| secret.0));
        let replace = |place: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *place = value;
            }
        };
        replace(&mut provider.name, self.name);
        replace(&mut provider.login_claim, self.login_claim);
        replace(&mut provider.name_claim, self.name_claim);
        provider.scopes = self.scopes.unwrap_or(provider.scopes);
        let mut roles = Roles {
            claim: self.role_claim,
            ..Roles::default()
        };
        for (value, role) in self.roles {
            roles.values.insert(value, role_of("sign_in.roles", &role)?);
        }
        if roles.claim.is_some() == roles.values.is_empty() {
            bail!(
                "sign_in.role_claim and sign_in.roles are expected together: which claim, and what its values mean"
            );
        }
        roles.otherwise = self
            .role
            .map(|role| role_of("sign_in.role", &role))
            .transpose()?;
        provider.roles = roles;
        let minutes = self.max_age_minutes.map(u64::from);
        provider.strength = Strength {
            acr: self.required_acr,
            amr: self.required_amr,
            max_age: minutes.map(|minutes| Duration::from_secs(60 * minutes)),
        };
        provider.link_logins = self.link_logins;
        provider.passwords = self.passwords.unwrap_or(true);
        if let Some(authority) = self.authority {
            provider
                .trust(&authority)
                .context("cannot use sign_in.authority")?;
        }
        Ok(provider)
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn role_of(field: &str, role: &str) -> anyhow::Result<Role> {
    let found = Role::from_code(role);
    found.with_context(|| format!("{field} is {role}, expected agent, supervisor or administrator"))
}
