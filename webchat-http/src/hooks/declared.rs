//! Webhooks that the operator declares beside the other settings, brought in line with what is stored at each start.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use webchat_core::problem::Problem;
use webchat_runtime::hosts::{Endpoint, Hosts, Place, Progress};
use webchat_runtime::{Journal, StoreError, TenantId};

use super::letter::kinds;
use super::target::{Networks, Target};

/// A webhook as the settings say it. It is known by its URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Declared {
    url: String,
    events: Vec<String>,
    secret: [u8; 32],
}

impl Declared {
    /// Checks what the settings say: where to, the kinds of events (none: all), and the secret as receivers have it.
    ///
    /// # Errors
    /// If the URL may not be delivered to, a kind of event is unknown, or the secret is no `whsec_` and 32 bytes in base64.
    pub fn check(
        url: String,
        events: Vec<String>,
        secret: &str,
        networks: &Networks,
    ) -> Result<Self, Problem> {
        Target::parse(&url, networks)?;
        if let Some(wrong) = unknown_kind(&events) {
            return Err(wrong);
        }
        let bytes = secret
            .strip_prefix("whsec_")
            .and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        // A secret is never repeated back, not even a wrong one.
        let wrong = || Problem::new("secret", "", "whsec_ and 32 bytes in base64");
        Ok(Self {
            url,
            events,
            secret: bytes.ok_or_else(wrong)?,
        })
    }
}

impl std::fmt::Debug for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Declared")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Makes, changes and forgets what was declared, so that it is as `wanted` says. One that stays keeps its place and its
/// dead letters; a new one begins with what happens from now on. Those made over the API are left alone.
///
/// # Errors
/// If the store fails.
pub async fn declare(
    hosts: &dyn Hosts,
    journal: &dyn Journal,
    tenant: TenantId,
    wanted: &[Declared],
) -> Result<(), StoreError> {
    let known = hosts
        .endpoints()
        .await?
        .into_iter()
        .filter(|one| one.declared);
    let known: Vec<Endpoint> = known.collect();
    for gone in known
        .iter()
        .filter(|one| !wanted.iter().any(|want| want.url == one.url))
    {
        hosts.remove_endpoint(gone.id).await?;
    }
    for want in wanted {
        let found = known.iter().find(|one| one.url == want.url);
        match found {
            Some(same) if is_as(same, want) => {}
            Some(other) => {
                let mut changed = other.clone();
                changed.events.clone_from(&want.events);
                changed.secret = want.secret;
                // A receiver may have said that it wants no more; whoever keeps it in the settings says otherwise.
                changed.enabled = true;
                hosts.change_endpoint(changed).await?;
            }
            None => {
                let frame = journal.head(tenant).await?.seq + 1;
                let made = Endpoint {
                    id: 0,
                    url: want.url.clone(),
                    events: want.events.clone(),
                    enabled: true,
                    secret: want.secret,
                    declared: true,
                    progress: Progress {
                        next: Place { frame, event: 0 },
                        ..Progress::default()
                    },
                    last: None,
                };
                hosts.add_endpoint(made).await?;
            }
        }
    }
    Ok(())
}

fn is_as(known: &Endpoint, want: &Declared) -> bool {
    known.enabled && known.events == want.events && known.secret == want.secret
}

/// What is wrong with a list of kinds of events, if anything is.
pub(crate) fn unknown_kind(events: &[String]) -> Option<Problem> {
    let unknown = events.iter().find(|kind| !kinds().contains(kind))?;
    let expected = "kinds of events such as chat_closed, see docs/webhooks.md";
    Some(Problem::new("events", unknown, expected))
}
