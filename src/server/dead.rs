//! `frontdesk dead`: dead letters listed, shown, redelivered and dropped, in words or as JSON.

use std::{io::IsTerminal as _, sync::Arc};

use anyhow::Context;
use frontdesk_config::Settings;
use frontdesk_ports::{
    Clock, DeadLetterId, DeadLetterScope, Dropped, Redelivered, Redelivery, RedeliveryError, StoredDeadLetter,
    SystemClock,
};
use frontdesk_protocol::Envelope;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    backends::{self, Backends},
    broker::Broker,
    command_line::DeadAction,
    host::ConversationHost,
};

/// Does what was asked, beside whatever runs.
///
/// # Errors
/// There is no such dead letter, it failed again, or log or database cannot be reached.
pub(crate) async fn run(settings: &Settings, action: &DeadAction) -> anyhow::Result<()> {
    backends::expect_database(settings)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let database = backends::open_database(settings).await?;
    let (broker, _) = Broker::find_or_start(settings, backends::installation_id(&database).await?).await?;
    let done = match Backends::open(settings, database, broker.log.clone(), clock) {
        Ok(backends) => act(settings, &backends, action).await,
        Err(error) => Err(error),
    };
    broker.shutdown().await;
    done
}

async fn act(settings: &Settings, backends: &Backends, action: &DeadAction) -> anyhow::Result<()> {
    match action {
        DeadAction::List { limit, after, json } => list(backends, usize::from(*limit), *after, *json).await,
        DeadAction::Show { id, json } => show(backends, id, *json).await,
        DeadAction::Redeliver { id: Some(id), json, .. } => {
            redeliver(settings, backends, std::slice::from_ref(id), *json).await
        }
        DeadAction::Redeliver { id: None, json, .. } => {
            let ids = all(backends).await?;
            redeliver(settings, backends, &ids, *json).await
        }
        DeadAction::Drop { id, force, json } => discard(settings, backends, id, *force, *json).await,
    }
}

async fn list(backends: &Backends, limit: usize, after: u64, as_json: bool) -> anyhow::Result<()> {
    let stored = backends.dead_letters();
    let mut dead_letters = stored.list(DeadLetterScope::Installation, after, limit + 1).await?;
    let has_more = dead_letters.len() > limit;
    dead_letters.truncate(limit);
    let next = dead_letters.last().filter(|_| has_more).map(|dead_letter| dead_letter.place);
    let count = stored.count().await?;
    if as_json {
        let items: Vec<_> = dead_letters.iter().map(row).collect();
        println!("{}", json!({ "count": count, "items": items, "next": next }));
        return Ok(());
    }
    println!("{count} dead letters");
    for dead_letter in &dead_letters {
        let StoredDeadLetter { record: dead, kind, item, redeliveries, .. } = dead_letter;
        let of = item.map_or_else(|| "-".to_owned(), |item| item.to_string());
        println!("{}  {kind}  {of}  redelivered {redeliveries} times  {}", dead.id(), plain(&dead.reason));
    }
    if let Some(next) = next {
        println!("more with --after {next}");
    }
    Ok(())
}

async fn show(backends: &Backends, id: &DeadLetterId, as_json: bool) -> anyhow::Result<()> {
    let dead_letter = backends.dead_letters().find(DeadLetterScope::Installation, id).await?;
    let dead_letter = dead_letter.with_context(|| absent(id))?;
    let envelope = Envelope::decode(&dead_letter.record.payload).ok();
    let entry = envelope.map(|envelope| serde_json::to_value(&envelope.entry)).transpose()?;
    let mut line = row(&dead_letter);
    line["subject"] = dead_letter.record.subject.as_str().into();
    line["entry"] = entry.unwrap_or(Value::Null);
    line["payload"] = hex(&dead_letter.record.payload).into();
    if as_json {
        println!("{line}");
        return Ok(());
    }
    for (name, value) in line.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), plain);
        println!("{name:<13} {value}");
    }
    Ok(())
}

