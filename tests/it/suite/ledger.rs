//! Log, database and delivery states, compared by the command for operators and for supervisors.

use frontdesk_tests::harness::{Agent, System, Talk, until};
use serde_json::json;

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

/// Figures and a check of the own tenant, at whichever gateway; not for those who only answer.
pub(crate) async fn leaders_see_the_ledger_and_have_it_checked(system: &System) {
    let talk = Talk::begin(system).await;
    for number in 0..10 {
        talk.contact_says(&format!("question {number}")).await;
    }
    let last = talk.agent_says("an answer").await;
    let (near, far) = (talk.agent.rest(system.gateway(0)), talk.agent.rest(system.gateway(1)));
    let seen = until("all of it is persisted", async || {
        let ledger = near.get_ok("/api/v1/ledger").await;
        assert_eq!(
            ledger["accepted"],
            json!(ledger["persisted"].as_u64()? + ledger["unpersisted"].as_u64()?),
            "{ledger}"
        );
        (ledger["persisted"].as_u64()? >= last).then_some(ledger)
    })
    .await;
    assert!(seen["conversations"].as_u64() >= Some(1), "{seen}");

    let begun = near.post("/api/v1/ledger/checks", &json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    // What was found is kept, and shown by every gateway.
    let check = until("the check is done", async || {
        let check = far.get_ok("/api/v1/ledger").await["check"].clone();
        (check["state"] == "done").then_some(check)
    })
    .await;
    for anomaly in ["missing", "duplicated", "misordered", "contradicting", "overstated", "understated"] {
        assert_eq!(check["found"][anomaly], 0, "{check}");
    }
    assert!(check["looked_at"]["entries"].as_u64() >= Some(last), "{check}");
    let again = near.post("/api/v1/ledger/checks", &json!({})).await;
    assert_eq!((again.status, again.headers.contains_key("retry-after")), (429, true), "{}", again.text);

    let bob = Agent::bob(system, system.gateway(0)).await.rest(system.gateway(0));
    assert_eq!(bob.get("/api/v1/ledger").await.status, 403);
    assert_eq!(bob.post("/api/v1/ledger/checks", &json!({})).await.status, 403);
}
