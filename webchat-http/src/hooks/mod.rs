//! Webhooks after Standard Webhooks: tells the host's programs what happened.
//!
//! What is owed is not kept: the journal has every event, and an endpoint is a place in it. So nothing is lost between
//! an event and its delivery, a restart goes on where it was, and going back is a replay. One event at a time and in
//! the journal's order: an event whose receiver does not answer holds up the later ones of that endpoint, never those of
//! another.

mod declared;
mod letter;
mod target;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use webchat_core::event::Recorded;
use webchat_core::problem::Problem;
use webchat_core::time::Timestamp;
use webchat_core::wire;
use webchat_runtime::hosts::{Attempt, DeadLetter, Endpoint, Place, Progress};
use webchat_runtime::{Fault, Frame, StoreError};

use crate::app::App;
use crate::refused::Refused;

pub(crate) use declared::unknown_kind;
pub use declared::{Declared, declare};
pub(crate) use letter::{Letter, secret_text};
pub use target::Networks;
pub(crate) use target::Outcome;
use target::{Line, Target};

/// Frames read together at most.
const PAGE: usize = 64;

/// How deliveries are tried.
#[derive(Clone, Debug)]
pub struct Attempts {
    /// How long an answer may take.
    pub patience: Duration,
    /// Pauses between attempts; the last one is repeated.
    pub pauses: Vec<Duration>,
    /// After this many answers that say the event itself is not wanted (4xx, but for 408, 425 and 429) it is a dead
    /// letter, and the next one is sent. A receiver that cannot be reached or fails is tried for ever.
    pub refusals: u32,
}

impl Default for Attempts {
    /// 15 s; pauses from 5 s to 10 minutes; dead after six refusals, which takes about a quarter of an hour.
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(15),
            pauses: [5, 15, 60, 180, 600].map(Duration::from_secs).into(),
            refusals: 6,
        }
    }
}

/// Delivers until `stop`, and begins and ends with the endpoints there are.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let mut changed = app.endpoints.subscribe();
    let mut posts: HashMap<u64, JoinHandle<()>> = HashMap::new();
    loop {
        changed.borrow_and_update();
        match app.hosts().endpoints().await {
            Ok(endpoints) => {
                posts.retain(|_, post| !post.is_finished());
                for endpoint in endpoints {
                    posts.entry(endpoint.id).or_insert_with(|| {
                        let post = Post {
                            app: app.clone(),
                            id: endpoint.id,
                            line: None,
                        };
                        tokio::spawn(post.run(stop.clone()))
                    });
                }
            }
            Err(error) => tracing::error!(%error, "webhooks cannot be read"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            _ = changed.changed() => {}
        }
    }
    for post in posts.into_values() {
        if let Err(error) = post.await {
            tracing::error!(%error, "the task of a webhook failed");
        }
    }
}

/// The event at a place, if there is one.
pub(crate) async fn event_at(app: &App, place: Place) -> Result<Option<Recorded>, StoreError> {
    let after = place.frame.saturating_sub(1);
    let frames = app.parts.journal.read(app.parts.tenant, after, 1).await?;
    let frame = frames.first().filter(|frame| frame.seq == place.frame);
    let events = frame.map(decoded).transpose()?.unwrap_or_default();
    let rank = usize::try_from(place.event).unwrap_or(usize::MAX);
    Ok(events.into_iter().nth(rank))
}

