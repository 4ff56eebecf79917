//! Creating, changing and deleting skills, and setting those of an agent.

use std::collections::BTreeMap;

use frontdesk_domain::{
    AgentId, AgentSkills, Definition as _, Permission, Skill, SkillId, SkillLevel, audit::FieldChange,
    definition::check_name,
};
use frontdesk_ports::Versioned;

use crate::{
    ActError, Application, Requester,
    definitions::{DefinitionChange, as_json},
    events, fresh_id,
};

/// Creates a skill of the requester's tenant.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::Name`], [`ActError::TooMany`], or [`ActError::Taken`] for the name.
pub async fn create(app: &Application, by: &Requester, name: String) -> Result<Skill, ActError> {
    by.require(Permission::Administer)?;
    check_name(&name)?;
    let skill = Skill { id: SkillId(fresh_id(app.clock.now())), name };
    let mut change = DefinitionChange::begin(app, by).await?;
    change.insert(&skill).await?;
    let changes = vec![FieldChange::set("name", &skill.name)];
    change.finish(app, by, events::skill(app, by, "skill.created", &skill), changes).await?;
    Ok(skill)
}

/// Gives a skill of the requester's tenant another name.
///
/// # Errors
/// As [`create`], and [`ActError::NotFound`].
pub async fn rename(app: &Application, by: &Requester, id: SkillId, name: String) -> Result<Skill, ActError> {
    by.require(Permission::Administer)?;
    check_name(&name)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    let Versioned { value: before, version } = change.get::<Skill>(id.0, None).await?;
    let Some(renamed) = FieldChange::between("name", &before.name, &name) else { return Ok(before) };
    let after = change.update(Skill { id, name }, version).await?.value;
    change.finish(app, by, events::skill(app, by, "skill.changed", &after), vec![renamed]).await?;
    Ok(after)
}

/// Deletes a skill of the requester's tenant; agents who have it lose it.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::NotFound`].
pub async fn delete(app: &Application, by: &Requester, id: SkillId) -> Result<(), ActError> {
    by.require(Permission::Administer)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    if !change.delete::<Skill>(id.0).await? {
        return Err(ActError::NotFound(Skill::KIND));
    }
    for Versioned { value: mut skills, version } in change.all::<AgentSkills>().await? {
        if skills.levels.remove(&id).is_some() {
            change.update(skills, version).await?;
        }
    }
    change.finish(app, by, events::deleted::<Skill>(app, by, "skill.deleted", id.0), Vec::new()).await
}

/// Sets the skills of an agent of the requester's tenant, as a whole.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`] for the agent, or [`ActError::NoReference`] for a skill.
pub async fn set_for_agent(
    app: &Application,
    by: &Requester,
    agent: AgentId,
    levels: BTreeMap<SkillId, SkillLevel>,
) -> Result<AgentSkills, ActError> {
    by.require(Permission::Administer)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    change.transaction.agent(by.tenant(), agent).await?.ok_or(ActError::NotFound("agent"))?;
    let known = change.all::<Skill>().await?;
    if !levels.keys().all(|id| known.iter().any(|skill| skill.value.id == *id)) {
        return Err(ActError::NoReference(Skill::KIND));
    }
    let after = AgentSkills::new(agent, levels);
    let held = change.find::<AgentSkills>(agent.0).await?;
    let before = held.as_ref().map(|held| held.value.levels.clone()).unwrap_or_default();
    let Some(changed) = FieldChange::between("skills", as_json(&before), as_json(&after.levels)) else {
        return Ok(after);
    };
    match held {
        Some(held) => drop(change.update(after.clone(), held.version).await?),
        None => change.insert(&after).await?,
    }
    change.finish(app, by, events::agent_skills(app, by, agent, &after.levels), vec![changed]).await?;
    Ok(after)
}
