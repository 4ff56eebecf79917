//! A log-in as kept: what becomes of a refresh token, decided here once, for every database.

use frontdesk_domain::Timestamp;
use frontdesk_ports::directory::{Login, Renewal, Rotation};

/// A log-in and the token before the one that is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRecord {
    /// The log-in as the port knows it.
    pub login: Login,
    /// SHA-256 of the refresh token that was exchanged last; `None` before the first exchange.
    pub previous_hash: Option<[u8; 32]>,
    /// SHA-256 of the part that all tokens of this log-in share; `None` before the first exchange.
    pub family_hash: Option<[u8; 32]>,
    /// With it and the token that was exchanged last, the one that is good now is computed; `None` before the first
    /// exchange.
    pub renewal_salt: Option<[u8; 32]>,
}

impl LoginRecord {
    /// The record of a log-in that begins.
    #[must_use]
    pub const fn begun(login: Login) -> Self {
        Self { login, previous_hash: None, family_hash: None, renewal_salt: None }
    }

    /// Exchanges a token for the next one. The caller holds the record's lock and keeps the record unless the answer is
    /// [`Rotation::Unknown`].
    #[must_use]
    pub fn rotate(&mut self, renewal: &Renewal, now: Timestamp, expires_at: Timestamp) -> Rotation {
        if self.login.revoked || self.login.expires_at <= now {
            return Rotation::Unknown;
        }
        if renewal.presented == self.login.token_hash {
            self.previous_hash = Some(renewal.presented);
            self.family_hash = Some(renewal.next_family);
            self.renewal_salt = Some(renewal.salt);
            self.login.token_hash = renewal.next;
            self.login.expires_at = expires_at;
            return Rotation::Rotated(self.login.clone());
        }
        if self.previous_hash == Some(renewal.presented)
            && let Some(salt) = self.renewal_salt
        {
            return Rotation::Repeated(self.login.clone(), salt);
        }
        // Without a salt, a version exchanged it that could not repeat its answer.
        let was_exchanged = self.previous_hash == Some(renewal.presented)
            || (renewal.presented_family.is_some() && renewal.presented_family == self.family_hash);
        if was_exchanged {
            // Two clients hold tokens of this log-in, and one of them stole it. Which one cannot be known.
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

    const FAMILY: [u8; 32] = [77; 32];

    fn record() -> LoginRecord {
        LoginRecord::begun(Login {
            id: LoginId(Uuid::from_u128(1)),
            tenant: TenantId(Uuid::from_u128(2)),
            agent: AgentId(Uuid::from_u128(3)),
            token_hash: [1; 32],
            expires_at: Timestamp(10),
            revoked: false,
        })
    }

    fn renewal(presented: u8, next: u8) -> Renewal {
        Renewal {
            presented: [presented; 32],
            presented_family: Some(FAMILY),
            next: [next; 32],
            next_family: FAMILY,
            salt: [next + 100; 32],
        }
    }

    fn rotate(kept: &mut LoginRecord, presented: u8, next: u8) -> Rotation {
        kept.rotate(&renewal(presented, next), Timestamp(5), Timestamp(20))
    }

    #[test]
    fn an_exchange_can_be_repeated_until_the_next_token_was_used_and_ends_the_log_in_after_that() {
        let mut kept = record();
        assert!(matches!(rotate(&mut kept, 1, 2), Rotation::Rotated(login)
            if login.token_hash == [2; 32] && login.expires_at == Timestamp(20)));
        for next in [3, 4] {
            let repeated = rotate(&mut kept, 1, next);
            assert_eq!(
                repeated,
                Rotation::Repeated(kept.login.clone(), [102; 32]),
                "the first answer, not another one"
            );
        }
        assert!(matches!(rotate(&mut kept, 2, 5), Rotation::Rotated(_)));
        assert!(matches!(rotate(&mut kept, 1, 6), Rotation::Reused(ended) if ended.revoked));
        assert_eq!(rotate(&mut kept, 5, 7), Rotation::Unknown, "both holders are out");
    }

    #[test]
    fn a_token_is_known_as_used_however_many_were_given_after_it() {
        let mut kept = record();
        for token in 1..=9 {
            assert!(matches!(rotate(&mut kept, token, token + 1), Rotation::Rotated(_)));
        }
        assert!(matches!(rotate(&mut kept, 3, 50), Rotation::Reused(_)));
    }

    #[test]
    fn a_token_of_an_earlier_version_cannot_be_repeated_and_gets_a_family_with_its_exchange() {
        let legacy = |presented, next| Renewal { presented_family: None, ..renewal(presented, next) };
        let mut kept = LoginRecord { previous_hash: Some([9; 32]), ..record() };
        assert!(matches!(kept.clone().rotate(&legacy(9, 2), Timestamp(5), Timestamp(20)), Rotation::Reused(_)));
        assert!(matches!(kept.rotate(&legacy(1, 2), Timestamp(5), Timestamp(20)), Rotation::Rotated(_)));
        assert_eq!(kept.family_hash, Some(FAMILY));
        assert!(matches!(kept.rotate(&legacy(1, 3), Timestamp(5), Timestamp(20)), Rotation::Repeated(..)));
        assert_eq!(kept.rotate(&legacy(8, 3), Timestamp(5), Timestamp(20)), Rotation::Unknown);
    }

    #[test]
    fn neither_an_expired_nor_a_foreign_token_changes_anything() {
        let mut kept = record();
        assert_eq!(kept.rotate(&renewal(1, 2), Timestamp(10), Timestamp(20)), Rotation::Unknown);
        assert_eq!(rotate(&mut kept, 9, 2), Rotation::Unknown);
        assert_eq!(kept, record());
    }
}
