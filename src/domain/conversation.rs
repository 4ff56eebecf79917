//! A conversation: the ordered list of entries on its own log subject, and the state that folding them gives.
//!
//! [`Conversation::decide`] judges a request and changes nothing; [`Conversation::apply`] folds one logged entry in and
//! refuses nothing. One request makes at most one entry, so each request is atomic on the log.

mod apply;
mod command;
mod content;
mod decide;
mod entry;
mod event;
mod field;
mod idempotency;
mod rejection;
mod state;
mod summary;
#[cfg(test)]
mod tests;
mod unknown_fields;

pub use command::{Command, Digest, Request};
pub use content::{Button, Card, Content, ContentError, File, Form, FormField, Location, Part, Quote};
pub use decide::Decision;
pub use entry::{Answer, Entry, EntryAuthor, WholeEvent};
pub use event::{AssignmentKind, Event};
pub use field::{ConversationField, ConversationFields, Priority};
pub use idempotency::{Known, RecentRequests};
pub use rejection::Rejection;
pub use state::{Assignment, Conversation, Opening, Preview, Status};
pub use summary::ConversationSummary;
pub use unknown_fields::{Fields, UnknownFields};
