//! Creating, changing and deleting teams.

use std::collections::BTreeSet;

use frontdesk_domain::{AgentId, Calendar, CalendarId, InboxId, Permission, Team, TeamId, audit::FieldChange};
use frontdesk_ports::{NoticeKind, Versioned};

use crate::{
    ActError, Application, Requester,
    definitions::{DefinitionChange, as_json, id_or_none},
    events, fresh_id,
};

/// A new team. It is active.
#[derive(Debug, Clone, Default)]
pub struct NewTeam {
    /// Its name, unique in the tenant.
    pub name: String,
    /// The agents who belong to it.
    pub members: BTreeSet<AgentId>,
    /// The inboxes that its members work in.
    pub inboxes: BTreeSet<InboxId>,
    /// The inbox that it writes from when no other is named.
    pub default_inbox: Option<InboxId>,
    /// The calendar of its working hours.
    pub calendar: Option<CalendarId>,
}

/// What is to change of a team; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TeamChange {
    /// The team's new name.
    pub name: Option<String>,
    /// Its members, as a whole.
    pub members: Option<BTreeSet<AgentId>>,
    /// The inboxes that its members work in, as a whole.
    pub inboxes: Option<BTreeSet<InboxId>>,
    /// Its default inbox; `Some(None)` takes it away.
    pub default_inbox: Option<Option<InboxId>>,
    /// Its calendar; `Some(None)` takes it away.
    pub calendar: Option<Option<CalendarId>>,
    /// Whether it takes part in anything.
    pub active: Option<bool>,
    /// The version that the change was decided on; without one, it applies to whatever is there.
    pub expected_version: Option<u64>,
}

/// Creates a team of the requester's tenant.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::Team`], [`ActError::NoReference`] for a member, inbox or calendar that is not
/// there, [`ActError::TooMany`], or [`ActError::Taken`] for the name.
pub async fn create(app: &Application, by: &Requester, new: NewTeam) -> Result<Versioned<Team>, ActError> {
    by.require(Permission::Administer)?;
    let NewTeam { name, members, inboxes, default_inbox, calendar } = new;
    let id = TeamId(fresh_id(app.clock.now()));
    let new =
        Versioned { value: Team { id, name, members, inboxes, default_inbox, calendar, active: true }, version: 1 };
    let team = &new.value;
    let mut change = DefinitionChange::begin(app, by).await?;
    check(&mut change, by, team, None).await?;
    change.insert(team).await?;
    let changes = vec![
        FieldChange::set("name", &team.name),
        FieldChange::set("members", as_json(&team.members)),
        FieldChange::set("inboxes", as_json(&team.inboxes)),
        FieldChange::set("default_inbox", id_or_none(team.default_inbox)),
        FieldChange::set("calendar", id_or_none(team.calendar)),
    ];
    change.finish(app, by, events::team(app, by, "team.created", &new), changes).await?;
    app.notify(by, NoticeKind::TEAM, id.0, 1).await;
    Ok(new)
}

/// Changes a team of the requester's tenant. One that is set inactive keeps its members.
///
/// # Errors
/// As [`create`], and [`ActError::NotFound`], or [`ActError::Conflict`] when it has another version than expected.
pub async fn change(
    app: &Application,
    by: &Requester,
    id: TeamId,
    wanted: TeamChange,
) -> Result<Versioned<Team>, ActError> {
    by.require(Permission::Administer)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    let found = change.get::<Team>(id.0, wanted.expected_version).await?;
    let before = &found.value;
    let after = Team {
        id,
        name: wanted.name.unwrap_or_else(|| before.name.clone()),
        members: wanted.members.unwrap_or_else(|| before.members.clone()),
        inboxes: wanted.inboxes.unwrap_or_else(|| before.inboxes.clone()),
        default_inbox: wanted.default_inbox.unwrap_or(before.default_inbox),
        calendar: wanted.calendar.unwrap_or(before.calendar),
        active: wanted.active.unwrap_or(before.active),
    };
    check(&mut change, by, &after, Some(before)).await?;
    let changes = [
        FieldChange::between("name", &before.name, &after.name),
        FieldChange::between("members", as_json(&before.members), as_json(&after.members)),
        FieldChange::between("inboxes", as_json(&before.inboxes), as_json(&after.inboxes)),
        FieldChange::between("default_inbox", id_or_none(before.default_inbox), id_or_none(after.default_inbox)),
        FieldChange::between("calendar", id_or_none(before.calendar), id_or_none(after.calendar)),
        FieldChange::between("active", before.active.to_string(), after.active.to_string()),
    ];
    let changes: Vec<_> = changes.into_iter().flatten().collect();
    if changes.is_empty() {
        return Ok(found);
    }
    let after = change.update(after, found.version).await?;
    change.finish(app, by, events::team(app, by, "team.changed", &after), changes).await?;
    app.notify(by, NoticeKind::TEAM, id.0, after.version).await;
    Ok(after)
}

/// Deletes a team of the requester's tenant.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::NotFound`].
pub async fn delete(app: &Application, by: &Requester, id: TeamId) -> Result<(), ActError> {
    by.require(Permission::Administer)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    let version = change.get::<Team>(id.0, None).await?.version + 1;
    change.delete::<Team>(id.0).await?;
    change.finish(app, by, events::deleted::<Team>(app, by, "team.deleted", id.0), Vec::new()).await?;
    app.notify(by, NoticeKind::TEAM, id.0, version).await;
    Ok(())
}

/// The rules of a team, and that what it newly refers to is there.
async fn check(
    change: &mut DefinitionChange,
    by: &Requester,
    team: &Team,
    before: Option<&Team>,
) -> Result<(), ActError> {
    team.check()?;
    if before.is_none_or(|before| before.members != team.members) {
        let agents = change.transaction.agents(by.tenant()).await?;
        let known: BTreeSet<_> = agents.iter().map(|agent| agent.id).collect();
        if !team.members.is_subset(&known) {
            return Err(ActError::NoReference("agent"));
        }
    }
    let new_inboxes = team.inboxes.iter().filter(|inbox| before.is_none_or(|before| !before.inboxes.contains(inbox)));
    let new_default = team.default_inbox.filter(|inbox| before.and_then(|b| b.default_inbox) != Some(*inbox));
    for inbox in new_inboxes.copied().chain(new_default) {
        change.transaction.inbox(by.tenant(), inbox).await?.ok_or(ActError::NoReference("inbox"))?;
    }
    if let Some(calendar) = team.calendar.filter(|calendar| before.and_then(|b| b.calendar) != Some(*calendar)) {
        change.find::<Calendar>(calendar.0).await?.ok_or(ActError::NoReference("calendar"))?;
    }
    Ok(())
}
