//! Programs of others at the local broker: added and removed while it runs.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::Duration;

use async_nats::ConnectOptions;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, sleep, timeout};

use super::child::{Signal, send};
use super::configuration::render_accounts;
use super::credentials::{Credentials, random_hex};
use super::files::{Files, at, write_private};
use super::lock::Running;
use super::ports::Ports;
use super::stored_principals::{self, StoredPrincipal};
use super::{SupervisorError, files};
use crate::principals::Principal;
use crate::subjects::{Subjects, Token};

/// The programs of others at the broker of one data folder, whether it runs or not.
#[derive(Debug)]
pub struct LocalPrincipals {
    files: Files,
    subjects: Subjects,
    /// Held as long as this lives: two commands at once would each overwrite what the other wrote.
    _lock: File,
}

impl LocalPrincipals {
    /// Those of a data folder, for a broker with this subject prefix. Waits while another process changes them.
    ///
    /// # Errors
    /// The folder cannot be used, or the prefix is no token.
    pub fn open(data_dir: &Path, subject_prefix: &str) -> Result<Self, SupervisorError> {
        let files = Files::prepare(data_dir)?;
        let path = files.principals().with_extension("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(at(&path))?;
        lock.lock().map_err(at(&path))?;
        let subjects = Subjects::new(Token::new(subject_prefix).map_err(SupervisorError::Prefix)?);
        Ok(Self { files, subjects, _lock: lock })
    }

    /// All of them, in the order in which they were added.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn list(&self) -> Result<Vec<Principal>, SupervisorError> {
        Ok(stored_principals::read(&self.files)?.into_iter().map(|kept| kept.principal).collect())
    }

    /// Adds one, and gives its password: it is kept nowhere. A running server knows it afterwards; its consumer must be
    /// there already.
    ///
    /// # Errors
    /// The name is taken, files cannot be written, or a running server does not take the change up.
    pub async fn add(&self, principal: Principal) -> Result<SecretString, SupervisorError> {
        let mut kept = stored_principals::read(&self.files)?;
        if kept.iter().any(|other| other.principal.name() == principal.name()) {
            return Err(SupervisorError::NameTaken(principal.name().to_owned()));
        }
        let (password, password_hash) = new_password()?;
        kept.push(StoredPrincipal { principal: principal.clone(), password_hash });
        self.write(&kept)?;
        self.until_taken_up(async |url| is_served(url, &principal, &password, &self.subjects).await).await?;
        Ok(password)
    }

    /// Removes one; a running server cuts it off. Its consumer stays.
    ///
    /// # Errors
    /// Files cannot be written, or a running server does not take the change up. `Ok(None)`: there is none of that
    /// name.
    pub async fn remove(&self, name: &str) -> Result<Option<Principal>, SupervisorError> {
        let mut kept = stored_principals::read(&self.files)?;
        let Some(index) = kept.iter().position(|kept| kept.principal.name() == name) else { return Ok(None) };
        let removed = kept.remove(index).principal;
        self.write(&kept)?;
        // That the removed name is refused cannot be checked without its password; that the other names still work can.
        if let Some(process) = Running::process(&self.files) {
            send(Signal::Hangup, process).await;
        }
        Ok(Some(removed))
    }

    fn write(&self, principals: &[StoredPrincipal]) -> Result<(), SupervisorError> {
        stored_principals::write(&self.files, principals)?;
        write_accounts(&self.files, &self.subjects, &Credentials::keep(&self.files)?)
    }

    /// Has a running server read its configuration until `is_taken_up` says so. Once is not enough: a server takes up a
    /// new account the first time, and what that imports the second.
    async fn until_taken_up(&self, is_taken_up: impl AsyncFn(&str) -> bool) -> Result<(), SupervisorError> {
        let deadline = Instant::now() + PATIENCE;
        let Some(ports) = files::read_json::<Ports>(&self.files.ports()) else { return Ok(()) };
        let url = format!("nats://127.0.0.1:{}", ports.client);
        while let Some(process) = Running::process(&self.files) {
            for _ in 0..2 {
                send(Signal::Hangup, process).await;
                sleep(PAUSE).await;
            }
            if is_taken_up(&url).await {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(SupervisorError::NotTakenUp { log: self.files.log() });
            }
        }
        Ok(())
    }
}

/// A random password, and its hash. The hash may be cheap to compute: a random password cannot be found by trying.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_password() -> Result<(SecretString, String), SupervisorError> {
    let password = random_hex(24)?;
    let hash = bcrypt::hash(&password, HASH_COST).map_err(SupervisorError::Hash)?;
    Ok((password.into(), hash))
}

/// Writes the part of the configuration that says who may connect.
pub(super) fn write_accounts(
    files: &Files,
    subjects: &Subjects,
    credentials: &Credentials,
) -> Result<(), SupervisorError> {
    let text = render_accounts(subjects, credentials, &stored_principals::read(files)?);
    write_private(&files.accounts(), text.as_bytes())
}

/// Whether the server lets it in and its requests reach the desk's account.
async fn is_served(url: &str, principal: &Principal, password: &SecretString, subjects: &Subjects) -> bool {
    let try_it = async {
        let client = ConnectOptions::new()
            .user_and_password(principal.name().to_owned(), password.expose_secret().to_owned())
            .custom_inbox_prefix(principal.inbox_prefix())
            .connect(url)
            .await
            .ok()?;
        let next = principal.services(subjects).into_iter().map(|(subject, _)| subject).next()?;
        // So small that nothing is handed out: whatever the answer, it came.
        client.request(next, r#"{"batch":1,"no_wait":true,"max_bytes":1}"#.into()).await.ok()
    };
    timeout(TRY, try_it).await.ok().flatten().is_some()
}

/// How long a running server may take to take a change up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long one try may take.
const TRY: Duration = Duration::from_secs(1);

/// Between telling the server and looking.
const PAUSE: Duration = Duration::from_millis(100);

/// Dear hashes make guessing dear; 192 random bits are not guessed, and the server pays at every connection.
const HASH_COST: u32 = 5;
