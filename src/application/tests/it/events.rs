//! Which events the use cases add to the outbox.

use std::sync::Arc;

use frontdesk_application::{
    ActError, Application, Requester, agents, calendars, identity_secrets, inboxes, logins, roles, settings, skills,
    teams, tenants,
};
use frontdesk_domain::{
    Document, Grant, Grants, Inbox, InboxId, InboxKind, LoginId, Permission, Role, Scope, SettingsScope, SkillLevel,
    Tenant, TenantId, Timer, Timestamp,
    audit::FieldChange,
    schedule::{DayRule, SpecialDay, WeeklyHours},
};
use frontdesk_ports::{
    AuditTrail as _, Inboxes as _, Login, Logins as _, Outbox as _, PasswordHash, Renewal, Rotation, SystemClock,
    Timers as _, WaitingEvent,
};
use frontdesk_sqlite::SqliteStore;
use serde_json::{Value, json};
use uuid::Uuid;

struct Desk {
    store: Arc<SqliteStore>,
    app: Application,
    by: Requester,
    inbox: InboxId,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("desk.db"), 1).await.unwrap());
        let app = Application::new(Arc::clone(&store) as _, Arc::new(SystemClock::default()));
        let tenant = Tenant { id: TenantId(Uuid::new_v4()), name: "Shop".to_owned(), created_at: Timestamp(1) };
        let by = Requester::Operator { tenant: tenant.id, command: "test" };
        let id = InboxId(Uuid::new_v4());
        let new = tenants::NewTenant { inbox: inbox(id, tenant.id), tenant, agents: Vec::new() };
        tenants::set_up(&app, "setup", &new).await.unwrap();
        Self { store, app, by, inbox: id, _folder: folder }
    }

    async fn events(&self) -> Vec<WaitingEvent> {
        self.store.waiting_events(100).await.unwrap()
    }

    async fn kinds(&self) -> Vec<String> {
        self.events().await.iter().map(|waiting| waiting.event.draft.kind.to_string()).collect()
    }

    /// What the events of an aggregate say: their numbers, kinds and data.
    async fn told_of(&self, kind: &str, id: Uuid) -> Vec<(u64, String, Value)> {
        let events = self.events().await.into_iter().map(|waiting| waiting.event);
        let of = events.filter(|event| event.draft.aggregate.kind == kind && event.draft.aggregate.id == id);
        of.map(|event| (event.number, event.draft.kind.into_owned(), Value::Object(event.draft.data))).collect()
    }
}

fn inbox(id: InboxId, tenant: TenantId) -> Inbox {
    Inbox {
        id,
        tenant,
        kind: InboxKind::default(),
        active: true,
        name: "Web".to_owned(),
        greeting: "Hello".to_owned(),
        origins: vec!["https://shop.example".to_owned()],
        created_at: Timestamp(1),
    }
}

fn newcomer() -> agents::NewAgent {
    let password = PasswordHash("a hash".to_owned());
    agents::NewAgent { email: "ada@example.test".to_owned(), name: "Ada".to_owned(), role: Role::Agent, password }
}

#[tokio::test]
async fn what_a_person_changed_of_an_inbox_stays_when_its_tenant_is_set_up_again() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let change = inboxes::InboxChange {
        name: Some("Our shop".to_owned()),
        greeting: Some("Hi".to_owned()),
        origins: Some(vec!["https://new.example".to_owned()]),
        active: Some(false),
        ..Default::default()
    };
    let changed = inboxes::change(app, by, desk.inbox, change).await.unwrap().value;
    let tenant = Tenant { id: by.tenant(), name: "Another name".to_owned(), created_at: Timestamp(2) };
    let again = tenants::NewTenant { inbox: inbox(desk.inbox, tenant.id), tenant, agents: Vec::new() };
    tenants::set_up(app, "demo", &again).await.unwrap();
    assert_eq!(desk.store.inbox(desk.inbox).await.unwrap(), Some(changed));
    assert_eq!(desk.kinds().await, ["inbox.created", "inbox.changed"], "nothing was changed by the second time");
}

