//! From options to a healthy server.

use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Child;
use tokio::time::{Instant, sleep};

use super::credentials::Credentials;
use super::files::{Files, write_private};
use super::lock::{DataDirLock, Running, end_orphan};
use super::ports::Ports;
use super::{LocalBroker, SupervisorError, SupervisorOptions, binary, child, configuration, health, principals};
use crate::subjects::{Subjects, Token};

/// Everything needed to start the server, again and again, on the same ports.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) options: SupervisorOptions,
    pub(super) files: Files,
    pub(super) ports: Ports,
    subjects: Subjects,
    binary: PathBuf,
    credentials: Credentials,
    dies_with_us: bool,
    _lock: DataDirLock,
}

impl Launch {
    /// Finds the program, takes the data folder and ends what an earlier run left in it.
    pub(super) async fn prepare(options: SupervisorOptions) -> Result<Self, SupervisorError> {
        let subjects = Subjects::new(Token::new(&options.subject_prefix).map_err(SupervisorError::Prefix)?);
        let binary = binary::find(options.binary.as_deref()).await?;
        let binary = binary.canonicalize().unwrap_or(binary);
        let files = Files::prepare(&options.data_dir)?;
        let lock = DataDirLock::take(&files)?;
        end_orphan(&files).await?;
        files.move_into_account()?;
        let credentials = Credentials::keep(&files)?;
        let ports = Ports::keep(&options, &files)?;
        let dies_with_us = child::can_die_with_us().await;
        if !dies_with_us {
            tracing::info!(
                "no `setpriv --pdeathsig` here: if this process is killed, its nats-server ends at the next start"
            );
        }
        Ok(Self { options, files, ports, subjects, binary, credentials, dies_with_us, _lock: lock })
    }

    /// Starts the server for the first time. Someone else may take a free port before the server does; then others are
    /// chosen.
    pub(super) async fn first_start(&mut self) -> Result<Child, SupervisorError> {
        let mut attempt = 1;
        loop {
            match self.start().await {
                Err(SupervisorError::DidNotStart { .. }) if attempt < 3 && self.ports_were_taken()? => attempt += 1,
                settled => return settled,
            }
        }
    }

    /// Starts the server and waits until it is healthy. Dropping the future kills it.
    pub(super) async fn start(&self) -> Result<Child, SupervisorError> {
        let text = configuration::render(&self.options, &self.files, &self.credentials, self.ports);
        write_private(&self.files.configuration(), text.as_bytes())?;
        principals::write_accounts(&self.files, &self.subjects, &self.credentials)?;
        let mut child = child::spawn(&self.binary, &self.files, self.dies_with_us)?;
        let running = Running {
            pid: child.id().unwrap_or_default(),
            port: self.ports.client,
            server_name: self.credentials.server_name.clone(),
        };
        running.note(&self.files)?;
        match self.until_healthy(&mut child).await {
            Ok(()) => Ok(child),
            Err(reason) => {
                let _ = child.kill().await; // fails only when it has ended already
                Err(SupervisorError::DidNotStart { reason, log: self.files.log() })
            }
        }
    }

    /// Where the server is, for those who connect.
    pub(super) fn broker(&self) -> LocalBroker {
        LocalBroker::at(self.ports, self.credentials.core.clone(), self.credentials.worker.clone())
    }

    async fn until_healthy(&self, child: &mut Child) -> Result<(), String> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(format!("it ended ({status}), saying: {}", self.files.last_words()));
            }
            match health::check_identity(self.ports, &self.credentials.server_name, CHECK_PATIENCE).await {
                Ok(()) => return Ok(()),
                Err(why) if Instant::now() >= deadline => return Err(why),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Chooses ports again, and says whether they changed.
    fn ports_were_taken(&mut self) -> Result<bool, SupervisorError> {
        let before = std::mem::replace(&mut self.ports, Ports::keep(&self.options, &self.files)?);
        Ok(before != self.ports)
    }
}

/// A server with a large store reads much of it before it answers.
const START_PATIENCE: Duration = Duration::from_secs(60);
const CHECK_PATIENCE: Duration = Duration::from_secs(1);
