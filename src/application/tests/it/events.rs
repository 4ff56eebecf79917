//! Which events the use cases add to the outbox.

use frontdesk_application::{
    ActError, agents, calendars, identity_secrets, inboxes, roles, settings, skills, teams, tenants,
};
use frontdesk_domain::schedule::{DayRule, SpecialDay, WeeklyHours};
use frontdesk_domain::{
    Document, Grant, Grants, Permission, Role, Scope, SettingsScope, SkillLevel, Tenant, Timer, Timestamp,
};
use frontdesk_ports::{Inboxes as _, PasswordHash, Timers as _};
use serde_json::{Value, json};

use super::desk::{Desk, inbox, newcomer, numbered};

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
