//! A circuit breaker: while Redis does not answer, one call a second finds out whether it does again.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long all calls are refused after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Says which calls may be made. Closed at first: all may.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// While open, when the next call is let through to find out.
    open_until: Mutex<Option<Instant>>,
}

impl Breaker {
    /// Whether a call may be made now. While open, the one that is let through keeps the others out for another pause.
    pub(crate) fn admits(&self) -> bool {
        let mut open_until = self.lock();
        let now = Instant::now();
        match *open_until {
            Some(until) if now < until => false,
            Some(_) => {
                *open_until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    /// A call was answered. Gives whether that is news.
    pub(crate) fn answered(&self) -> bool {
        self.lock().take().is_some()
    }

    /// A call was not answered. Gives whether that is news.
    pub(crate) fn failed(&self) -> bool {
        self.lock().replace(Instant::now() + PAUSE).is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.open_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_one_call_a_second_is_let_through_until_one_is_answered() {
        let breaker = Breaker::default();
        assert!(breaker.admits() && breaker.admits());
        assert!(breaker.failed());
        assert!(!breaker.failed(), "the second failure is no news");
        assert!(!breaker.admits());
        for _ in 0..3 {
            tokio::time::advance(PAUSE).await;
            assert!(breaker.admits());
            assert!(!breaker.admits(), "one finds out for all");
        }
        assert!(breaker.answered());
        assert!(!breaker.answered());
        assert!(breaker.admits() && breaker.admits());
    }
}
