//! Records to write.

use frontdesk_domain::{
    ClientId, Command, ContactId, ConversationId, ConversationKey, Entry, EntryAuthor, Event, InboxId, Participant,
    TenantId, Timestamp,
};
use frontdesk_ports::Record;
use frontdesk_protocol::Envelope;
use uuid::Uuid;

/// The first entry of a conversation.
pub(crate) fn opened(tenant: TenantId) -> Record {
    let contact = ContactId(Uuid::new_v4());
    let event = Event::Opened { inbox: InboxId(Uuid::new_v4()), contact };
    let entry = Entry {
        seq: 1,
        prev_public: 0,
        visibility: event.visibility(),
        at: Timestamp(1_700_000_000_000),
        author: EntryAuthor { member: Participant::Contact(contact), name: String::new() },
        client_id: ClientId(Uuid::now_v7()),
        digest: Command::Claim.digest(),
        event,
        unknown: Default::default(),
    };
    let key = ConversationKey { tenant, conversation: ConversationId(Uuid::new_v4()) };
    Record { log_seq: 1, envelope: Envelope::new(key, entry, None) }
}
