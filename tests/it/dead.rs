//! A record that no worker can process: it becomes a dead letter, is shown, and is redelivered or dropped by those who
//! may.

use frontdesk_tests::harness::{Agent, Node, RawNats, Rest, System, Talk, is_for, until};
use reqwest::Method;
use serde_json::{Value, json};

/// Poison in the log harms no conversation; only its tenant's leaders and the operators of the installation see it;
/// trying it again says why it fails; dropping it is final.
pub(crate) async fn a_poison_record_is_dead_lettered_and_dealt_with(system: &System) {
    let node = system.gateway(0);
    let talk = Talk::begin(system).await;
    let tenant = &system.demo().tenant;
    let nowhere = "0198c1d2-0000-7000-8000-000000000001";
    let mut broker = RawNats::as_core(system).await;
    for poison in [&b"\xc1 not an envelope"[..], b""] {
        broker.publish(&format!("desk.msg.0.{tenant}.{nowhere}"), poison).await;
    }
    broker.publish("desk.msg.0.noise.noise", b"of no tenant").await;

    let rest = talk.agent.rest(node);
    let stored = until("there are two dead letters", async || {
        let items = rest.get_ok("/api/v1/dead-letters").await["items"].as_array().cloned().unwrap_or_default();
        (items.len() == 2).then_some(items)
    })
    .await;
    let ids: Vec<_> = stored.iter().map(id).collect();
    let everything = until("the operators see all three", async || {
        let list = list(node);
        (list["count"] == 3).then_some(list)
    })
    .await;
    assert_eq!(everything["items"].as_array().map(Vec::len), Some(3), "{everything}");
    until("the gauge shows them", async || shown_by_metrics(system).await).await;

    // The rest flows, on the stream of the poison too.
    for number in 0..50 {
        let seq = talk.contact_says(&format!("goes on {number}")).await;
        talk.widget
            .find("it is filed", |frame| {
                is_for(frame, "persisted", &talk.conversation) && frame["up_to_seq"].as_u64() >= Some(seq)
            })
            .await;
    }

    // Another tenant's owner sees and changes nothing.
    let stranger = Agent::login(node, &system.other_tenant().owner).await.rest(node);
    assert_eq!(stranger.get_ok("/api/v1/dead-letters").await["items"], json!([]));
    for id in &ids {
        let path = format!("/api/v1/dead-letters/{id}");
        assert_eq!(stranger.get(&path).await.status, 404);
        assert_eq!(stranger.post(&format!("{path}/redeliver"), &json!({})).await.status, 404);
        assert_eq!(drop_it(&stranger, &path).await, 404);
    }
    let plain = Agent::bob(system, node).await.rest(node);
    assert_eq!(plain.get("/api/v1/dead-letters").await.status, 403);

    // Nonsense stays nonsense, and says so.
    let path = format!("/api/v1/dead-letters/{}", ids[0]);
    let shown = rest.get_ok(&path).await;
    assert_eq!((&shown["payload"], &shown["entry"]), (&json!("wSBub3QgYW4gZW52ZWxvcGU="), &Value::Null));
    assert_eq!(rest.post_ok(&format!("{path}/redeliver"), &json!({})).await["outcome"], "failed_again");
    let (succeeded, said) = node.command(&["dead", "redeliver", "--all", "--json"]);
    assert!(!succeeded && said.contains("\"settled\":0"), "{said}");
    let (succeeded, said) = node.command(&["dead", "show", &ids[0]]);
    assert!(succeeded && said.contains("redeliveries  2"), "{said}");

    // Dropped: one by the tenant, the others by the operator; by whichever way, it is gone for both.
    assert_eq!(drop_it(&rest, &path).await, 204);
    assert_eq!(drop_it(&rest, &path).await, 404);
    let (succeeded, said) = node.command(&["dead", "show", &ids[0]]);
    assert!(!succeeded && said.contains("there is no dead letter"), "{said}");
    for item in list(node)["items"].as_array().into_iter().flatten() {
        let (succeeded, said) = node.command(&["dead", "drop", &id(item), "--json"]);
        assert!(succeeded, "{said}");
    }
    assert_eq!(
        (list(node)["count"].clone(), rest.get_ok("/api/v1/dead-letters").await["items"].clone()),
        (json!(0), json!([]))
    );
    let (succeeded, said) = node.command(&["dead", "drop", "nonsense"]);
    assert!(!succeeded && said.contains("not the id of a dead letter"), "{said}");
    talk.agent_says("nothing else happened").await;
}

fn id(dead_letter: &Value) -> String {
    dead_letter["id"].as_str().unwrap_or_else(|| panic!("no id in {dead_letter}")).to_owned()
}

/// What the operators' command says.
fn list(node: &Node) -> Value {
    let (succeeded, said) = node.command(&["dead", "list", "--json"]);
    assert!(succeeded, "{said}");
    let line = said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no JSON in {said}"));
    serde_json::from_str(line).expect("what is printed is JSON")
}

async fn drop_it(rest: &Rest, path: &str) -> u16 {
    rest.request(Method::DELETE, path, &[], None).await.status
}

/// Whether a process that looks after dead letters shows all three.
async fn shown_by_metrics(system: &System) -> Option<()> {
    for node in system.nodes() {
        let metrics = Rest::at(node.admin()).get("/metrics").await.text;
        if metrics.lines().any(|line| line == "desk_dead_letters 3") {
            return Some(());
        }
    }
    None
}
