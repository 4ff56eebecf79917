//! How a client of each system opens a socket, says something, and hears it.

use serde_json::json;

use crate::{
    frontdesk,
    server::Server,
    socket::{Mouth, Socket},
    systems::System,
};

/// One who sends to one other.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) speaker: Socket,
    pub(crate) listener: Socket,
    /// In which conversation; Frontdesk only.
    pub(crate) conversation: Option<String>,
}

/// An idle client, as far in as one that waits for messages: welcomed or subscribed.
pub(crate) async fn idle(server: &Server, number: usize) -> anyhow::Result<Socket> {
    match server.system {
        System::FrontdeskDisk | System::FrontdeskOs => frontdesk::contact(server).await,
        _ => plain(server, &format!("idle{number}"), "none").await,
    }
}

/// Two clients, where the first can send to the second.
pub(crate) async fn pair(server: &Server, number: usize) -> anyhow::Result<Pair> {
    if server.system.is_frontdesk() {
        return frontdesk::pair(server, number).await;
    }
    let (a, b) = (format!("a{number}"), format!("b{number}"));
    let listener = plain(server, &b, &a).await?;
    Ok(Pair { speaker: plain(server, &a, &b).await?, listener, conversation: None })
}

async fn plain(server: &Server, me: &str, to: &str) -> anyhow::Result<Socket> {
    match server.system {
        System::SocketIo => {
            let path = format!("/socket.io/?EIO=4&transport=websocket&me={me}");
            let mut socket = Socket::open(&server.address, &path, None).await?;
            socket.until("the opening", |text| text.starts_with('0')).await?;
            socket.send("40");
            socket.until("the connection", |text| text.starts_with("40")).await?;
            Ok(socket)
        }
        _ => Socket::open(&server.address, &format!("/socket?me={me}&to={to}"), None).await,
    }
}

/// Writes message `text` of pair `number` as its system wants it.
pub(crate) fn written(system: System, number: usize, pair: &Option<String>, text: &str) -> String {
    match system {
        System::FrontdeskDisk | System::FrontdeskOs => frontdesk::say(pair.as_deref().unwrap_or_default(), text),
        System::Ws => json!({"to": format!("b{number}"), "text": text}).to_string(),
        System::SocketIo => format!("42{}", json!(["say", format!("b{number}"), text])),
        System::Nchan => text.to_owned(),
    }
}

/// How a frame begins that brings a text to its receiver.
pub(crate) const fn brings(system: System) -> &'static str {
    match system {
        System::FrontdeskDisk | System::FrontdeskOs => "{\"type\":\"message\"",
        System::Ws => "{\"from\"",
        System::SocketIo => "42[\"message\"",
        System::Nchan => "",
    }
}

/// Answers the heartbeats that the system expects to be answered above the protocol of sockets.
pub(crate) fn answer_heartbeat(system: System, frame: &str, mouth: &Mouth) {
    let answer = match system {
        System::SocketIo if frame == "2" => "3",
        System::FrontdeskDisk | System::FrontdeskOs if frame.starts_with("{\"type\":\"ping\"") => "{\"type\":\"pong\"}",
        _ => return,
    };
    // The listener sees that the socket ended.
    let _ended = mouth.send(answer.into());
}
