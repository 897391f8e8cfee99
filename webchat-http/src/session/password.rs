//! Passwords: hashed with argon2id, on threads that may block, a few at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;
use webchat_core::problem::Problem;
use zxcvbn::zxcvbn;

use crate::limits;
use crate::refused::Refused;

/// Longest wait for a turn; beyond it so many sign in that more waiting only grows the crowd.
const TURN: Duration = Duration::from_secs(5);

/// Stands before the hash of a password that is good for nothing but choosing another.
const INITIAL: &str = "initial:";
/// Tries, as a power of ten, below which a password is refused: all of the 30,000 most common ones, alone and with the usual
/// changes, take fewer.
const TRIES: f64 = 5.0;

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
        let hash = hash.strip_prefix(INITIAL).unwrap_or(&hash).to_owned();
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

    /// The hash to store for a password that was chosen, if it may be: neither too short nor too long, nor one of those
    /// everybody tries first, the user's own login and name among them.
    pub(crate) async fn chosen(
        &self,
        field: &'static str,
        password: String,
        about: [String; 2],
    ) -> Result<String, Refused> {
        // A password is never repeated back, not even a wrong one.
        let wrong = |expected: String| Refused::field(Problem::new(field, "", expected));
        if !limits::PASSWORD_CHARS.contains(&password.chars().count()) {
            let (least, most) = limits::PASSWORD_CHARS.into_inner();
            return Err(wrong(format!("{least} to {most} characters")));
        }
        let tried = password.clone();
        let guessed = self.in_turn(move || is_guessed(&tried, &about)).await?;
        match guessed {
            true => Err(wrong("a password that is not guessed at once".to_owned())),
            false => self.hash(password).await,
        }
    }

    async fn hash(&self, password: String) -> Result<String, Refused> {
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

/// Whether it is among what is tried first.
fn is_guessed(password: &str, about: &[String]) -> bool {
    let mut words: Vec<&str> = about.iter().map(String::as_str).collect();
    words.extend(["webchat", "console", "supervisor", "agent"]);
    zxcvbn(password, &words).guesses_log10() < TRIES
}

/// Whether a stored hash is of a password that is good for nothing but choosing another.
pub(super) fn is_initial(hash: &str) -> bool {
    hash.starts_with(INITIAL)
}

/// What to store for a password made for somebody who has to choose another when they first sign in.
pub fn initial_hash(password: &str) -> Option<String> {
    hash(password).map(|hash| format!("{INITIAL}{hash}"))
}

/// The PHC form of a password's hash, with a salt of its own.
pub fn hash(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_everybody_tries_first_are_refused() {
        let about = ["mgonzalez".to_owned(), "María González".to_owned()];
        for guessed in [
            "password",
            "Password1",
            "P@ssw0rd",
            "12345678",
            "qwertyuiop",
            "1q2w3e4r",
            "iloveyou",
            "football",
            "aaaaaaaa",
            "abcdefgh",
            "letmein1",
            "sunshine",
            "trustno1",
            "19871987",
            "webchat1",
            "mgonzalez",
            "supervisor",
        ] {
            assert!(is_guessed(guessed, &about), "{guessed}");
        }
        // Of any composition.
        for fine in [
            "correct horse",
            "lluvia de abril",
            "ñandúes y teros",
            "xkvwqjzp",
            "70482915363",
            "🦜🦜 en la quinta",
        ] {
            assert!(!is_guessed(fine, &about), "{fine}");
        }
        assert!(!is_guessed(
            &"long enough to take its time ".repeat(4),
            &about
        ));
    }

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
