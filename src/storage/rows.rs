//! Entries, conversations and contacts as flat rows: the same columns in every database.

use frontdesk_domain::{
    ClientId, Contact, Conversation, ConversationId, ConversationSummary, CustomRole, Digest, Entry, EntryAuthor,
    Event, Participant, Status, Timestamp, Visibility, conversation::UnknownFields, text::composed,
};
use frontdesk_ports::{
    error::{BoxError, StoreError},
    store::Snapshot,
    versioned::Versioned,
};
use uuid::Uuid;

/// An entry's columns, but for its conversation's key and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// [`Entry::seq`].
    pub seq: i64,
    /// [`Entry::prev_public`].
    pub prev_public: i64,
    /// Whether contacts may see it.
    pub public: bool,
    /// [`Entry::at`].
    pub at_ms: i64,
    /// [`Participant::kind`] of the author.
    pub sender_kind: String,
    /// [`Participant::id`] of the author.
    pub sender_id: Uuid,
    /// [`EntryAuthor::name`], without NUL, which Postgres cannot hold.
    pub author_name: String,
    /// [`Entry::client_id`].
    pub client_id: Uuid,
    /// [`Entry::digest`].
    pub digest: Uuid,
    /// [`Event::kind`].
    pub kind: String,
    /// [`Entry::event`] as JSON, with what a newer version put into it.
    pub event: String,
    /// As JSON, what a newer version put into the entry besides; nearly always `None`.
    pub newer: Option<String>,
}

/// A conversation's columns, but for its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRow {
    /// The [`Conversation`] as JSON; the columns below repeat what lists and look-ups need of it.
    pub state: String,
    /// [`Snapshot::log_seq`].
    pub log_seq: i64,
    /// [`Conversation::last_seq`].
    pub last_seq: i64,
    /// [`Conversation::last_at`].
    pub last_at_ms: i64,
    /// [`Status::as_str`].
    pub status: &'static str,
    /// Which agent holds it.
    pub assignee_id: Option<Uuid>,
    /// Through which inbox it came; `None` before the opening, as with the next two.
    pub inbox_id: Option<Uuid>,
    /// Whose it is.
    pub contact_id: Option<Uuid>,
    /// When it was opened.
    pub opened_at_ms: Option<i64>,
}

impl EntryRow {
    /// The row for `entry`.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let sender = entry.author.member;
        Self {
            seq: column(entry.seq),
            prev_public: column(entry.prev_public),
            public: entry.visibility == Visibility::Public,
            at_ms: entry.at.0,
            sender_kind: sender.kind().to_owned(),
            sender_id: sender.id(),
            author_name: without_nul(&entry.author.name),
            client_id: entry.client_id.0,
            digest: entry.digest.0,
            kind: entry.event.kind().to_owned(),
            event: to_json(&entry.whole_event()),
            newer: entry.unknown.of_entry().map(to_json),
        }
    }

    /// The entry that this is the row of.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is the row of none.
    pub fn into_entry(self) -> Result<Entry, StoreError> {
        let event: Event = from_json(&self.event)?;
        if matches!(event, Event::Unknown(_)) && self.kind != event.kind() {
            return Err(corrupt(format!("the event of kind {:?} is damaged", self.kind)));
        }
        let is_whole = self.newer.is_none() && to_json(&event) == self.event;
        let newer = if is_whole { UnknownFields::default() } else { self.newer(&event)? };
        Ok(Entry {
            seq: number(self.seq)?,
            prev_public: number(self.prev_public)?,
            visibility: if self.public { Visibility::Public } else { Visibility::Staff },
            at: Timestamp(self.at_ms),
            author: EntryAuthor { member: participant(&self.sender_kind, self.sender_id)?, name: self.author_name },
            client_id: ClientId(self.client_id),
            digest: Digest(self.digest),
            event,
            unknown: newer,
        })
    }

    /// What a newer version put into it, given its event as far as it is known.
    fn newer(&self, known: &Event) -> Result<UnknownFields, StoreError> {
        let entry = self.newer.as_deref().map(from_json).transpose()?;
        Ok(UnknownFields::of(entry.unwrap_or_default(), from_json(&self.event)?, known))
    }
}

impl ConversationRow {
    /// The row for `snapshot`.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let Snapshot { conversation, log_seq } = snapshot;
        let opening = conversation.opening.as_ref();
        Self {
            state: to_json(conversation),
            log_seq: column(*log_seq),
            last_seq: column(conversation.last_seq),
            last_at_ms: conversation.last_at.0,
            status: conversation.status.as_str(),
            assignee_id: conversation.assignee().map(|agent| agent.0),
            inbox_id: opening.map(|opening| opening.inbox.0),
            contact_id: opening.map(|opening| opening.contact.0),
            opened_at_ms: opening.map(|opening| opening.at.0),
        }
    }
}

/// The snapshot of a row with this `state` and `log_seq`.
///
/// # Errors
/// [`StoreError::Corrupt`] when the state cannot be read.
pub fn snapshot(state: &str, log_seq: i64) -> Result<Snapshot, StoreError> {
    Ok(Snapshot { conversation: conversation(state)?, log_seq: number(log_seq)? })
}

/// The conversation in a `state` column.
///
/// # Errors
/// [`StoreError::Corrupt`] when it cannot be read.
pub fn conversation(state: &str) -> Result<Conversation, StoreError> {
    from_json(state)
}

