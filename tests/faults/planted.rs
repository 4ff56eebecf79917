//! The suite proves itself on the real product: each bug that the design exists to exclude is built in, and has to be
//! found.

use std::time::Duration;

use crate::{
    checker::Rule,
    classes::{CLUSTER, class},
    clients::Crowd,
    desk::{Build, Disk, DiskKind, Form, Quirks},
    nemesis::{Harm, Target},
    run::{self, Class, Effort},
};

use Target::{Broker, Gateway, Worker};

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_before_the_publish_is_found() {
    is_found("acknowledge-before-publish", &[Harm::Pause(&[Broker]), Harm::Kill(&[Broker])], Rule::V1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_that_is_off_by_one_is_found() {
    is_found("resume-off-by-one", &[Harm::Kill(&[Gateway])], Rule::V10).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults"]
async fn a_publish_without_expectation_is_found() {
    is_found("no-expectation", &[Harm::Pause(&[Gateway])], Rule::V1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults"]
async fn a_conflict_that_is_taken_for_a_failure_is_found() {
    is_found("conflict-is-failure", &[Harm::Pause(&[Broker])], Rule::V2).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults"]
async fn a_message_id_without_tenant_is_found() {
    is_found("client-made-message-id", &[Harm::Kill(&[Gateway])], Rule::V1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults"]
async fn a_claim_by_read_then_write_is_found() {
    is_found("claim-by-read-then-write", &[Harm::Pause(&[Broker]), Harm::Kill(&[Worker])], Rule::V8).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults"]
async fn a_repair_that_logs_again_is_found() {
    is_found("relog", &[Harm::Kill(&[Worker]), Harm::Pause(&[Worker])], Rule::V4).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults"]
async fn a_log_that_is_not_synced_is_found() {
    if let Some(why) = Disk::cannot_be() {
        return println!("SKIPPED, {why}");
    }
    let quirks = Quirks { disks: Some(DiskKind::Cuttable), lazy_sync: true, ..Quirks::default() };
    let class = Class { quirks, ..class("planted", Form::Up, &[Harm::CutPower]) };
    is_broken("a log that is not synced", class, Rule::V1).await;
}

/// Runs a desk with this bug for less than five minutes; the verdict has to name the rule that it breaks.
async fn is_found(fault: &'static str, harms: &'static [Harm], rule: Rule) {
    let quirks = Quirks { build: Build::Planted(Some(fault)), ..Quirks::default() };
    is_broken(fault, Class { quirks, ..class("planted", CLUSTER, harms) }, rule).await;
}

async fn is_broken(fault: &str, class: Class, rule: Rule) {
    let time = Duration::from_secs(20);
    let crowd = Crowd { conversations: 12, walk_ins: 2, programs: 2, rivalries: 4, think_ms: 20 };
    // What this bug loses is waited for in vain.
    let patience = Duration::from_secs(10);
    let effort = Effort { seed: super::number("SEED", 1), time, limit: time, patience, crowd, least_accepted: 500 };
    let folder = tempfile::tempdir().expect("there is room for a record");
    let verdict = run::run(class, effort, folder.path()).await;
    println!("{fault}: {verdict}");
    assert!(verdict.broken().contains(&rule), "{fault} was planted, and {rule:?} seems to hold: {verdict}");
}