async fn redeliver(
    settings: &Settings,
    backends: &Backends,
    ids: &[DeadLetterId],
    as_json: bool,
) -> anyhow::Result<()> {
    let redelivery = redelivery(settings, backends).await?;
    let (mut settled, mut failed) = (0_u64, Vec::new());
    for id in ids {
        match redelivery.redeliver(DeadLetterScope::Installation, id).await {
            Ok(Redelivered::Settled { others }) => settled += 1 + others,
            Ok(Redelivered::FailedAgain { reason }) => failed.push((id, reason)),
            // Of several, it may have been settled along with another one.
            Err(RedeliveryError::NotFound) if ids.len() > 1 => {}
            Err(RedeliveryError::NotFound) => anyhow::bail!(absent(id)),
            Err(error @ (RedeliveryError::NotOurs(_) | RedeliveryError::UnknownKind(_))) => {
                failed.push((id, error.to_string()))
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{settled} settled so far; cannot go on with {id}"));
            }
        }
    }
    if as_json {
        let failed: Vec<_> =
            failed.iter().map(|(id, reason)| json!({ "id": id.to_string(), "reason": reason })).collect();
        println!("{}", json!({ "settled": settled, "failed": failed }));
    } else {
        println!("{settled} settled, {} failed again", failed.len());
        failed.iter().for_each(|(id, reason)| println!("{id}  {}", plain(reason)));
    }
    anyhow::ensure!(failed.is_empty(), "not every dead letter could be processed");
    Ok(())
}

async fn discard(
    settings: &Settings,
    backends: &Backends,
    id: &DeadLetterId,
    force: bool,
    as_json: bool,
) -> anyhow::Result<()> {
    match redelivery(settings, backends).await?.discard(DeadLetterScope::Installation, id, force).await {
        Ok(Dropped::Gone) if as_json => println!("{}", json!({ "dropped": id.to_string() })),
        Ok(Dropped::Gone) => println!("dropped {id}"),
        Ok(Dropped::LeavesHole { seq: Some(seq) }) => anyhow::bail!(
            "{id} is entry {seq} of its conversation, which was accepted and is not in the database: what follows it could \
             never be persisted. Redeliver it, or drop it with --force"
        ),
        Ok(Dropped::LeavesHole { seq: None }) => anyhow::bail!(
            "this version cannot read {id}: it may be an accepted entry that is not in the database. Redeliver it with the \
             version that wrote it, or drop it with --force"
        ),
        Err(RedeliveryError::NotFound) => anyhow::bail!(absent(id)),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Redelivers in this process, which hosts conversations if a dead letter has to be written into one.
async fn redelivery(settings: &Settings, backends: &Backends) -> anyhow::Result<Arc<dyn Redelivery>> {
    let conversations = ConversationHost::prepare(settings, backends, &CancellationToken::new()).await?;
    Ok(backends.redelivery(&settings.workers, conversations))
}

/// The names of all dead letters.
async fn all(backends: &Backends) -> anyhow::Result<Vec<DeadLetterId>> {
    let (stored, mut ids, mut after) = (backends.dead_letters(), Vec::new(), 0);
    loop {
        let page = stored.list(DeadLetterScope::Installation, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(ids) };
        after = last.place;
        ids.extend(page.iter().map(|dead_letter| dead_letter.record.id()));
    }
}

fn row(stored: &StoredDeadLetter) -> Value {
    let StoredDeadLetter { record: dead_letter, kind, tenant, item, dead_lettered_at, tried_at, redeliveries, .. } =
        stored;
    json!({
        "id": dead_letter.id().to_string(),
        "queue": dead_letter.consumer,
        "tenant": tenant,
        "kind": kind.as_str(),
        "item": item.map(|item| item.to_string()),
        "conversation": stored.conversation().map(|key| key.conversation),
        "reason": dead_letter.reason,
        "dead_lettered_at": dead_lettered_at,
        "tried_at": tried_at,
        "redeliveries": redeliveries,
        "payload_bytes": dead_letter.payload.len(),
    })
}

fn absent(id: &DeadLetterId) -> String {
    format!("there is no dead letter {id}")
}

/// What a terminal would act upon is shown instead.
fn plain(text: &str) -> String {
    if !std::io::stdout().is_terminal() {
        return text.replace(['\n', '\r'], " ");
    }
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Dead letters asked for at a time.
const PAGE: usize = 500;
