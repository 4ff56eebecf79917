//! Which `nats-server` to run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::SupervisorError;
use crate::version::OLDEST_VERSION;

/// The program at `given`, or else the first one that is recent enough among those found.
///
/// # Errors
/// When there is none, or the only ones are too old or do not run.
pub(super) async fn find(given: Option<&Path>) -> Result<PathBuf, SupervisorError> {
    let candidates = given.map_or_else(candidates, |path| vec![path.to_owned()]);
    let mut refused = SupervisorError::NotInstalled;
    for path in candidates.into_iter().filter(|path| path.is_file()) {
        match check(&path).await {
            Ok(()) => return Ok(path),
            Err(why) => refused = why,
        }
    }
    Err(refused)
}

async fn check(path: &Path) -> Result<(), SupervisorError> {
    let unusable = || SupervisorError::Unusable { path: path.to_owned() };
    let run = Command::new(path).arg("--version").kill_on_drop(true).output();
    let output = timeout(PATIENCE, run).await.map_err(|_| unusable())?.map_err(|_| unusable())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text.trim().rsplit_once(" v").map(|(_, version)| version.to_owned()).ok_or_else(unusable)?;
    let numbers = numbers(&found).ok_or_else(unusable)?;
    if Some(numbers) < self::numbers(OLDEST_VERSION) {
        return Err(SupervisorError::TooOld { path: path.to_owned(), found });
    }
    Ok(())
}

/// `.tools/bin` where we were started and in each folder above the running program (which a build puts below the
/// repository), then the PATH.
fn candidates() -> Vec<PathBuf> {
    let program = std::env::current_exe().unwrap_or_default();
    let above = program.ancestors().skip(1).map(|folder| folder.join(TOOL));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    std::iter::once(PathBuf::from(TOOL)).chain(above).chain(on_path).collect()
}

/// Major and minor number of `2.15.1` or `2.12`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Where nats/install.sh puts it.
const TOOL: &str = ".tools/bin/nats-server";

/// How long a program may take to say its version on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        assert!(numbers("2.9.10") < numbers("2.12") && numbers("2.12") < numbers("2.15.1"));
        assert_eq!(numbers("dev"), None);
    }
}
