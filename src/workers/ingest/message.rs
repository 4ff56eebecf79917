//! A message of a bridge, and the requests that it becomes.

use frontdesk_domain::{
    Command, Contact, ContactId, ConversationId, ConversationKey, EmailAddress, InboxKey, MessageText, Principal,
    Request, Timestamp,
};
use frontdesk_ports::Delivery;
use frontdesk_protocol::BridgeMessage;

/// A message that can be read.
pub(super) struct Inbound {
    /// Its index in the batch.
    pub(super) index: usize,
    pub(super) log_seq: u64,
    pub(super) channel: InboxKey,
    /// The contact, as derived from the address; messages of one contact are filed in order.
    pub(super) sender: ContactId,
    pub(super) message: BridgeMessage,
    text: MessageText,
}

impl Inbound {
    /// Decodes a delivery.
    ///
    /// # Errors
    /// Why it never can be filed: a word for the metrics, and a sentence for the operator.
    pub(super) fn read(index: usize, delivery: &Delivery) -> Result<Self, (&'static str, String)> {
        // The broker lets each bridge publish to its own subject only, so the subject tells which inbox it is; the
        // payload does not.
        let channel = delivery.subject.inbox().map_err(|error| ("misplaced", error.to_string()))?;
        let (message, text) =
            BridgeMessage::decode(&delivery.payload).map_err(|error| ("malformed", error.to_string()))?;
        let (log_seq, sender) = (delivery.log_seq, channel.contact(&message.contact.id));
        Ok(Self { index, log_seq, channel, sender, message, text })
    }

    /// The contact to create if the address is new.
    pub(super) fn newcomer(&self, now: Timestamp) -> Contact {
        let given = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        Contact {
            id: self.sender,
            tenant: self.channel.tenant,
            inbox: self.channel.inbox,
            name: given(&self.message.contact.name),
            email: email_address(&given(&self.message.contact.email)),
            created_at: now,
        }
    }

    /// The conversation that it belongs to.
    pub(super) fn conversation(&self, contact: &Contact) -> ConversationKey {
        let conversation = ConversationId::for_opening(contact.tenant, contact.id, self.opening());
        ConversationKey { tenant: contact.tenant, conversation }
    }

    /// The request that opens the conversation.
    pub(super) fn open(&self, contact: &Contact) -> Request {
        let command = Command::open(self.channel.inbox);
        Request { client_id: self.opening(), command, ..self.say(contact) }
    }

    /// The request that says it.
    pub(super) fn say(&self, contact: &Contact) -> Request {
        Request {
            client_id: self.channel.message(&self.message.id),
            principal: Principal::Contact(contact.id),
            author_name: contact.name.clone(),
            command: Command::say(self.text.clone()),
            // Also on a later attempt: a refusal that were logged would hold for ever, and the dead letter could not be
            // redelivered when the reason has gone.
            repeat: false,
        }
    }

    fn opening(&self) -> frontdesk_domain::ClientId {
        self.channel.opening(&self.message.contact.id, self.message.thread.as_deref())
    }
}

/// An e-mail address as all are stored, so that it is found; what is none stays as the bridge wrote it, for agents to
/// read.
fn email_address(given: &str) -> String {
    given.parse::<EmailAddress>().map_or_else(|_| given.to_owned(), String::from)
}
