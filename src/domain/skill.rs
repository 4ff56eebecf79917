//! Skills, and how well each agent has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    definition::Definition,
    ids::{AgentId, SkillId},
};

/// Something that an agent can be good at, such as a language. A definition: see [`Definition`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// The skill's id.
    pub id: SkillId,
    /// Its name, unique in the tenant.
    pub name: String,
}

/// How well an agent has a skill: 1 (some) to 5 (expert).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct SkillLevel(u8);

/// A number that is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a level is a number from 1 to 5")]
pub struct SkillLevelError;

/// The skills of one agent. A definition, named as the agent's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSkills {
    /// The agent who has these skills.
    pub agent: AgentId,
    /// The agent's id as text: the name that definitions need.
    name: String,
    /// The level of each.
    pub levels: BTreeMap<SkillId, SkillLevel>,
}

impl SkillLevel {
    /// The level with this number.
    ///
    /// # Errors
    /// [`SkillLevelError`] below 1 and above 5.
    pub const fn new(number: u8) -> Result<Self, SkillLevelError> {
        match number {
            1..=5 => Ok(Self(number)),
            _ => Err(SkillLevelError),
        }
    }

    /// The level as a number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for SkillLevel {
    type Error = SkillLevelError;

    fn try_from(number: u8) -> Result<Self, SkillLevelError> {
        Self::new(number)
    }
}

impl From<SkillLevel> for u8 {
    fn from(level: SkillLevel) -> Self {
        level.0
    }
}

impl AgentSkills {
    /// The skills of `agent`.
    #[must_use]
    pub fn new(agent: AgentId, levels: BTreeMap<SkillId, SkillLevel>) -> Self {
        Self { agent, name: agent.to_string(), levels }
    }
}

impl Definition for Skill {
    const KIND: &'static str = "skill";
    const MAX_PER_TENANT: usize = 200;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Definition for AgentSkills {
    const KIND: &'static str = "agent_skills";
    const MAX_PER_TENANT: usize = usize::MAX;

    fn id(&self) -> Uuid {
        self.agent.0
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_go_from_one_to_five() {
        let read = |number: u8| serde_json::from_value::<SkillLevel>(number.into()).map(SkillLevel::number);
        assert_eq!((1..=5).map(|number| read(number).unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(read(0).is_err() && read(6).is_err());
    }
}