/// The list row of the conversation with this id and `state`.
///
/// # Errors
/// [`StoreError::Corrupt`] when the state cannot be read, or is that of a conversation that was never opened.
pub fn summary(id: Uuid, state: &str) -> Result<ConversationSummary, StoreError> {
    ConversationSummary::of(ConversationId(id), &conversation(state)?)
        .ok_or_else(|| corrupt("a listed conversation was never opened"))
}

/// The status in a `status` column of a filter.
#[must_use]
pub fn status_column(status: Option<Status>) -> Option<&'static str> {
    status.map(Status::as_str)
}

/// The participant in two columns: its kind and its id.
///
/// # Errors
/// [`StoreError::Corrupt`] for a text that can name no kind.
pub fn participant(kind: &str, id: Uuid) -> Result<Participant, StoreError> {
    Participant::new(kind, id).map_err(corrupt)
}

/// A role that a tenant made, with its version.
///
/// # Errors
/// [`StoreError::Corrupt`] when they cannot be read.
pub fn versioned_role(id: &str, name: String, grants: &str, version: i64) -> Result<Versioned<CustomRole>, StoreError> {
    Ok(Versioned { value: custom_role(id, name, grants)?, version: from_version(version)? })
}

/// A role that a tenant made, in three columns: its id as [`Role`](frontdesk_domain::Role) is written, its name, its
/// grants as JSON.
///
/// # Errors
/// [`StoreError::Corrupt`] when they cannot be read.
pub fn custom_role(id: &str, name: String, grants: &str) -> Result<CustomRole, StoreError> {
    Ok(CustomRole { id: id.parse().map_err(corrupt)?, name, grants: from_json(grants)? })
}

/// What a search for contacts looks into: their name and address, as [`searchable`] makes them.
#[must_use]
pub fn contact_search(contact: &Contact) -> String {
    searchable(&without_nul(&format!("{}\n{}", contact.name, contact.email)))
}

/// `text` in lower case with its letters composed (NFC): what is searched for and what is searched in.
#[must_use]
pub fn searchable(text: &str) -> String {
    composed(&text.to_lowercase()).into_owned()
}

/// A text that people gave, as every database can hold it: NUL becomes the replacement character.
#[must_use]
pub fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A number as a column. What is beyond the column's range stands at its end, where nothing is.
#[must_use]
pub fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number in a column.
///
/// # Errors
/// [`StoreError::Corrupt`] below zero.
pub fn number(column: i64) -> Result<u64, StoreError> {
    u64::try_from(column).map_err(corrupt)
}

/// What a database holds cannot be read.
#[must_use]
pub fn corrupt(source: impl Into<BoxError>) -> StoreError {
    StoreError::Corrupt(source.into())
}

/// A text column in JSON.
#[must_use]
pub fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our own types always encode")
}

/// The value in a text column in JSON.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(corrupt)
}

/// A row's version as a column.
#[must_use]
pub fn to_version(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// A row's version from its column.
///
/// # Errors
/// [`StoreError::Corrupt`] for a negative one.
pub fn from_version(version: i64) -> Result<u64, StoreError> {
    u64::try_from(version).map_err(corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::AgentId;

    fn entry(event: Event, name: &str) -> Entry {
        Entry {
            seq: 7,
            prev_public: 5,
            visibility: event.visibility(),
            at: Timestamp(-1),
            author: EntryAuthor { member: Participant::Agent(AgentId(Uuid::from_u128(3))), name: name.into() },
            client_id: ClientId(Uuid::from_u128(4)),
            digest: Digest(Uuid::from_u128(5)),
            event,
            unknown: UnknownFields::default(),
        }
    }

    #[test]
    fn what_a_newer_version_logged_survives_the_way_through_a_row() {
        let text = frontdesk_domain::MessageText::new("hello").unwrap();
        let known = entry(Event::message(text), "Ada");
        let plain = EntryRow::of(&known);
        assert_eq!(plain.newer, None);
        let newer = EntryRow {
            event: plain.event.replace('}', r#","format":"markdown","a":[1]}"#),
            newer: Some(r#"{"urgency":2,"because":{"of":"x"}}"#.to_owned()),
            ..plain
        };
        let read = newer.clone().into_entry().unwrap();
        assert_eq!(read.event, known.event);
        assert_eq!(EntryRow::of(&read), newer);
    }

    #[test]
    fn entries_survive_the_way_through_their_row() {
        let newer = serde_json::json!({"kind": "merged", "why": ["a\0b", 1.5, null]});
        let serde_json::Value::Object(fields) = newer else { unreachable!("an object") };
        for event in [Event::Resolved, Event::Unknown(fields)] {
            let entry = entry(event, "Ada 李");
            assert_eq!(EntryRow::of(&entry).into_entry().unwrap(), entry);
        }
    }

    #[test]
    fn a_row_that_lost_a_field_of_its_event_is_corrupt_and_not_an_event_of_a_newer_version() {
        let mut row = EntryRow::of(&entry(Event::Unassigned { from: AgentId(Uuid::nil()) }, ""));
        row.event = r#"{"kind":"unassigned"}"#.into();
        assert!(matches!(row.into_entry(), Err(StoreError::Corrupt(_))));
    }

    #[test]
    fn a_nul_in_a_name_never_reaches_a_database() {
        assert_eq!(EntryRow::of(&entry(Event::Resolved, "a\0b")).author_name, "a\u{fffd}b");
    }
}
