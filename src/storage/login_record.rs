//! A log-in as kept: what becomes of a refresh token, decided here once, for every database.

use frontdesk_domain::Timestamp;
use frontdesk_ports::directory::{Login, Rotation};

/// A log-in and the token before the one that is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRecord {
    /// The log-in as the port knows it.
    pub login: Login,
    /// SHA-256 of the refresh token that was exchanged last; `None` before the first exchange.
    pub previous_hash: Option<[u8; 32]>,
}

impl LoginRecord {
    /// Exchanges the token with the hash `presented` for the one with the hash `next`. The caller holds the record's
    /// lock and keeps what became of it unless the answer is [`Rotation::Unknown`].
    #[must_use]
    pub fn rotate(&mut self, presented: [u8; 32], next: [u8; 32], now: Timestamp, expires_at: Timestamp) -> Rotation {
        if self.login.revoked || self.login.expires_at <= now {
            return Rotation::Unknown;
        }
        if presented == self.login.token_hash {
            self.previous_hash = Some(presented);
            self.login.token_hash = next;
            self.login.expires_at = expires_at;
            return Rotation::Rotated(self.login.clone());
        }
        if self.previous_hash == Some(presented) {
            // Two clients hold the same token, and one of them stole it. Which one cannot be known.
            self.login.revoked = true;
            return Rotation::Reused(self.login.clone());
        }
        Rotation::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{AgentId, LoginId, TenantId};
    use uuid::Uuid;

    fn record() -> LoginRecord {
        LoginRecord {
            login: Login {
                id: LoginId(Uuid::from_u128(1)),
                tenant: TenantId(Uuid::from_u128(2)),
                agent: AgentId(Uuid::from_u128(3)),
                token_hash: [1; 32],
                expires_at: Timestamp(10),
                revoked: false,
            },
            previous_hash: None,
        }
    }

    #[test]
    fn a_token_is_good_once_and_its_second_use_ends_the_log_in() {
        let mut kept = record();
        assert!(matches!(kept.rotate([1; 32], [2; 32], Timestamp(5), Timestamp(20)), Rotation::Rotated(login)
            if login.token_hash == [2; 32] && login.expires_at == Timestamp(20)));
        let reused = kept.rotate([1; 32], [3; 32], Timestamp(6), Timestamp(21));
        assert!(matches!(reused, Rotation::Reused(ended) if ended.revoked && ended.id == record().login.id));
        assert_eq!(kept.rotate([2; 32], [3; 32], Timestamp(7), Timestamp(22)), Rotation::Unknown);
    }

    #[test]
    fn neither_an_expired_nor_a_foreign_token_changes_anything() {
        let mut kept = record();
        assert_eq!(kept.rotate([1; 32], [2; 32], Timestamp(10), Timestamp(20)), Rotation::Unknown);
        assert_eq!(kept.rotate([9; 32], [2; 32], Timestamp(5), Timestamp(20)), Rotation::Unknown);
        assert_eq!(kept, record());
    }
}
