//! Visitors whom the site of an inbox proves.

use std::time::Duration;

use actix_web::http::Method;
use frontdesk_ports::Clock as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::world::{Reply, SHOP_ORIGIN, World, bearer};

async fn secret_of(world: &World) -> (String, String) {
    let path = format!("/api/v1/inboxes/{}/identity-secrets", world.ours.inbox.id);
    let made = world.post_as(&world.ours.owner, &path, &json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    (made.body["id"].as_str().unwrap().to_owned(), made.body["secret"].as_str().unwrap().to_owned())
}

/// A proof of `claims` that is good for a minute.
fn jwt(world: &World, secret: &str, mut claims: Value) -> Value {
    claims["exp"] = json!(world.clock.now().0 / 1000 + 60);
    let key = EncodingKey::from_secret(secret.as_bytes());
    json!({ "jwt": jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap() })
}

async fn session(world: &World, token: Option<&Value>, identity: Option<Value>) -> Reply {
    let mut body = json!({ "inbox": world.ours.inbox.id, "token": token, "name": "Said by the page" });
    if let Some(identity) = identity {
        body["identity"] = identity;
    }
    world.send(world.post("/api/v1/widget/session", &body).insert_header(("origin", SHOP_ORIGIN))).await
}

fn contact_of(reply: &Reply) -> &Value {
    assert_eq!(reply.status, 200, "{}", reply.text);
    &reply.body["contact"]["id"]
}

#[actix_web::test]
async fn a_secret_is_shown_once_and_an_inbox_has_two_at_most() {
    let world = World::new().await;
    let owner = &world.ours.owner;
    let path = format!("/api/v1/inboxes/{}/identity-secrets", world.ours.inbox.id);
    let (first, text) = secret_of(&world).await;
    world.pass(Duration::from_millis(1));
    let (second, other) = secret_of(&world).await;
    assert!(text.len() >= 43 && text != other);
    let listed = world.get_as(owner, &path).await;
    let ids: Vec<_> = listed.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids, [json!(first), json!(second)]);
    let trail = world.get_as(owner, "/api/v1/audit").await;
    assert!(trail.text.contains("identity_secret.created") && !trail.text.contains(&text), "{}", trail.text);
    assert!(!listed.text.contains(&text));
    assert_eq!(world.post_as(owner, &path, &json!({})).await.code(), (409, "too_many"));
    assert_eq!(world.delete_as(owner, &format!("/api/v1/identity-secrets/{first}")).await.status, 204);
    assert_eq!(world.delete_as(owner, &format!("/api/v1/identity-secrets/{first}")).await.status, 404);
    secret_of(&world).await;
}

#[actix_web::test]
async fn only_who_administers_the_tenant_of_an_inbox_has_to_do_with_its_secrets() {
    let world = World::new().await;
    let (id, _) = secret_of(&world).await;
    let [of_inbox, of_secret] =
        [format!("/api/v1/inboxes/{}/identity-secrets", world.ours.inbox.id), format!("/api/v1/identity-secrets/{id}")];
    let agent = &world.ours.agent;
    assert_eq!(world.get_as(agent, &of_inbox).await.code(), (403, "forbidden"));
    assert_eq!(world.post_as(agent, &of_inbox, &json!({})).await.code(), (403, "forbidden"));
    assert_eq!(world.delete_as(agent, &of_secret).await.code(), (403, "forbidden"));
    let stranger = &world.theirs.owner;
    assert_eq!(world.get_as(stranger, &of_inbox).await.status, 404);
    assert_eq!(world.post_as(stranger, &of_inbox, &json!({})).await.status, 404);
    assert_eq!(world.delete_as(stranger, &of_secret).await.status, 404);
    let visitor = world.state.tokens.issue_visitor(&world.ours.contact).token;
    assert_eq!(world.send(world.request(Method::GET, &of_inbox).insert_header(bearer(&visitor))).await.status, 401);
}

