//! The ledger: for those who lead, of their own tenant, and checks within limits.

use serde_json::json;

use crate::world::World;

#[actix_web::test]
async fn those_who_lead_see_the_ledger_of_their_tenant_and_agents_do_not() {
    let world = World::new().await;
    for leader in [&world.ours.owner, &world.ours.admin, &world.ours.supervisor, &world.theirs.owner] {
        let reply = world.get_as(leader, "/api/v1/ledger").await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!((&reply.body["accepted"], &reply.body["check"]["state"]), (&json!(3), &json!("running")));
        let asked = world.server.ledgers.lock().unwrap().pop();
        assert_eq!(asked, Some((leader.tenant, false)));
    }
    assert_eq!(world.get_as(&world.ours.agent, "/api/v1/ledger").await.code(), (403, "forbidden"));
    assert_eq!(world.post_as(&world.ours.agent, "/api/v1/ledger/checks", &json!({})).await.code(), (403, "forbidden"));
    assert!(world.server.ledgers.lock().unwrap().is_empty());
}

#[actix_web::test]
async fn a_check_is_begun_for_the_own_tenant_and_refused_with_the_time_to_wait() {
    let world = World::new().await;
    let reply = world.post_as(&world.ours.supervisor, "/api/v1/ledger/checks", &json!({})).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    assert_eq!(world.server.ledgers.lock().unwrap()[0], (world.ours.tenant, true));
    *world.server.no_checks.lock().unwrap() = true;
    let reply = world.post_as(&world.ours.supervisor, "/api/v1/ledger/checks", &json!({})).await;
    assert_eq!((reply.code(), reply.header("retry-after")), ((429, "rate_limited"), Some("12")));
}
