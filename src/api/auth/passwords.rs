//! Passwords: argon2id, at most one per core at a time, and the same work whether the account exists or not.

use std::{num::NonZero, sync::Arc, thread};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use frontdesk_config::AuthSettings;
use frontdesk_ports::PasswordHash;
use tokio::sync::Semaphore;

/// Longer texts are refused unread: hashing them would be a cheap way to keep a core busy.
pub const MAX_PASSWORD_BYTES: usize = 4 * MAX_PASSWORD_CHARS;

/// Longest password, in Unicode characters.
pub(crate) const MAX_PASSWORD_CHARS: usize = 256;

/// So many checks may wait for each core; more are asked to come back.
const QUEUE_PER_CORE: usize = 16;

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The settings are outside what argon2 allows, or the system gives no random numbers.
    #[error("the password could not be hashed")]
    Hash(#[source] argon2::password_hash::Error),
    /// The settings are outside what argon2 allows.
    #[error("the settings in `auth.argon2_*` do not fit")]
    Settings(#[source] argon2::Error),
    /// Too many wait already.
    #[error("too many passwords wait to be checked")]
    Busy,
}

/// Hashes and checks passwords.
pub struct Passwords {
    hasher: Argon2<'static>,
    dummy: String,
    queue: Arc<Semaphore>,
    cores: Arc<Semaphore>,
}

/// Hashes `password`, at the price that `settings` say. Takes tens of milliseconds of a core; for commands and tests.
///
/// # Errors
/// [`PasswordError`].
pub fn hash_password(settings: &AuthSettings, password: &str) -> Result<PasswordHash, PasswordError> {
    hash(&hasher(settings)?, password.as_bytes())
}

impl Passwords {
    /// Hashes at the price that `settings` say. Takes tens of milliseconds.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn new(settings: &AuthSettings) -> Result<Self, PasswordError> {
        let hasher = hasher(settings)?;
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            dummy: hash(&hasher, b"password of no account")?.0,
            hasher,
            queue: Arc::new(Semaphore::new(cores * QUEUE_PER_CORE)),
            cores: Arc::new(Semaphore::new(cores)),
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: String) -> Result<PasswordHash, PasswordError> {
        let hasher = self.hasher.clone();
        self.on_a_core(move || hash(&hasher, password.as_bytes())).await?
    }

    /// Whether `password` is the one that `expected` was made of. Without `expected`, does the same work and says no.
    ///
    /// # Errors
    /// [`PasswordError::Busy`].
    pub async fn verify(&self, password: String, expected: Option<PasswordHash>) -> Result<bool, PasswordError> {
        let exists = expected.is_some();
        let expected = expected.map_or_else(|| self.dummy.clone(), |hash| hash.0);
        let hasher = self.hasher.clone();
        let matches = self.on_a_core(move || {
            let password = &password.as_bytes()[..password.len().min(MAX_PASSWORD_BYTES + 1)];
            hasher.verify_password(password, expected.as_str()).is_ok()
        });
        Ok(matches.await? && exists)
    }

    async fn on_a_core<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        // The permit goes along: work goes on when a client hangs up, and must go on counting.
        let done = tokio::task::spawn_blocking(move || {
            let _core = core;
            work()
        });
        done.await.map_err(|_| PasswordError::Busy)
    }
}

fn hasher(settings: &AuthSettings) -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(settings.argon2_memory_kib, settings.argon2_iterations, 1, None);
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(PasswordError::Settings)?))
}

fn hash(hasher: &Argon2<'_>, password: &[u8]) -> Result<PasswordHash, PasswordError> {
    let hash = hasher.hash_password(password).map_err(PasswordError::Hash)?;
    Ok(PasswordHash(hash.to_string()))
}

#[cfg(test)]
mod tests {
    use frontdesk_config::Settings;

    use super::*;

    #[actix_web::test]
    async fn only_the_very_password_of_an_existing_account_is_right() {
        let settings = Settings::load(None, []).unwrap().auth;
        let passwords = Passwords::new(&AuthSettings { argon2_memory_kib: 8, ..settings }).unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=8,t=2,p=1$"), "{}", hash.0);
        let right = |password: &str, expected| passwords.verify(password.to_owned(), expected);
        assert!(right("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!right("Correct horse", Some(hash)).await.unwrap());
        assert!(!right("password of no account", None).await.unwrap());
        assert!(!right("x", Some(PasswordHash("not a hash".to_owned()))).await.unwrap());
    }
}
