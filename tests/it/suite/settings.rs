//! What a tenant sets takes effect on every node.

use std::time::Duration;

use frontdesk_tests::harness::{Agent, Rest, System, until};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

const TENANT: &str = "/api/v1/settings/tenant";

/// A cache reads again by itself after 10 s; what is seen within this time came by the notice.
const BY_NOTICE: Duration = Duration::from_secs(5);

pub(crate) async fn a_setting_takes_effect_on_every_node_by_its_notice(system: &System) {
    let ada = Agent::ada(system, system.gateway(0)).await;
    let (here, there) = (ada.rest(system.gateway(0)), ada.rest(system.gateway(1)));
    let path = format!("/api/v1/settings/inbox/{}/effective", system.demo().inbox);
    for round in 1..=3 {
        let text = format!("Back soon, round {round}");
        // So that the other node holds the values from before.
        let before = there.get_ok(&path).await;
        assert_ne!(before["values"]["widget"]["offline_text"], text);
        let present = here.get_ok(TENANT).await;
        let mut document = present["document"].clone();
        document["widget"]["offline_text"] = json!(text);
        let written = put(&here, &json!({"expected_version": present["version"], "document": document})).await;
        let begun = Instant::now();
        let seen = until("the other node has the new value", async || {
            let effective = there.get_ok(&path).await;
            (effective["values"]["widget"]["offline_text"] == *text).then_some(effective)
        });
        let seen = timeout(BY_NOTICE, seen).await.expect("by the notice, and not by the age limit");
        println!("a setting took effect on the other node {:?} after it was answered", begun.elapsed());
        assert_eq!(seen["sources"]["widget"]["offline_text"], "tenant");
        assert_eq!(written["version"], json!(present["version"].as_u64().expect("a version") + 1));
    }
    let session = json!({ "inbox": system.demo().inbox });
    let session = Rest::new(system.gateway(1)).post_ok("/api/v1/widget/session", &session).await;
    assert_eq!(session["inbox"]["offline_text"], "Back soon, round 3", "contacts get it, too");
}

async fn put(rest: &Rest, body: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let answer = rest.request(Method::PUT, TENANT, &headers, Some(body.to_string().into())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}
