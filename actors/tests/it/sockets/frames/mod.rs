//! Frames as bytes, well-formed and not, on both transports: the peer is told the same by each.

mod bytes;
mod cases;
mod raw;

use frontdesk_protocol::socket::Codec;
use futures_util::future::join_all;

use self::{
    cases::{Case, Expected, cases},
    raw::{Raw, Told},
};
use super::server::{Server, Transport, on_both_transports};
use crate::participants::Person;

pub(super) use bytes::{frame, head};

on_both_transports! {
    each_case_ends_as_it_should
    each_case_ends_as_it_should_however_the_bytes_are_cut
    what_comes_right_behind_the_handshake_is_not_lost
    a_flood_of_pings_is_answered_as_far_as_the_peer_reads
}

async fn each_case_ends_as_it_should(on: Transport) {
    run(on, |bytes| vec![bytes]).await;
}

/// In three parts, so that heads, masks and payloads are cut everywhere.
async fn each_case_ends_as_it_should_however_the_bytes_are_cut(on: Transport) {
    run(on, |mut bytes| {
        let mut rest = bytes.split_off(bytes.len().min(3));
        let last = rest.split_off(rest.len() / 2);
        vec![bytes, rest, last]
    })
    .await;
}

async fn run(on: Transport, cut: fn(Vec<u8>) -> Vec<Vec<u8>>) {
    // The cases are made for this limit.
    let server = Server::with(on, |session| session.max_frame_bytes = 65_536).await;
    let ada = Person::agent("Ada");
    server.world.doorkeeper.introduce(&ada);
    let cases = cases();
    assert!(cases.len() >= 80, "{}", cases.len());
    let wrong = join_all(cases.into_iter().map(async |case| {
        let mut raw = Raw::connect(server.address, case.codec, &[]).await;
        raw.hello("Ada").await;
        for part in cut(case.bytes.clone()) {
            raw.write(&part).await;
        }
        let told = raw.told_until(&case.expected).await;
        (!case.is_fulfilled_by(&told)).then(|| format!("{}: {told:?} instead of {:?}", case.name, case.expected))
    }));
    let wrong: Vec<_> = wrong.await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    crate::time::eventually("no session is left", async || (server.sessions.count() == 0).then_some(())).await;
}

impl Case {
    fn is_fulfilled_by(&self, told: &[Told]) -> bool {
        match &self.expected {
            Expected::Closed(code) => matches!(told, [Told::Close(closed), Told::End] if closed == code),
            Expected::Answers(answers) => told == answers.as_slice(),
            Expected::End => matches!(told, [Told::End] | [Told::Close(_), Told::End]),
        }
    }
}

/// A client need not wait for the answer to its handshake before it sends, and its frames may arrive with the request.
async fn what_comes_right_behind_the_handshake_is_not_lost(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    server.world.doorkeeper.introduce(&ada);
    let hello = frame(0x81, br#"{"type":"hello","token":"Ada"}"#);
    let ping = frame(0x81, br#"{"type":"ping"}"#);
    let (begun, rest) = ping.split_at(4);
    let mut raw = Raw::connect(server.address, Codec::Json, &[&hello, &ping, begun].concat()).await;
    assert_eq!((raw.next().await, raw.next().await), (Told::said("welcome"), Told::said("pong")));
    raw.write(rest).await;
    assert_eq!(raw.next().await, Told::said("pong"));
}

/// Memory is bounded by the limits of one connection, whether the peer reads or not; a peer that reads in the end is
/// still served.
async fn a_flood_of_pings_is_answered_as_far_as_the_peer_reads(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    server.world.doorkeeper.introduce(&ada);
    let mut raw = Raw::connect(server.address, Codec::Json, &[]).await;
    raw.hello("Ada").await;
    let pings = frame(0x89, &[b'x'; 125]).repeat(1_000);
    for _ in 0..20 {
        if !raw.write_what_goes(&pings).await {
            break;
        }
    }
    raw.finish_write(&frame(0x81, br#"{"type":"ping"}"#)).await;
    loop {
        match raw.next().await {
            Told::Pong(payload) => assert_eq!(payload, [b'x'; 125]),
            other => {
                assert_eq!(other, Told::said("pong"));
                break;
            }
        }
    }
}