#[tokio::test]
async fn each_change_of_an_agent_an_inbox_or_a_role_adds_one_event() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let ada = agents::create(app, by, newcomer()).await.unwrap().value.id;
    let renamed = agents::AgentChange { name: Some("Ada L.".to_owned()), ..Default::default() };
    agents::change(app, by, ada, renamed).await.unwrap();
    let inactive = agents::AgentChange { active: Some(false), ..Default::default() };
    agents::change(app, by, ada, inactive).await.unwrap();
    let active = agents::AgentChange { active: Some(true), ..Default::default() };
    agents::change(app, by, ada, active).await.unwrap();
    let change = inboxes::InboxChange { name: Some("Shop".to_owned()), ..Default::default() };
    inboxes::change(app, by, desk.inbox, change).await.unwrap();
    let role = roles::create(app, by, "Night".to_owned(), Role::Agent.grants()).await.unwrap().value.id;
    let change = roles::RoleChange { name: Some("Late".to_owned()), ..Default::default() };
    roles::change(app, by, role, change).await.unwrap();
    roles::delete(app, by, role, None).await.unwrap();
    assert_eq!(
        desk.kinds().await,
        [
            "inbox.created",
            "agent.created",
            "agent.changed",
            "agent.deactivated",
            "agent.changed",
            "inbox.changed",
            "role.created",
            "role.changed",
            "role.deleted",
        ]
    );
    let events = desk.events().await;
    let numbers: Vec<_> = events.iter().map(|waiting| waiting.event.number).collect();
    assert_eq!(numbers, [1, 1, 2, 3, 4, 2, 1, 2, 3]);
    let deactivated = &events[3].event.draft;
    assert_eq!(deactivated.actor.id, "test");
    let data = json!({ "email": "ada@example.test", "name": "Ada L.", "role": "agent", "active": false, "version": 3 });
    assert_eq!(Value::Object(deactivated.data.clone()), data);
    assert!(!format!("{events:?}").contains("a hash"), "no secret is told");
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_adds_no_event() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    agents::create(app, by, newcomer()).await.unwrap();
    let taken = agents::create(app, by, newcomer()).await;
    assert!(matches!(taken, Err(ActError::Taken(_))), "{taken:?}");
    let same = inboxes::InboxChange { name: Some("Web".to_owned()), ..Default::default() };
    inboxes::change(app, by, desk.inbox, same).await.unwrap();
    let stale = inboxes::InboxChange { name: Some("Old".to_owned()), expected_version: Some(9), ..Default::default() };
    assert!(matches!(inboxes::change(app, by, desk.inbox, stale).await, Err(ActError::Conflict)));
    assert!(roles::create(app, by, String::new(), Grants::default()).await.is_err());
    assert_eq!(desk.kinds().await, ["inbox.created", "agent.created"]);
}

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

/// In the transaction that takes the right: a timer, which a worker fires at once.
#[tokio::test]
async fn the_work_of_one_who_may_not_answer_any_more_is_to_be_taken_back_in_the_same_act() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let grants = |permissions: &[Permission]| -> Grants {
        permissions.iter().map(|permission| Grant { permission: *permission, scope: Scope::Tenant }).collect()
    };
    let answers = grants(&[Permission::Read, Permission::Converse]);
    let role = roles::create(app, by, "Clerk".to_owned(), answers).await.unwrap().value;
    let make = async |name: &str, role: Role| {
        let new = agents::NewAgent { email: format!("{name}@example.test"), role, ..newcomer() };
        agents::create(app, by, new).await.unwrap().value.id
    };
    let (ada, bob, eve) =
        (make("ada", Role::Agent).await, make("bob", role.role()).await, make("eve", Role::Supervisor).await);
    let waits = async |agent| {
        desk.store.timer(&Timer::release_agent(by.tenant(), agent, Timestamp(0)).key).await.unwrap().is_some()
    };
    let change = async |agent, change| agents::change(app, by, agent, change).await.unwrap();
    change(eve, agents::AgentChange { role: Some(Role::Agent), ..Default::default() }).await;
    assert!(!waits(eve).await, "she may go on with what she has");
    change(ada, agents::AgentChange { active: Some(false), ..Default::default() }).await;
    assert!(waits(ada).await);
    let read_only = roles::RoleChange { grants: Some(grants(&[Permission::Read])), ..Default::default() };
    roles::change(app, by, role.id, read_only).await.unwrap();
    assert!(waits(bob).await, "a role that does not allow it any more takes it from all who have it");
    change(eve, agents::AgentChange { role: Some(role.role()), ..Default::default() }).await;
    assert!(waits(eve).await);
}

#[tokio::test]
async fn a_new_password_adds_an_event_of_its_own_that_does_not_tell_it() {
    let desk = Desk::new().await;
    let ada = agents::create(&desk.app, &desk.by, newcomer()).await.unwrap().value.id;
    let change = agents::AgentChange { password: Some(PasswordHash("another hash".to_owned())), ..Default::default() };
    agents::change(&desk.app, &desk.by, ada, change).await.unwrap();
    assert_eq!(desk.kinds().await, ["inbox.created", "agent.created", "agent.changed", "agent.password_changed"]);
    let told = desk.told_of("agent", ada.0).await;
    assert_eq!(told[2], (3, "agent.password_changed".to_owned(), json!({ "version": 2 })));
    assert!(!format!("{:?}", desk.events().await).contains("another hash"), "no secret is told");
}

#[tokio::test]
async fn each_change_of_a_team_adds_one_event_with_the_team_as_it_is_then() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let ada = agents::create(app, by, newcomer()).await.unwrap().value.id;
    let new = teams::NewTeam {
        name: "Billing".to_owned(),
        members: [ada].into(),
        inboxes: [desk.inbox].into(),
        ..Default::default()
    };
    let team = teams::create(app, by, new).await.unwrap().value.id;
    let change = teams::TeamChange { default_inbox: Some(Some(desk.inbox)), active: Some(false), ..Default::default() };
    teams::change(app, by, team, change.clone()).await.unwrap();
    teams::change(app, by, team, change).await.unwrap();
    teams::delete(app, by, team).await.unwrap();
    let first = json!({
        "name": "Billing", "members": [ada], "inboxes": [desk.inbox], "default_inbox": null, "calendar": null, "active": true, "version": 1,
    });
    let second = json!({
        "name": "Billing", "members": [ada], "inboxes": [desk.inbox], "default_inbox": desk.inbox, "calendar": null, "active": false, "version": 2,
    });
    let told = [("team.created", first), ("team.changed", second), ("team.deleted", json!({}))];
    assert_eq!(desk.told_of("team", team.0).await, numbered(told));
}

