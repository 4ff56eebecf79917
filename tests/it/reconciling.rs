//! What has to hold when the workers that should write to the database do not.

use frontdesk_tests::harness::{Node, Rest, System, Talk, is_for, until};

/// Settings without a persist worker: entries stay in its queue.
pub(crate) const NO_PERSIST_WORKER: [(&str, &str); 1] = [("FRONTDESK__WORKERS__ROLES", "push,receipts,trim,reconcile")];

/// On a system of [`NO_PERSIST_WORKER`]: every entry is written once, its sender is told, and each repair is counted,
/// however many reconcilers there are.
pub(crate) async fn what_no_worker_takes_is_persisted_once_told_and_counted(system: &System) {
    let talk = Talk::begin(system).await;
    for number in 0..40 {
        talk.contact_says(&format!("question {number}")).await;
    }
    let last = talk.agent_says("an answer").await;
    persisted(&talk, last).await;
    until("each entry is counted once", async || (repairs(system, "entry").await == last).then_some(())).await;
    until("nothing is left", async || {
        let mut left = 0;
        for node in system.nodes() {
            left += metric(node, "desk_ledger_unpersisted").await.unwrap_or_default();
        }
        (left == 0).then_some(())
    })
    .await;
    let said = system.gateway(0).verify(&[]);
    assert!(said.contains("missing 0 duplicated 0 misordered 0"), "{said}");
    assert_eq!(repairs(system, "entry").await, last, "nothing was repaired twice");
}

/// Until the contact is told that everything up to `seq` is in the database.
pub(crate) async fn persisted(talk: &Talk, seq: u64) {
    let told = |frame: &serde_json::Value| {
        is_for(frame, "persisted", &talk.conversation) && frame["up_to_seq"].as_u64().is_some_and(|told| told >= seq)
    };
    talk.widget.find("that it is persisted", told).await;
}

/// Repairs of all nodes together.
pub(crate) async fn repairs(system: &System, kind: &str) -> u64 {
    let mut repairs = 0;
    for node in system.nodes() {
        repairs += repairs_of(node, kind).await;
    }
    repairs
}

pub(crate) async fn repairs_of(node: &Node, kind: &str) -> u64 {
    metric(node, &format!("desk_reconcile_repairs_total{{kind=\"{kind}\"}}")).await.unwrap_or_default()
}

/// A number that operators see, if they see it.
pub(crate) async fn metric(node: &Node, name: &str) -> Option<u64> {
    let metrics = Rest::at(node.admin()).get("/metrics").await.text;
    let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse::<f64>().ok());
    value.map(|value| value as u64)
}
