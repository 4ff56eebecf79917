//! How often one may fail to sign in.
//!
//! | counted | limit in a minute | when |
//! | --- | --- | --- |
//! | by account | `auth.login_attempts_per_minute` | attempts without a device that signed in to the account before |
//! | by device and account | the same | attempts with such a device, and nothing else counts then |
//! | by address | the same; 20 times as many behind a proxy that the settings do not name | attempts without such a device; not for loopback addresses |
//!
//! Only failures stay counted: an attempt on an account is counted before the password is checked, so that many at once
//! cannot pass together, and is not counted any more once it was right.

use std::{net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frontdesk_ports::{Quota, Taken};
use sha2::{Digest, Sha256};

use crate::{
    http::{Problem, counted_network},
    state::ApiState,
};

/// The name of an account in counters and tokens: says nothing of the address, and is there for absent accounts as
/// well.
pub(super) fn account_name(email: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(email.as_bytes())[..16])
}

/// Where an attempt comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// The address of the client, as far as it is known.
    pub(super) address: IpAddr,
    /// Whether that is a proxy that the settings do not name: it stands for many clients then.
    pub(super) is_unnamed_proxy: bool,
}

/// An attempt whose password may be checked. It counts as failed until it is told to have been right.
pub(super) struct Attempt {
    by_account: (String, Quota),
    by_address: Option<(String, Quota)>,
}

impl Attempt {
    /// Counts an attempt from `source` on `account`. A device that signed in to the account before has a counter of its
    /// own, so that neither strangers who guess nor failures of others at the same address lock its owner out.
    pub(super) async fn begin(
        state: &ApiState,
        source: Source,
        account: &str,
        device: Option<String>,
    ) -> Result<Self, Problem> {
        let most = state.settings.auth.login_attempts_per_minute;
        let quota = |most| Quota { most, per: Duration::from_secs(60) };
        let (by_account, by_address) = match device {
            Some(device) => (format!("login:device:{device}"), None),
            None => {
                let factor = if source.is_unnamed_proxy { CLIENTS_OF_A_PROXY } else { 1 };
                let network = counted_network(source.address);
                let by_address =
                    network.map(|network| (format!("login:address:{network}"), quota(most.saturating_mul(factor))));
                (format!("login:account:{account}"), by_address)
            }
        };
        if let Some((key, quota)) = &by_address {
            admitted(state.rate_limits.look(key, *quota).await)?;
        }
        admitted(state.rate_limits.take(&by_account, quota(most)).await)?;
        Ok(Self { by_account: (by_account, quota(most)), by_address })
    }

    /// The password was wrong.
    pub(super) async fn was_wrong(self, state: &ApiState) {
        if let Some((key, quota)) = self.by_address {
            // Whether this one was the last is what the next attempt is told.
            let _taken = state.rate_limits.take(&key, quota).await;
        }
    }

    /// The password was right, or it was not checked: nothing is counted.
    pub(super) async fn drop_count(self, state: &ApiState) {
        let (key, quota) = self.by_account;
        state.rate_limits.give_back(&key, quota).await;
    }
}

fn admitted(taken: Taken) -> Result<(), Problem> {
    match taken {
        Taken::Granted => Ok(()),
        Taken::Refused { retry_after } => {
            tracing::warn!("too many failed attempts to sign in: refused unchecked until the minute is over");
            Err(Problem::rate_limited(retry_after))
        }
    }
}

/// How many clients' failures an address may have that stands for many.
const CLIENTS_OF_A_PROXY: u32 = 20;
