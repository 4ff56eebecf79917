//! Writing to conversations over REST.

use std::time::Duration;

use frontdesk_api::Rate;
use frontdesk_ports::ExecuteError;
use serde_json::{Value, json};

use crate::world::{NOW, Reply, World, v7};

async fn ask(world: &World, agent: &frontdesk_domain::Agent, path: &str, mut body: Value) -> Reply {
    if body.get("client_id").is_none() {
        body["client_id"] = json!(v7());
    }
    world.post_as(agent, &format!("/api/v1/conversations/{}/{path}", world.ours.conversation), &body).await
}

#[actix_web::test]
async fn a_message_is_accepted_once_however_often_it_is_sent() {
    let world = World::new().await;
    assert_eq!(ask(&world, &world.ours.agent, "claim", json!({})).await.status, 200);
    let body = json!({ "client_id": v7(), "text": "On its way" });
    let first = ask(&world, &world.ours.agent, "messages", body.clone()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.body["client_id"], body["client_id"]);
    assert_eq!(first.body["conversation"], json!(world.ours.conversation));
    assert_eq!((&first.body["seq"], &first.body["at"]), (&json!(4), &json!(NOW)));
    assert_eq!(first.body["durability"], "disk");
    world.pass(Duration::from_secs(60));
    let again = ask(&world, &world.ours.agent, "messages", body).await;
    assert_eq!(again.text, first.text);
    let messages = format!("/api/v1/conversations/{}/messages", world.ours.conversation);
    let entries = world.get_as(&world.ours.agent, &messages).await;
    assert_eq!(entries.body["entries"].as_array().unwrap().len(), 4);
    assert_eq!(entries.body["entries"][3]["author"]["name"], "agent");
}

#[actix_web::test]
async fn every_command_is_there_and_means_what_it_says() {
    let world = World::new().await;
    let (agent, supervisor) = (&world.ours.agent, &world.ours.supervisor);
    let steps = [
        (agent, "notes", json!({ "text": "a note" })),
        (agent, "claim", json!({})),
        (agent, "messages", json!({ "text": "hello" })),
        (agent, "tags", json!({ "tag": "vip" })),
        (agent, "untag", json!({ "tag": "vip" })),
        (agent, "pend", json!({})),
        (agent, "snooze", json!({ "until": NOW.0 + 3_600_000 })),
        (agent, "reopen", json!({})),
        (agent, "transfer", json!({ "agent": supervisor.id })),
        (supervisor, "assign", json!({ "agent": agent.id })),
        (agent, "resolve", json!({})),
        (agent, "reopen", json!({})),
        (agent, "unassign", json!({})),
    ];
    for (n, (who, path, body)) in steps.into_iter().enumerate() {
        let reply = ask(&world, who, path, body).await;
        assert_eq!((reply.status.as_u16(), &reply.body["seq"]), (200, &json!(n + 3)), "{path}: {}", reply.text);
    }
}

#[actix_web::test]
async fn a_lost_claim_is_told_who_won_and_when() {
    let world = World::new().await;
    assert_eq!(ask(&world, &world.ours.agent, "claim", json!({})).await.status, 200);
    let lost = ask(&world, &world.ours.admin, "claim", json!({})).await;
    assert_eq!(lost.code(), (409, "already_claimed"));
    assert_eq!(lost.header("content-type"), Some("application/problem+json"));
    let winner = json!({ "agent": world.ours.agent.id, "name": "agent", "at": NOW, "seq": 3 });
    assert_eq!((&lost.body["winner"], &lost.body["retryable"]), (&winner, &json!(false)));
    assert_eq!(lost.body["type"], "/problems/already_claimed");
}

#[actix_web::test]
async fn rules_are_told_by_their_own_codes() {
    let world = World::new().await;
    let (agent, to) = (&world.ours.agent, json!({ "agent": world.ours.admin.id }));
    assert_eq!(ask(&world, agent, "assign", to.clone()).await.code(), (403, "forbidden"));
    assert_eq!(ask(&world, agent, "transfer", to).await.code(), (409, "not_claimed"));
    let past = json!({ "until": 5 });
    assert_eq!(ask(&world, agent, "snooze", past).await.code(), (422, "snooze_out_of_range"));
    assert_eq!(ask(&world, agent, "messages", json!({ "text": " \n" })).await.code(), (400, "invalid"));
    let long = json!({ "text": "x".repeat(16_385) });
    assert_eq!(ask(&world, agent, "messages", long).await.code(), (400, "invalid"));
}

#[actix_web::test]
async fn what_the_log_cannot_do_is_told_apart() {
    let world = World::new().await;
    for (fault, code, retry_after_ms) in [
        (ExecuteError::Overloaded { retry_after_ms: 250 }, (503, "overloaded"), Some(250)),
        (ExecuteError::Unavailable, (503, "unavailable"), Some(1_000)),
        (ExecuteError::LogFull, (503, "log_full"), Some(5_000)),
        (ExecuteError::TooLarge, (413, "too_large"), None),
        (ExecuteError::Unknown, (504, "unknown_outcome"), None),
    ] {
        world.commands.fail_next(fault);
        let reply = ask(&world, &world.ours.agent, "messages", json!({ "text": "hi" })).await;
        assert_eq!(reply.code(), code);
        assert_eq!(reply.body.get("retry_after_ms").and_then(Value::as_u64), retry_after_ms);
        assert_eq!(reply.body["retryable"], json!(code.0 != 413));
        assert_eq!(reply.header("retry-after").is_some(), retry_after_ms.is_some());
    }
}

#[actix_web::test]
async fn one_agent_cannot_flood_the_log() {
    let rate = Rate { per_second: 1, burst: 2 };
    let world = World::with(|parts| parts.settings.limits.commands = rate).await;
    let (agent, supervisor) = (&world.ours.agent, &world.ours.supervisor);
    let note = || json!({ "text": "hi" });
    for _ in 0..2 {
        assert_eq!(ask(&world, agent, "notes", note()).await.status, 200);
    }
    assert_eq!(ask(&world, agent, "notes", note()).await.code(), (429, "rate_limited"));
    assert_eq!(ask(&world, supervisor, "notes", note()).await.status, 200, "others are not held up");
    world.pass(Duration::from_secs(1));
    assert_eq!(ask(&world, agent, "notes", note()).await.status, 200);
}

#[actix_web::test]
async fn a_message_is_accepted_while_the_database_is_away_if_the_log_takes_it() {
    let world = World::new().await;
    let path = format!("/api/v1/conversations/{}/messages", world.ours.conversation);
    let token = world.token(&world.ours.agent).await;
    world.store.set_available(false);
    world.commands.fail_next(ExecuteError::Unknown);
    let request = world.post(&path, &json!({ "client_id": v7(), "text": "hi" }));
    let reply = world.send(request.insert_header(crate::world::bearer(&token))).await;
    assert_eq!(reply.code(), (504, "unknown_outcome"), "it came as far as the log");
}
