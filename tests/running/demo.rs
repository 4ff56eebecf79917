//! The demo tenant, which every start with `--demo` looks for.

use frontdesk_tests::harness::{Agent, Rest, System};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn what_a_person_changed_of_the_demo_inbox_stays_after_a_restart() {
    let system = System::up();
    let node = system.gateway(0);
    let inbox = &system.demo().inbox;
    let owner = Agent::ada(&system, node).await.rest(node);
    let change = json!({ "name": "Our shop", "greeting": "Hi", "origins": ["https://shop.example"] });
    let headers = [("content-type", "application/json")];
    let path = format!("/api/v1/inboxes/{inbox}");
    let changed = owner.request(Method::PATCH, &path, &headers, Some(change.to_string().into())).await;
    assert_eq!(changed.status, 200, "{}", changed.text);

    assert_eq!(node.terminate(), Ok(0));
    node.start();
    let page = Rest::new(node).from_origin("https://shop.example");
    let session = page.post_ok("/api/v1/widget/session", &json!({ "inbox": inbox })).await;
    assert_eq!(session["inbox"]["name"], "Our shop");
    assert_eq!(session["inbox"]["greeting"], "Hi");
    let own = Rest::new(node).post_ok("/api/v1/widget/session", &json!({ "inbox": inbox })).await;
    assert_eq!(own["inbox"]["name"], "Our shop", "its own pages may show it whatever the inbox names");
}
