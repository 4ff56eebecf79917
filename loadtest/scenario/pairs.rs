//! Contacts and agents, each pair in a conversation that the agent has claimed.

use anyhow::Context as _;
use frontdesk_protocol::socket::ClientFrame;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::now_ms;
use crate::{
    client::{Frame, Receiver, Rest, Sender, client_id, connect, number},
    options::BenchOptions,
    recorder::Recorder,
    schedule::Side,
    target::Target,
};
use std::sync::Arc;

/// All pairs of a run.
#[derive(Debug)]
pub(crate) struct Pairs {
    pairs: Vec<Pair>,
    run_ms: u64,
    padding: String,
}

/// A contact and an agent.
#[derive(Debug)]
struct Pair {
    contact: Sender,
    agent: Sender,
    /// A message of theirs, but for its name and its text.
    blank: ClientFrame,
}

/// A socket of a pair, for reading.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) pair: usize,
    pub(super) side: Side,
    pub(super) receiver: Receiver,
    /// Number of the last entry that was received.
    pub(super) last_seq: u64,
}

impl Pairs {
    /// Lets all of them meet, some at a time.
    pub(super) async fn meet(options: &BenchOptions, target: &Target) -> anyhow::Result<(Self, Vec<Ear>)> {
        let mut rest = Rest::new(&target.url)?;
        rest.sign_in(&target.owner.0, &target.owner.1).await.context("cannot sign in as the owner")?;
        let run = Uuid::now_v7().simple().to_string();
        let met = stream::iter(0..options.pairs()).map(|pair| meet(options, target, &rest, pair, &run));
        let met: Vec<(Pair, [Ear; 2])> = met.buffered(AT_ONCE).try_collect().await?;
        let (pairs, ears): (Vec<_>, Vec<_>) = met.into_iter().unzip();
        let padding = "x".repeat(options.bytes as usize);
        Ok((Self { pairs, run_ms: now_ms(), padding }, ears.into_iter().flatten().collect()))
    }

    /// Sends message `number` from whoever's turn it is.
    pub(crate) fn say(&self, message: usize, recorder: &Arc<Recorder>) {
        let (pair, side) = recorder.schedule().sender(message);
        let recorder = Arc::clone(recorder);
        let written = move || recorder.sent(message, Instant::now());
        self.sender(pair, side).send_and_tell(&self.frame(message, pair), written);
    }

    /// Sends it again: the same name, the same text.
    pub(super) fn repeat(&self, message: usize, recorder: &Recorder) {
        let (pair, side) = recorder.schedule().sender(message);
        self.sender(pair, side).send(&self.frame(message, pair));
    }

    /// Which message of this run bears this name.
    pub(super) fn number(&self, id: Uuid) -> Option<usize> {
        number(self.run_ms, id)
    }

    pub(super) fn sender(&self, pair: usize, side: Side) -> &Sender {
        match side {
            Side::Contact => &self.pairs[pair].contact,
            Side::Agent => &self.pairs[pair].agent,
        }
    }

    /// This device holds everything up to `seq`.
    pub(super) fn acknowledge(&self, pair: usize, side: Side, seq: u64) {
        if let ClientFrame::Say { conversation, .. } = &self.pairs[pair].blank {
            self.sender(pair, side).send(&ClientFrame::Delivered { conversation: *conversation, up_to_seq: seq });
        }
    }

    fn frame(&self, message: usize, pair: usize) -> ClientFrame {
        let mut frame = self.pairs[pair].blank.clone();
        if let ClientFrame::Say { client_id: name, text, .. } = &mut frame {
            name.0 = client_id(self.run_ms, message);
            let words = format!("message {message} ");
            let rest = &self.padding[words.len().min(self.padding.len())..];
            *text = format!("{words}{rest}").try_into().expect("it is short and plain");
        }
        frame
    }
}

/// One contact opens a conversation; one agent, made for it, watches and claims it.
async fn meet(
    options: &BenchOptions,
    target: &Target,
    rest: &Rest,
    pair: usize,
    run: &str,
) -> anyhow::Result<(Pair, [Ear; 2])> {
    let (url, codec) = (&target.url, options.codec.codec());
    let visitor = rest.new_contact(&target.inbox).await?;
    let (contact, mut widget) = connect(url, &format!("/ws/widget?inbox={}", target.inbox), &visitor, codec).await?;
    let opening = ClientFrame::Open { client_id: parsed(Uuid::now_v7())? };
    let (conversation, opened) = widget.ask(&contact, &opening, "opening", |frame| frame.kind == "accepted").await?;
    widget.find("history", |frame| frame.kind == "recovered").await?;

    let token = rest.new_agent(pair, run).await?;
    let (agent, mut console) = connect(url, "/ws/console", &token, codec).await?;
    let resume = ClientFrame::Resume { conversation: parsed(conversation)?, epoch: None, last_seq: 0 };
    console.ask(&agent, &resume, "conversation", |frame| frame.kind == "recovered").await?;
    let claim =
        ClientFrame::Claim { client_id: parsed(Uuid::now_v7())?, conversation: parsed(conversation)?, repeat: false };
    // What happened may be told before the answer comes.
    let claimed = opened + 1;
    let is_claim = |frame: &Frame<'_>| frame.entry.as_ref().is_some_and(|entry| entry.seq == claimed);
    let (mut answered, mut told) = (false, false);
    let claimed_by_us = console.ask(&agent, &claim, "claim", |frame| {
        answered |= frame.kind == "accepted" && frame.seq == claimed;
        told |= is_claim(frame);
        answered && told
    });
    claimed_by_us.await?;
    widget.find("news of who holds the conversation", is_claim).await?;

    let text = "blank".to_owned().try_into().context("a plain text is one")?;
    let blank =
        ClientFrame::Say { client_id: parsed(Uuid::nil())?, conversation: parsed(conversation)?, text, repeat: false };
    let ear = |side, receiver| Ear { pair, side, receiver, last_seq: claimed };
    Ok((Pair { contact, agent, blank }, [ear(Side::Contact, widget), ear(Side::Agent, console)]))
}

fn parsed<T: std::str::FromStr>(id: Uuid) -> anyhow::Result<T> {
    id.to_string().parse().map_err(|_| anyhow::anyhow!("{id} is no id"))
}

/// How many pairs meet at the same time.
const AT_ONCE: usize = 16;
