//! What a client holds of a conversation: an unbroken run of entries, and what it does when one is missing.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    history::{Seen, State, What},
    record::RecordWriter,
};

/// One conversation on one screen.
#[derive(Debug)]
pub(crate) struct Watching {
    conversation: String,
    epoch: Option<String>,
    /// The last entry of the unbroken run that is held.
    last: u64,
    asked_for_range: bool,
    /// It asked to go on and was not answered yet; once refused, it asks again at this moment.
    resuming: bool,
    again_at: Option<Instant>,
    writer: RecordWriter,
}

impl Watching {
    pub(crate) const fn new(conversation: String, writer: RecordWriter) -> Self {
        Self { conversation, epoch: None, last: 0, asked_for_range: false, resuming: false, again_at: None, writer }
    }

    pub(crate) fn conversation(&self) -> &str {
        &self.conversation
    }

    pub(crate) const fn last(&self) -> u64 {
        self.last
    }

    /// The frame that goes on where this screen stands.
    pub(crate) fn resume(&mut self) -> Value {
        self.asked_for_range = false;
        (self.resuming, self.again_at) = (true, None);
        self.writer.write(What::Resume { conversation: self.conversation.clone(), last: self.last });
        let (conversation, epoch, last_seq) = (&self.conversation, &self.epoch, self.last);
        json!({"type": "resume", "conversation": conversation, "epoch": epoch, "last_seq": last_seq})
    }

    /// When it is to ask again to go on, after a refusal.
    pub(crate) const fn again_at(&self) -> Option<Instant> {
        self.again_at
    }

    /// Says how much it holds.
    pub(crate) fn write_held(&self) {
        if !self.resuming {
            self.writer.write(What::Held { conversation: self.conversation.clone(), last: self.last });
        }
    }

    /// Takes a frame about this conversation; gives what is to be asked next.
    pub(crate) fn take(&mut self, frame: &Value) -> Option<Value> {
        if frame["conversation"] != self.conversation.as_str() {
            return None;
        }
        let conversation = self.conversation.clone();
        match frame["type"].as_str()? {
            "message" | "activity" => {
                let entry = seen(&frame["entry"])?;
                let (seq, prev) = (entry.seq, entry.prev.unwrap_or_default());
                self.writer.write(What::Live { conversation, entry });
                if prev > self.last {
                    return self.ask_for_range();
                }
                self.last = self.last.max(seq);
                None
            }
            "recovered" => {
                self.resuming = false;
                let (entries, more) = (entries(frame), frame["more"] == true);
                let (last, stands) = (self.last, frame["state"]["last_seq"].as_u64().unwrap_or_default());
                self.epoch = frame["epoch"].as_str().map(ToOwned::to_owned);
                self.last = entries.last().map_or(self.last, |entry| entry.seq.max(self.last));
                self.writer.write(What::Recovered { conversation, last, entries, more, stands });
                if more { self.ask_for_range() } else { None }
            }
            "reset" => {
                self.resuming = false;
                let (entries, stands) = (entries(frame), frame["state"]["last_seq"].as_u64().unwrap_or_default());
                self.epoch = frame["epoch"].as_str().map(ToOwned::to_owned);
                self.last = entries.last().map_or(0, |entry| entry.seq);
                self.writer.write(What::Reset { conversation, entries, stands });
                None
            }
            "range" => {
                self.asked_for_range = false;
                let (entries, more) = (entries(frame), frame["more"] == true);
                self.last = entries.last().map_or(self.last, |entry| entry.seq.max(self.last));
                self.writer.write(What::Paged { conversation, entries });
                if more { self.ask_for_range() } else { None }
            }
            "persisted" => self.mark(State::Persisted, frame),
            kind @ ("delivered" | "read") => {
                let whose = member(&frame["member"]);
                self.mark(if kind == "read" { State::Read(whose) } else { State::Delivered(whose) }, frame)
            }
            // What was asked for could not be had now.
            "error" => {
                self.asked_for_range = false;
                self.resuming = true;
                self.again_at = Some(Instant::now() + AGAIN);
                None
            }
            _ => None,
        }
    }

    fn mark(&self, state: State, frame: &Value) -> Option<Value> {
        let up_to = frame["up_to_seq"].as_u64().unwrap_or_default();
        self.writer.write(What::Mark { conversation: self.conversation.clone(), state, up_to });
        None
    }

    fn ask_for_range(&mut self) -> Option<Value> {
        if self.asked_for_range {
            return None;
        }
        self.asked_for_range = true;
        Some(json!({"type": "range", "conversation": self.conversation, "after_seq": self.last, "limit": 50}))
    }
}

/// Pause before a refused read is repeated.
const AGAIN: Duration = Duration::from_millis(500);

/// The entries of a frame or a page.
pub(crate) fn entries(frame: &Value) -> Vec<Seen> {
    frame["entries"].as_array().into_iter().flatten().filter_map(seen).collect()
}

/// An entry as frames and pages show it.
fn seen(entry: &Value) -> Option<Seen> {
    Some(Seen { prev: entry["prev"].as_u64(), ..seen_event(entry["seq"].as_u64()?, entry, &entry["event"])? })
}

/// An entry with its event, wherever it was read.
pub(crate) fn seen_event(seq: u64, entry: &Value, event: &Value) -> Option<Seen> {
    Some(Seen {
        seq,
        prev: None,
        sender: member(&entry["author"]["member"]),
        id: entry["client_id"].as_str()?.to_owned(),
        kind: event["kind"].as_str()?.to_owned(),
        text: event["text"].as_str().unwrap_or_default().to_owned(),
        holder: event["agent"].as_str().map(|agent| format!("a-{agent}")),
    })
}

/// A member of a conversation, in one word.
fn member(member: &Value) -> String {
    let kind = member["kind"].as_str().and_then(|kind| kind.get(..1)).unwrap_or_default();
    format!("{kind}-{}", member["id"].as_str().unwrap_or_default())
}
