//! How contacts and agents come together in a conversation.

use std::sync::Arc;

use anyhow::Context as _;
use frontdesk_protocol::socket::ClientFrame;
use uuid::Uuid;

use crate::{
    client::{Frame, SocketTarget, Whole, connect, id},
    generator::Stage,
};

/// A contact with a conversation of its own.
pub(super) struct ContactSession {
    pub(super) socket: Whole,
    pub(super) token: String,
    pub(super) conversation: Uuid,
    /// Number of the last entry that it holds.
    pub(super) last_seq: u64,
}

/// An agent that is signed in and connected.
pub(super) struct AgentSession {
    pub(super) socket: Whole,
    pub(super) token: String,
}

/// The path of the contacts' sockets.
pub(super) fn widget(stage: &Stage) -> String {
    format!("/ws/widget?inbox={}", stage.inbox)
}

/// The path of the agents' sockets.
pub(super) const CONSOLE: &str = "/ws/console";

/// Size of the read buffer of an active participant, in bytes.
pub(super) const BUFFER: usize = 16 * 1024;

/// A new contact comes in by a gateway and opens a conversation.
pub(super) async fn open_conversation(
    stage: &Stage,
    gateway: usize,
    kernel_buffer: Option<u32>,
) -> anyhow::Result<ContactSession> {
    let rest = stage.rest().await.at(stage.dialer.url(gateway));
    let token = rest.new_contact(&stage.inbox).await?;
    let path = widget(stage);
    let mut socket =
        connect(&stage.dialer, SocketTarget { path: &path, gateway, buffer: BUFFER, kernel_buffer }, &token).await?;
    let opening = ClientFrame::Open { client_id: id(Uuid::now_v7()) };
    let (conversation, last_seq) = socket.ask(&opening, "opening", |frame| frame.kind == "accepted").await?;
    socket.find("history", |frame| frame.kind == "recovered").await?;
    Ok(ContactSession { socket, token, conversation, last_seq })
}

/// A new agent signs in and connects.
pub(super) async fn connect_agent(stage: &Arc<Stage>, name: &str, gateway: usize) -> anyhow::Result<AgentSession> {
    let (_, token) = stage.rest().await.new_agent(name, &stage.run).await?;
    let target = SocketTarget { path: CONSOLE, gateway, buffer: BUFFER, kernel_buffer: None };
    let socket = connect(&stage.dialer, target, &token).await.with_context(|| name.to_owned())?;
    Ok(AgentSession { socket, token })
}

/// An agent begins to look at a conversation.
pub(super) async fn look(agent_session: &mut AgentSession, conversation: Uuid) -> anyhow::Result<()> {
    let resume = ClientFrame::Resume { conversation: id(conversation), epoch: None, last_seq: 0 };
    let recovered = |frame: &Frame<'_>| frame.kind == "recovered" && frame.conversation == Some(conversation);
    agent_session.socket.ask(&resume, "conversation", recovered).await?;
    Ok(())
}

/// An agent claims what a contact opened; gives the entry's number, which both have been told then.
pub(super) async fn claim(
    agent_session: &mut AgentSession,
    contact_session: &mut ContactSession,
) -> anyhow::Result<u64> {
    let conversation = contact_session.conversation;
    look(agent_session, conversation).await?;
    let name = Uuid::now_v7();
    let claim = ClientFrame::Claim { client_id: id(name), conversation: id(conversation), repeat: false };
    let claimed = contact_session.last_seq + 1;
    let is_claim = |frame: &Frame<'_>| {
        frame.conversation == Some(conversation) && frame.entry.as_ref().is_some_and(|entry| entry.seq == claimed)
    };
    // What happened may be told before the answer comes.
    let (mut answered, mut told) = (false, false);
    let by_us = agent_session.socket.ask(&claim, "claim", |frame| {
        answered |= frame.kind == "accepted" && frame.client_id == Some(name);
        told |= is_claim(frame);
        answered && told
    });
    by_us.await?;
    contact_session.socket.find("news of who holds the conversation", is_claim).await?;
    contact_session.last_seq = claimed;
    Ok(claimed)
}
