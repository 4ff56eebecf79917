//! Mailboxes that have their size from the first message on.

use actix::{Actor, Addr, Context, dev::channel::channel};
use actix_rt::ArbiterHandle;

/// Starts an actor on `arbiter`, with room for `capacity` messages.
///
/// The library's own way gives room for 16 until the actor runs for the first time, which on a busy thread may take a
/// while.
pub(crate) fn start_with_capacity<A>(
    arbiter: &ArbiterHandle,
    capacity: usize,
    make: impl FnOnce() -> A + Send + 'static,
) -> Addr<A>
where
    A: Actor<Context = Context<A>>,
{
    let (sender, receiver) = channel(capacity);
    arbiter.spawn_fn(move || {
        actix_rt::spawn(Context::with_receiver(receiver).into_future(make()));
    });
    Addr::new(sender)
}
