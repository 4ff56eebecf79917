//! A conversation on this node: takes commands one at a time, publishes what the rules decide with compare-and-set,
//! folds what was logged in (its own and other nodes' entries alike), and tells the sessions that watch it.
//!
//! The protocol is [`ConversationMachine`], which is pure; [`ConversationActor`] executes what it asks for. All state
//! is rebuilt from database row and log tail, so the actor may end at any moment.

mod actor;
mod broadcast;
mod call;
mod dirty_receipts;
mod entity;
mod load;
mod machine;
mod page;
mod pending;
mod perform;
mod presence;
mod reads;
mod receipts;
mod refresh;
mod source;
mod subscribers;
mod tail;
mod view;

pub use actor::ConversationActor;
pub use broadcast::{Broadcast, Push};
pub(crate) use call::LONGEST_WAIT;
pub use call::{Answered, Call, ExecuteCall, RangeCall, ReadError, ReceiptCall, Reply, WatchCall};
pub use load::{LoadError, Loaded};
pub use machine::{AppendFailure, ConversationMachine, MachineSettings, Now, Output};
pub use pending::Pending;
pub(crate) use presence::presence_of;
pub use refresh::Found;
pub use tail::{KnownUpTo, Tail};
pub use view::ConversationView;
