//! The events that use cases add to the outbox: what other programs are told of a change. `src/protocol/event.rs`
//! describes them.

use std::collections::BTreeMap;

use frontdesk_domain::{
    Agent, AgentId, Aggregate, Calendar, CustomRole, Definition, EventDraft, IdentitySecret, Inbox, LoginId, RoleId,
    Skill, SkillId, SkillLevel, Team, TenantId, audit::Actor,
};
use frontdesk_ports::{SettingsVersion, Versioned};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{Application, Requester, fresh_id};

/// An agent that has this version now.
pub(crate) fn agent(app: &Application, by: &Requester, kind: &'static str, agent: &Agent, version: u64) -> EventDraft {
    let Agent { id, email, name, role, active, .. } = agent;
    let data = json!({
        "email": email, "name": name, "role": role.to_string(), "active": active, "version": version,
    });
    event(app, by, kind, ("agent", id.0), data)
}

/// A role that a tenant made and that has this version now.
pub(crate) fn role(
    app: &Application,
    by: &Requester,
    kind: &'static str,
    role: &CustomRole,
    version: u64,
) -> EventDraft {
    let data = json!({ "name": role.name, "grants": role.grants, "version": version });
    event(app, by, kind, ("role", role.id.0), data)
}

/// A role that is gone.
pub(crate) fn role_deleted(app: &Application, by: &Requester, id: RoleId) -> EventDraft {
    event(app, by, "role.deleted", ("role", id.0), json!({}))
}

/// An agent has a new password. The event has nothing of the password, old or new.
pub(crate) fn password_changed(app: &Application, by: &Requester, agent: AgentId, version: u64) -> EventDraft {
    event(app, by, "agent.password_changed", ("agent", agent.0), json!({ "version": version }))
}

/// An agent signed in or out. It is an event of the agent and not of the log-in, so that each log-in makes no subject
/// of its own.
pub(crate) fn login(
    app: &Application,
    kind: &'static str,
    tenant: TenantId,
    agent: AgentId,
    login: LoginId,
) -> EventDraft {
    draft(app, (tenant, Actor::agent(agent)), kind, ("agent", agent.0), json!({ "login": login }))
}

/// A log-in that the agent did not end has ended, for this reason.
pub(crate) fn login_revoked(
    app: &Application,
    by: (TenantId, Actor),
    agent: AgentId,
    login: LoginId,
    reason: &'static str,
) -> EventDraft {
    let data = json!({ "login": login, "reason": reason });
    draft(app, by, "agent.signed_out", ("agent", agent.0), data)
}

/// An agent has these skills now.
pub(crate) fn agent_skills(
    app: &Application,
    by: &Requester,
    agent: AgentId,
    levels: &BTreeMap<SkillId, SkillLevel>,
) -> EventDraft {
    event(app, by, "agent.skills_changed", ("agent", agent.0), json!({ "skills": levels }))
}

/// A skill as it is now.
pub(crate) fn skill(app: &Application, by: &Requester, kind: &'static str, skill: &Skill) -> EventDraft {
    event(app, by, kind, (Skill::KIND, skill.id.0), json!({ "name": skill.name }))
}

/// A secret was made. The event has nothing of the secret.
pub(crate) fn identity_secret(app: &Application, by: &Requester, secret: &IdentitySecret) -> EventDraft {
    let kind = "identity_secret.created";
    event(app, by, kind, (IdentitySecret::KIND, secret.id.0), json!({ "inbox": secret.inbox }))
}

/// A team that has this version now.
pub(crate) fn team(app: &Application, by: &Requester, kind: &'static str, team: &Versioned<Team>) -> EventDraft {
    let Versioned { value: Team { id, name, members, inboxes, default_inbox, calendar, active }, version } = team;
    let data = json!({
        "name": name, "members": members, "inboxes": inboxes, "default_inbox": default_inbox, "calendar": calendar,
        "active": active, "version": version,
    });
    event(app, by, kind, (Team::KIND, id.0), data)
}

/// A calendar that has this version now. Its special days are left out: a thousand of them do not fit into an event.
pub(crate) fn calendar(app: &Application, by: &Requester, kind: &'static str, of: &Versioned<Calendar>) -> EventDraft {
    let Versioned { value: Calendar { id, name, time_zone, weekly, .. }, version } = of;
    let data = json!({ "name": name, "time_zone": time_zone, "weekly": weekly, "version": version });
    event(app, by, kind, (Calendar::KIND, id.0), data)
}

/// A team, skill or calendar that is gone.
pub(crate) fn deleted<D: Definition>(app: &Application, by: &Requester, kind: &'static str, id: Uuid) -> EventDraft {
    event(app, by, kind, (D::KIND, id), json!({}))
}

/// What is set at a scope now.
pub(crate) fn settings(app: &Application, by: &Requester, of: &'static str, now: &SettingsVersion) -> EventDraft {
    let data = json!({ "document": now.document, "version": now.version });
    event(app, by, "settings.changed", (of, now.scope.id(by.tenant())), data)
}

/// An inbox that has this version now.
pub(crate) fn inbox(app: &Application, by: &Requester, kind: &'static str, inbox: &Inbox, version: u64) -> EventDraft {
    let Inbox { id, kind: reached_by, active, name, greeting, origins, .. } = inbox;
    let data = json!({
        "kind": reached_by.as_str(), "active": active, "name": name, "greeting": greeting, "origins": origins,
        "version": version,
    });
    event(app, by, kind, ("inbox", id.0), data)
}

fn event(app: &Application, by: &Requester, kind: &'static str, of: (&'static str, Uuid), data: Value) -> EventDraft {
    draft(app, (by.tenant(), by.actor()), kind, of, data)
}

fn draft(
    app: &Application,
    (tenant, actor): (TenantId, Actor),
    kind: &'static str,
    (of, id): (&'static str, Uuid),
    data: Value,
) -> EventDraft {
    let at = app.clock.now();
    EventDraft {
        id: fresh_id(at),
        aggregate: Aggregate { tenant, kind: of.into(), id },
        kind: kind.into(),
        at,
        actor,
        data: match data {
            Value::Object(fields) => fields,
            _ => Map::new(),
        },
    }
}

/// Why a log-in ended that the agent did not end: two hold its token, and one of them stole it.
pub(crate) const TOKEN_USED_TWICE: &str = "token_used_twice";

/// Why a log-in ended: the agent has a new password.
pub(crate) const PASSWORD_CHANGED: &str = "password_changed";

/// Why a log-in ended: the agent may not sign in any more.
pub(crate) const AGENT_DEACTIVATED: &str = "agent_deactivated";
