//! The rules of the desk: plain data and pure functions.
//!
//! Nothing here does IO, reads a clock or draws a random number: time and fresh ids come in as arguments, so every rule is
//! tested without a server. Every other crate may depend on this one; it depends on none of ours.

pub mod agent;
pub mod channel;
pub mod contact;
pub mod conversation;
pub mod ids;
pub mod inbox;
pub mod member;
pub mod partition;
pub mod receipt;
pub mod tenant;
pub mod text;
pub mod timestamp;

pub use agent::{Agent, Permission, Role};
pub use channel::Channel;
pub use contact::Contact;
pub use conversation::{
    Answer, Assignment, AssignmentKind, Command, Conversation, Decision, Digest, Entry, EntryAuthor, Event, Known,
    Opening, Preview, RecentRequests, Rejection, Request, Status, Visibility,
};
pub use ids::{AgentId, ClientId, ContactId, ConversationId, ConversationKey, IdError, InboxId, LoginId, TenantId};
pub use inbox::Inbox;
pub use member::{Audience, Author, Member};
pub use partition::{PARTITIONS, Partition};
pub use receipt::{ReceiptKind, Receipts, Watermark};
pub use tenant::Tenant;
pub use text::{MessageText, Tag, TextError};
pub use timestamp::Timestamp;
