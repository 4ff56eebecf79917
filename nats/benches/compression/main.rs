//! What compressing a record costs and saves, by level and with a trained dictionary:
//! `cargo bench -p frontdesk-nats --bench compression`. Prints a table.
//!
//! Records as they lie in the log: an envelope around a message. Their texts come from `texts.rs`, the same at every
//! run. Only records above the size from which the log compresses are counted, but for the last row. A cell gives the
//! size that is left, then microseconds for compressing and decompressing one record: processor time of this thread,
//! the least of several rounds, because other programs make a round dearer and never cheaper.
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

mod paste;
mod texts;
mod ways;

use std::time::Duration;

use frontdesk_domain::{
    AgentId, ClientId, Command, ConversationId, ConversationKey, Entry, Event, MessageText, Participant, TenantId,
    Timestamp, conversation::EntryAuthor,
};
use frontdesk_protocol::Envelope;
use rustix::time::{ClockId, clock_gettime};
use texts::{Kind, Words, texts};
use uuid::Uuid;
use ways::{Comparison, Way};

fn main() {
    // `cargo test` runs benches too, with this flag and without `--bench`: then there is nothing to do.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let training: Vec<Vec<u8>> = Kind::ALL.iter().flat_map(|kind| records(*kind, Words::Known, 1)).collect();
    let dictionary = zstd::dict::from_samples(&training, DICTIONARY_BYTES).unwrap();
    let ways = Comparison::ALL.map(Comparison::name).join(" | ");
    println!("| records | bytes | {ways} |");
    println!("|---|---|{}", "---|".repeat(Comparison::ALL.len()));
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let known = large(records(kind, Words::Known, 2));
        let strange = large(records(kind, Words::Strange, 2));
        row(kind.name(), &known, &strange, &dictionary);
        all.push((known, strange));
    }
    let (known, strange): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    row("all of them", &known.concat(), &strange.concat(), &dictionary);
    let small = |words| {
        let short = [Kind::ChatEnglish, Kind::ChatChinese].into_iter().flat_map(|kind| records(kind, words, 2));
        short.filter(|record| record.len() <= WORTH_IT).collect::<Vec<_>>()
    };
    row("512 bytes and less", &small(Words::Known), &small(Words::Strange), &dictionary);
}

/// All ways for one kind of record.
fn row(name: &str, known: &[Vec<u8>], strange: &[Vec<u8>], dictionary: &[u8]) {
    let cells = Comparison::ALL.map(|comparison| {
        let records = if comparison == Comparison::DictionaryOfSuch { known } else { strange };
        cell(records, &mut comparison.way(dictionary))
    });
    println!("| {name} | {} | {} |", mean(strange), cells.join(" | "));
}

/// What records come to, and the time for compressing and for decompressing one of them.
fn cell(records: &[Vec<u8>], way: &mut Way) -> String {
    let packed: Vec<Vec<u8>> = records.iter().map(|record| way.compress(record)).collect();
    let compress = least(|| records.iter().for_each(|record| drop(way.compress(record))));
    let decompress = least(|| packed.iter().for_each(|bytes| drop(way.decompress(bytes))));
    let each = |time: Duration| time.as_secs_f64() * 1e6 / records.len() as f64;
    let part = mean(&packed) as f64 / mean(records) as f64 * 100.0;
    format!("{part:.0} %, {:.1} + {:.1}", each(compress), each(decompress))
}

fn mean(records: &[Vec<u8>]) -> usize {
    records.iter().map(Vec::len).sum::<usize>() / records.len()
}

/// The least processor time that `work` took.
fn least(mut work: impl FnMut()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
    };
    let rounds = (0..ROUNDS).map(|_| {
        let begun = now();
        work();
        now().saturating_sub(begun)
    });
    rounds.min().unwrap()
}

fn records(kind: Kind, words: Words, seed: u64) -> Vec<Vec<u8>> {
    texts(kind, words, seed, RECORDS).into_iter().enumerate().map(|(number, text)| record(number, &text)).collect()
}

fn large(mut records: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    records.retain(|record| record.len() > WORTH_IT);
    records
}

/// As the log writes it: ids are as random as real ones, so they do not compress.
fn record(number: usize, text: &str) -> Vec<u8> {
    let id = |what: u128| Uuid::new_v8(mixed(number as u128 * 8 + what).to_be_bytes());
    let event = Event::message(MessageText::new(text).unwrap());
    let entry = Entry {
        seq: number as u64 % 40 + 1,
        prev_public: number as u64 % 40,
        visibility: event.visibility(),
        at: Timestamp(1_790_000_000_000 + number as i64 * 7_919),
        author: EntryAuthor {
            member: Participant::Agent(AgentId(id(1))),
            name: ["Ada", "李雷", "Grace"][number % 3].into(),
        },
        client_id: ClientId(id(2)),
        digest: Command::say(MessageText::new(text).unwrap()).digest(),
        event,
        unknown: Default::default(),
    };
    let key = ConversationKey { tenant: TenantId(id(3)), conversation: ConversationId(id(4)) };
    Envelope::new(key, entry, None).encode().into()
}

const fn mixed(number: u128) -> u128 {
    let number = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    let number = (number ^ (number >> 61)).wrapping_mul(0xBF58_476D_1CE4_E5B9_94D0_49BB_1331_11EB);
    number ^ (number >> 59)
}

/// The size above which `payload.rs` compresses.
const WORTH_IT: usize = 512;
const DICTIONARY_BYTES: usize = 32 * 1024;
/// Texts of each kind.
const RECORDS: usize = 400;
const ROUNDS: usize = 15;
