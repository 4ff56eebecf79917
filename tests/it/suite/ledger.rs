//! Log and database, compared by the command for operators.

use frontdesk_tests::harness::{System, Talk};

/// While others talk, too: what is on its way to the database is not missing.
pub(crate) async fn log_and_database_agree_beside_a_running_desk(system: &System) {
    let talk = Talk::begin(system).await;
    for number in 0..20 {
        talk.contact_says(&format!("question {number}")).await;
        talk.agent_says(&format!("answer {number}")).await;
    }
    let said = system.gateway(0).verify(&[]);
    assert!(said.contains("missing 0 duplicated 0 misordered 0 contradicting 0 unfolded 0"), "{said}");
    let said = system.gateway(1).verify(&["--json", "--since", "1h"]);
    assert!(said.contains("\"clean\":true"), "{said}");
}
