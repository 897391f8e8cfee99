//! Passwords: hashed with argon2id, on threads that may block, a few at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use crate::limits;
use crate::refused::Refused;

/// Longest wait for a turn; beyond it so many sign in that more waiting only grows the crowd.
const TURN: Duration = Duration::from_secs(5);

/// Hashes and checks passwords.
pub(crate) struct Passwords {
    turns: Semaphore,
    /// Working memory of checks, one for each turn. Got anew for each check, on whatever thread it runs, its 19 MiB
    /// would stay with that thread's part of the allocator, and in the end with each of them.
    memories: Arc<Mutex<Vec<Vec<Block>>>>,
    /// The hash that is checked when there is no account, so that it takes as long.
    nobody: String,
}

impl Passwords {
    /// Takes the time of one hash.
    pub(crate) fn new() -> Self {
        Self {
            turns: Semaphore::new(limits::PASSWORD_CHECKS),
            memories: Arc::default(),
            nobody: hash("the password of nobody").unwrap_or_default(),
        }
    }

    /// Whether `password` belongs to `hash`; without a hash it never does, after the same work.
    pub(crate) async fn matches(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Refused> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let memories = self.memories.clone();
        let matches = self.in_turn(move || {
            // Nothing that holds this lock can panic half way.
            let open = || memories.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = open().pop().unwrap_or_default();
            let fits = fits(password.as_bytes(), &hash, &mut memory).unwrap_or(false);
            open().push(memory);
            fits
        });
        Ok(matches.await? && known)
    }

    /// The hash to store for a password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refused> {
        self.in_turn(move || hash(&password)).await?.ok_or_else(|| {
            tracing::error!("a password could not be hashed");
            Refused::new("retry", "the password could not be stored, try again")
        })
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let busy = || Refused::too_fast(TURN.as_secs());
        let turn = tokio::time::timeout(TURN, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a password check did not finish");
            Refused::new("retry", "the password could not be checked, try again")
        })
    }
}

/// Whether a password is the one of a hash in PHC form; `None` for what is no such hash.
fn fits(password: &[u8], hash: &str, memory: &mut Vec<Block>) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = Version::try_from(hash.version?).ok()?;
    let (salt, known) = (hash.salt?, hash.hash?);
    memory.resize(params.block_count(), Block::default());
    let mut found = vec![0; known.len()];
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password, &salt, &mut found, memory.as_mut_slice())
        .ok()?;
    // Compared in constant time.
    Some(Output::new(&found).ok()? == known)
}

/// The PHC form of a password's hash, with a salt of its own.
pub fn hash(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_matches() {
        let passwords = Passwords::new();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        let check = |password: &str, hash: Option<&String>| {
            passwords.matches(password.into(), hash.cloned())
        };
        assert!(check("correct horse", Some(&stored)).await.unwrap());
        assert!(!check("Correct horse", Some(&stored)).await.unwrap());
        assert!(!check("the password of nobody", None).await.unwrap());
        assert!(!check("x", Some(&"no hash".to_owned())).await.unwrap());
    }
}
