//! When log-ins begin and end, and what is told of it.

use frontdesk_application::{Requester, agents, logins};
use frontdesk_domain::audit::FieldChange;
use frontdesk_domain::{LoginId, Role, Timestamp};
use frontdesk_ports::{AuditTrail as _, Login, Logins as _, PasswordHash, Renewal, Rotation};
use serde_json::json;
use uuid::Uuid;

use super::desk::{Desk, newcomer};

#[tokio::test]
async fn a_log_in_adds_an_event_when_it_begins_and_one_when_it_ends() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let ada = agents::create(app, &desk.by, newcomer()).await.unwrap().value;
    let login = Login {
        id: LoginId(Uuid::new_v4()),
        tenant: ada.tenant,
        agent: ada.id,
        token_hash: [7; 32],
        expires_at: Timestamp(i64::MAX),
        revoked: false,
    };
    assert!(logins::begin(app, &login, &newcomer().password).await.unwrap());
    logins::refused(app, &ada).await.unwrap();
    for _ in 0..2 {
        logins::end(app, login.tenant, login.agent, login.id).await.unwrap();
    }
    let told = desk.told_of("agent", ada.id.0).await.split_off(1);
    let data = json!({ "login": login.id });
    assert_eq!(told, [(2, "agent.signed_in".to_owned(), data.clone()), (3, "agent.signed_out".to_owned(), data)]);
    let actor = desk.events().await.pop().unwrap().event.draft.actor;
    assert_eq!((&*actor.kind, actor.id), ("agent", ada.id.to_string()));
}

/// The event and the audit entry stand or fall with the end of the log-in; neither says that the agent did it.
#[tokio::test]
async fn a_token_that_is_used_twice_ends_its_log_in_with_an_event_and_an_audit_entry() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let ada = agents::create(app, &desk.by, newcomer()).await.unwrap().value;
    let (id, later) = (LoginId(Uuid::new_v4()), Timestamp(i64::MAX));
    let (tenant, agent) = (ada.tenant, ada.id);
    let login = Login { id, tenant, agent, token_hash: [1; 32], expires_at: later, revoked: false };
    assert!(logins::begin(app, &login, &newcomer().password).await.unwrap());
    let exchange = async |presented: u8, next: u8| {
        let presented_family = (presented != 9).then_some([77; 32]);
        let [presented, next, next_family, salt] = [presented, next, 77, 88].map(|byte| [byte; 32]);
        let renewal = Renewal { presented, presented_family, next, next_family, salt };
        logins::exchange(app, id, &renewal, later).await.unwrap()
    };
    assert!(matches!(exchange(1, 2).await, Rotation::Rotated(_)));
    assert!(matches!(exchange(1, 3).await, Rotation::Repeated(..)));
    assert!(matches!(exchange(2, 3).await, Rotation::Rotated(_)));
    assert_eq!(exchange(9, 4).await, Rotation::Unknown);
    assert_eq!(desk.told_of("agent", agent.0).await.len(), 2, "neither an exchange nor a guess is told");
    assert!(matches!(exchange(1, 4).await, Rotation::Reused(_)));
    assert_eq!(exchange(3, 5).await, Rotation::Unknown);

    assert_eq!(desk.store.live_logins(&[id], Timestamp(1)).await.unwrap(), []);
    let told = desk.told_of("agent", agent.0).await.split_off(2);
    let data = json!({ "login": id, "reason": "token_used_twice" });
    assert_eq!(told, [(3, "agent.signed_out".to_owned(), data)]);
    let trail = desk.store.audit_chain(tenant, 0, 100).await.unwrap();
    let entries: Vec<_> = trail.iter().map(|entry| &entry.draft).filter(|draft| draft.object.kind == "login").collect();
    assert_eq!(entries.iter().map(|draft| &*draft.act).collect::<Vec<_>>(), ["login.began", "login.revoked"]);
    assert_eq!(entries[1].object.id, id.to_string());
    assert_eq!(entries[1].changes, [FieldChange::set("reason", "token_used_twice")]);
    let event = desk.events().await.pop().unwrap().event.draft;
    for actor in [&entries[1].actor, &event.actor] {
        assert_eq!((&*actor.kind, actor.id.as_str()), ("unknown", ""));
    }
}

/// All but the one by which an agent changes itself; what the password was checked for before does not begin after.
#[tokio::test]
async fn a_new_password_and_a_deactivation_end_the_log_ins_of_the_agent_and_say_why() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let ada = agents::create(app, &desk.by, agents::NewAgent { role: Role::Admin, ..newcomer() }).await.unwrap().value;
    let log_in = async |password: &str| {
        let id = LoginId(Uuid::new_v4());
        let (tenant, agent) = (ada.tenant, ada.id);
        let login = Login { id, tenant, agent, token_hash: [1; 32], expires_at: Timestamp(i64::MAX), revoked: false };
        (id, logins::begin(app, &login, &PasswordHash(password.to_owned())).await.unwrap())
    };
    let ((own, _), (other, _)) = (log_in("a hash").await, log_in("a hash").await);
    let live = async |ids: &[LoginId]| {
        let live = desk.store.live_logins(ids, Timestamp(1)).await.unwrap();
        live.into_iter().map(|live| live.login).collect::<Vec<_>>()
    };
    let by_herself = Requester::Agent { tenant: ada.tenant, agent: ada.id, role: Role::Admin };
    let new = |hash: &str| agents::AgentChange {
        password: Some(PasswordHash(hash.to_owned())),
        own_login: Some(own),
        ..Default::default()
    };
    agents::change(app, &by_herself, ada.id, new("second")).await.unwrap();
    assert_eq!(live(&[own, other]).await, [own], "the one that she changed it by stays");
    assert!(!log_in("a hash").await.1, "the former password was checked before, and counts no more");
    let (third, began) = log_in("second").await;
    assert!(began, "the new one counts");
    agents::change(app, &desk.by, ada.id, new("third")).await.unwrap();
    assert_eq!(live(&[own, third]).await, [], "another one who changes it keeps none");
    let (fourth, _) = log_in("third").await;
    let active = |active| agents::AgentChange { active: Some(active), own_login: Some(fourth), ..Default::default() };
    agents::change(app, &desk.by, ada.id, active(false)).await.unwrap();
    assert!(!log_in("third").await.1, "one who may not sign in");
    agents::change(app, &desk.by, ada.id, active(true)).await.unwrap();
    assert_eq!(live(&[fourth]).await, [], "what was ended stays ended");

    let told = desk.told_of("agent", ada.id.0).await;
    let reasons: Vec<_> =
        told.iter().filter(|(_, kind, _)| kind == "agent.signed_out").map(|(.., data)| data.clone()).collect();
    let mut second = [
        json!({ "login": own, "reason": "password_changed" }),
        json!({ "login": third, "reason": "password_changed" }),
    ];
    second.sort_by_key(|data| data["login"].to_string());
    let [second, third] = second;
    let first = json!({ "login": other, "reason": "password_changed" });
    assert_eq!(reasons, [first, second, third, json!({ "login": fourth, "reason": "agent_deactivated" })]);
    let trail = desk.store.audit_chain(ada.tenant, 0, 100).await.unwrap();
    let revoked: Vec<_> = trail.iter().filter(|entry| entry.draft.act == "login.revoked").collect();
    assert_eq!(revoked.len(), 4);
    assert_eq!((&*revoked[0].draft.actor.kind, &revoked[0].draft.actor.id), ("agent", &ada.id.to_string()));
    assert_eq!(revoked[3].draft.changes, [FieldChange::set("reason", "agent_deactivated")]);
}
