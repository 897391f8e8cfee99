//! How strongly, and how long ago, people showed the provider who they are.

use std::time::Duration;

use serde_json::Value;
use webchat_core::time::Timestamp;

use super::token::Claims;
use crate::limits;
use crate::refused::Refused;

/// How people have to sign in at the provider; by default as the provider sees fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strength {
    /// One of these has to be the token's `acr`. They are asked for, the first one first. Empty: whatever it is.
    pub acr: Vec<String>,
    /// All of these have to be among the token's `amr`, such as `mfa`. Empty: whatever they are.
    pub amr: Vec<String>,
    /// Longest time since the person showed who they are, whole seconds. `None`: however long ago.
    pub max_age: Option<Duration>,
}

impl Strength {
    /// The longest time for this sign-in: none at all where people are to show `again` who they are.
    pub(super) fn age(&self, again: bool) -> Option<Duration> {
        match again {
            true => Some(Duration::ZERO),
            false => self.max_age,
        }
    }

    /// Refuses what a good token says of a sign-in that was too weak or too long ago. When it was, where the token says so;
    /// where it has to be [recent](Self::age), `since` is when it was asked for.
    pub(super) fn check(
        &self,
        claims: &Claims,
        age: Option<Duration>,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, Refused> {
        let weak = |why: String| Err(Refused::new("too_weak", why));
        let acr = claims.text("acr");
        if !self.acr.is_empty() && !acr.is_some_and(|acr| self.acr.iter().any(|one| one == acr)) {
            return weak("the provider's acr is none of those that are required".into());
        }
        let amr = claims.at("amr").and_then(Value::as_array);
        let has = |method: &String| {
            amr.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(method)))
        };
        if let Some(missing) = self.amr.iter().find(|method| !has(method)) {
            return weak(format!("the provider's amr does not have {missing}"));
        }
        let at = claims.at("auth_time").and_then(Value::as_i64);
        let at = at.map(Timestamp::from_seconds);
        let Some(age) = age else {
            return Ok(at);
        };
        let oldest = i64::try_from(age.as_secs())
            .unwrap_or(i64::MAX)
            .saturating_add(limits::CLOCK_SKEW_SECONDS);
        match at {
            Some(at) if since.since(at) <= oldest.saturating_mul(1_000) => Ok(Some(at)),
            Some(_) => weak("the person signed in at the provider too long ago".into()),
            None => {
                weak("the provider does not say when the person signed in: no auth_time".into())
            }
        }
    }
}
