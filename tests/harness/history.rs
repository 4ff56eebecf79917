//! A conversation's history, read by different roads.

use serde_json::{Value, json};

use super::{
    client::Socket,
    rest::Rest,
    wait::until,
    wire::{field, is_for},
};

/// What happened in a conversation, in order, as one side may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The entries, as they stand in frames and answers.
    pub entries: Vec<Value>,
}

impl History {
    /// By `range` frames on a socket.
    ///
    /// # Panics
    /// When an answer is missing or out of order.
    pub async fn by_socket(socket: &Socket, conversation: &str) -> Self {
        let mut entries: Vec<Value> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| field(entry, "/seq"));
            let mark = socket.mark();
            socket.send(&json!({"type": "range", "conversation": conversation, "after_seq": after, "limit": 50}));
            let answer = socket.find_after(mark, "a range", |frame| is_for(frame, "range", conversation)).await;
            let page = answer["entries"].as_array().expect("a range has entries");
            entries.extend(page.iter().cloned());
            if answer["more"] != true {
                return Self { entries };
            }
            assert!(!page.is_empty(), "an empty range says that there is more: {answer}");
        }
    }

    /// By pages over REST, once the database holds everything up to `last`.
    ///
    /// # Panics
    /// When a page is missing.
    pub async fn by_rest(rest: &Rest, conversation: &str, last: u64) -> Self {
        let path = |after: u64, limit: u8| {
            format!("/api/v1/conversations/{conversation}/messages?after_seq={after}&limit={limit}")
        };
        until("everything is in the database", async || {
            let answer = rest.get(&path(last - 1, 1)).await;
            let there =
                answer.status == 200 && answer.body["entries"].as_array().is_some_and(|found| !found.is_empty());
            there.then_some(())
        })
        .await;
        let mut entries: Vec<Value> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| field(entry, "/seq"));
            let answer = rest.get_ok(&path(after, 50)).await;
            let page = answer["entries"].as_array().unwrap_or_else(|| panic!("no entries in {answer}"));
            entries.extend(page.iter().cloned());
            if answer["more"] != true {
                return Self { entries };
            }
            assert!(!page.is_empty(), "an empty page says that there is more: {answer}");
        }
    }

    /// What a socket was told without asking: entries in `message` and `activity` frames.
    ///
    /// # Panics
    /// When an entry came twice in different words.
    #[must_use]
    pub fn told_live(frames: &[Value], conversation: &str) -> Self {
        let mut entries: Vec<Value> = Vec::new();
        for frame in frames {
            if is_for(frame, "message", conversation) || is_for(frame, "activity", conversation) {
                entries.push(frame["entry"].clone());
            }
        }
        Self { entries }
    }

    /// Checks that staff would see no hole, nothing twice, and everything in order.
    ///
    /// # Panics
    /// When they would.
    pub fn assert_dense(&self) {
        let numbers = seqs(&self.entries);
        let dense: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, dense, "the order has holes or repetitions");
        for entry in &self.entries {
            assert_eq!(field(entry, "/prev") + 1, field(entry, "/seq"), "{entry}");
        }
    }

    /// The numbers of the entries.
    #[must_use]
    pub fn seqs(&self) -> Vec<u64> {
        seqs(&self.entries)
    }

    /// The texts of messages and notes, in order.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        texts(&self.entries)
    }
}

/// The numbers of entries.
#[must_use]
pub fn seqs(entries: &[Value]) -> Vec<u64> {
    entries.iter().map(|entry| field(entry, "/seq")).collect()
}

/// The texts of those entries that have one.
#[must_use]
pub fn texts(entries: &[Value]) -> Vec<String> {
    let texts = entries.iter().filter_map(|entry| entry["event"]["text"].as_str());
    texts.map(ToOwned::to_owned).collect()
}
