//! The bridges and integrators of a local broker, as stored in `principals.json`.

use serde::{Deserialize, Serialize};

use super::SupervisorError;
use super::files::{Files, read_json, write_json};
use crate::principals::{Principal, PrincipalKind};

/// A principal and the hash of its password.
#[derive(Debug, Clone)]
pub(super) struct StoredPrincipal {
    pub(super) principal: Principal,
    pub(super) password_hash: String,
}

/// One principal in the file.
#[derive(Debug, Deserialize, Serialize)]
struct Row {
    name: String,
    #[serde(flatten)]
    kind: PrincipalKind,
    password_hash: String,
}

/// The principals in the file, in the order in which they were added; none if there is no file.
///
/// # Errors
/// The file cannot be read, or holds an invalid name or hash.
pub(super) fn read(files: &Files) -> Result<Vec<StoredPrincipal>, SupervisorError> {
    let path = files.principals();
    if !path.exists() {
        return Ok(Vec::new());
    }
    let damaged = |what: String| SupervisorError::Damaged { path: path.clone(), what };
    let rows: Vec<Row> = read_json(&path).ok_or_else(|| damaged("it cannot be read".to_owned()))?;
    let principal = |Row { name, kind, password_hash }: Row| {
        let principal = Principal::new(&name, kind).map_err(|error| damaged(error.to_string()))?;
        // Goes into the server's configuration as it is.
        if !password_hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"$./".contains(&byte)) {
            return Err(damaged(format!("the password hash of {name} is none")));
        }
        Ok(StoredPrincipal { principal, password_hash })
    };
    rows.into_iter().map(principal).collect()
}

/// Replaces the file.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(files: &Files, principals: &[StoredPrincipal]) -> Result<(), SupervisorError> {
    let row = |stored: &StoredPrincipal| Row {
        name: stored.principal.name().to_owned(),
        kind: stored.principal.kind(),
        password_hash: stored.password_hash.clone(),
    };
    write_json(&files.principals(), &principals.iter().map(row).collect::<Vec<_>>())
}
