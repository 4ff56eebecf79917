//! Reads a running desk's conversations and keeps their shape: no text, no name and no id leaves this file.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;

use super::shape::{Conversation, Message, Shape};
use crate::client::Rest;

/// Options of `record`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RecordOptions {
    /// The running desk, such as `http://127.0.0.1:8080`.
    #[arg(long, value_name = "URL")]
    target: String,
    /// Only what came in through this inbox.
    #[arg(long)]
    inbox: Option<String>,
    /// E-mail address of an agent who may read conversations.
    #[arg(long)]
    email: String,
    /// That agent's password.
    #[arg(long, env = "FRONTDESK_LOADTEST_PASSWORD", hide_env_values = true)]
    password: String,
    /// How far back: conversations that began since then.
    #[arg(long, default_value = "24h", value_parser = length)]
    since: Duration,
    /// How many conversations or messages belong to each figure at least, so that none of them can be told.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..))]
    at_least: u64,
    /// Where to write the shape.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// A page of the list of conversations, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Listed {
    items: Vec<Row>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    conversation: String,
    opened_at: u64,
    last_at: u64,
}

/// A stretch of a conversation, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Stretch {
    entries: Vec<Entry>,
    more: bool,
}

#[derive(Debug, Deserialize)]
struct Entry {
    seq: u64,
    at: u64,
    author: Author,
    event: Event,
}

#[derive(Debug, Deserialize)]
struct Author {
    member: Member,
}

#[derive(Debug, Deserialize)]
struct Member {
    kind: String,
    #[serde(default)]
    id: String,
}

#[derive(Debug, Deserialize)]
struct Event {
    kind: String,
    #[serde(default)]
    text: String,
}

impl RecordOptions {
    /// Records, and writes the shape.
    ///
    /// # Errors
    /// If the desk cannot be read, or there is too little to hide among.
    pub(crate) async fn run(&self) -> anyhow::Result<ExitCode> {
        let now_ms = u64::try_from(jiff::Timestamp::now().as_millisecond()).context("the clock is before 1970")?;
        let shape = self.record(now_ms).await?;
        let text = serde_json::to_string_pretty(&shape).context("our own types always encode")?;
        std::fs::write(&self.output, text).with_context(|| format!("cannot write {}", self.output.display()))?;
        println!(
            "{} conversations of {} agents in {} s: {}",
            shape.conversations(),
            shape.agents,
            shape.seconds,
            self.output.display()
        );
        Ok(ExitCode::SUCCESS)
    }

    async fn record(&self, now_ms: u64) -> anyhow::Result<Shape> {
        let mut rest = Rest::new(self.target.trim_end_matches('/'))?;
        rest.sign_in(&self.email, &self.password).await.context("cannot sign in")?;
        let from_ms = now_ms.saturating_sub(u64::try_from(self.since.as_millis()).unwrap_or(u64::MAX));
        let (mut found, mut agents) = (Vec::new(), BTreeSet::new());
        for row in self.rows(&rest, from_ms).await? {
            let entries = entries(&rest, &row.conversation).await?;
            let said = entries.iter().filter(|entry| entry.event.kind == "message_sent");
            let by_people = said.filter(|entry| ["contact", "agent"].contains(&entry.author.member.kind.as_str()));
            let messages = by_people.map(|entry| {
                let by_agent = entry.author.member.kind == "agent";
                if by_agent {
                    agents.insert(entry.author.member.id.clone());
                }
                Message { by_agent, at_ms: entry.at.saturating_sub(from_ms), bytes: entry.event.text.len() as u64 }
            });
            found.push(Conversation { messages: messages.collect(), began_ms: row.opened_at.saturating_sub(from_ms) });
        }
        Shape::of(&found, self.since.as_secs(), agents.len() as u64, self.at_least)
    }

    /// Conversations that began since then. The list has the one with the newest entry first.
    async fn rows(&self, rest: &Rest, from_ms: u64) -> anyhow::Result<Vec<Row>> {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut path = "conversations?status=all&limit=100".to_owned();
            if let Some(inbox) = &self.inbox {
                path.push_str(&format!("&inbox={inbox}"));
            }
            if !cursor.is_empty() {
                path.push_str(&format!("&cursor={cursor}"));
            }
            let page: Listed = rest.get(&path).await?;
            let is_past = page.items.last().is_none_or(|row| row.last_at < from_ms);
            rows.extend(page.items.into_iter().filter(|row| row.opened_at >= from_ms));
            match page.next_cursor.filter(|_| !is_past) {
                Some(next) => cursor = next,
                None => return Ok(rows),
            }
        }
    }
}

async fn entries(rest: &Rest, conversation: &str) -> anyhow::Result<Vec<Entry>> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page: Stretch =
            rest.get(&format!("conversations/{conversation}/messages?after_seq={after}&limit=100")).await?;
        after = page.entries.last().map_or(after, |entry| entry.seq);
        let is_last = !page.more || page.entries.is_empty();
        all.extend(page.entries);
        if is_last {
            return Ok(all);
        }
    }
}

/// `24h`, `90m`, `3600s` or `7d`.
pub(super) fn length(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text} is no length of time such as 24h");
    let seconds = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    count.checked_mul(seconds).filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
