//! The events that use cases add to the outbox: what other programs are told of a change. `src/protocol/event.rs` describes them.

use frontdesk_domain::{Agent, Aggregate, CustomRole, EventDraft, Inbox, RoleId};
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

/// A role that a tenant made.
pub(crate) fn role(app: &Application, by: &Requester, kind: &'static str, role: &CustomRole) -> EventDraft {
    event(app, by, kind, ("role", role.id.0), json!({ "name": role.name, "grants": role.grants }))
}

/// A role that is gone.
pub(crate) fn role_deleted(app: &Application, by: &Requester, id: RoleId) -> EventDraft {
    event(app, by, "role.deleted", ("role", id.0), json!({}))
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

fn event(
    app: &Application,
    by: &Requester,
    kind: &'static str,
    (of, id): (&'static str, Uuid),
    data: Value,
) -> EventDraft {
    let at = app.clock.now();
    EventDraft {
        id: fresh_id(at),
        aggregate: Aggregate { tenant: by.tenant(), kind: of.into(), id },
        kind: kind.into(),
        at,
        actor: by.actor(),
        data: match data {
            Value::Object(fields) => fields,
            _ => Map::new(),
        },
    }
}
