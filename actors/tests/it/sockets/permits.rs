//! What a socket counts against is given back when it is gone, however it went.

use std::net::SocketAddr;

use frontdesk_protocol::socket::{ClientFrame, Codec};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    client::Client,
    server::{Server, Transport, on_both_transports},
};
use crate::{
    participants::{Doorkeeper, Person},
    time::{eventually, soon},
};

on_both_transports! {
    a_socket_that_ends_frees_its_place
    a_socket_that_dies_during_its_handshake_frees_its_place
}

async fn a_socket_that_ends_frees_its_place(on: Transport) {
    let server = Server::start(on).await;
    let (ada, lin) = (Person::agent("Ada"), Person::contact("Lin"));
    let (first, mut second) = (server.welcome(&ada).await, server.welcome(&lin).await);
    let silent = Client::connect(server.address, "widget", Codec::Json).await;
    assert!(server.permits_held() >= 3, "each has one");
    // One is cut, one says good-bye, one never said anything, and one's session dies.
    drop((first, silent));
    second.send(&ClientFrame::Bye {}).await;
    second.closed().await;
    drop(second);
    let mut fatal = Client::connect(server.address, "widget", Codec::Json).await;
    fatal.send(&ClientFrame::Hello { token: Doorkeeper::FATAL.to_owned() }).await;
    fatal.closed().await;
    drop(fatal);
    nothing_is_left(&server).await;
}

async fn a_socket_that_dies_during_its_handshake_frees_its_place(on: Transport) {
    let server = Server::start(on).await;
    for number in 0..30 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let request = handshake(server.address);
        match number % 3 {
            // In the middle of the request, right after it, and in the middle of the answer.
            0 => stream.write_all(&request[..request.len() / 2]).await.unwrap(),
            1 => stream.write_all(&request).await.unwrap(),
            _ => {
                stream.write_all(&request).await.unwrap();
                soon("an answer", stream.read_u8()).await.unwrap();
                assert!(server.permits_held() > 0, "it has a place by now");
            }
        }
        // Reset: the peer is gone without a word.
        SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    }
    nothing_is_left(&server).await;
}

async fn nothing_is_left(server: &Server) {
    eventually("every place is free", async || {
        (server.permits_held() == 0 && server.sessions.count() == 0).then_some(())
    })
    .await;
}

pub(super) fn handshake(address: SocketAddr) -> Vec<u8> {
    let protocol = Codec::Json.subprotocol();
    format!(
        "GET /widget/json HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
    )
    .into_bytes()
}
