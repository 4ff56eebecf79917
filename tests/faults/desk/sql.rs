//! The database, read by the tools that come with it: the third road to the final history.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use super::programs::{on_path, postgres};

/// Direct access to the database of a run.
#[derive(Debug, Clone)]
pub(crate) enum Sql {
    Sqlite(PathBuf),
    Postgres(String),
}

/// An entry of the database, and its conversation.
pub(crate) type Row = (String, Value);

impl Sql {
    /// All entries, in order.
    ///
    /// # Errors
    /// What the tool says.
    pub(crate) fn entries(&self) -> Result<Vec<Row>, String> {
        let lines = match self {
            Self::Sqlite(_) => self.ask(
                "select json_object('conversation', lower(hex(conversation_id)), 'seq', seq, 'client_id', \
                 lower(hex(client_id)), 'kind', sender_kind, 'sender', lower(hex(sender_id)), 'event', json(event)) \
                 from entries order by conversation_id, seq",
            ),
            Self::Postgres(_) => self.ask(
                "select json_build_object('conversation', conversation_id, 'seq', seq, 'client_id', client_id, \
                 'kind', sender_kind, 'sender', sender_id, 'event', event::json) \
                 from entries order by conversation_id, seq",
            ),
        }?;
        rows(&lines)
    }

    /// The number of the last entry of each conversation, holder and status, as its row says.
    ///
    /// # Errors
    /// What the tool says.
    pub(crate) fn conversations(&self) -> Result<Vec<Row>, String> {
        let lines = match self {
            Self::Sqlite(_) => self.ask(
                "select json_object('conversation', lower(hex(conversation_id)), 'last_seq', last_seq, 'status', status, \
                 'holder', lower(hex(assignee_id))) from conversations",
            ),
            Self::Postgres(_) => self.ask(
                "select json_build_object('conversation', conversation_id, 'last_seq', last_seq, 'status', status, \
                 'holder', assignee_id) from conversations",
            ),
        }?;
        rows(&lines)
    }

    /// How far each member has come.
    ///
    /// # Errors
    /// What the tool says.
    pub(crate) fn receipts(&self) -> Result<Vec<Row>, String> {
        let lines = match self {
            Self::Sqlite(_) => self.ask(
                "select json_object('conversation', lower(hex(conversation_id)), 'kind', member_kind, 'sender', \
                 lower(hex(member_id)), 'delivered', delivered, 'read', read) from receipts",
            ),
            Self::Postgres(_) => self.ask(
                "select json_build_object('conversation', conversation_id, 'kind', member_kind, 'sender', member_id, \
                 'delivered', delivered, 'read', read) from receipts",
            ),
        }?;
        rows(&lines)
    }

    /// Takes a lock that no writer gets past, for this long; ends by itself, or when the child is killed.
    pub(crate) fn lock(&self, seconds: u64) -> std::io::Result<Child> {
        let mut command = match self {
            Self::Sqlite(file) => {
                let mut command = Command::new(on_path("sqlite3"));
                let wait = format!(".shell sleep {seconds}");
                command.args(["-cmd", ".timeout 5000"]).arg(file).args(["begin immediate", &wait, "rollback"]);
                command
            }
            Self::Postgres(url) => {
                let lock = "begin; lock table entries, conversations in access exclusive mode";
                let mut command = Command::new(postgres("psql"));
                command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c"]);
                command.arg(format!("{lock}; select pg_sleep({seconds}); rollback")).arg(url);
                command
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }

    fn ask(&self, statement: &str) -> Result<String, String> {
        let mut command = match self {
            Self::Sqlite(file) => {
                let mut command = Command::new(on_path("sqlite3"));
                command.args(["-readonly", "-cmd", ".timeout 5000"]).arg(file).arg(statement);
                command
            }
            Self::Postgres(url) => {
                let mut command = Command::new(postgres("psql"));
                command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]).arg(url);
                command
            }
        };
        let output = command.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    }
}

/// Where a node in one process keeps its database.
pub(super) fn sqlite(data: &Path) -> Sql {
    Sql::Sqlite(data.join("frontdesk.db"))
}

fn rows(lines: &str) -> Result<Vec<Row>, String> {
    let each = lines.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut row: Value = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
        for name in ["conversation", "client_id", "sender", "holder"] {
            if let Some(id) = row[name].as_str().filter(|id| !id.is_empty()) {
                row[name] = hyphenated(id).into();
            }
        }
        Ok((row["conversation"].as_str().unwrap_or_default().to_owned(), row))
    });
    each.collect()
}

fn hyphenated(id: &str) -> String {
    uuid::Uuid::try_parse(id).map_or_else(|_| id.to_owned(), |id| id.to_string())
}
