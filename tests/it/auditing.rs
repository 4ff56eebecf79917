//! What `frontdesk verify` says of the audit trail, on a system with one process.

use std::process::Command;

use frontdesk_tests::harness::{Agent, Rest, System};

/// The trail of the demo tenant is whole; then one row is changed in the database, and owners and the command are told.
pub(crate) async fn verify_fails_on_an_audit_trail_that_was_tampered_with_and_says_where(system: &System) {
    let node = system.gateway(0);
    let (is_clean, said) = node.command(&["verify"]);
    assert!(is_clean, "{said}");
    let owner = Rest::new(node).with_token(&Agent::ada(system, node).await.token);
    let before = owner.get("/api/v1/audit/chain").await.body;
    assert_eq!((&before["verified_up_to"], before["faults"].as_u64()), (&before["head"], Some(0)), "{before}");
    assert!(before["head"].as_u64() > Some(2), "{before}");

    let database = node.data_dir().join("frontdesk.db");
    let tamper =
        "update audit set actor_id = 'another' where number = 2 and tenant_id = (select tenant_id from audit limit 1)";
    let ran = Command::new("sqlite3").arg("-bail").arg(&database).arg(tamper).status().expect("sqlite3 is installed");
    assert!(ran.success());

    let (is_clean, said) = node.command(&["verify"]);
    assert!(!is_clean && said.contains("audit entry 2 was altered"), "{said}");
    let after = owner.get("/api/v1/audit/chain").await.body;
    assert_eq!((&after["verified_up_to"], &after["first_fault"]["number"]), (&1.into(), &2.into()), "{after}");
}
