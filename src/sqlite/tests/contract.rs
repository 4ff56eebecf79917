//! Everything that every database promises, on SQLite.

use std::ops::Deref;

use frontdesk_sqlite::SqliteStore;
use tempfile::TempDir;

/// A store whose file goes with it.
struct TestStore {
    store: SqliteStore,
    _directory: TempDir,
}

impl Deref for TestStore {
    type Target = SqliteStore;

    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}

async fn fresh() -> TestStore {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(&directory.path().join("desk.db"), 4).await.expect("an empty database");
    TestStore { store, _directory: directory }
}

mod store {
    use super::fresh;
    frontdesk_ports::store_contract!(fresh);
}

mod definitions {
    use super::fresh;
    frontdesk_ports::definitions_contract!(fresh);
}

mod directory {
    use super::fresh;
    frontdesk_ports::directory_contract!(fresh);
}

mod installation {
    use super::fresh;
    frontdesk_ports::installation_contract!(fresh);
}

mod store_inspector {
    use super::fresh;
    frontdesk_ports::store_inspector_contract!(fresh);
}

mod roles {
    use super::fresh;
    frontdesk_ports::roles_contract!(fresh);
}

mod settings {
    use super::fresh;
    frontdesk_ports::settings_contract!(fresh);
}

mod timers {
    use super::fresh;
    frontdesk_ports::timers_contract!(fresh);
}

mod transaction {
    use super::fresh;
    frontdesk_ports::transaction_contract!(fresh);
}

mod outbox {
    use super::fresh;
    frontdesk_ports::outbox_contract!(fresh);
}
