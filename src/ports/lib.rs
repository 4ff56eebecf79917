//! The traits through which actors, workers and the API reach the outside, so that each can be tested without it.
//!
//! Adapters (`nats`, `postgres`, `sqlite`, `redis`) implement them, and `memory` has fakes that need no server.
//! `contract` (feature `contract`) holds the tests that every implementation passes, fakes included. Nothing here names
//! a broker or a database.

pub mod audit;
pub mod auth;
pub mod changes;
pub mod clock;
pub mod commands;
pub mod content_hash;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod database;
pub mod dead_letter;
pub mod definitions;
pub mod directory;
pub mod error;
pub mod event_stream;
pub mod feed;
pub mod inbox_rules;
pub mod installation;
pub mod log;
pub mod log_inspector;
pub mod max_delivery;
pub mod notices;
pub mod outbox;
pub mod page;
#[cfg(feature = "planted-faults")]
pub mod planted;
pub mod presence;
pub mod redelivery;
pub mod settings;
pub mod store;
pub mod store_inspector;
pub mod subject;
pub mod timers;
pub mod transaction;
pub mod versioned;
pub mod work;

pub use audit::{AuditFilter, AuditTrail};
pub use auth::{AuthError, Authenticator, Identity, Recheck, TokenAudience, TokenBinding};
pub use changes::{Change, ChangePosition, Changes, FeedCursor};
pub use clock::{Clock, ManualClock, SystemClock};
pub use commands::{Commands, ExecuteError, Executed};
pub use content_hash::{ContentHash, KnownEntry, content_hash};
pub use database::Database;
pub use dead_letter::{
    DeadLetter, DeadLetterId, DeadLetterIdError, DeadLetterScope, DeadLetterSink, DeadLetterStore, StoredDeadLetter,
};
pub use definitions::{DefinitionRow, Definitions};
pub use directory::{
    Agents, Contacts, Directory, Inboxes, LiveLogin, Login, Logins, PasswordHash, Renewal, RoleDeletion, Roles,
    Rotation, Tenants,
};
pub use error::{BoxError, LogError, StoreError};
pub use event_stream::{EventStream, StreamedEvent};
pub use feed::{Feed, FeedTarget};
pub use inbox_rules::InboxRulesSource;
pub use installation::Installation;
pub use log::{
    AckRecord, Acks, AppendError, LiveChannel, Liveness, Log, LogStream, MessageLog, Record, Signal, Signals,
};
pub use log_inspector::{Backlog, LogInspector, LoggedAck, LoggedRecord, TenantFilter};
pub use max_delivery::{ExhaustedDelivery, MaxDeliveryNotices};
pub use notices::{Notice, NoticeEvent, NoticeKind, Notices};
pub use outbox::{Outbox, OutboxDepth, PublishedEvent, RelayId, RelayLease, WaitingEvent};
pub use page::{Page, PageRequest};
pub use presence::{AwayChoice, Presence, PresenceError, Quota, RateLimits, SessionRecord, Sessions, Taken};
pub use redelivery::{Dropped, Redelivered, Redelivery, RedeliveryError};
pub use settings::{SettingsDocuments, SettingsVersion};
pub use store::{
    AssigneeFilter, ConversationFilter, ConversationStore, EntryRange, Persisted, ReceiptUpdate, RequestRecord,
    Snapshot,
};
pub use store_inspector::{
    IntegrityRecord, StoreInspector, StoredConversation, StoredEntry, StoredProgress, TenantCounts,
};
pub use subject::{Subject, SubjectNames, WrongSubject};
pub use timers::{Claimant, ClaimantId, TimerSurvey, Timers};
pub use transaction::{
    AgentWrites, AuditWrites, DefinitionWrites, InboxWrites, LoginWrites, OutboxWrites, RoleWrites, SettingsWrites,
    TenantLock, TenantWrites, TimerWrites, Transaction, Transactions, Versioned,
};
pub use work::{Delivery, DeliveryHandle, StreamPosition, Trim, WorkSource};
