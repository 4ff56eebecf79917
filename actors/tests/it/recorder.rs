//! A session without a socket: watches a conversation and keeps what it is told.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use frontdesk_actors::{
    Node,
    conversation::{Call, Push, RangeCall, ReadError, ReceiptCall, WatchCall},
};
use frontdesk_domain::{ConversationKey, ReceiptKind};
use frontdesk_ports::EntryRange;
use frontdesk_protocol::socket::{EntryView, PresenceState, ServerFrame, StateView};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::{participants::Person, time::soon};

/// A session that watches a conversation and records its frames.
pub(crate) struct Recorder {
    pub(crate) session: Uuid,
    pub(crate) person: Person,
    node: Arc<Node>,
    key: ConversationKey,
    told: mpsc::UnboundedReceiver<ServerFrame>,
    lagging: Arc<AtomicBool>,
    inbox: Addr<Inbox>,
}

/// How a `resume` was answered.
#[derive(Debug)]
pub(crate) struct Resumed {
    pub(crate) reset: bool,
    pub(crate) seqs: Vec<u64>,
    pub(crate) more: bool,
    pub(crate) state: StateView,
}

struct Inbox(mpsc::UnboundedSender<ServerFrame>);

/// Never hears anything again.
#[derive(Message)]
#[rtype(result = "()")]
struct Freeze;

/// Stops the actor.
#[derive(Message)]
#[rtype(result = "()")]
struct Die;

impl Handler<Die> for Inbox {
    type Result = ();

    fn handle(&mut self, _: Die, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

impl Handler<Freeze> for Inbox {
    type Result = ();

    fn handle(&mut self, _: Freeze, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(8);
        ctx.wait(std::future::pending().into_actor(self));
    }
}

impl Actor for Inbox {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1_024);
    }
}

impl Handler<Push> for Inbox {
    type Result = ();

    fn handle(&mut self, Push(broadcast): Push, _: &mut Self::Context) {
        let _gone = self.0.send(broadcast.frame().clone());
    }
}

impl Recorder {
    /// Watches from the beginning.
    pub(crate) async fn new(node: &Arc<Node>, key: ConversationKey, person: &Person) -> Self {
        Self::after(node, key, person, None, 0).await.0
    }

    /// Watches, holding everything up to `last_seq`.
    pub(crate) async fn after(
        node: &Arc<Node>,
        key: ConversationKey,
        person: &Person,
        epoch: Option<String>,
        last_seq: u64,
    ) -> (Self, Resumed) {
        Self::try_after(node, key, person, epoch, last_seq).await.expect("it may watch")
    }

    pub(crate) async fn try_after(
        node: &Arc<Node>,
        key: ConversationKey,
        person: &Person,
        epoch: Option<String>,
        last_seq: u64,
    ) -> Result<(Self, Resumed), ReadError> {
        let (sender, told) = mpsc::unbounded_channel();
        let (inbox, lagging, session) = (Inbox(sender).start(), Arc::default(), Uuid::now_v7());
        let (node, person) = (Arc::clone(node), person.clone());
        let mut recorder = Self { session, person, node, key, told, lagging, inbox };
        let resumed = recorder.resume(epoch, last_seq).await?;
        Ok((recorder, resumed))
    }

    /// Watches the conversation again, from `last_seq` on.
    pub(crate) async fn resume(&mut self, epoch: Option<String>, last_seq: u64) -> Result<Resumed, ReadError> {
        let (refused, outcome) = oneshot::channel();
        let call = WatchCall {
            session: self.session,
            principal: self.person.principal.clone(),
            epoch,
            last_seq,
            page_bytes: PAGE_BYTES,
            presence: PresenceState::Online,
            push: self.inbox.clone().recipient(),
            lagging: Arc::clone(&self.lagging),
            refused,
        };
        self.node.route(self.key, Call::Watch(call));
        if let Ok(error) = soon("an answer to `resume`", outcome).await {
            return Err(error);
        }
        loop {
            match self.next().await {
                ServerFrame::Recovered { entries, more, state, .. } => {
                    return Ok(Resumed { reset: false, seqs: seqs(&entries), more, state: *state });
                }
                ServerFrame::Reset { entries, more, state, .. } => {
                    return Ok(Resumed { reset: true, seqs: seqs(&entries), more, state: *state });
                }
                _ => {}
            }
        }
    }

    pub(crate) async fn next(&mut self) -> ServerFrame {
        soon("another frame", self.told.recv()).await.expect("the drum sounds as long as the ear is there")
    }

    /// The next entry that it is told of, and its `prev`.
    pub(crate) async fn entry(&mut self) -> EntryView {
        loop {
            if let ServerFrame::Message { entry, .. } | ServerFrame::Activity { entry, .. } = self.next().await {
                return entry;
            }
        }
    }

    /// The numbers of the next entries, up to `last`.
    pub(crate) async fn seqs_up_to(&mut self, last: u64) -> Vec<u64> {
        let mut seqs = vec![];
        while seqs.last() != Some(&last) {
            seqs.push(self.entry().await.seq);
        }
        seqs
    }

    /// The first of the next frames that `wanted` makes something of.
    pub(crate) async fn until<T>(&mut self, wanted: impl Fn(&ServerFrame) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.next().await) {
                return found;
            }
        }
    }

    /// Takes nothing any more.
    pub(crate) async fn freeze(&mut self) {
        self.inbox.send(Freeze).await.unwrap();
    }

    /// Ends without a word.
    pub(crate) async fn die(self) {
        self.inbox.send(Die).await.unwrap();
    }

    /// Whatever it was told by now.
    pub(crate) fn heard(&mut self) -> Vec<ServerFrame> {
        std::iter::from_fn(|| self.told.try_recv().ok()).collect()
    }

    /// Whether it was told to come back.
    pub(crate) fn is_lagging(&self) -> bool {
        self.lagging.load(Ordering::Acquire)
    }

    pub(crate) fn received(&self, kind: ReceiptKind, up_to_seq: u64) {
        self.node.route(self.key, Call::Receipt(ReceiptCall { session: self.session, kind, up_to_seq }));
    }

    pub(crate) fn leave(&self) {
        self.node.route(self.key, Call::Leave { session: self.session });
    }

    /// A page of entries: their numbers, and whether there are more.
    pub(crate) async fn range(&self, range: EntryRange, limit: usize) -> Result<(Vec<u64>, bool), ReadError> {
        let (reply, page) = oneshot::channel();
        self.node.route(
            self.key,
            Call::Range(RangeCall {
                principal: self.person.principal.clone(),
                range,
                limit,
                page_bytes: PAGE_BYTES,
                reply,
            }),
        );
        let (entries, more) = soon("a page", page).await.expect("a page is answered")?;
        Ok((seqs(&entries), more))
    }
}

fn seqs(entries: &[EntryView]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

/// What fits into frames of the default limit.
const PAGE_BYTES: usize = 48 * 1024;
