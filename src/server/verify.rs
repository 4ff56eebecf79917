//! `frontdesk verify`: log, database and delivery states compared, in words or as JSON.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use frontdesk_application::audit::{self, ChainReport};
use frontdesk_config::Settings;
use frontdesk_ports::{Clock, Database, LogInspector, SystemClock};
use frontdesk_workers::{Anomaly, Counts, Finding, Verifier, VerifyReport};
use serde_json::{Value, json};

use crate::{backends, broker::Broker, command_line::VerifyOptions};

/// Compares log and database beside whatever runs, and prints what was found.
///
/// # Errors
/// Something does not fit, or cannot be read.
pub(crate) async fn verify(settings: &Settings, options: &VerifyOptions) -> anyhow::Result<()> {
    backends::expect_database(settings)?;
    let database = backends::open_database(settings).await?;
    let (broker, workers_run) = Broker::find_or_start(settings, backends::installation_id(&database).await?).await?;
    let log: Arc<dyn LogInspector> = Arc::new(broker.log.clone());
    let how = frontdesk_workers::VerifyOptions { scope: None, since: options.since, grace: options.grace, workers_run };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let chains = chains(&database).await?;
    let verifier = Verifier::new(log, database.inspector, clock, how);
    let result = tokio::select! {
        result = verifier.run() => result,
        never = tell_progress(&verifier) => match never {},
    };
    broker.shutdown().await;
    let report = result.context("cannot compare log and database to the end")?;
    if options.json {
        let mut line = as_json(&report);
        line["audit"] = chains.iter().map(chain_as_json).collect();
        println!("{line}");
    } else {
        print(&report, workers_run);
        chains.iter().for_each(print_chain);
    }
    let faults: usize = chains.iter().map(|chain| chain.faults.len()).sum();
    anyhow::ensure!(faults == 0, "the audit trail is not what was written: {faults} faults");
    anyhow::ensure!(report.is_clean(), "log, database and delivery states do not agree");
    Ok(())
}

/// Checks the audit trail of every tenant.
async fn chains(database: &Database) -> anyhow::Result<Vec<ChainReport>> {
    let tenants: Vec<_> = database.directory.tenants().await?.into_iter().map(|tenant| tenant.id).collect();
    audit::check(&*database.audit, &tenants).await.context("cannot read the audit trail to the end")
}

fn print_chain(chain: &ChainReport) {
    let ChainReport { tenant, head, entries, faults, .. } = chain;
    println!("audit     tenant {tenant}: {entries} entries, head {} {}", head.number, hex(&head.hash));
    faults.iter().for_each(|fault| println!("audit {tenant}: {fault}"));
}

fn chain_as_json(chain: &ChainReport) -> Value {
    let faults: Vec<_> = chain.faults.iter().map(ToString::to_string).collect();
    json!({
        "tenant": chain.tenant, "entries": chain.entries, "head": chain.head.number, "hash": hex(&chain.head.hash),
        "verified_up_to": chain.verified_up_to,
        "faults": faults,
    })
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says on standard error how far it has come, when it takes long.
async fn tell_progress(verifier: &Verifier) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(PROGRESS_EVERY).await;
        let Counts { logged, conversations, entries, .. } = verifier.progress();
        eprintln!("so far: {logged} records of the log; {conversations} conversations with {entries} entries");
    }
}

fn print(report: &VerifyReport, workers_run: bool) {
    let Counts { logged, compared, waiting, conversations, entries, acknowledgements, receipts } = report.counts;
    println!("log       {logged} records, {compared} compared with the database, {waiting} on their way to it");
    println!("database  {conversations} conversations, {entries} entries, {receipts} receipts");
    println!("told      {acknowledgements} acknowledgements");
    if waiting > 0 && !workers_run {
        println!("          nothing runs here: what is on its way is written at the next start");
    }
    let counts = Anomaly::ALL.map(|anomaly| format!("{} {}", anomaly.as_str(), report.count(anomaly)));
    println!("{}", counts.join(" "));
    for (anomaly, Finding { key, seq, place, why }) in report.findings() {
        let key = key.map_or_else(|| "-".to_owned(), |key| key.to_string());
        let place = place.as_ref().map(|(stream, log_seq)| format!(" ({stream} {log_seq})")).unwrap_or_default();
        println!("{} {key} seq {seq}{place}: {why}", anomaly.as_str());
    }
}

fn as_json(report: &VerifyReport) -> Value {
    let Counts { logged, compared, waiting, conversations, entries, acknowledgements, receipts } = report.counts;
    let mut line = json!({
        "clean": report.is_clean(), "logged": logged, "compared": compared, "waiting": waiting,
        "conversations": conversations, "entries": entries, "acknowledgements": acknowledgements, "receipts": receipts,
    });
    for anomaly in Anomaly::ALL {
        line[anomaly.as_str()] = report.count(anomaly).into();
    }
    let findings = report.findings().map(|(anomaly, Finding { key, seq, place, why })| {
        json!({
            "anomaly": anomaly.as_str(),
            "tenant": key.map(|key| key.tenant),
            "conversation": key.map(|key| key.conversation),
            "seq": seq,
            "stream": place.as_ref().map(|(stream, _)| stream),
            "log_seq": place.as_ref().map(|(_, log_seq)| log_seq),
            "why": why,
        })
    });
    line["findings"] = findings.collect();
    line
}

/// Silence that people bear.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);
