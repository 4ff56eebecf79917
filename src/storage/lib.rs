//! What every database adapter shares: rules about rows that do not depend on the database.
//!
//! | module | what it decides |
//! | --- | --- |
//! | [`persist_plan`] | which entries of a batch are written, which wait, which contradict what is there |
//! | [`rows`] | how entries, conversations and contacts become flat columns and back |
//! | [`login_record`] | whether a refresh token is exchanged, refused or was used twice |
//! | [`audit_row`] | an audit entry as columns and back |
//! | [`outbox_row`] | an event of the outbox as columns and back |
//! | [`outbox_signal`] | how the relay of the same process hears of added events |
//! | [`settings_row`] | a version of a settings document as columns and back |
//! | [`cursor`] | after which row the next page of a list begins |
//!
//! Used by `sqlite`, `postgres` and the fake database in `memory`, so that all three decide alike.

pub mod audit_row;
pub mod cursor;
pub mod login_record;
pub mod outbox_row;
pub mod outbox_signal;
pub mod persist_plan;
pub mod rows;
pub mod settings_row;

pub use cursor::ListCursor;
pub use login_record::LoginRecord;
pub use outbox_signal::OutboxSignal;
pub use persist_plan::{PersistBatch, Planned};
pub use settings_row::SettingsRow;
