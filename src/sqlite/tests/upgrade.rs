//! A database file of an earlier version, opened by this one.

use std::path::Path;

use frontdesk_domain::{
    AgentId, BotId, ClientId, Command, ContactId, ConversationId, ConversationKey, Digest, Entry, EntryAuthor, Event,
    InboxId, MessageText, Participant, TenantId, Timestamp,
};
use frontdesk_ports::{ConversationStore as _, EntryRange, Record};
use frontdesk_protocol::Envelope;
use frontdesk_sqlite::SqliteStore;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};
use uuid::Uuid;

/// The last version whose tables only knew contacts and agents.
const CLOSED_KINDS: i64 = 7;

#[tokio::test]
async fn a_history_of_contacts_and_agents_is_kept_and_takes_every_participant() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.db");
    let key =
        ConversationKey { tenant: TenantId(Uuid::from_u128(1)), conversation: ConversationId(Uuid::from_u128(2)) };
    let contact = ContactId(Uuid::from_u128(3));
    let mut connection = made_by(&path, CLOSED_KINDS).await;
    for statement in [
        "insert into entries values (x'00000000000000000000000000000001', x'00000000000000000000000000000002', 1, 0, 1, 5,
         'contact', x'00000000000000000000000000000003', 'Kim', x'00000000000000000000000000000007', zeroblob(16), 'opened',
         '{\"kind\":\"opened\",\"inbox\":\"00000000-0000-0000-0000-000000000004\",\"contact\":\"00000000-0000-0000-0000-000000000003\"}',
         zeroblob(32), null)",
        "insert into conversations values (x'00000000000000000000000000000001', x'00000000000000000000000000000002',
         '{\"last_seq\":1,\"last_public_seq\":1}', 9, 1, 5, 'open', null, null, null, null, 0)",
        "insert into receipts values (x'00000000000000000000000000000001', x'00000000000000000000000000000002', 'agent',
         x'00000000000000000000000000000006', 1, 1)",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    let bot = "insert into receipts values (x'01', x'02', 'bot', x'06', 1, 1)";
    assert!(sqlx::query(bot).execute(&mut connection).await.is_err(), "the old table is closed");
    connection.close().await.unwrap();

    let store = SqliteStore::open(&path, 1).await.unwrap();
    let agent = Participant::Agent(AgentId(Uuid::from_u128(6)));
    assert_eq!(store.receipts(key).await.unwrap().first().map(|(member, _)| *member), Some(agent));
    let text = MessageText::new("how can I help?").unwrap();
    let said = Entry {
        seq: 2,
        prev_public: 1,
        visibility: frontdesk_domain::Visibility::Public,
        at: Timestamp(6),
        author: EntryAuthor { member: Participant::Bot(BotId(Uuid::from_u128(8))), name: "Robo".into() },
        client_id: ClientId(Uuid::from_u128(9)),
        digest: Command::Claim.digest(),
        event: Event::message(text),
        unknown: Default::default(),
    };
    let record = Record { log_seq: 12, envelope: Envelope::new(key, said.clone(), None) };
    assert_eq!(store.persist(&[record]).await.unwrap()[&key].written, 1);
    let opened = Event::Opened { inbox: InboxId(Uuid::from_u128(4)), contact };
    let entries = store.entries(key, EntryRange::After(0), frontdesk_domain::Audience::Staff, 10).await.unwrap();
    assert_eq!((&entries[0].event, entries[0].author.member), (&opened, Participant::Contact(contact)));
    assert_eq!((entries[0].digest, &entries[1]), (Digest(Uuid::nil()), &said));
    store.close().await;

    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let sound: String = sqlx::query_scalar("pragma integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(sound, "ok");
    let too_far = "insert into receipts values (x'01', x'02', 'bot', x'06', 1, 2)";
    assert!(sqlx::query(too_far).execute(&mut connection).await.is_err(), "the other checks are still there");
}

/// A file whose tables are those of migration `version`.
async fn made_by(path: &Path, version: i64) -> SqliteConnection {
    let of_then = tempfile::tempdir().expect("a fresh file");
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .expect("a fresh file")
        .map(|file| file.expect("a fresh file"))
    {
        let name = file.file_name().into_string().expect("a fresh file");
        if name[..4].parse::<i64>().expect("a fresh file") <= version {
            std::fs::copy(file.path(), of_then.path().join(name)).expect("a fresh file");
        }
    }
    let mut connection =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.expect("a fresh file");
    Migrator::new(of_then.path()).await.expect("a fresh file").run(&mut connection).await.expect("a fresh file");
    connection
}
