//! Contacts and agents that tests act for.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    client::{HandshakeError, Socket},
    node::Node,
    rest::Rest,
    system::System,
    wait::until,
    wire::{Coding, is, is_for},
};

/// A contact: a visitor with the widget open.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Visitor token of the contact.
    pub token: String,
    /// The inbox it writes to.
    pub inbox: String,
    /// Id in the tenant.
    pub id: String,
}

/// An agent that is signed in.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Id in the tenant.
    pub id: String,
    /// Name of the agent.
    pub name: String,
    /// Access token of the agent.
    pub token: String,
}

/// A contact and an agent in one conversation, which the agent has claimed; both watch it.
#[derive(Debug)]
pub struct Talk {
    /// Id of the conversation.
    pub conversation: String,
    /// The contact who opened the conversation.
    pub contact: Contact,
    /// The contact's socket.
    pub widget: Socket,
    /// The agent: Ada, the owner.
    pub agent: Agent,
    /// The agent's socket.
    pub console: Socket,
}

impl Contact {
    /// A new contact, whose page asks `node` for a token.
    ///
    /// # Panics
    /// When it gets none.
    pub async fn visit(system: &System, node: &Node) -> Self {
        Self::visit_inbox(node, &system.demo().inbox).await
    }

    /// A new contact, in any inbox.
    ///
    /// # Panics
    /// When it gets no token.
    pub async fn visit_inbox(node: &Node, inbox: &str) -> Self {
        let answer = Rest::new(node).post_ok("/api/v1/widget/session", &json!({"inbox": inbox, "token": null})).await;
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("a text is missing in {answer}")).to_owned();
        Self { token: text(&answer["token"]), inbox: inbox.to_owned(), id: text(&answer["contact"]["id"]) }
    }

    /// The path of this contact's sockets.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/ws/widget?inbox={}", self.inbox)
    }

    /// Opens a socket at `node`, and is welcome.
    ///
    /// # Panics
    /// When it is not.
    pub async fn connect(&self, node: &Node, coding: Coding) -> Socket {
        let socket = open_socket(node, &self.path(), coding).await.expect("the widget's socket is taken");
        socket.hello(&self.token).await;
        socket
    }
}

impl Agent {
    /// Signs in at `node` with an e-mail address and a password.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn login(node: &Node, (email, password): &(String, String)) -> Self {
        let rest = Rest::new(node);
        let answer = rest.post_ok("/api/v1/auth/login", &json!({"email": email, "password": password})).await;
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("no token in {answer}")).to_owned();
        let me = rest.with_token(&token).get_ok("/api/v1/me").await;
        let text = |name: &str| me[name].as_str().unwrap_or_else(|| panic!("no {name} in {me}")).to_owned();
        Self { id: text("id"), name: text("name"), token }
    }

    /// Ada, the owner of the example tenant.
    ///
    /// # Panics
    /// When she cannot sign in.
    pub async fn ada(system: &System, node: &Node) -> Self {
        Self::login(node, &system.demo().owner).await
    }

    /// Bob, an agent of the example tenant.
    ///
    /// # Panics
    /// When he cannot sign in.
    pub async fn bob(system: &System, node: &Node) -> Self {
        Self::login(node, &system.demo().agent).await
    }

    /// Opens a socket at `node`, and is welcome.
    ///
    /// # Panics
    /// When it is not.
    pub async fn connect(&self, node: &Node, coding: Coding) -> Socket {
        let socket = open_socket(node, Self::PATH, coding).await.expect("the console's socket is taken");
        socket.hello(&self.token).await;
        socket
    }

    /// Requests at `node` in this agent's name.
    #[must_use]
    pub fn rest(&self, node: &Node) -> Rest {
        Rest::new(node).with_token(&self.token)
    }

    /// The path of agents' sockets.
    pub const PATH: &'static str = "/ws/console";
}

impl Talk {
    /// Begins one: the contact at the first gateway, the agent at the second, each with another codec.
    ///
    /// # Panics
    /// When something about it fails.
    pub async fn begin(system: &System) -> Self {
        let (near, far) = (system.gateway(0), system.gateway(1));
        let contact = Contact::visit(system, near).await;
        let widget = contact.connect(near, Coding::Json).await;
        let conversation = open(&widget).await;
        let agent = Agent::ada(system, far).await;
        let console = agent.connect(far, Coding::MessagePack).await;
        watch(&console, &conversation).await;
        console.ask_ok(&command("claim", &conversation)).await;
        Self { conversation, contact, widget, agent, console }
    }

