//! What crosses the REST interface, with schemas.
//!
//! Types of `domain` and `protocol` are shown through [`borrowed`]: their schema is the one that the socket protocol
//! publishes, so that the two interfaces cannot drift apart.

mod audit;
mod borrowed;
mod dead_letters;
mod fields;
mod people;
mod settings;

pub(crate) use audit::{AuditEntryView, ChainView};
pub(crate) use borrowed::{
    ConversationFieldView, DurabilityView, EntryViewJson, GrantView, IntervalView, PresenceView, ReceiptViewJson,
    RoleView, SpecialDayView, SummaryView, TagView, TextView, WeeklyHoursView, WinnerView,
};
pub(crate) use dead_letters::{DeadLetterDetails, DeadLetterView};
pub(crate) use fields::{Limit, ShortText, present, received_tag, received_text};
pub(crate) use people::{AgentView, ContactView, InboxView, SignedInView};
pub(crate) use settings::{EffectiveSettingsView, NewerVersionView, SettingsVersionView};

use frontdesk_ports::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageView<T> {
    /// The items, in the list's order.
    pub(crate) items: Vec<T>,
    /// Where the next page begins; null at the end.
    pub(crate) next_cursor: Option<String>,
}

impl<T> PageView<T> {
    /// `page`, with each item shown as `T`.
    pub(crate) fn of<S: Into<T>>(page: Page<S>) -> Self {
        Self { items: page.items.into_iter().map(Into::into).collect(), next_cursor: page.next_cursor }
    }
}

/// A whole list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListView<T> {
    /// The items, in the list's order.
    pub(crate) items: Vec<T>,
}
