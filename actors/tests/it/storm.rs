//! Everything at once: nodes that write together, and a log and a database that fail in every way they can.

use std::{cell::Cell, collections::BTreeMap, rc::Rc, sync::Arc, time::Duration};

use actix_rt::Arbiter;
use frontdesk_actors::Node;
use frontdesk_domain::{Audience, ConversationKey};
use frontdesk_memory::AppendFault;
use frontdesk_ports::{ConversationStore, EntryRange, ExecuteError, Trim};
use frontdesk_protocol::socket::ServerFrame;
use futures_util::future::join_all;

use crate::{
    faulty::FaultyLog,
    participants::Person,
    recorder::Recorder,
    time::{eventually, pass},
    world::{World, assert_dense, execute},
};

/// How long the log keeps what is persisted.
const RETENTION: Duration = Duration::from_millis(400);

/// Numbers that look random and are the same each time.
#[derive(Clone)]
struct Dice(Rc<Cell<u64>>);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(Rc::new(Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)))
    }

    fn below(&self, bound: u64) -> u64 {
        let mut number = self.0.get();
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        self.0.set(number);
        (number >> 16) % bound
    }
}

#[actix_rt::test]
async fn nothing_accepted_is_lost_repeated_or_out_of_order_whatever_fails() {
    let first = World::begin().await;
    for seed in 1..=16 {
        weather(&first, seed).await;
    }
}

async fn weather(first: &World, seed: u64) {
    let mut world = first.another().await;
    world.log.set_retention(RETENTION);
    world.settings.conversation.command_timeout = Duration::from_millis(900);
    world.settings.conversation.recent_entries = 8;
    world.settings.conversation.idle_after = Duration::from_millis(700);
    let (world, dice) = (Rc::new(world), Dice::new(seed));
    let logs = [FaultyLog::new(&world.log), FaultyLog::new(&world.log)];
    let nodes = logs.clone().map(|log| world.node_with(log, Arc::clone(&world.store) as _, &[Arbiter::current()]));
    let contact = Person::contact("Lin");
    let key = world.open(&nodes[0], &contact).await;

    let over = Rc::new(Cell::new(false));
    let storm = actix_rt::spawn(storm(Rc::clone(&world), logs, key, dice.clone(), Rc::clone(&over)));
    let mut participants = vec![contact.clone()];
    participants.extend((0..3).map(|number| Person::supervisor(&format!("{number}"))));
    let listening = nodes.iter().map(|node| listen(Arc::clone(node), key, contact.clone(), Rc::clone(&over)));
    let listening: Vec<_> = listening.map(actix_rt::spawn).collect();
    let talking = participants.iter().map(|person| talk(&nodes, key, person, dice.clone()));
    let answers = join_all(talking).await;
    over.set(true);
    storm.await.unwrap();

    // It is quiet now. Everybody sees the same.
    world.persist(key, false).await;
    let history = world.store.entries(key, EntryRange::After(0), Audience::Staff, usize::MAX).await.unwrap();
    assert_dense(&history);
    let by_text: BTreeMap<_, _> =
        history.iter().filter_map(|entry| Some((entry.event.text()?.to_owned(), entry.seq))).collect();
    assert_eq!(by_text.len(), history.len() - 1, "seed {seed}: nothing is there twice");
    for Answers { accepted, refused } in answers {
        assert!(accepted.iter().all(|(text, seq)| by_text[text] == *seq), "seed {seed}: the answer was true");
        assert!(accepted.is_sorted_by_key(|(_, seq)| *seq), "seed {seed}: first in, first out");
        assert!(!refused.iter().any(|text| by_text.contains_key(text)), "seed {seed}: what was refused never appears");
    }
    for heard in listening {
        let heard = heard.await.unwrap();
        assert_eq!(heard, (1..=history.len() as u64).collect::<Vec<_>>(), "seed {seed}: told in order, once");
    }
}

/// The answers that a client got to its requests.
#[derive(Default)]
struct Answers {
    accepted: Vec<(String, u64)>,
    /// Refused at the first try, and not repeated.
    refused: Vec<String>,
}

