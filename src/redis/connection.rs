//! The connection: lazy, self-healing, and never waited for longer than the timeout.

use std::{
    error::Error,
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_ports::PresenceError;
use redis::{
    Client, ConnectionAddr, IntoConnectionInfo as _, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};

use crate::breaker::Breaker;

/// Not the address of a Redis, such as `redis://:password@host:6379`.
#[derive(Debug, thiserror::Error)]
#[error("not the address of a Redis server")]
pub struct RedisUrlError(#[source] RedisError);

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("it did not answer in {0:?}")]
    TooLate(Duration),
    #[error("it did not answer a moment ago")]
    Away,
    #[error(transparent)]
    Refused(#[from] RedisError),
}

/// Calls Redis, or says at once that it is away.
pub(crate) struct Connection {
    client: Client,
    timeout: Duration,
    breaker: Breaker,
    current: Mutex<Current>,
}

/// The connection in use. A call that fails makes sure that the next one gets another: a manager reconnects when the
/// line is cut, but keeps a line on which nothing comes back, and a refused log-in for ever.
#[derive(Default)]
struct Current {
    manager: Option<ConnectionManager>,
    generation: u64,
}

impl Connection {
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, RedisUrlError> {
        let info = url.into_connection_info().map_err(RedisUrlError)?;
        if matches!(info.addr(), ConnectionAddr::TcpTls { .. })
            && rustls::crypto::CryptoProvider::get_default().is_none()
        {
            // Another thread may have been first; then that one is used.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        // Off by default, and then each small request may wait for the answer to the one before.
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true).set_user_timeout(timeout * 20));
        let client = Client::open(info).map_err(RedisUrlError)?;
        Ok(Self { client, timeout, breaker: Breaker::default(), current: Mutex::default() })
    }

    /// Makes one call. Cancel safe; a call that is given up may still be carried out.
    pub(crate) async fn call<T, F>(&self, call: impl FnOnce(ConnectionManager) -> F) -> Result<T, PresenceError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if !self.breaker.admits() {
            return Err(PresenceError(Unanswered::Away.into()));
        }
        let (manager, generation) = self.current().map_err(|error| self.failed(error.into(), None))?;
        match tokio::time::timeout(self.timeout, call(manager)).await {
            Ok(Ok(answer)) => {
                if self.breaker.answered() {
                    tracing::info!("Redis answers again");
                }
                Ok(answer)
            }
            Ok(Err(error)) => Err(self.failed(error.into(), Some(generation))),
            Err(_) => Err(self.failed(Unanswered::TooLate(self.timeout), Some(generation))),
        }
    }

    fn current(&self) -> RedisResult<(ConnectionManager, u64)> {
        let mut current = self.lock();
        let manager = match &current.manager {
            Some(manager) => manager.clone(),
            None => {
                // One attempt only: whether and when to try again is the breaker's business.
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(0)
                    .set_connection_timeout(Some(self.timeout))
                    .set_response_timeout(Some(self.timeout));
                let manager = ConnectionManager::new_lazy_with_config(self.client.clone(), config)?;
                current.manager.insert(manager).clone()
            }
        };
        Ok((manager, current.generation))
    }

    /// Opens the breaker, and lets go of the connection unless another call already did.
    fn failed(&self, error: Unanswered, generation: Option<u64>) -> PresenceError {
        let mut current = self.lock();
        if generation == Some(current.generation) {
            *current = Current { manager: None, generation: current.generation + 1 };
        }
        drop(current);
        if self.breaker.failed() {
            let cause: &dyn Error = &error;
            tracing::warn!(error = cause, "Redis does not answer; presence is unknown, rates are counted by this node");
        }
        PresenceError(error.into())
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