#[tokio::test]
async fn making_and_removing_an_identity_secret_add_one_event_each_without_the_secret() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let new = inboxes::NewInbox { name: "Shop".to_owned(), ..Default::default() };
    let inbox = inboxes::create(app, by, new).await.unwrap().id;
    let made = identity_secrets::create(app, by, inbox, "tea and scones".to_owned()).await.unwrap();
    identity_secrets::remove(app, by, made.id).await.unwrap();
    let told = [("identity_secret.created", json!({ "inbox": inbox })), ("identity_secret.deleted", json!({}))];
    assert_eq!(desk.told_of("identity_secret", made.id.0).await, numbered(told));
}

#[tokio::test]
async fn each_change_of_a_skill_or_of_the_skills_of_an_agent_adds_one_event() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let ada = agents::create(app, by, newcomer()).await.unwrap().value.id;
    let skill = skills::create(app, by, "French".to_owned()).await.unwrap().id;
    for _ in 0..2 {
        skills::rename(app, by, skill, "German".to_owned()).await.unwrap();
        skills::set_for_agent(app, by, ada, [(skill, SkillLevel::new(4).unwrap())].into()).await.unwrap();
    }
    skills::delete(app, by, skill).await.unwrap();
    let told = [
        ("skill.created", json!({ "name": "French" })),
        ("skill.changed", json!({ "name": "German" })),
        ("skill.deleted", json!({})),
    ];
    assert_eq!(desk.told_of("skill", skill.0).await, numbered(told));
    let of_ada = desk.told_of("agent", ada.0).await.split_off(1);
    let levels = json!({ "skills": { skill.to_string(): 4 } });
    assert_eq!(of_ada, [(2, "agent.skills_changed".to_owned(), levels)]);
}

#[tokio::test]
async fn each_change_of_a_calendar_adds_one_event_also_when_it_has_as_many_days_as_it_can() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let day = |n| SpecialDay {
        date: jiff::civil::date(2026, 1, 1).saturating_add(jiff::Span::new().days(n)),
        yearly: false,
        name: "x".repeat(SpecialDay::MAX_NAME_BYTES),
        rule: DayRule::Closed,
    };
    let (name, time_zone) = ("Shop".to_owned(), "Europe/Berlin".to_owned());
    let special_days = (0..1_000).map(day).collect();
    let new = calendars::NewCalendar { name, time_zone, weekly: WeeklyHours::default(), special_days };
    let calendar = calendars::create(app, by, new).await.unwrap().value.id;
    let change = calendars::CalendarChange { name: Some("Office".to_owned()), ..Default::default() };
    calendars::change(app, by, calendar, change).await.unwrap();
    calendars::delete(app, by, calendar).await.unwrap();
    let weekly = serde_json::to_value(WeeklyHours::default()).unwrap();
    let data =
        |name, version| json!({ "name": name, "time_zone": "Europe/Berlin", "weekly": weekly, "version": version });
    let told = [
        ("calendar.created", data("Shop", 1)),
        ("calendar.changed", data("Office", 2)),
        ("calendar.deleted", json!({})),
    ];
    assert_eq!(desk.told_of("calendar", calendar.0).await, numbered(told));
}

#[tokio::test]
async fn each_new_version_of_settings_adds_one_event_of_its_scope() {
    let desk = Desk::new().await;
    let (app, by) = (&desk.app, &desk.by);
    let set = json!({ "conversation": { "max_message_bytes": 500 } });
    let document = Document::parse(set.clone()).unwrap();
    let scope = SettingsScope::Inbox(desk.inbox);
    settings::write(app, by, scope, &document, 0).await.unwrap();
    settings::write(app, by, scope, &document, 1).await.unwrap();
    let stale = settings::write(app, by, scope, &Document::default(), 0).await;
    assert!(matches!(stale, Err(ActError::NewerVersion(_))), "{stale:?}");
    settings::restore(app, &*desk.store, by, scope, 1, 1).await.unwrap();
    settings::write(app, by, SettingsScope::Tenant, &document, 0).await.unwrap();
    let told = numbered([("settings.changed", json!({ "document": set, "version": 1 }))]);
    assert_eq!(desk.told_of("inbox_settings", desk.inbox.0).await, told);
    assert_eq!(desk.told_of("tenant_settings", by.tenant().0).await, told);
}

/// Events of one aggregate, numbered from 1.
fn numbered<const N: usize>(told: [(&str, Value); N]) -> Vec<(u64, String, Value)> {
    (1..).zip(told).map(|(number, (kind, data))| (number, kind.to_owned(), data)).collect()
}
