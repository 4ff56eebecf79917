//! Conversations that say what became of requests, and the bridges that bring them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use frontdesk_domain::{
    Command, Contact, Conversation, ConversationKey, Decision, Inbox, InboxId, InboxKey, InboxKind, InboxRules,
    RecentRequests, Request, TenantId, Timestamp,
};
use frontdesk_memory::MemoryLog;
use frontdesk_ports::{Commands, Contacts as _, ExecuteError, Executed, Inboxes as _};
use frontdesk_protocol::socket::Durability;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::desk::Desk;

/// All conversations of a desk, with the rules of real ones.
#[derive(Default)]
pub(crate) struct StubCommands(Mutex<Held>);

#[derive(Default)]
struct Held {
    talks: Vec<(ConversationKey, Conversation, RecentRequests, Vec<String>)>,
    /// What the next request to say a text comes to, the last first.
    failures: HashMap<String, Vec<ExecuteError>>,
    lands_unknown: Option<String>,
    stops: Option<(String, CancellationToken)>,
}

impl StubCommands {
    /// The next request to say `text` fails like this; called several times, the next few do.
    pub(crate) fn fails(&self, text: &str, error: ExecuteError) {
        self.0.lock().unwrap().failures.entry(text.to_owned()).or_default().push(error);
    }

    /// `text` is logged, and the caller gets no answer.
    pub(crate) fn lands_unknown(&self, text: &str) {
        self.0.lock().unwrap().lands_unknown = Some(text.to_owned());
    }

    /// Everybody is asked to stop once `text` is said.
    pub(crate) fn stops_at(&self, text: &str, stop: &CancellationToken) {
        self.0.lock().unwrap().stops = Some((text.to_owned(), stop.clone()));
    }

    /// What was said in each conversation, by its first text.
    pub(crate) fn said(&self) -> Vec<Vec<String>> {
        let held = self.0.lock().unwrap();
        let mut said: Vec<_> =
            held.talks.iter().map(|(.., said)| said.clone()).filter(|said| !said.is_empty()).collect();
        said.sort();
        said
    }
}

#[async_trait]
impl Commands for StubCommands {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        // Others get their turn meanwhile.
        tokio::task::yield_now().await;
        let mut held = self.0.lock().unwrap();
        let text = match &request.command {
            Command::Say { content } => content.text.as_str().to_owned(),
            _ => String::new(),
        };
        if let Some(error) = held.failures.get_mut(&text).and_then(Vec::pop) {
            return Err(error);
        }
        let at = held.talks.iter().position(|(held, ..)| *held == key).unwrap_or_else(|| {
            held.talks.push((key, Conversation::default(), RecentRequests::default(), Vec::new()));
            held.talks.len() - 1
        });
        let (_, state, recent, said) = &mut held.talks[at];
        let decision = match state.decide(recent, &request, InboxRules::default(), Timestamp(0))? {
            // Every request is remembered here, so it is new.
            Decision::AskStore => state.decide_unseen(&request, InboxRules::default(), Timestamp(0))?,
            decision => decision,
        };
        let answer = match decision {
            Decision::Append(entry) => {
                state.apply(&entry);
                recent.remember(&entry);
                said.extend(entry.event.text().map(str::to_owned));
                entry.outcome()?
            }
            Decision::Settled(answer) => answer?,
            Decision::AskStore => unreachable!("it was asked"),
        };
        if let Some((_, stop)) = held.stops.take_if(|(last, _)| *last == text) {
            stop.cancel();
        }
        match held.lands_unknown.take_if(|unknown| *unknown == text) {
            Some(_) => Err(ExecuteError::Unknown),
            None => Ok(Executed { answer, durability: Durability::Disk }),
        }
    }
}

/// A bridge of one inbox.
#[derive(Clone)]
pub(crate) struct Bridge {
    pub(crate) channel: InboxKey,
    log: MemoryLog,
    last_seq: Arc<AtomicU64>,
}

impl Bridge {
    pub(crate) async fn of_a_new_inbox(desk: &Desk) -> Self {
        let channel = InboxKey { tenant: TenantId(Uuid::now_v7()), inbox: InboxId(Uuid::now_v7()) };
        let bridge = Self { channel, log: desk.log.clone(), last_seq: Arc::default() };
        bridge.makes_inbox(desk).await;
        bridge
    }

    pub(crate) async fn makes_inbox(&self, desk: &Desk) {
        self.sets_inbox(desk, true).await;
    }

    pub(crate) async fn sets_inbox(&self, desk: &Desk, active: bool) {
        let InboxKey { tenant, inbox: id } = self.channel;
        let (name, greeting, origins) = (String::new(), String::new(), Vec::new());
        let kind = InboxKind::API;
        let inbox = Inbox { id, tenant, kind, active, name, greeting, origins, created_at: Timestamp(0) };
        desk.store.put_inbox(&inbox).await.unwrap();
    }

    /// The same program at another place.
    pub(crate) fn at(&self, channel: InboxKey) -> Self {
        Self { channel, ..self.clone() }
    }

    /// Publishes a message; gives its sequence.
    pub(crate) fn brings(&self, id: &str, contact: &str, thread: Option<&str>, text: &str) -> u64 {
        let contact = json!({"id": contact, "name": format!("Name of {contact}")});
        let message = json!({"v": 1, "id": id, "contact": contact, "thread": thread, "text": text});
        self.brings_bytes(message.to_string().as_bytes())
    }

    pub(crate) fn brings_bytes(&self, bytes: &[u8]) -> u64 {
        let InboxKey { tenant, inbox } = self.channel;
        self.publish(format!("desk.in.{tenant}.{inbox}"), bytes)
    }

    /// A message on a subject that no bridge may publish to.
    pub(crate) fn brings_on(&self, subject: &str, id: &str) -> u64 {
        let message = json!({"v": 1, "id": id, "contact": {"id": "kim"}, "text": "x"});
        self.publish(subject.to_owned(), message.to_string().as_bytes())
    }

    /// Sequence of the last that any clone brought.
    pub(crate) fn last_seq(&self) -> u64 {
        self.last_seq.load(Ordering::SeqCst)
    }

    /// What `other` brought counts as brought.
    pub(crate) fn follows(&self, other: &Self) {
        self.last_seq.fetch_max(other.last_seq(), Ordering::SeqCst);
    }

    pub(crate) async fn contact(&self, desk: &Desk, address: &str) -> Contact {
        let id = self.channel.contact(address);
        desk.store.contact(self.channel.tenant, id).await.unwrap().expect("the contact has written")
    }

    fn publish(&self, subject: String, bytes: &[u8]) -> u64 {
        let log_seq = self.log.bring_in(subject, bytes.to_vec().into());
        self.last_seq.store(log_seq, Ordering::SeqCst);
        log_seq
    }
}
