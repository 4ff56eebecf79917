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
            rename(&owner, &path, &format!("Bob {round}.{number}")).await;
        }
        killing::restart(node);
    }
    let events = until("all events are published", async || {
        let events = events(system).await;
        (changes(&events, &bob.id).len() >= 21).then_some(events)
    })
    .await;
    each_came_once_and_in_order(&events);
    let of_bob = changes(&events, &bob.id);
    assert_eq!(of_bob.len(), 21);
    assert_eq!((&of_bob[0]["kind"], &of_bob[20]["data"]["name"]), (&json!("agent.created"), &json!("Bob 3.4")));
    assert_eq!(of_bob[20]["actor"], json!({ "kind": "agent", "id": ada.id }));
}

/// The process aborts when the stream has acknowledged an event and the database does not say yet that it was
/// published.
pub(crate) async fn an_event_that_was_published_but_not_marked_is_not_published_again(system: &System) {
    let node = system.gateway(0);
    let (ada, bob) = (Agent::ada(system, node).await, Agent::bob(system, node).await);
    let path = format!("/api/v1/agents/{}", bob.id);
    rename(&Rest::new(node).with_token(&ada.token), &path, "first").await;
    until("the first name is published", async || (!named(&events(system).await, "first").is_empty()).then_some(()))
        .await;

    node.kill();
    node.start_with_fail_point("after-event-publish=return");
    rename(&Rest::new(node).with_token(&ada.token), &path, "second").await;
    node.ends().await;
    node.start();

    rename(&Rest::new(node).with_token(&ada.token), &path, "third").await;
    let events = until("the third name is published", async || {
        let events = events(system).await;
        (!named(&events, "third").is_empty()).then_some(events)
    })
    .await;
    assert_eq!(named(&events, "second").len(), 1);
    each_came_once_and_in_order(&events);
}

async fn rename(owner: &Rest, path: &str, name: &str) {
    let (json, change) = ([("content-type", "application/json")], json!({ "name": name }).to_string());
    let answer = owner.request(Method::PATCH, path, &json, Some(change.into())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn each_came_once_and_in_order(events: &[Value]) {
    let mut seen: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for event in events {
        let aggregate = event["aggregate"]["id"].as_str().expect("an id");
        seen.entry(aggregate).or_default().push(event["number"].as_u64().expect("a number"));
    }
    for (aggregate, numbers) in &seen {
        assert_eq!(*numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{aggregate}");
    }
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["data"]["name"] == name).collect()
}

/// The events of an agent but for those that tell of its log-ins.
fn changes<'a>(events: &'a [Value], agent: &str) -> Vec<&'a Value> {
    let of = events.iter().filter(|event| event["aggregate"]["id"] == agent);
    of.filter(|event| event["kind"] != "agent.signed_in" && event["kind"] != "agent.signed_out").collect()
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