    /// The contact says something; gives its number.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn contact_says(&self, text: &str) -> u64 {
        self.widget.ask_ok(&say(&self.conversation, text)).await
    }

    /// Waits until the agent's socket has seen every entry that either side was told is accepted: on another node an
    /// entry arrives a moment after its sender's answer.
    ///
    /// # Panics
    /// When it does not see them in time.
    pub async fn agent_has_seen_all(&self) {
        let accepted = |socket: &Socket| {
            let mine =
                |frame: &Value| frame["type"] == "accepted" && frame["conversation"] == self.conversation.as_str();
            socket.frames().iter().filter(|frame| mine(frame)).filter_map(|frame| frame["seq"].as_u64()).max()
        };
        if let Some(last) = accepted(&self.widget).max(accepted(&self.console)) {
            sees(&self.console, &self.conversation, last).await;
        }
    }

    /// The agent says something; gives its number.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn agent_says(&self, text: &str) -> u64 {
        self.console.ask_ok(&say(&self.conversation, text)).await
    }
}

/// Waits until `socket` was shown entry `seq` of `conversation`.
///
/// # Panics
/// When it is not in time.
pub async fn sees(socket: &Socket, conversation: &str, seq: u64) {
    let shown = |frame: &Value| {
        let page = frame["entries"].as_array().is_some_and(|entries| entries.iter().any(|entry| entry["seq"] == seq));
        frame["conversation"] == conversation && (page || frame["entry"]["seq"] == seq)
    };
    socket.find("the last accepted entry", shown).await;
}

async fn open_socket(node: &Node, path: &str, coding: Coding) -> Result<Socket, HandshakeError> {
    Socket::connect(&node.host(), path, Some(&node.origin()), coding).await
}

/// A new name for a request.
#[must_use]
pub fn client_id() -> String {
    Uuid::now_v7().to_string()
}

/// A frame of this type about a conversation, with a new name.
#[must_use]
pub fn command(kind: &str, conversation: &str) -> Value {
    json!({"type": kind, "client_id": client_id(), "conversation": conversation})
}

/// A `say` frame with a new name.
#[must_use]
pub fn say(conversation: &str, text: &str) -> Value {
    json!({"type": "say", "client_id": client_id(), "conversation": conversation, "text": text})
}

/// A contact opens a conversation, and watches it from then on; gives its id. Told to try again it does, as a page
/// would: a broker whose leader was killed a moment ago takes nothing yet.
///
/// # Panics
/// When it is not accepted.
pub async fn open(widget: &Socket) -> String {
    let frame = json!({"type": "open", "client_id": client_id()});
    let settled = until("an answer that is not `try again`", async || {
        let answer = widget.ask(&frame).await;
        (answer["retryable"] != true).then_some(answer)
    });
    let answer = settled.await;
    assert!(is(&answer, "accepted"), "{answer}");
    let conversation = answer["conversation"].as_str().expect("an accepted request names its conversation");
    widget.find("that it is watched", |frame| is_for(frame, "recovered", conversation)).await;
    conversation.to_owned()
}

/// Begins to watch a conversation from its beginning; gives `recovered` or `reset`.
///
/// # Panics
/// When there is no answer.
pub async fn watch(socket: &Socket, conversation: &str) -> Value {
    resume(socket, conversation, None, 0).await
}

/// Goes on after `last_seq`; gives `recovered` or `reset`.
///
/// # Panics
/// When there is no answer.
pub async fn resume(socket: &Socket, conversation: &str, epoch: Option<&str>, last_seq: u64) -> Value {
    let mark = socket.mark();
    socket.send(&json!({"type": "resume", "conversation": conversation, "epoch": epoch, "last_seq": last_seq}));
    let answers = |frame: &Value| {
        (is(frame, "recovered") || is(frame, "reset") || is(frame, "error")) && frame["conversation"] == conversation
    };
    socket.find_after(mark, "the answer to resume", answers).await
}