/// The first frame decided at `since` or later; the end of the journal if there is none.
pub(crate) async fn place_of(app: &App, since: Timestamp) -> Result<Place, StoreError> {
    let tenant = app.parts.tenant;
    let (mut low, mut high) = (1, app.parts.journal.head(tenant).await?.seq + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let frames = app.parts.journal.read(tenant, middle - 1, 1).await?;
        match frames.first().is_some_and(|frame| frame.at >= since) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    Ok(Place {
        frame: low,
        event: 0,
    })
}

/// Tries once to hand a letter over; `line` is a connection to use, and becomes the one to use next.
///
/// # Errors
/// If the endpoint's URL may not be delivered to.
pub(crate) async fn deliver(
    app: &App,
    endpoint: &Endpoint,
    letter: &Letter,
    line: &mut Option<Line>,
) -> Result<Outcome, Problem> {
    let target = Target::parse(&endpoint.url, &app.settings.hook_networks)?;
    let patience = app.settings.hook_attempts.patience;
    let seconds = app.now().as_millis().div_euclid(1_000);
    Ok(target::deliver(&target, line, letter, &endpoint.secret, seconds, patience).await)
}

/// Writes down that a webhook was sent something. People are only told of it, so a failure holds up nothing.
pub(crate) async fn tried(app: &App, endpoint: u64, outcome: &Outcome) {
    let attempt = Attempt {
        at: app.now(),
        outcome: outcome.code().to_owned(),
    };
    if let Err(error) = app.hosts().tried(endpoint, attempt).await {
        tracing::warn!(webhook = endpoint, %error, "an attempt could not be noted");
    }
}

/// Carries an endpoint's events.
struct Post {
    app: App,
    id: u64,
    line: Option<Line>,
}

impl Post {
    async fn run(mut self, stop: CancellationToken) {
        let mut changed = self.app.endpoints.subscribe();
        let mut durable = self.app.parts.handle.durable();
        loop {
            changed.borrow_and_update();
            durable.borrow_and_update();
            let pause = tokio::select! {
                () = stop.cancelled() => return,
                step = self.step() => match step {
                    Ok(Some(pause)) => pause,
                    Ok(None) => return,
                    Err(error) => {
                        tracing::error!(webhook = self.id, %error, "a webhook waits for the store");
                        Pause::For(Duration::from_secs(5))
                    }
                },
            };
            let (sleep, news) = match pause {
                Pause::None => continue,
                Pause::For(time) => (time, false),
                Pause::News => (Duration::from_secs(3_600), true),
                Pause::Change => (Duration::from_secs(3_600), false),
            };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = changed.changed() => {}
                _ = durable.changed(), if news => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Settles at most one event. `None` when there is no such endpoint any more.
    async fn step(&mut self) -> Result<Option<Pause>, StoreError> {
        let Some(endpoint) = self.app.hosts().endpoint(self.id).await? else {
            return Ok(None);
        };
        if !endpoint.enabled {
            return Ok(Some(Pause::Change));
        }
        if let Some(at) = endpoint.progress.retry_at {
            let left = at.since(self.app.now()).unsigned_abs();
            // The clock may be moved while the pause lasts; what was waited for once is over.
            tokio::time::sleep(Duration::from_millis(left.min(self.longest_pause()))).await;
        }
        let Some((place, event)) = self.next(&endpoint).await? else {
            return Ok(Some(Pause::News));
        };
        let letter = Letter::new(self.app.parts.tenant, place, &event);
        let outcome = deliver(&self.app, &endpoint, &letter, &mut self.line).await;
        let outcome = outcome.unwrap_or_else(|refused| Outcome::Failed(refused.to_string()));
        // Together, so that they are one commit.
        let told = outcome.clone();
        let (noted, ()) = tokio::join!(
            self.note(&endpoint, place, &letter, outcome),
            tried(&self.app, self.id, &told)
        );
        noted
    }

    /// The first wanted event from the endpoint's place on; those passed over are noted when the end is reached.
    async fn next(&self, endpoint: &Endpoint) -> Result<Option<(Place, Recorded)>, StoreError> {
        let mut place = endpoint.progress.next;
        // The next one is often in the first frame, and none is decoded far ahead of its delivery.
        let mut ahead = 1;
        loop {
            let after = place.frame.saturating_sub(1);
            let tenant = self.app.parts.tenant;
            let frames = self.app.parts.journal.read(tenant, after, ahead).await?;
            if frames.is_empty() {
                break;
            }
            ahead = (ahead * 2).min(PAGE);
            for frame in frames {
                let first = match frame.seq == place.frame {
                    true => place.event,
                    false => 0,
                };
                for (rank, event) in (0..).zip(decoded(&frame)?) {
                    if rank >= first && letter::wanted(&endpoint.events, &event.event) {
                        let place = Place {
                            frame: frame.seq,
                            event: rank,
                        };
                        return Ok(Some((place, event)));
                    }
                }
                place = Place {
                    frame: frame.seq + 1,
                    event: 0,
                };
            }
        }
        if place != endpoint.progress.next {
            let progress = Progress {
                next: place,
                ..settled(endpoint, place)
            };
            self.app.hosts().advance(self.id, progress, None).await?;
        }
        Ok(None)
    }

    /// Writes down how it ended, and how long to wait before the next one.
    async fn note(
        &self,
        endpoint: &Endpoint,
        place: Place,
        letter: &Letter,
        outcome: Outcome,
    ) -> Result<Option<Pause>, StoreError> {
        metrics::counter!("webchat_webhook_attempts_total", "outcome" => outcome.code())
            .increment(1);
        let attempts = endpoint.progress.attempts + 1;
        let rules = &self.app.settings.hook_attempts;
        let after = Place {
            event: place.event + 1,
            ..place
        };
        let hosts = self.app.hosts();
        let pause = match outcome {
            Outcome::Taken => {
                hosts
                    .advance(self.id, settled(endpoint, after), None)
                    .await?;
                Pause::None
            }
            Outcome::Refused(error) if attempts >= rules.refusals => {
                tracing::warn!(webhook = self.id, id = letter.id, %error, "a webhook refused an event for good");
                let dead = DeadLetter {
                    endpoint: self.id,
                    place,
                    kind: letter.kind.clone(),
                    at: self.app.now(),
                    error,
                };
                hosts
                    .advance(self.id, settled(endpoint, after), Some(dead))
                    .await?;
                Pause::None
            }
            Outcome::Gone => {
                tracing::warn!(webhook = self.id, "a webhook says 410 and is switched off");
                let mut off = endpoint.clone();
                off.enabled = false;
                off.progress = Progress {
                    error: Some("status 410".into()),
                    ..settled(endpoint, place)
                };
                hosts.change_endpoint(off).await?;
                Pause::Change
            }
            Outcome::Refused(error) | Outcome::Failed(error) => {
                let pause = self.pause(attempts);
                let progress = Progress {
                    next: place,
                    attempts,
                    retry_at: Some(
                        self.app
                            .now()
                            .after_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)),
                    ),
                    error: Some(error),
                    turn: endpoint.progress.turn,
                };
                hosts.advance(self.id, progress, None).await?;
                Pause::For(pause)
            }
        };
        Ok(Some(pause))
    }

    /// The pause after so many failures, a little longer or shorter, so that receivers that fell over together are not
    /// tried together.
    fn pause(&self, attempts: u32) -> Duration {
        let pauses = &self.app.settings.hook_attempts.pauses;
        let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let pause = pauses.get(place).or(pauses.last());
        let mut byte = [128];
        // Without randomness the pause is exact, which does no harm.
        let _ = getrandom::fill(&mut byte);
        pause
            .copied()
            .unwrap_or(Duration::from_secs(5))
            .mul_f64(0.8 + f64::from(byte[0]) / 640.0)
    }

    fn longest_pause(&self) -> u64 {
        let pauses = &self.app.settings.hook_attempts.pauses;
        let longest = pauses
            .iter()
            .max()
            .copied()
            .unwrap_or_default()
            .mul_f64(1.2);
        u64::try_from(longest.as_millis()).unwrap_or(u64::MAX)
    }
}

/// What to wait for.
enum Pause {
    None,
    For(Duration),
    /// Until something happens or people change something.
    News,
    /// Until people change something.
    Change,
}

/// Nothing is outstanding at `next`.
fn settled(endpoint: &Endpoint, next: Place) -> Progress {
    Progress {
        next,
        turn: endpoint.progress.turn,
        ..Progress::default()
    }
}

fn decoded(frame: &Frame) -> Result<Vec<Recorded>, StoreError> {
    wire::decode(&frame.payload).map_err(|error| StoreError::new(Fault::Corrupt, error))
}

/// Tells the tasks that deliver that administrators changed something.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    changed: Arc<watch::Sender<u64>>,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self {
            changed: Arc::new(watch::Sender::new(0)),
        }
    }

    /// People changed something.
    pub(crate) fn ring(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

/// A refusal to an administrator: the URL is no use.
pub(crate) fn checked(url: &str, networks: &Networks) -> Result<(), Refused> {
    Target::parse(url, networks)
        .map(drop)
        .map_err(Refused::field)
}
