//! Cookies of signing in: under which name, from which sites they come back, and how they are read and written.

use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Response};

use crate::app::{App, Call};
use crate::refused::Refused;

/// A cookie for this server alone, which no script reads.
pub(super) struct Cookie {
    pub(super) name: &'static str,
    /// The same over TLS: browsers take a cookie of the prefix `__Host-` from this very host over TLS only, so that no
    /// neighbour in its domain and nobody on the way can plant one.
    pub(super) secure_name: &'static str,
    /// `Strict`, or `Lax` for one that is needed when another site leads here.
    pub(super) same_site: &'static str,
}

impl Cookie {
    /// What the browser brought; `None` when there is none, or when there are two.
    pub(super) fn of(&self, app: &App, call: &Call) -> Option<String> {
        let expected = self.name(is_secure(app, call));
        let mut values = call
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == expected)
            .map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value.to_owned()),
            _ => None,
        }
    }

    /// Lets the browser keep a value for `age`; none at all throws it away.
    pub(super) fn set(
        &self,
        app: &App,
        call: &Call,
        response: &mut Response<Bytes>,
        value: &str,
        age: Duration,
    ) -> Result<(), Refused> {
        let cookie = self.header(is_secure(app, call), value, age)?;
        response.headers_mut().append(SET_COOKIE, cookie);
        Ok(())
    }

    /// What lets a browser keep a value for `age`, over TLS or not.
    pub(super) fn header(
        &self,
        secure: bool,
        value: &str,
        age: Duration,
    ) -> Result<HeaderValue, Refused> {
        let (name, same_site, age) = (self.name(secure), self.same_site, age.as_secs());
        let flag = if secure { "; Secure" } else { "" };
        let cookie =
            format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={age}{flag}");
        HeaderValue::try_from(cookie).map_err(Refused::bad_request)
    }

    fn name(&self, secure: bool) -> &'static str {
        match secure {
            true => self.secure_name,
            false => self.name,
        }
    }
}

/// Whether the browser's side of the connection is encrypted.
fn is_secure(app: &App, call: &Call) -> bool {
    let public = app.settings.public_url.as_ref();
    call.peer.secure || public.is_some_and(|url| url.scheme() == "https")
}
