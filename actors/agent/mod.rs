//! Agents on this node: one actor for each agent, however many devices it has open, and the roster that finds them.

mod actor;
mod pulse;
mod roster;

pub use actor::{AgentActor, Device};
pub use roster::{AgentsChanged, Control, Join, Leave, Listening, RightsChanged, Roster, SettingsChanged};
