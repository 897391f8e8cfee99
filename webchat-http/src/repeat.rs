//! Repeats of requests that make something: under the same `idempotency-key` the first answer is given again.
//!
//! Answers are remembered by the running process for a day. A repeat after a restart is a new request; what must not
//! exist twice even then has a unique name of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use webchat_core::problem::Problem;

use crate::app::Call;
use crate::refused::Refused;

/// The client's own key of a request.
pub(crate) const HEADER: &str = "idempotency-key";

/// Requests that are remembered at once.
const KEPT: usize = 10_000;

/// For how long.
const AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The answers given lately, by who asked for what under which key.
#[derive(Default)]
pub(crate) struct Repeats {
    places: Mutex<HashMap<[u8; 32], Place>>,
}

struct Place {
    since: Instant,
    // Locked while the first request is under way, so that a repeat waits for its answer.
    first: Arc<tokio::sync::Mutex<Option<First>>>,
}

struct First {
    body: [u8; 32],
    status: StatusCode,
    headers: HeaderMap,
    answer: Bytes,
}

impl Repeats {
    /// Carries a request out, or answers it as its first occurrence was. Refusals changed nothing, so they are not kept.
    pub(crate) async fn once(
        &self,
        route: &str,
        call: &Call,
        carry_out: impl Future<Output = Result<Response<Bytes>, Refused>>,
    ) -> Result<Response<Bytes>, Refused> {
        let Some(key) = call.headers.get(HEADER) else {
            return carry_out.await;
        };
        let place = self.place(name(route, call, checked(key)?));
        let mut first = place.lock().await;
        let body: [u8; 32] = Sha256::digest(&call.body).into();
        if let Some(known) = &*first {
            if known.body != body {
                return Err(Refused::new(
                    "conflicting_key",
                    "this idempotency-key came with another request",
                ));
            }
            return Ok(known.again());
        }
        let response = carry_out.await?;
        *first = Some(First {
            body,
            status: response.status(),
            headers: response.headers().clone(),
            answer: response.body().clone(),
        });
        Ok(response)
    }

    fn place(&self, name: [u8; 32]) -> Arc<tokio::sync::Mutex<Option<First>>> {
        // Each change is one insertion or removal.
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        places.retain(|_, place| now.duration_since(place.since) < AGE);
        if places.len() >= KEPT {
            let oldest = places.iter().min_by_key(|(_, place)| place.since);
            if let Some(oldest) = oldest.map(|(name, _)| *name) {
                places.remove(&oldest);
            }
        }
        let place = places.entry(name).or_insert_with(|| Place {
            since: now,
            first: Arc::default(),
        });
        place.first.clone()
    }
}

impl First {
    fn again(&self) -> Response<Bytes> {
        let mut response = Response::new(self.answer.clone());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// A key is 1 to 64 visible characters.
fn checked(key: &HeaderValue) -> Result<&[u8], Refused> {
    let bytes = key.as_bytes();
    match (1..=64).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic) {
        true => Ok(bytes),
        false => Err(Refused::field(Problem::new(
            HEADER,
            String::from_utf8_lossy(bytes),
            "1 to 64 visible ASCII characters",
        ))),
    }
}

/// Two users, or two routes, may use the same key.
fn name(route: &str, call: &Call, key: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let credentials = [AUTHORIZATION, COOKIE].map(|header| call.headers.get(header));
    let credentials = credentials.map(|value| value.map_or(&b""[..], HeaderValue::as_bytes));
    for part in [route.as_bytes(), credentials[0], credentials[1], key] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
