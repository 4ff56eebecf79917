//! Frames that are none.

use std::time::Duration;

use frontdesk_domain::ConversationKey;
use frontdesk_protocol::socket::{ClientFrame, Codec, ErrorCode, RejectCode, ServerFrame};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::{
    Message, Utf8Bytes,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

use super::{
    client::{Client, client_id, say},
    frames::{frame, head},
    server::{Server, Transport, on_both_transports},
};
use crate::participants::Person;

on_both_transports! {
    a_frame_that_cannot_be_acted_on_is_answered_and_the_socket_stays
    a_peer_in_full_flow_learns_why_it_is_closed
    fragments_are_put_together_whatever_comes_between
    a_peer_that_sends_nothing_but_nonsense_is_shown_the_door
    who_says_good_bye_is_answered
    a_peer_that_ends_its_side_is_told_nothing_untrue
    a_flood_of_small_frames_is_handled_in_order
}

async fn a_frame_that_cannot_be_acted_on_is_answered_and_the_socket_stays(on: Transport) {
    let server = Server::start(on).await;
    let mut client = server.welcome(&Person::contact("Lin")).await;
    let id = client_id();
    for (text, wanted) in [
        ("{", ErrorCode::Malformed),
        ("[]", ErrorCode::Malformed),
        ("\"hello\"", ErrorCode::Malformed),
        (r#"{"type":"teleport"}"#, ErrorCode::UnknownFrame),
        (r#"{"type":"leave","conversation":7}"#, ErrorCode::Invalid),
        (r#"{"type":"range","conversation":"01900000-0000-7000-8000-000000000000"}"#, ErrorCode::Invalid),
        (
            r#"{"type":"range","conversation":"01900000-0000-7000-8000-000000000000","after_seq":1}"#,
            ErrorCode::NotFound,
        ),
    ] {
        client.send_message(Message::text(text)).await;
        let answer = client.next().await;
        assert!(matches!(&answer, ServerFrame::Error { code, .. } if *code == wanted), "{text}: {answer:?}");
    }
    client.send_message(Message::text(format!(r#"{{"type":"say","client_id":"{id}","text":""}}"#))).await;
    let answer = client.next().await;
    assert!(
        matches!(&answer, ServerFrame::Rejected { client_id, code: RejectCode::Invalid, .. } if *client_id == id),
        "{answer:?}"
    );
    client.open().await;
}

/// The end of the stream is not a text that is not UTF-8, whether it comes between two frames or within one.
async fn a_peer_that_ends_its_side_is_told_nothing_untrue(on: Transport) {
    let server = Server::start(on).await;
    let ping = frame(0x89, b"still here");
    for part in [&[][..], &ping[..1], &ping[..8]] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&super::permits::handshake(server.address)).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"));
        stream.write_all(part).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut told = Vec::new();
        tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut told)).await.expect("it ends").unwrap();
        assert_eq!(told, b"", "after {part:?}");
    }
}

/// The server does not take in what it refuses, and the peer still learns why it was refused.
async fn a_peer_in_full_flow_learns_why_it_is_closed(on: Transport) {
    let server = Server::start(on).await;
    let mut client = server.welcome(&Person::agent("Ada")).await;
    let part = vec![b'x'; 16_000];
    client.send_bytes(&head(0x81, 16_000_000, 0x80)).await;
    for _ in 0..200 {
        client.send_bytes(&part).await;
    }
    assert_eq!(client.closed().await.0, 1009);
}

async fn fragments_are_put_together_whatever_comes_between(on: Transport) {
    let server = Server::start(on).await;
    let mut client = server.welcome(&Person::contact("Lin")).await;
    let conversation = client.open().await;
    let frame = say(conversation, "in three parts: 一二三");
    let bytes = Codec::Json.encode_client(&frame);
    // The first cut goes through the middle of a character.
    let (first, rest) = bytes.split_at(bytes.len() - 9);
    let (second, third) = rest.split_at(4);
    let part = |bytes: &[u8], opcode, last| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(opcode), last));
    client.send_message(part(first, Data::Text, false)).await;
    client.send_message(Message::Ping("between".into())).await;
    client.send_message(part(second, Data::Continue, false)).await;
    client.send_message(part(third, Data::Continue, true)).await;
    assert_eq!(client.texts(1).await, ["in three parts: 一二三"]);
    // And the next message is another one.
    assert_eq!(client.say(conversation, "whole").await, 3);
}

async fn a_peer_that_sends_nothing_but_nonsense_is_shown_the_door(on: Transport) {
    let server = Server::with(on, |session| (session.commands_per_second, session.commands_burst) = (1, 20)).await;
    let mut known = server.welcome(&Person::agent("Ada")).await;
    let mut unknown = Client::connect(server.address, "widget", Codec::Json).await;
    for client in [&mut known, &mut unknown] {
        client.send_bytes(&frame(0x81, b"nonsense").repeat(100)).await;
        let (code, told) = client.closed().await;
        assert_eq!(code, 1008);
        assert!(told.len() <= 23, "{}", told.len());
    }
}

async fn who_says_good_bye_is_answered(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    let mut polite = server.welcome(&ada).await;
    polite.send(&ClientFrame::Bye {}).await;
    assert_eq!(polite.closed().await.0, 1000);
    let mut early = Client::connect(server.address, "console", Codec::MessagePack).await;
    early.send(&ClientFrame::Bye {}).await;
    assert_eq!(early.closed().await.0, 1000);
    let mut short = server.welcome(&ada).await;
    let reason = Utf8Bytes::from_static("done");
    short.send_message(Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason }))).await;
    assert_eq!(short.closed().await.0, 1000);
    crate::time::eventually("no session is left", async || (server.sessions.count() == 0).then_some(())).await;
}

/// Many small frames at once: each is handled, in order, and they are not buffered beyond what the connection holds.
async fn a_flood_of_small_frames_is_handled_in_order(on: Transport) {
    let server =
        Server::with(on, |session| (session.commands_per_second, session.commands_burst) = (10_000, 10_000)).await;
    let contact = Person::contact("Lin");
    let mut client = server.welcome(&contact).await;
    let conversation = client.open().await;
    let frames: Vec<_> = (0..60).map(|number| say(conversation, &format!("{number}"))).collect();
    let bytes: Vec<_> = frames.iter().flat_map(|sent| frame(0x81, &Codec::Json.encode_client(sent))).collect();
    client.send_bytes(&bytes).await;
    assert_eq!(client.texts(60).await, (0..60).map(|number| number.to_string()).collect::<Vec<_>>());
    let key = ConversationKey { tenant: server.world.doorkeeper.tenant, conversation };
    assert_eq!(server.world.logged(key).await.len(), 61);
    tokio::time::timeout(Duration::from_secs(5), server.stop()).await.unwrap();
}
