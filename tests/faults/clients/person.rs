//! A contact or an agent with one screen: talks, watches, and never takes silence for an answer.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use super::{
    outbox::{Op, Outbox, Settled},
    run_state::{Orders, Phase, RunState},
    watching::Watching,
    wire::{Ticket, Wire},
};
use crate::{
    dice::Dice,
    history::{GHOST, Kind, LEAVES, NO_ANSWER, UNREACHABLE, What},
    record::RecordWriter,
};

/// Whether a client acts as a contact or as an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Pause between requests (ms), at most.
    pub think_ms: u64,
    /// Requests sent before the first is answered; one who waits has 1.
    pub width: usize,
    /// Contacts: after this many messages a new conversation is begun.
    pub renew_after: Option<usize>,
    /// Agents: owners may answer what others hold.
    pub leads: bool,
    /// Agents: claims and puts back all the time.
    pub grabs: bool,
}

/// A contact or an agent with one screen.
#[derive(Debug)]
pub(crate) struct Person {
    name: String,
    ticket: Ticket,
    manner: Manner,
    run_state: Arc<RunState>,
    writer: RecordWriter,
    dice: Dice,
    outbox: Outbox,
    watching: Option<Watching>,
    next_at: Instant,
    patience: Duration,
    said: usize,
    told: usize,
    done: VecDeque<Op>,
    /// The first that were accepted, and when.
    oldest: VecDeque<(Op, Instant)>,
    ghosts: VecDeque<Wire>,
}

impl Person {
    /// `conversation` is absent for a contact, who begins one.
    pub(crate) fn new(
        name: String,
        ticket: Ticket,
        manner: Manner,
        conversation: Option<String>,
        run_state: &Arc<RunState>,
        writer: RecordWriter,
        dice: &Dice,
    ) -> Self {
        let mut dice = dice.of(&name);
        let outbox = Outbox::new(&ticket.tenant, &ticket.member, writer.clone());
        Self {
            watching: conversation.map(|conversation| Watching::new(conversation, writer.clone())),
            next_at: Instant::now() + dice.millis(0..manner.think_ms.max(1)),
            patience: dice.millis(2500..5000),
            name,
            ticket,
            manner,
            run_state: Arc::clone(run_state),
            writer,
            dice,
            outbox,
            said: 0,
            told: 0,
            done: VecDeque::new(),
            oldest: VecDeque::new(),
            ghosts: VecDeque::new(),
        }
    }

    /// Comes and goes until told to leave.
    pub(crate) async fn live(mut self) {
        let mut orders = self.run_state.orders.subscribe();
        self.run_state.counters.busy.fetch_add(1, Ordering::Relaxed);
        let mut busy = true;
        loop {
            let endpoint = self.dice.pick(&self.run_state.endpoints).clone();
            let why = match Wire::open(&endpoint, &self.ticket).await {
                Ok(mut wire) => {
                    let (tenant, member) = (self.ticket.tenant.clone(), self.ticket.member.clone());
                    self.writer.write(What::Connected { tenant, member });
                    let why = self.talk(&mut wire, &mut orders, &mut busy).await;
                    if orders.borrow().ghost && self.dice.happens(500) {
                        self.run_state.counters.ghosts.fetch_add(1, Ordering::Relaxed);
                        self.ghosts.push_back(wire);
                        self.ghosts.truncate(GHOSTS);
                    }
                    why
                }
                Err(why) => format!("{UNREACHABLE}{why}"),
            };
            self.writer.write(What::Lost { why });
            self.run_state.counters.lost.fetch_add(1, Ordering::Relaxed);
            let unknown = self.outbox.lose_way();
            self.run_state.counters.unknown.fetch_add(unknown as u64, Ordering::Relaxed);
            let wait = sleep(self.dice.millis(50..600));
            tokio::select! {
                () = wait => {}
                _ = orders.wait_for(|orders| orders.phase == Phase::End) => {}
            }
            if orders.borrow().phase == Phase::End {
                if busy {
                    self.run_state.counters.busy.fetch_sub(1, Ordering::Relaxed);
                }
                return;
            }
        }
    }

