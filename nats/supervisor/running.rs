//! Finding the local broker that another process supervises.

use std::path::Path;

use super::credentials::Credentials;
use super::files::{Files, read_json};
use super::lock::Running;
use super::ports::Ports;
use super::{LocalBroker, SupervisorError};

impl LocalBroker {
    /// The broker that runs on this data folder now, started by whichever process; `None` when there is none.
    ///
    /// Nothing is started, written or watched. It may end, or come back on the same port, at any time.
    ///
    /// # Errors
    /// When a server runs but what is kept about it cannot be read.
    pub fn running(data_dir: &Path) -> Result<Option<Self>, SupervisorError> {
        let Some(files) = Files::find(data_dir) else { return Ok(None) };
        if !Running::is_alive(&files) {
            return Ok(None);
        }
        let Some(ports) = read_json::<Ports>(&files.ports()) else { return Ok(None) };
        let Credentials { core, worker, .. } = Credentials::keep(&files)?;
        Ok(Some(Self::at(ports, core, worker)))
    }
}
