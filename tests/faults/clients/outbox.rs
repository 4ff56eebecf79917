//! What a client wants to have accepted: it keeps each request until there is an answer, and repeats it under the same
//! name.

use std::{collections::VecDeque, time::Duration};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    history::{Kind, Request, What},
    record::RecordWriter,
};

/// A request on its way.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    pub id: String,
    pub kind: Kind,
    /// Empty for one that opens a conversation.
    pub conversation: String,
    pub text: String,
    /// It uses the name of an accepted request for another text, and has to be refused.
    pub reuse: bool,
    /// It may have been sent before.
    pub repeat: bool,
    sent_at: Option<Instant>,
    not_before: Option<Instant>,
}

/// The requests of one sender, oldest first.
#[derive(Debug)]
pub(crate) struct Outbox {
    tenant: String,
    sender: String,
    writer: RecordWriter,
    ops: VecDeque<Op>,
}

/// What an answer settled.
#[derive(Debug)]
pub(crate) enum Settled {
    Accepted(Op, Value),
    Rejected,
    /// It is to be repeated, or the answer is to nothing of ours.
    Nothing,
}

impl Op {
    pub(crate) fn new(id: String, kind: Kind, conversation: &str, text: String) -> Self {
        Self {
            id,
            kind,
            conversation: conversation.to_owned(),
            text,
            reuse: false,
            repeat: false,
            sent_at: None,
            not_before: None,
        }
    }

    pub(crate) fn frame(&self) -> Value {
        let (id, conversation) = (&self.id, &self.conversation);
        let mut frame = match self.kind {
            Kind::Open => json!({"type": "open", "client_id": id}),
            Kind::Say => json!({"type": "say", "client_id": id, "conversation": conversation, "text": self.text}),
            Kind::Note => json!({"type": "note", "client_id": id, "conversation": conversation, "text": self.text}),
            Kind::Claim => json!({"type": "claim", "client_id": id, "conversation": conversation}),
            Kind::Unassign => json!({"type": "unassign", "client_id": id, "conversation": conversation}),
        };
        if self.repeat {
            frame["repeat"] = true.into();
        }
        frame
    }
}

impl Outbox {
    pub(crate) fn new(tenant: &str, sender: &str, writer: RecordWriter) -> Self {
        Self { tenant: tenant.to_owned(), sender: sender.to_owned(), writer, ops: VecDeque::new() }
    }

    pub(crate) fn push(&mut self, op: Op) {
        self.ops.push_back(op);
    }

    pub(crate) fn len(&self) -> usize {
        self.ops.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    pub(crate) fn holds(&self, id: &str) -> bool {
        self.ops.iter().any(|op| op.id == id)
    }

    /// The frame that is to be sent now, if any; it counts as sent. Later ones wait for those that are to be repeated
    /// later.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Value> {
        let blocked = self.ops.iter().position(|op| op.not_before.is_some_and(|moment| moment > now));
        let until = blocked.unwrap_or(self.ops.len());
        let at = self.ops.iter().take(until).position(|op| op.sent_at.is_none())?;
        self.ops[at].sent_at = Some(now);
        self.ops[at].not_before = None;
        self.write_invoke(&self.ops[at]);
        let frame = self.ops[at].frame();
        self.ops[at].repeat = true;
        Some(frame)
    }

    fn write_invoke(&self, op: &Op) {
        if op.reuse {
            return;
        }
        let (tenant, sender) = (self.tenant.clone(), self.sender.clone());
        let request = Request { tenant, sender, kind: op.kind, text: op.text.clone() };
        self.writer.write(What::Invoke { id: op.id.clone(), conversation: op.conversation.clone(), request });
    }

    /// When there is something to do without an answer: to repeat a request, or to give up waiting.
    pub(crate) fn next_moment(&self, patience: Duration) -> Option<Instant> {
        let repeat = self.ops.iter().filter_map(|op| op.not_before);
        let late = self.ops.iter().filter_map(|op| op.sent_at.map(|sent| sent + patience));
        repeat.chain(late).min()
    }

    /// Whether an answer is overdue.
    pub(crate) fn is_late(&self, now: Instant, patience: Duration) -> bool {
        self.ops.iter().any(|op| op.sent_at.is_some_and(|sent| sent + patience <= now))
    }

    /// The way on which answers were to come is gone.
    pub(crate) fn lose_way(&mut self) -> usize {
        let mut lost = 0;
        for op in self.ops.iter_mut().filter(|op| op.sent_at.is_some()) {
            op.sent_at = None;
            lost += 1;
            if !op.reuse {
                let (id, conversation) = (op.id.clone(), op.conversation.clone());
                self.writer.write(What::Unknown { id, sender: self.sender.clone(), conversation });
            }
        }
        lost
    }

    /// Takes `accepted` or `rejected`.
    pub(crate) fn settle(&mut self, answer: &Value, now: Instant) -> Settled {
        let Some(at) = self.ops.iter().position(|op| answer["client_id"] == op.id.as_str()) else {
            return Settled::Nothing;
        };
        let accepted = answer["type"] == "accepted";
        let retryable = answer["retryable"] == true;
        self.write_answer(&self.ops[at], answer);
        if accepted {
            return self.ops.remove(at).map_or(Settled::Nothing, |op| Settled::Accepted(op, answer.clone()));
        }
        if retryable {
            let wait = answer["retry_after_ms"].as_u64().unwrap_or(100).clamp(20, 1000);
            self.ops[at].sent_at = None;
            self.ops[at].not_before = Some(now + Duration::from_millis(wait));
            return Settled::Nothing;
        }
        self.ops.remove(at);
        Settled::Rejected
    }

    fn write_answer(&self, op: &Op, answer: &Value) {
        let (id, sender) = (op.id.clone(), self.sender.clone());
        let accepted = answer["type"] == "accepted";
        let code = answer["code"].as_str().map(ToOwned::to_owned);
        let retryable = answer["retryable"] == true;
        let conversation = op.conversation.clone();
        self.writer.write(match (op.reuse, accepted) {
            (true, _) => What::Reuse { id, conversation, code, retryable },
            (false, true) => {
                let conversation = answer["conversation"].as_str().unwrap_or(&op.conversation).to_owned();
                What::Accepted { id, sender, conversation, seq: answer["seq"].as_u64().unwrap_or_default() }
            }
            (false, false) => What::Rejected { id, sender, conversation, code: code.unwrap_or_default(), retryable },
        });
    }
}
