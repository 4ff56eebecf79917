//! Does harm on a schedule that a seed decides, writes down when, and looks whether it had any effect.

mod disks;
mod limits;
pub(crate) mod memory;
pub(crate) mod packets;

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    clients::{RunState, Ticket, storm},
    desk::{Desk, Part, below, is_stopped, signal},
    dice::Dice,
    history::What,
    proxy::{Link, Mode},
    record::RecordWriter,
};

/// A part of a desk that can be harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Gateway,
    Worker,
    /// One of the brokers; the embedded one of a desk in one process.
    Broker,
    /// The broker that leads.
    Leader,
    Postgres,
    Redis,
}

/// One kind of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Harm {
    /// SIGKILL, and later a new start.
    Kill(&'static [Target]),
    /// SIGSTOP, and later SIGCONT.
    Pause(&'static [Target]),
    /// SIGTERM, and later a new start.
    Restart(Target),
    /// A lock on the database's tables.
    LockDatabase,
    /// The run's streams are so small that they are full soon while the database is locked.
    FullStore,
    /// A gateway is parted from the brokers: what it sends, what it gets, or both is held back.
    Part { there: bool, back: bool },
    /// The same, packet by packet.
    DropPackets { there: bool, back: bool },
    /// All connections between a gateway and the brokers are reset.
    ResetBrokerLinks,
    /// Lines between people and gateways are slow, narrow or silent, and then cut.
    BadNetwork,
    /// People stop reading for a while, and leave without a word.
    SlowReaders,
    /// All sockets are cut at once, and as many others come.
    Storm(usize),
    /// The nodes' clocks jump.
    ClockJump,
    /// A disk is full.
    FillDisk,
    /// All disks lose their power.
    CutPower,
    /// A gateway may open few files, and many people come.
    FewFiles,
    /// A gateway gets hardly more memory, and many people come.
    LittleMemory,
    /// A node dies at a place in its code.
    DieAt(Target, &'static str),
    /// People repeat what they asked for so long ago that the broker has forgotten it.
    LateRepeats,
}

/// Does harm to a running system on a schedule that the seed decides.
#[derive(Debug)]
pub(crate) struct Nemesis<'a> {
    pub desk: &'a Desk,
    pub run_state: &'a Arc<RunState>,
    pub visitor: Ticket,
    pub writer: RecordWriter,
    pub dice: Dice,
    faults: u64,
}

impl<'a> Nemesis<'a> {
    pub(crate) fn new(
        desk: &'a Desk,
        run_state: &'a Arc<RunState>,
        visitor: Ticket,
        writer: RecordWriter,
        dice: &Dice,
    ) -> Self {
        Self { desk, run_state, visitor, writer, dice: dice.of("nemesis"), faults: 0 }
    }

    /// Does these deeds, one after the other in an order of chance, as long as it goes on. Each is done at least once.
    pub(crate) async fn run(&mut self, class: &str, harms: &[Harm], goes_on: impl Fn() -> bool) {
        let mut turn = 0;
        while turn < harms.len() || goes_on() {
            sleep(self.dice.millis(1000..3500)).await;
            let harm = if turn < harms.len() { harms[turn] } else { *self.dice.pick(harms) };
            turn += 1;
            self.faults += 1;
            let (fault, class) = (self.faults, class.to_owned());
            self.writer.write(What::FaultBegan { fault, class: class.clone(), target: format!("{harm:?}") });
            let before = self.run_state.counters.counts();
            let hold = self.dice.millis(800..5000);
            let (evidence, hit) = self.apply(harm, hold).await;
            let after = self.run_state.counters.counts();
            let [accepted, refused, lost, unknown] = std::array::from_fn(|at| after[at] - before[at]);
            let seen = format!("{accepted} accepted, {refused} refused, {lost} sockets lost, {unknown} unknown");
            let evidence = format!("{evidence}; {seen}");
            self.writer.write(What::FaultEnded { fault, class, evidence, hit });
        }
    }

    async fn apply(&mut self, harm: Harm, hold: Duration) -> (String, bool) {
        match harm {
            Harm::Kill(targets) => self.kill(targets, hold).await,
            Harm::Pause(targets) => self.pause(targets, hold).await,
            Harm::Restart(target) => {
                let Some(part) = self.part(target).await else { return missing() };
                let status = tokio::task::block_in_place(|| part.terminate());
                part.start().await;
                (format!("{} ended with {status:?}", part.name()), status == Some(Ok(0)))
            }
            Harm::LockDatabase => self.lock_database(hold),
            Harm::FullStore => {
                let full = || self.run_state.counters.full.load(Ordering::Relaxed);
                let before = full();
                let (evidence, _) = self.lock_database(hold + Duration::from_secs(10));
                let seen = full() - before;
                (format!("{evidence}, {seen} refusals because the log was full"), seen > 0)
            }
            Harm::Part { there, back } => {
                let links = self.dice.pick(&self.desk.broker_links);
                disturb(links.iter(), Mode::Stall { there, back }, hold, false).await
            }
            Harm::DropPackets { there, back } => self.drop_packets(there, back, hold).await,
            Harm::ResetBrokerLinks => {
                disturb(self.dice.pick(&self.desk.broker_links).iter(), Mode::Pass, hold / 8, true).await
            }
            Harm::BadNetwork => {
                let mode = match self.dice.within(0..5) {
                    0 => Mode::Delay(Duration::from_millis(self.dice.within(20..300))),
                    1 => Mode::Throttle(self.dice.within(2_000..40_000)),
                    2 => Mode::Refuse,
                    3 => Mode::Stall { there: true, back: false },
                    _ => Mode::Stall { there: false, back: true },
                };
                disturb(std::iter::once(self.dice.pick(&self.desk.gateway_links)), mode, hold, true).await
            }
            Harm::SlowReaders => self.slow_readers(hold * 2).await,
            Harm::Storm(size) => {
                let (_, cut) = disturb(self.desk.gateway_links.iter(), Mode::Pass, Duration::ZERO, true).await;
                // Past the lines: they would need three files for each.
                let welcomed = storm(&self.desk.direct_endpoints(), &self.visitor, size).await;
                (format!("{welcomed} of {size} others were welcomed"), cut && welcomed > 0)
            }
            Harm::FillDisk => self.fill_disk(hold).await,
            Harm::CutPower => self.cut_power(hold).await,
            Harm::FewFiles => self.few_files(hold).await,
            Harm::LittleMemory => self.little_memory(hold).await,
            Harm::DieAt(target, place) => self.die_at(target, place).await,
            Harm::LateRepeats => self.late_repeats(hold).await,
            Harm::ClockJump => {
                let seconds = [-86_400, -61, 61, 3_600, 86_400][self.dice.within(0..5) as usize];
                self.desk.set_clock(seconds);
                sleep(hold).await;
                let off = self.clock_is_off().await;
                self.desk.set_clock(0);
                (
                    format!("the clock was off by {seconds} s, nodes said {off:?} s"),
                    off.is_some_and(|off| off.abs() > 30),
                )
            }
        }
    }

    fn lock_database(&self, hold: Duration) -> (String, bool) {
        let lock = self.desk.sql.lock(hold.as_secs().max(2));
        let Ok(mut lock) = lock else { return ("the lock could not be asked for".to_owned(), false) };
        let status = tokio::task::block_in_place(|| lock.wait());
        (format!("the lock ended with {status:?}"), status.is_ok_and(|status| status.success()))
    }

    async fn part(&mut self, target: Target) -> Option<&'a Part> {
        let desk = self.desk;
        match target {
            Target::Gateway => Some(self.dice.pick(&desk.gateways)),
            Target::Worker => Some(self.dice.pick(&desk.workers)),
            Target::Broker if desk.brokers.is_empty() => None,
            Target::Broker => Some(self.dice.pick(&desk.brokers)),
            Target::Leader => desk.brokers.get(desk.leader().await),
            Target::Postgres => desk.postgres.as_ref(),
            Target::Redis => desk.redis.as_ref(),
        }
    }

    async fn kill(&mut self, targets: &[Target], hold: Duration) -> (String, bool) {
        let mut parts = Vec::new();
        for target in targets {
            match self.part(*target).await {
                Some(part) => parts.push((part, part.pid(), *target)),
                // The node starts it again by itself.
                None => {
                    let Some(pid) = self.desk.embedded_broker() else { return missing() };
                    signal("KILL", &[pid]);
                    sleep(hold).await;
                    let now = self.new_embedded_broker(pid).await;
                    return (format!("the broker was {pid}, is {now:?}"), now.is_some());
                }
            }
        }
        for (part, pid, target) in &parts {
            // Processes of Postgres that outlive the first one keep the next from starting; our own nodes' must not.
            let with = if *target == Target::Postgres { pid.map(below).unwrap_or_default() } else { Vec::new() };
            part.kill(&with);
        }
        sleep(hold).await;
        let mut hit = true;
        let mut evidence = Vec::new();
        // All at once: a node waits for its database and its broker.
        join_all(parts.iter().map(|(part, ..)| part.start())).await;
        for (part, before, _) in &parts {
            hit &= part.pid() != *before && before.is_some();
            evidence.push(format!("{} was {before:?}, is {:?}", part.name(), part.pid()));
        }
        (evidence.join(", "), hit)
    }

    async fn new_embedded_broker(&self, old: u32) -> Option<u32> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(pid) = self.desk.embedded_broker().filter(|pid| *pid != old) {
                return Some(pid);
            }
            if Instant::now() > deadline {
                return None;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn pause(&mut self, targets: &[Target], hold: Duration) -> (String, bool) {
        let mut pids = Vec::new();
        for target in targets {
            match self.part(*target).await.and_then(Part::pid) {
                Some(pid) => {
                    pids.push(pid);
                    // Postgres is many processes; the broker of a node in one process is a part of its own.
                    if *target == Target::Postgres {
                        pids.extend(below(pid));
                    }
                }
                None => pids.extend(self.desk.embedded_broker()),
            }
        }
        signal("STOP", &pids);
        sleep_until(Instant::now() + hold).await;
        let stopped = pids.iter().filter(|pid| is_stopped(**pid)).count();
        signal("CONT", &pids);
        (format!("{stopped} of {} processes were stopped", pids.len()), stopped > 0 && stopped == pids.len())
    }

    async fn slow_readers(&self, hold: Duration) -> (String, bool) {
        let count = || {
            let counters = &self.run_state.counters;
            counters.naps.load(Ordering::Relaxed) + counters.ghosts.load(Ordering::Relaxed)
        };
        let before = count();
        self.run_state.orders.send_modify(|orders| (orders.nap, orders.ghost) = (true, true));
        sleep(hold).await;
        self.run_state.orders.send_modify(|orders| (orders.nap, orders.ghost) = (false, false));
        let seen = count() - before;
        (format!("{seen} people stopped reading or left their socket open"), seen > 0)
    }

    /// How many seconds the first gateway's clock is off, as its answers say.
    async fn clock_is_off(&self) -> Option<i64> {
        let endpoint = self.run_state.endpoints.first()?;
        let answer = reqwest::Client::new().get(format!("http://{}/healthz", endpoint.address)).send().await.ok()?;
        let date = answer.headers().get("date")?.to_str().ok()?.to_owned();
        let theirs = tokio::process::Command::new("date").args(["-u", "-d", &date, "+%s"]).output().await.ok()?;
        let ours = tokio::process::Command::new("date").args(["-u", "+%s"]).output().await.ok()?;
        let number = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().parse::<i64>().ok();
        Some(number(&theirs.stdout)? - number(&ours.stdout)?)
    }
}

fn missing() -> (String, bool) {
    ("there is no such part".to_owned(), false)
}

/// Makes lines bad for a while, and cuts what hangs on them in the end.
async fn disturb(links: impl Iterator<Item = &Link>, mode: Mode, hold: Duration, cut: bool) -> (String, bool) {
    let links: Vec<&Link> = links.collect();
    let touched = || links.iter().map(|link| link.touched()).sum::<u64>();
    let before = touched();
    links.iter().for_each(|link| link.set(mode));
    sleep(hold).await;
    links.iter().for_each(|link| link.set(Mode::Pass));
    if cut {
        links.iter().for_each(|link| link.reset());
        sleep(Duration::from_millis(50)).await;
    }
    let touched = touched() - before;
    (format!("{mode:?}, {touched} pieces delayed, held back or cut"), touched > 0)
}
