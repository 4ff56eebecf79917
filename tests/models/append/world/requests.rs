//! What the clients of the model ask for, and the records that come of it.

use frontdesk_domain::{
    AgentId, ClientId, Command, ContactId, ConversationId, ConversationKey, Entry, EntryAuthor, Event, InboxId,
    MessageText, Participant, Principal, Request, Role, TenantId, Timestamp,
};
use frontdesk_ports::Record;
use frontdesk_protocol::Envelope;
use uuid::Uuid;

use super::{Asked, Op};

/// Whether the record grants what was asked.
pub(super) fn accepts(record: &Record) -> bool {
    record.envelope.entry.outcome().is_ok()
}

pub(super) fn request(op: Op, asked: Asked) -> Request {
    let command = match asked {
        Asked::Messages => Command::note(MessageText::new(format!("{op}")).expect("a text")),
        Asked::Claims => Command::Claim,
    };
    Request {
        client_id: ClientId(Uuid::from_u128(10 + op as u128)),
        principal: Principal::agent(AgentId(Uuid::from_u128(1 + op as u128)), Role::Agent),
        author_name: String::new(),
        command,
        repeat: false,
    }
}

pub(super) fn opening() -> Record {
    let (contact, inbox) = (ContactId(Uuid::from_u128(7)), InboxId(Uuid::from_u128(8)));
    let event = Event::Opened { inbox, contact };
    record(
        1,
        Entry {
            seq: 1,
            prev_public: 0,
            visibility: event.visibility(),
            at: Timestamp(0),
            author: EntryAuthor { member: Participant::Contact(contact), name: String::new() },
            client_id: ClientId(Uuid::from_u128(9)),
            digest: Command::open(inbox).digest(),
            event,
            unknown: Default::default(),
        },
    )
}

pub(super) fn record(log_seq: u64, entry: Entry) -> Record {
    let key = ConversationKey { tenant: TenantId(Uuid::nil()), conversation: ConversationId(Uuid::nil()) };
    Record { log_seq, envelope: Envelope::new(key, entry, None) }
}
