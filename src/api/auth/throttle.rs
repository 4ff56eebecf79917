//! How often one may try to sign in.

use std::{net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frontdesk_ports::{Quota, Taken};
use sha2::{Digest, Sha256};

use crate::{
    http::{Problem, network},
    state::ApiState,
};

/// The name of an account in counters and tokens: says nothing of the address, and is there for absent accounts as
/// well.
pub(super) fn account_name(email: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(email.as_bytes())[..16])
}

/// Counts an attempt from `address` on `account`. A device that signed in to the account before has a counter of its
/// own, so that strangers who guess do not lock its owner out.
pub(super) async fn admit(
    state: &ApiState,
    address: IpAddr,
    account: &str,
    device: Option<String>,
) -> Result<(), Problem> {
    let quota = Quota { most: state.settings.auth.login_attempts_per_minute, per: Duration::from_secs(60) };
    let second = match device {
        Some(device) => format!("login:device:{device}"),
        None => format!("login:account:{account}"),
    };
    for key in [format!("login:address:{}", network(address)), second] {
        if let Taken::Refused { retry_after } = state.rate_limits.take(&key, quota).await {
            tracing::warn!("too many attempts to sign in: refused unchecked until the minute is over");
            return Err(Problem::rate_limited(retry_after));
        }
    }
    Ok(())
}
