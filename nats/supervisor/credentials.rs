//! Names and passwords at the local broker: made once, kept in the data folder.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::SupervisorError;
use super::files::{Files, read_json, write_json};
use crate::local_user::LocalUser;

/// Names and passwords as they are stored in the data folder.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// Name of the server, by which we know that what answers on our port is ours.
    pub(super) server_name: String,
    pub(super) core: LocalUser,
    pub(super) worker: LocalUser,
}

impl Credentials {
    /// Reads them, or makes them at the first start.
    pub(super) fn keep(files: &Files) -> Result<Self, SupervisorError> {
        let kept = match read_json(&files.credentials()) {
            Some(kept) => kept,
            None => {
                let fresh = Kept {
                    server_name: format!("frontdesk-{}", random_hex(6)?),
                    core_password: Password(random_hex(24)?),
                    worker_password: Password(random_hex(24)?),
                };
                write_json(&files.credentials(), &fresh)?;
                fresh
            }
        };
        let Kept { server_name, core_password, worker_password } = kept;
        Ok(Self { server_name, core: user("core", core_password), worker: user("worker", worker_password) })
    }
}

fn user(name: &str, password: Password) -> LocalUser {
    LocalUser { name: name.to_owned(), password: password.0.into(), inbox_prefix: format!("_INBOX.{name}") }
}

pub(super) fn random_hex(bytes: usize) -> Result<String, SupervisorError> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|_| SupervisorError::Random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    server_name: String,
    core_password: Password,
    worker_password: Password,
}

#[derive(Deserialize, Serialize)]
struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}