    /// Talks over one socket; gives why it ended.
    async fn talk(&mut self, wire: &mut Wire, orders: &mut watch::Receiver<Orders>, busy: &mut bool) -> String {
        if let Some(watching) = &mut self.watching
            && let Err(why) = wire.send(&watching.resume()).await
        {
            return why;
        }
        loop {
            let told = *orders.borrow_and_update();
            if told.phase == Phase::End {
                self.watching.iter().for_each(Watching::write_held);
                let _it_ends_anyway = wire.send(&json!({"type": "bye"})).await;
                return LEAVES.to_owned();
            }
            if told.phase == Phase::Settle && *busy && self.outbox.is_empty() {
                *busy = false;
                self.run_state.counters.busy.fetch_sub(1, Ordering::Relaxed);
            }
            let now = Instant::now();
            if self.outbox.is_late(now, self.patience) {
                return NO_ANSWER.to_owned();
            }
            if told.phase == Phase::Work && now >= self.next_at {
                self.think(now, told.late);
                if told.nap && self.dice.happens(20) {
                    self.run_state.counters.naps.fetch_add(1, Ordering::Relaxed);
                    sleep(self.dice.millis(1000..6000)).await;
                }
                if told.ghost && self.dice.happens(10) {
                    return GHOST.to_owned();
                }
            }
            if let Some(watching) =
                self.watching.as_mut().filter(|watching| watching.again_at().is_some_and(|at| at <= now))
                && let Err(why) = wire.send(&watching.resume()).await
            {
                return why;
            }
            while let Some(frame) = self.outbox.take_due(now) {
                if let Err(why) = wire.send(&frame).await {
                    return why;
                }
            }
            let think = (told.phase == Phase::Work).then_some(self.next_at);
            let again = self.watching.as_ref().and_then(Watching::again_at);
            let moment = [think, again, self.outbox.next_moment(self.patience)].into_iter().flatten().min();
            let moment = moment.unwrap_or(now + Duration::from_secs(1)).max(now + Duration::from_millis(1));
            tokio::select! {
                frame = wire.next() => match frame {
                    Ok(frame) => if let Err(why) = self.take(&frame, wire).await { return why; },
                    Err(why) => return why,
                },
                () = sleep_until(moment) => {}
                _ = orders.changed() => {}
            }
        }
    }

    async fn take(&mut self, frame: &Value, wire: &mut Wire) -> Result<(), String> {
        match frame["type"].as_str() {
            Some("accepted" | "rejected") => {
                if frame["type"] == "rejected" {
                    self.run_state.counters.refused(frame["code"].as_str());
                }
                if let Settled::Accepted(op, answer) = self.outbox.settle(frame, Instant::now()) {
                    self.accepted(op, &answer);
                }
            }
            _ => {
                let Some(watching) = &mut self.watching else { return Ok(()) };
                if let Some(question) = watching.take(frame) {
                    wire.send(&question).await?;
                }
                self.acknowledge(wire).await?;
            }
        }
        Ok(())
    }

    fn accepted(&mut self, op: Op, answer: &Value) {
        let conversation = answer["conversation"].as_str().unwrap_or_default();
        self.run_state.accepted(conversation, answer["seq"].as_u64().unwrap_or_default());
        self.said += 1;
        match op.kind {
            Kind::Open if self.watching.is_none() => {
                let mut watching = Watching::new(conversation.to_owned(), self.writer.clone());
                self.run_state.begin(conversation, &self.ticket, &self.writer);
                // A client watches the conversation that it opens, without asking.
                let _is_not_sent = watching.resume();
                self.watching = Some(watching);
            }
            Kind::Say | Kind::Note => {
                if self.oldest.len() < REMEMBERED {
                    self.oldest.push_back((op.clone(), Instant::now()));
                }
                self.done.push_back(op);
                if self.done.len() > REMEMBERED {
                    self.done.pop_front();
                }
            }
            _ => {}
        }
    }

