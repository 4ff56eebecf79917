//! Frames that are none.

use std::time::Duration;

use frontdesk_domain::ConversationKey;
use frontdesk_protocol::socket::{ClientFrame, Codec, ErrorCode, RejectCode, ServerFrame};
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
    server::Server,
};
use crate::people::Person;

const PING: &[u8] = br#"{"type":"ping"}"#;

#[actix_rt::test]
async fn a_frame_that_cannot_be_acted_on_is_answered_and_the_socket_stays() {
    let server = Server::start().await;
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

#[actix_rt::test]
async fn what_breaks_the_protocol_closes_the_socket_with_the_right_code() {
    let server = Server::start().await;
    let ada = Person::agent("Ada");
    let oversized = vec![b'x'; 70_000];
    let cases: Vec<(&str, Codec, Vec<u8>, u16)> = vec![
        ("bytes where text was agreed", Codec::Json, frame(0x82, PING), 1003),
        ("text where bytes were agreed", Codec::MessagePack, frame(0x81, PING), 1003),
        ("fragments of bytes where text was agreed", Codec::Json, frame(0x02, PING), 1003),
        ("text that is not UTF-8", Codec::Json, frame(0x81, b"\xc3\x28"), 1007),
        ("fragments that are not UTF-8", Codec::Json, [frame(0x01, b"\xc3"), frame(0x80, b"\x28")].concat(), 1007),
        ("a reserved opcode", Codec::Json, frame(0x83, PING), 1002),
        ("a reserved bit", Codec::Json, frame(0xc1, PING), 1002),
        ("no mask", Codec::Json, [head(0x81, 15, 0), PING.to_vec()].concat(), 1002),
        ("a ping that is too long", Codec::Json, frame(0x89, &[b'x'; 126]), 1002),
        ("a ping in fragments", Codec::Json, frame(0x09, b"x"), 1002),
        ("an end without a beginning", Codec::Json, frame(0x80, PING), 1002),
        ("a message within another", Codec::Json, [frame(0x01, b"{"), frame(0x81, PING)].concat(), 1002),
        ("a close code that is none", Codec::Json, frame(0x88, &[0, 1]), 1002),
        ("a frame that is too large", Codec::Json, frame(0x81, &oversized), 1009),
        (
            "fragments that are",
            Codec::Json,
            [frame(0x01, &oversized[..35_000]), frame(0x80, &oversized[35_000..])].concat(),
            1009,
        ),
        ("an enormous frame, announced", Codec::MessagePack, head(0x82, 1 << 40, 0x80), 1009),
        ("a length that is none", Codec::MessagePack, head(0x82, 1 << 63, 0x80), 1009),
        ("empty fragments for ever", Codec::Json, [frame(0x01, b""), frame(0x00, b"").repeat(70_000)].concat(), 1009),
    ];
    for (what, codec, bytes, code) in cases {
        let mut client = server.welcome_with(&ada, codec).await;
        client.send_bytes(&bytes).await;
        assert_eq!(client.closed().await.0, code, "{what}");
    }
}

/// The server does not take in what it refuses, and the peer still learns why it was refused.
#[actix_rt::test]
async fn a_peer_in_full_flow_learns_why_it_is_closed() {
    let server = Server::start().await;
    let mut client = server.welcome(&Person::agent("Ada")).await;
    let part = vec![b'x'; 16_000];
    client.send_bytes(&head(0x81, 16_000_000, 0x80)).await;
    for _ in 0..200 {
        client.send_bytes(&part).await;
    }
    assert_eq!(client.closed().await.0, 1009);
}

#[actix_rt::test]
async fn fragments_are_put_together_whatever_comes_between() {
    let server = Server::start().await;
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

#[actix_rt::test]
async fn a_peer_that_sends_nothing_but_nonsense_is_shown_the_door() {
    let server = Server::with(|session| (session.commands_per_second, session.commands_burst) = (1, 20)).await;
    let mut known = server.welcome(&Person::agent("Ada")).await;
    let mut unknown = Client::connect(server.address, "widget", Codec::Json).await;
    for client in [&mut known, &mut unknown] {
        client.send_bytes(&frame(0x81, b"nonsense").repeat(100)).await;
        let (code, told) = client.closed().await;
        assert_eq!(code, 1008);
        assert!(told.len() <= 23, "{}", told.len());
    }
}

#[actix_rt::test]
async fn who_says_good_bye_is_answered() {
    let server = Server::start().await;
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
    crate::time::eventually("nobody is left", async || (server.node.open_sockets() == 0).then_some(())).await;
}

/// Many small frames at once: each is handled, in order, and they are not buffered beyond what the connection holds.
#[actix_rt::test]
async fn a_flood_of_small_frames_is_handled_in_order() {
    let server = Server::with(|session| (session.commands_per_second, session.commands_burst) = (10_000, 10_000)).await;
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

/// A masked frame, as clients send it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let masked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    let mut bytes = head(first, payload.len(), 0x80);
    bytes.extend(mask);
    bytes.extend(masked);
    bytes
}

fn head(first: u8, length: usize, mask_bit: u8) -> Vec<u8> {
    match length {
        0..126 => vec![first, mask_bit | length as u8],
        126..65_536 => [&[first, mask_bit | 126][..], &(length as u16).to_be_bytes()].concat(),
        _ => [&[first, mask_bit | 127][..], &(length as u64).to_be_bytes()].concat(),
    }
}
