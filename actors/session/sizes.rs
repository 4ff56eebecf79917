//! What an idle session of a contact is made of, on a direct socket, in bytes:
//! `cargo test -p frontdesk-actors sizes -- --nocapture`.

use std::mem::size_of;

use actix::{Actor, Addr, Context, WeakAddr, dev::ContextFut};
use frontdesk_ports::{Identity, SessionRecord};
use frontdesk_protocol::websocket::Reader;
use tokio::net::TcpStream;
use uuid::Uuid;

use super::{
    actor::SessionActor, deadlines::Deadline, outbox::Outbox, rate::Bucket, receipts::HeldReceipts,
    subscriptions::Subscriptions,
};
use crate::transport::DirectSocket;

/// What runs on the thread: actor, its context and its mailbox, without what tokio adds.
const fn running<A: Actor<Context = Context<A>>>() -> usize {
    size_of::<ContextFut<A, Context<A>>>()
}

/// What tokio adds to a task, and the multiple that it takes memory in.
const TASK: (usize, usize) = (96, 128);

const fn task(future: usize) -> usize {
    (future + TASK.0).next_multiple_of(TASK.1)
}

#[test]
fn an_idle_session_does_not_grow_unnoticed() {
    let (session, socket) = (running::<SessionActor>(), running::<DirectSocket>());
    let parts = [
        ("session: the task", task(session)),
        ("  the actor in it", size_of::<SessionActor>()),
        ("    identity", size_of::<Identity>()),
        ("    outbox", size_of::<Outbox>()),
        ("    conversations watched", size_of::<Subscriptions>()),
        ("    rate", size_of::<Bucket>()),
        ("    receipts held back", size_of::<HeldReceipts>()),
        ("socket: the task", task(socket)),
        ("  the actor in it", size_of::<DirectSocket>()),
        ("    connection", size_of::<TcpStream>()),
        ("    reader", size_of::<Reader>()),
        ("an address, without the two allocations of each", size_of::<Addr<SessionActor>>()),
        ("entry in the deadline list", size_of::<Option<Deadline<SessionActor>>>()),
        ("entry in the list of open sessions", size_of::<(Uuid, WeakAddr<SessionActor>)>()),
        ("record of the session", size_of::<SessionRecord>()),
    ];
    for (part, bytes) in parts {
        println!("{bytes:6} {part}");
    }
    // Ours, exactly: what only agents need, or only some moment, is boxed. If one must grow, say so in README.md: at
    // 336 the task of a release build took 128 bytes more.
    assert!(size_of::<SessionActor>() <= 320, "{}", size_of::<SessionActor>());
    assert!(size_of::<DirectSocket>() <= 208, "{}", size_of::<DirectSocket>());
    // With what actix and tokio add, which their updates may change: the two tasks are half of the 2.6 KB that an idle
    // contact may take, so one step of 128 bytes more for both together passes, and what is beyond that is worth a
    // look.
    let tasks = task(session) + task(socket);
    assert!(tasks <= 768 + 640 + TASK.1, "{tasks} bytes for the tasks of an idle session");
}
