//! The rules of the desk: plain data and pure functions.
//!
//! Nothing here does IO, reads a clock or draws a random number: time and fresh ids come in as arguments, so every rule
//! is tested without a server. Every other crate may depend on this one; it depends on none of ours.

pub mod agent;
pub mod aggregate_event;
pub mod audit;
pub mod contact;
pub mod conversation;
pub mod dead_letter;
pub mod definition;
pub mod durability;
pub mod email_address;
pub mod identity_secret;
pub mod ids;
pub mod inbox;
pub mod inbox_key;
pub mod item;
pub mod origin;
pub mod participant;
pub mod partition;
pub mod policy;
pub mod presence;
pub mod principal;
pub mod receipt;
pub mod role;
pub mod schedule;
pub mod settings;
pub mod skill;
pub mod team;
pub mod tenant;
pub mod text;
pub mod timer;
pub mod timestamp;
pub mod visibility;

pub use agent::Agent;
pub use aggregate_event::{Aggregate, AggregateEvent, EventDraft};
pub use audit::{AuditDraft, AuditEntry};
pub use contact::Contact;
pub use conversation::{
    Answer, Assignment, AssignmentKind, Command, Content, ContentError, Conversation, ConversationField,
    ConversationFields, ConversationSummary, Decision, Digest, Entry, EntryAuthor, Event, Known, Opening, Part,
    Preview, Priority, RecentRequests, Rejection, Request, Status,
};
pub use dead_letter::DeadLetterKind;
pub use definition::Definition;
pub use durability::Durability;
pub use email_address::{EmailAddress, EmailAddressError};
pub use identity_secret::IdentitySecret;
pub use ids::{
    AgentId, BotId, CalendarId, ClientId, ContactId, ConversationId, ConversationKey, IdError, IdentitySecretId,
    InboxId, IntegrationId, LoginId, RoleId, SkillId, SystemId, TeamId, TenantId,
};
pub use inbox::{Inbox, InboxKind, InboxKindError};
pub use inbox_key::InboxKey;
pub use item::ItemRef;
pub use origin::{Origin, OriginError};
pub use participant::Participant;
pub use partition::{PARTITIONS, Partition};
pub use policy::{Grant, Grants, Membership, Permission, Reach, Resource, Scope};
pub use presence::PresenceState;
pub use principal::Principal;
pub use receipt::{ReceiptKind, Receipts, Watermark};
pub use role::{CustomRole, Role, RoleError};
pub use schedule::{Calendar, CalendarError, Schedule};
pub use settings::{Document, Effective, InboxRules, ScopeKind, Settings, SettingsError, SettingsScope};
pub use skill::{AgentSkills, Skill, SkillLevel, SkillLevelError};
pub use team::{Team, TeamError};
pub use tenant::Tenant;
pub use text::{Line, MessageText, Tag, TextError};
pub use timer::{SnoozeChange, Timer, TimerKey};
pub use timestamp::Timestamp;
pub use visibility::{Audience, Visibility};