    /// Now and then tells how far it has received and read.
    async fn acknowledge(&mut self, wire: &mut Wire) -> Result<(), String> {
        let Some(watching) = &self.watching else { return Ok(()) };
        let (last, conversation) = (watching.last() as usize, watching.conversation());
        if last <= self.told || !self.dice.happens(150) {
            return Ok(());
        }
        self.told = last;
        let kind = if self.dice.happens(300) { "read" } else { "delivered" };
        wire.send(&json!({"type": kind, "conversation": conversation, "up_to_seq": last})).await
    }

    /// Thinks of something to ask for.
    fn think(&mut self, now: Instant, late: bool) {
        self.next_at = now + self.dice.millis(0..self.manner.think_ms.max(1));
        if self.outbox.len() >= self.manner.width {
            return;
        }
        let Some(watching) = &self.watching else {
            if self.outbox.is_empty() {
                let id = self.run_state.fresh_id(&self.ticket.tenant, &mut self.dice);
                self.outbox.push(Op::new(id, Kind::Open, "", String::new()));
            }
            return;
        };
        let conversation = watching.conversation().to_owned();
        if self.manner.renew_after.is_some_and(|after| self.said > after) && self.outbox.is_empty() {
            (self.watching, self.said, self.told) = (None, 0, 0);
            self.done.clear();
            self.oldest.clear();
            return;
        }
        let old = if late { self.late_repetition(now) } else { None };
        if let Some(op) = old.or_else(|| self.repetition()) {
            return self.outbox.push(op);
        }
        let kind = self.some_kind();
        let text = if matches!(kind, Kind::Say | Kind::Note) { self.some_text() } else { String::new() };
        let id = self.run_state.fresh_id(&self.ticket.tenant, &mut self.dice);
        self.outbox.push(Op::new(id, kind, &conversation, text));
    }

    /// Now and then an accepted request again, as it was or with another text.
    fn repetition(&mut self) -> Option<Op> {
        let (again, reuse) = (self.dice.happens(15), self.dice.happens(200));
        if !again || self.done.is_empty() {
            return None;
        }
        let at = self.dice.within(0..self.done.len() as u64) as usize;
        let op = self.done.get(at).filter(|op| !self.outbox.holds(&op.id))?;
        let mut op = Op::new(op.id.clone(), op.kind, &op.conversation, op.text.clone());
        op.repeat = true;
        if reuse {
            op.text += " changed";
            op.reuse = true;
        }
        Some(op)
    }

    /// Now and then a request that was accepted longer ago than the broker remembers.
    fn late_repetition(&mut self, now: Instant) -> Option<Op> {
        if !self.dice.happens(100) {
            return None;
        }
        let (op, _) = self.oldest.pop_front_if(|(_, at)| now.duration_since(*at) > FORGOTTEN)?;
        self.run_state.counters.late.fetch_add(1, Ordering::Relaxed);
        Some(Op::new(op.id, op.kind, &op.conversation, op.text))
    }

    fn some_kind(&mut self) -> Kind {
        if self.ticket.member.starts_with("c-") {
            return Kind::Say;
        }
        let share = if self.manner.grabs { self.dice.within(0..16) } else { self.dice.within(0..100) };
        match share {
            0..8 => Kind::Claim,
            8..14 => Kind::Unassign,
            14..30 => Kind::Note,
            _ if self.manner.leads => Kind::Say,
            30..50 => Kind::Say,
            _ => Kind::Note,
        }
    }

    fn some_text(&mut self) -> String {
        let padding = if self.dice.happens(20) { self.dice.within(200..1500) as usize } else { 0 };
        let number = self.dice.next() % 1_000_000_000;
        format!("{} {number}{}", self.name, ".".repeat(padding))
    }
}

/// How many accepted requests are remembered, to be repeated.
const REMEMBERED: usize = 40;
/// The broker knows ids for two minutes.
const FORGOTTEN: Duration = Duration::from_secs(121);
/// How many sockets one person leaves open.
const GHOSTS: usize = 8;
