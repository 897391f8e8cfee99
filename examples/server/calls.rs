//! Which servers help calls come about: `[calls]` in the settings file, under flags and environment.

use anyhow::bail;
use clap::Args;
use serde::Deserialize;
use webchat_http::{CallServers, Turn};
use webchat_mail::Secret;

/// Most addresses of one kind; browsers slow down beyond a few.
const MOST_URLS: usize = 8;
/// Seconds a credential of a relay may be good for.
const LIFETIMES: std::ops::RangeInclusive<u32> = 60..=86_400;

#[derive(Args, Debug)]
pub(crate) struct CallFlags {
    /// Servers that tell a caller's browser its own address, such as stun:stun.example:3478
    #[arg(
        long,
        value_name = "URL,...",
        env = "WEBCHAT_STUN",
        value_delimiter = ','
    )]
    stun: Option<Vec<String>>,
    /// Servers that relay calls, such as turn:turn.example:3478?transport=udp; their shared secret is WEBCHAT_TURN_SECRET or stands in the settings file
    #[arg(
        long,
        value_name = "URL,...",
        env = "WEBCHAT_TURN",
        value_delimiter = ','
    )]
    turn: Option<Vec<String>>,
    // No flag: whoever may list processes would read it.
    #[arg(skip = std::env::var("WEBCHAT_TURN_SECRET").ok())]
    turn_secret: Option<String>,
    /// Seconds a credential for the relay is good for [default: 3600]
    #[arg(long, value_name = "SECONDS", env = "WEBCHAT_TURN_LIFETIME")]
    turn_lifetime: Option<u32>,
    /// Calls go through the relay only, so that neither end learns the other's address [default: false]
    #[arg(long, env = "WEBCHAT_RELAY_ONLY", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    relay_only: Option<bool>,
}

/// `[calls]` in the settings file.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CallFile {
    stun: Vec<String>,
    turn: Vec<String>,
    secret: Option<Secret>,
    lifetime: Option<u32>,
    relay_only: bool,
}

impl CallFlags {
    /// The servers that these flags and the file name.
    pub(crate) fn over(self, file: Option<CallFile>) -> anyhow::Result<CallServers> {
        let file = file.unwrap_or_default();
        let stun = checked("calls.stun", self.stun.unwrap_or(file.stun), "stun")?;
        let urls = checked("calls.turn", self.turn.unwrap_or(file.turn), "turn")?;
        let lifetime = self.turn_lifetime.or(file.lifetime).unwrap_or(3_600);
        if !LIFETIMES.contains(&lifetime) {
            let (least, most) = LIFETIMES.into_inner();
            bail!("calls.lifetime is {lifetime}, expected {least} to {most}");
        }
        let relay_only = self.relay_only.unwrap_or(file.relay_only);
        let of_file = file.secret.map(|secret| secret.0);
        let secret = self.turn_secret.or(of_file).unwrap_or_default();
        let turn = match (urls.is_empty(), secret.is_empty()) {
            (true, _) if relay_only => {
                bail!("calls.relay_only is true, expected a server in calls.turn with it")
            }
            (true, _) => None,
            (false, true) => {
                bail!("calls.secret is empty, expected the secret shared with calls.turn")
            }
            (false, false) => Some(Turn {
                urls,
                secret,
                lifetime,
            }),
        };
        Ok(CallServers {
            stun,
            turn,
            relay_only,
        })
    }
}

/// Addresses of this scheme or its protected twin; a browser would refuse all of a call for the sake of a wrong one.
fn checked(name: &str, urls: Vec<String>, scheme: &str) -> anyhow::Result<Vec<String>> {
    if urls.len() > MOST_URLS {
        bail!(
            "{name} holds {} addresses, expected at most {MOST_URLS}",
            urls.len()
        );
    }
    for url in &urls {
        let rest = url
            .strip_prefix(scheme)
            .map(|rest| rest.strip_prefix('s').unwrap_or(rest))
            .and_then(|rest| rest.strip_prefix(':'));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]?=_".contains(&byte);
        if !rest.is_some_and(|host| !host.is_empty() && host.bytes().all(plain)) {
            bail!("{name} is {url}, expected an address such as {scheme}:{scheme}.example:3478");
        }
    }
    Ok(urls)
}