/// Says forty things, each until it is accepted; takes no for an answer now and then.
async fn talk(nodes: &[Arc<Node>; 2], key: ConversationKey, person: &Person, dice: Dice) -> Answers {
    let mut answers = Answers::default();
    for number in 0..40 {
        let text = format!("{} {number}", person.name);
        let request = person.says(&text);
        let ask = async || execute(&nodes[dice.below(2) as usize], key, request.clone()).await;
        let first = ask().await;
        if dice.below(3) == 0 && !matches!(first, Ok(_) | Err(ExecuteError::Unknown)) {
            answers.refused.push(text);
            continue;
        }
        let mut last = first;
        let seq = eventually("an answer", async || {
            match std::mem::replace(&mut last, Err(ExecuteError::Unknown)) {
                Ok(executed) => return Some(executed.answer.seq),
                Err(ExecuteError::Rejected(why)) => panic!("{text}: {why}"),
                Err(_) => pass(Duration::from_millis(20)).await,
            }
            last = ask().await;
            None
        })
        .await;
        answers.accepted.push((text, seq));
        pass(Duration::from_millis(dice.below(10))).await;
    }
    answers
}

/// Watches until it is quiet, coming back as a client does; gives what it was told.
async fn listen(node: Arc<Node>, key: ConversationKey, person: Person, over: Rc<Cell<bool>>) -> Vec<u64> {
    let mut told = vec![];
    loop {
        let last = told.last().copied().unwrap_or_default();
        let Ok((mut recorder, resumed)) = Recorder::try_after(&node, key, &person, None, last).await else {
            pass(Duration::from_millis(20)).await;
            continue;
        };
        assert!(!resumed.reset || last == 0, "what it holds is a part of the history");
        told.extend(resumed.seqs);
        if resumed.more {
            recorder.die().await;
            continue;
        }
        let quiet = over.get();
        'hearing: loop {
            pass(Duration::from_millis(10)).await;
            for frame in recorder.heard() {
                let (ServerFrame::Message { entry, .. } | ServerFrame::Activity { entry, .. }) = frame else {
                    continue;
                };
                let last = told.last().copied().unwrap_or_default();
                if entry.prev > last {
                    // Something is missing: come back for it.
                    break 'hearing;
                }
                assert!(entry.seq > last, "{} was told before", entry.seq);
                told.push(entry.seq);
            }
            if recorder.is_lagging() || over.get() {
                break;
            }
        }
        recorder.die().await;
        if quiet {
            return told;
        }
        // Once it is quiet, one more look brings the rest.
        if over.get() {
            pass(Duration::from_secs(3)).await;
        }
    }
}

/// Makes something fail every few milliseconds; afterwards everything works.
async fn storm(world: Rc<World>, logs: [Arc<FaultyLog>; 2], key: ConversationKey, dice: Dice, over: Rc<Cell<bool>>) {
    let mut persisted = vec![];
    while !over.get() {
        pass(Duration::from_millis(dice.below(12))).await;
        let a_while = Duration::from_millis(dice.below(60));
        match dice.below(14) {
            0..=4 => {
                use AppendFault::{AnswerLost, Conflict, Full, Lost, Unavailable};
                let fault = [AnswerLost, Conflict, Full, Lost, Unavailable][dice.below(5) as usize];
                world.log.fail_next_append(fault);
            }
            5 => {
                world.log.set_unavailable(true);
                pass(a_while).await;
                world.log.set_unavailable(false);
            }
            6 => {
                world.log.set_live_paused(true);
                pass(a_while).await;
                world.log.set_live_paused(false);
            }
            7 => {
                world.store.set_available(false);
                pass(a_while).await;
                world.store.set_available(true);
            }
            8 => logs[dice.below(2) as usize].panic_once(),
            9 => world.log.end_subscriptions(),
            10 => {
                world.log.hold_appends(true);
                pass(a_while).await;
                world.log.hold_appends(false);
            }
            11 => world.log.forget_ids(),
            _ => {
                world.persist(key, dice.below(3) == 0).await;
                persisted.push((tokio::time::Instant::now(), world.log.positions().await.unwrap()));
            }
        }
        // What has been persisted for long enough leaves the log.
        persisted.retain(|(since, positions)| {
            let due = since.elapsed() >= RETENTION;
            if due {
                for position in positions {
                    let trim = world.log.trim(&position.stream, position.last_seq);
                    futures_util::FutureExt::now_or_never(trim).expect("memory does not wait").unwrap();
                }
            }
            !due
        });
    }
}