#[actix_web::test]
async fn a_proven_visitor_is_one_contact_at_every_browser_and_the_site_says_its_name() {
    let world = World::new().await;
    let (_, secret) = secret_of(&world).await;
    let claims = json!({ "sub": "42", "name": "Ada", "email": "Ada@x.test" });
    let here = session(&world, None, Some(jwt(&world, &secret, claims.clone()))).await;
    assert_eq!((&here.body["contact"]["name"], &here.body["identified"]), (&json!("Ada"), &json!(true)));
    let elsewhere = session(&world, None, Some(jwt(&world, &secret, claims))).await;
    assert_eq!(contact_of(&elsewhere), contact_of(&here));
    let renamed = json!({ "sub": "42", "name": "Ada Lovelace", "email": "none" });
    let renamed = session(&world, here.body.get("token"), Some(jwt(&world, &secret, renamed))).await;
    assert_eq!(renamed.body["contact"], json!({ "id": contact_of(&here), "name": "Ada Lovelace" }));
    let path = format!("/api/v1/contacts/{}", contact_of(&here).as_str().unwrap());
    let contact = world.get_as(&world.ours.owner, &path).await;
    assert_eq!(contact.body["email"], "ada@x.test", "what cannot be used of a proof is left out");

    // The token speaks for it when there is no proof at hand.
    let later = session(&world, here.body.get("token"), None).await;
    assert_eq!((contact_of(&later), &later.body["identified"]), (contact_of(&here), &json!(true)));
    let hash = "f".repeat(64);
    let refused = session(&world, None, Some(json!({ "id": "42", "hash": hash }))).await;
    assert_eq!(refused.code(), (403, "identity_refused"));
    for odd in [json!({}), json!({ "jwt": "x", "id": "42" }), json!({ "id": "42" }), json!({ "hash": hash })] {
        assert_eq!(session(&world, None, Some(odd)).await.code(), (400, "invalid"));
    }
}

#[actix_web::test]
async fn an_unproven_visitor_becomes_the_proven_one_and_never_two_of_them() {
    let world = World::new().await;
    let (_, secret) = secret_of(&world).await;
    let proof = |id: &str| Some(jwt(&world, &secret, json!({ "sub": id })));
    let guest = session(&world, None, None).await;
    assert_eq!(guest.body["identified"], json!(false));
    let old_token = guest.body.get("token");
    let ada = session(&world, old_token, proof("ada")).await;
    assert_eq!(contact_of(&ada), contact_of(&guest), "the conversation so far stays");

    // Another tab of the browser has the token from before yet.
    let bea = session(&world, old_token, proof("bea")).await;
    assert_ne!(contact_of(&bea), contact_of(&ada));
    let by_token_of_ada = session(&world, ada.body.get("token"), proof("bea")).await;
    assert_eq!(contact_of(&by_token_of_ada), contact_of(&bea));
    assert_eq!(contact_of(&session(&world, old_token, proof("ada")).await), contact_of(&ada));

    // A guest who turns out to be a visitor from before goes on as that one.
    let guest = session(&world, None, None).await;
    assert_eq!(contact_of(&session(&world, guest.body.get("token"), proof("bea")).await), contact_of(&bea));
}

#[actix_web::test]
async fn a_secret_proves_from_the_moment_it_is_made_until_it_is_removed() {
    let world = World::new().await;
    let ((old_id, old), (_, new)) = (secret_of(&world).await, secret_of(&world).await);
    let begun_by = async |secret: &str| session(&world, None, Some(jwt(&world, secret, json!({ "sub": "7" })))).await;
    let first = begun_by(&old).await;
    assert_eq!(contact_of(&begun_by(&new).await), contact_of(&first));
    let removed = world.delete_as(&world.ours.owner, &format!("/api/v1/identity-secrets/{old_id}")).await;
    assert_eq!(removed.status, 204);
    assert_eq!(begun_by(&old).await.code(), (403, "identity_refused"));
    assert_eq!(contact_of(&begun_by(&new).await), contact_of(&first));
    let late = Some(jwt(&world, &new, json!({ "sub": "7" })));
    world.pass(Duration::from_secs(70));
    assert_eq!(session(&world, None, late).await.code(), (403, "identity_refused"), "its time is over");
}
