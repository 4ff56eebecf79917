//! The final history, read by every road.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    clients::{Endpoint, Rest, RunState, Ticket, Wire, entries, seen_event},
    desk::{Desk, Sql},
    history::{Road, Seen, What},
    record::RecordWriter,
};

/// Waits until the database holds everything that was accepted until now.
pub(crate) async fn drain(desk: &Desk, run_state: &RunState, patience: Duration, writer: &RecordWriter) {
    let accepted = run_state.accepted_up_to();
    let deadline = Instant::now() + patience;
    loop {
        let held: BTreeMap<String, u64> = rows(&desk.sql)
            .into_iter()
            .filter_map(|(conversation, row)| Some((conversation, row["last_seq"].as_u64()?)))
            .collect();
        let missing =
            accepted.iter().find(|(conversation, seq)| held.get(*conversation).is_none_or(|held| held < *seq));
        let Some((conversation, _)) = missing else {
            writer.write(What::Drained {});
            return;
        };
        if Instant::now() > deadline {
            writer.write(What::NotDrained { conversation: conversation.clone() });
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

fn rows(sql: &Sql) -> Vec<(String, Value)> {
    tokio::task::block_in_place(|| sql.conversations()).unwrap_or_default()
}

/// Reads every conversation by every road.
pub(crate) async fn read_all(desk: &Desk, run_state: &RunState, owners: &[Ticket], writer: &RecordWriter) {
    by_sql(&desk.sql, writer);
    receipts(&desk.sql, writer).await;
    let (rest, endpoints) = (Rest::new(), &run_state.endpoints);
    let mut sockets: BTreeMap<&str, Wire> = BTreeMap::new();
    for (at, known) in run_state.known().iter().enumerate() {
        let Some(owner) = owners.iter().find(|owner| owner.tenant == known.tenant) else { continue };
        let (endpoint, conversation) = (&endpoints[at % endpoints.len()], known.conversation.as_str());
        let path = format!("/api/v1/conversations/{conversation}/messages");
        record(writer, Road::Rest, conversation, by_pages(&rest, endpoint, &path, &owner.token).await);
        let path = format!("/api/v1/widget/conversations/{conversation}/messages");
        record(writer, Road::Widget, conversation, by_pages(&rest, endpoint, &path, &known.contact.token).await);
        if !sockets.contains_key(owner.tenant.as_str()) {
            match Wire::open(&endpoints[0], owner).await {
                Ok(wire) => drop(sockets.insert(&owner.tenant, wire)),
                Err(why) => record(writer, Road::Socket, conversation, Err(why)),
            }
        }
        if let Some(wire) = sockets.get_mut(owner.tenant.as_str()) {
            record(writer, Road::Socket, conversation, by_socket(wire, conversation).await);
        }
    }
}

fn record(writer: &RecordWriter, road: Road, conversation: &str, read: Result<Vec<Seen>, String>) {
    match read {
        Ok(entries) => drop(writer.write(What::Final { road, conversation: conversation.to_owned(), entries })),
        Err(why) => drop(writer.write(What::Lost { why: format!("{road:?} of {conversation}: {why}") })),
    }
}

fn by_sql(sql: &Sql, writer: &RecordWriter) {
    let read = tokio::task::block_in_place(|| sql.entries());
    let mut all: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    match read {
        Ok(rows) => {
            for (conversation, row) in rows {
                let sender = json!({"member": {"kind": row["kind"], "id": row["sender"]}});
                let entry = json!({"client_id": row["client_id"], "author": sender});
                let seq = row["seq"].as_u64().unwrap_or_default();
                all.entry(conversation).or_default().extend(seen_event(seq, &entry, &row["event"]));
            }
        }
        Err(why) => drop(writer.write(What::Lost { why: format!("Sql: {why}") })),
    }
    for (conversation, entries) in all {
        writer.write(What::Final { road: Road::Sql, conversation, entries });
    }
    for (conversation, row) in rows(sql) {
        let last_seq = row["last_seq"].as_u64().unwrap_or_default();
        let status = row["status"].as_str().unwrap_or_default().to_owned();
        let holder = row["holder"].as_str().filter(|id| !id.is_empty()).map(|id| format!("a-{id}"));
        writer.write(What::Row { conversation, last_seq, status, holder });
    }
}

/// Receipts in the database, once they do not change any more: they are stored a little later than they are told.
async fn receipts(sql: &Sql, writer: &RecordWriter) {
    let read = || tokio::task::block_in_place(|| sql.receipts()).unwrap_or_default();
    let deadline = Instant::now() + RECEIPTS_WITHIN;
    let mut rows = read();
    loop {
        sleep(QUIET).await;
        let before = std::mem::replace(&mut rows, read());
        if rows == before || Instant::now() > deadline {
            break;
        }
    }
    for (conversation, row) in rows {
        let kind = row["kind"].as_str().and_then(|kind| kind.get(..1)).unwrap_or_default();
        let member = format!("{kind}-{}", row["sender"].as_str().unwrap_or_default());
        let number = |name: &str| row[name].as_u64().unwrap_or_default();
        writer.write(What::Receipt { conversation, member, delivered: number("delivered"), read: number("read") });
    }
}

async fn by_pages(rest: &Rest, endpoint: &Endpoint, path: &str, token: &str) -> Result<Vec<Seen>, String> {
    let mut all: Vec<Seen> = Vec::new();
    loop {
        let after = all.last().map_or(0, |entry| entry.seq);
        let page = rest.ask(endpoint, &format!("{path}?after_seq={after}&limit=100"), Some(token), None).await;
        let Ok((200, page)) = page else { return Err(format!("{page:?}")) };
        let found = entries(&page);
        let (more, empty) = (page["more"] == true, found.is_empty());
        all.extend(found);
        if !more {
            return Ok(all);
        }
        if empty {
            return Err("an empty page says that there is more".to_owned());
        }
    }
}

/// Resumes from 0 and pages from there.
async fn by_socket(wire: &mut Wire, conversation: &str) -> Result<Vec<Seen>, String> {
    wire.send(&json!({"type": "resume", "conversation": conversation, "last_seq": 0})).await?;
    let answer = answer(wire, conversation, &["recovered", "reset", "error"]).await?;
    wire.send(&json!({"type": "leave", "conversation": conversation})).await?;
    let mut all = match answer["type"].as_str() {
        Some("recovered") => entries(&answer),
        // It begins at the end: what is older is paged.
        Some("reset") => Vec::new(),
        _ => return Err(answer.to_string()),
    };
    let stands = answer["state"]["last_seq"].as_u64().unwrap_or_default();
    while all.last().map_or(0, |entry| entry.seq) < stands {
        let after = all.last().map_or(0, |entry| entry.seq);
        wire.send(&json!({"type": "range", "conversation": conversation, "after_seq": after, "limit": 50})).await?;
        let page = self::answer(wire, conversation, &["range", "error"]).await?;
        let found = entries(&page);
        if found.is_empty() {
            return Err(format!("nothing after {after}, and it stands at {stands}: {page}"));
        }
        all.extend(found);
    }
    Ok(all)
}

async fn answer(wire: &mut Wire, conversation: &str, kinds: &[&str]) -> Result<Value, String> {
    let answer = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let frame = wire.next().await?;
            if frame["conversation"] == conversation && kinds.iter().any(|kind| frame["type"] == *kind) {
                return Ok(frame);
            }
        }
    });
    answer.await.unwrap_or_else(|_| Err("no answer".to_owned()))
}

/// With no change for so long, receipts count as written.
const QUIET: Duration = Duration::from_secs(2);
/// How long they are waited for.
const RECEIPTS_WITHIN: Duration = Duration::from_secs(30);
