//! The client of Frontdesk, from its protocol only.

use anyhow::Context as _;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{clients::Pair, server::Server, socket::Socket};

/// What one has to know to talk to a desk with example data.
#[derive(Debug)]
pub(crate) struct Desk {
    inbox: String,
    owner: Agent,
    http: Client,
}

#[derive(Debug, Deserialize)]
struct Ready {
    listen: String,
    inbox: String,
    agents: Vec<Agent>,
}

#[derive(Debug, Deserialize)]
struct Agent {
    email: String,
    password: String,
}

impl Desk {
    /// From the line that a server prints when it is ready; with its address.
    pub(crate) fn of_ready_line(line: &str) -> Option<(String, Self)> {
        let ready: Ready = serde_json::from_str(line).ok()?;
        let owner = ready.agents.into_iter().next()?;
        let http = Client::builder().no_proxy().build().ok()?;
        Some((ready.listen, Self { inbox: ready.inbox, owner, http }))
    }

    async fn post(&self, server: &Server, path: &str, token: &str, body: Value) -> anyhow::Result<Value> {
        let base = format!("http://{}", server.address);
        let request = self.http.post(format!("{base}/api/v1/{path}")).header("Origin", base).bearer_auth(token);
        let answer = request.json(&body).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    async fn sign_in(&self, server: &Server, email: &str, password: &str) -> anyhow::Result<String> {
        let answer = self.post(server, "auth/login", "", json!({"email": email, "password": password})).await?;
        text(&answer["access_token"])
    }
}

/// A contact that is welcome and has not said anything.
pub(crate) async fn contact(server: &Server) -> anyhow::Result<Socket> {
    let desk = desk(server)?;
    let body = json!({"inbox": desk.inbox, "token": null});
    let token = text(&desk.post(server, "widget/session", "", body).await?["token"])?;
    welcomed(server, &format!("/ws/widget?inbox={}", desk.inbox), &token).await
}

/// A contact with a conversation, and an agent that has claimed it.
pub(crate) async fn pair(server: &Server, number: usize) -> anyhow::Result<Pair> {
    let desk = desk(server)?;
    let mut speaker = contact(server).await?;
    speaker.send(json!({"type": "open", "client_id": Uuid::now_v7()}).to_string());
    let opened = speaker.until("a conversation", |frame| frame.starts_with("{\"type\":\"accepted\"")).await?;
    let conversation = text(&serde_json::from_str::<Value>(&opened)?["conversation"])?;

    let owner = desk.sign_in(server, &desk.owner.email, &desk.owner.password).await?;
    let (email, password) = (format!("agent{number}@peers.example"), format!("password-of-{number}"));
    let agent = json!({"email": email, "name": format!("Agent {number}"), "role": "agent", "password": password});
    desk.post(server, "agents", &owner, agent).await?;
    let token = desk.sign_in(server, &email, &password).await?;
    let mut listener = welcomed(server, "/ws/console", &token).await?;
    listener.send(json!({"type": "resume", "conversation": conversation, "epoch": null, "last_seq": 0}).to_string());
    listener.until("the conversation so far", |frame| frame.starts_with("{\"type\":\"recovered\"")).await?;
    listener.send(json!({"type": "claim", "client_id": Uuid::now_v7(), "conversation": conversation}).to_string());
    listener.until("the claim", |frame| frame.starts_with("{\"type\":\"accepted\"")).await?;
    Ok(Pair { speaker, listener, conversation: Some(conversation) })
}

/// A frame that says `words` in a conversation.
pub(crate) fn say(conversation: &str, words: &str) -> String {
    json!({"type": "say", "client_id": Uuid::now_v7(), "conversation": conversation, "text": words}).to_string()
}

async fn welcomed(server: &Server, path: &str, token: &str) -> anyhow::Result<Socket> {
    let mut socket = Socket::open(&server.address, path, Some("frontdesk.v1.json")).await?;
    socket.send(json!({"type": "hello", "token": token}).to_string());
    socket.until("the welcome", |frame| frame.starts_with("{\"type\":\"welcome\"")).await?;
    Ok(socket)
}

fn desk(server: &Server) -> anyhow::Result<&Desk> {
    server.desk.as_ref().context("this is no desk")
}

fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(ToOwned::to_owned).context("a text is missing in the answer")
}

/// Limits that protect a desk from single clients: here, one program stands for many.
pub(crate) const SETTINGS: [(&str, &str); 8] = [
    ("FRONTDESK__SERVER__LISTEN", "127.0.0.1:0"),
    ("FRONTDESK__SERVER__ADMIN_LISTEN", "127.0.0.1:0"),
    ("FRONTDESK__SESSION__MAX_PER_ADDRESS", "100000"),
    ("FRONTDESK__SESSION__COMMANDS_PER_SECOND", "100000"),
    ("FRONTDESK__SESSION__COMMANDS_BURST", "100000"),
    ("FRONTDESK__AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "1000000"),
    ("FRONTDESK__AUTH__ARGON2_MEMORY_KIB", "64"),
    ("FRONTDESK__AUTH__ARGON2_ITERATIONS", "1"),
];
