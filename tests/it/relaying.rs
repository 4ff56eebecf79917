//! Events of the database reach the stream once and in order, whatever is killed; on a system with one process.

use std::collections::BTreeMap;

use frontdesk_tests::harness::{Agent, RawNats, Rest, System, until};
use reqwest::Method;
use serde_json::{Value, json};

use super::killing;

/// Renames an agent many times, and kills the process right behind some of the changes.
pub(crate) async fn events_are_published_once_in_order_although_the_process_is_killed(system: &System) {
    let node = system.gateway(0);
    let (ada, bob) = (Agent::ada(system, node).await, Agent::bob(system, node).await);
    let path = format!("/api/v1/agents/{}", bob.id);
    for round in 0..4 {
        let owner = Rest::new(node).with_token(&ada.token);
        for number in 0..5 {
            let change = json!({ "name": format!("Bob {round}.{number}") }).to_string();
            let json = [("content-type", "application/json")];
            let answer = owner.request(Method::PATCH, &path, &json, Some(change.into())).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        killing::restart(node);
    }
    let events = until("all events are published", async || {
        let events = events(system).await;
        (of(&events, &bob.id).len() >= 21).then_some(events)
    })
    .await;
    let mut seen: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for event in &events {
        let aggregate = event["aggregate"]["id"].as_str().expect("an id");
        seen.entry(aggregate).or_default().push(event["number"].as_u64().expect("a number"));
    }
    for (aggregate, numbers) in &seen {
        assert_eq!(*numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{aggregate}");
    }
    let of_bob = of(&events, &bob.id);
    assert_eq!(of_bob.len(), 21);
    assert_eq!((&of_bob[0]["kind"], &of_bob[20]["data"]["name"]), (&json!("agent.created"), &json!("Bob 3.4")));
    assert_eq!(of_bob[20]["actor"], json!({ "kind": "agent", "id": ada.id }));
}

fn of<'a>(events: &'a [Value], aggregate: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["aggregate"]["id"] == aggregate).collect()
}

/// Everything that the stream holds.
async fn events(system: &System) -> Vec<Value> {
    let (mut core, mut events) = (RawNats::as_core(system).await, Vec::new());
    loop {
        let wanted = json!({ "seq": events.len() + 1 }).to_string();
        let answer = core.request("$JS.API.DIRECT.GET.EVENTS", wanted.as_bytes()).await;
        let answer = String::from_utf8(answer).expect("events are text");
        match answer.split_once("\r\n\r\n").and_then(|(_, payload)| serde_json::from_str(payload).ok()) {
            Some(event) => events.push(event),
            None => return events,
        }
    }
}
