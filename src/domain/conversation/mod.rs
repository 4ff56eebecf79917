//! A conversation: the ordered list of entries on its own log subject, and the state that folding them gives.
//!
//! [`Conversation::decide`] judges a request and changes nothing; [`Conversation::apply`] folds one logged entry in and
//! refuses nothing. One request makes at most one entry, so each request is atomic on the log.

mod apply;
mod command;
mod decide;
mod event;
mod identity;
mod newer;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, Digest, Request};
pub use decide::Decision;
pub use event::{AssignmentKind, Entry, EntryAuthor, Event, Visibility};
pub use identity::{Answer, Known, RecentRequests};
pub use newer::{Fields, Newer, WholeEvent};
pub use rejection::Rejection;
pub use state::{Assignment, Conversation, Opening, Preview, Status};
