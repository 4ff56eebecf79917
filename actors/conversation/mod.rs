//! A conversation on this node: takes commands one at a time, publishes what the rules decide with compare-and-set, folds
//! what was logged in (its own and other nodes' entries alike), and tells whoever watches.
//!
//! All state is rebuilt from database row and log tail, so the actor may die at any moment. Handlers are synchronous; what
//! awaits is one operation at a time ([`busy`](ConversationActor)), after which the decision is made anew.

mod actor;
mod answer;
mod broadcast;
mod call;
mod commit;
mod doubts;
mod entity;
mod journal;
mod load;
mod page;
#[cfg(feature = "planted-faults")]
mod planted;
mod presence;
mod reads;
mod receipts;
mod refresh;
mod source;
mod watchers;

pub use actor::ConversationActor;
pub use broadcast::{Broadcast, Push};
pub(crate) use call::LONGEST_WAIT;
pub use call::{Answered, Call, ExecuteCall, RangeCall, ReadError, ReceiptCall, Reply, WatchCall};
pub use journal::Tail;
pub use load::{LoadError, Loaded};
pub(crate) use presence::presence_of;
