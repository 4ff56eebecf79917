//! Bytes that break the WebSocket protocol (RFC 6455).

use frontdesk_tests::harness::{Closed, Coding, History, Socket, System, Talk, is, say};
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

pub(crate) async fn broken_websocket_frames_close_with_the_right_code(system: &System) {
    let talk = Talk::begin(system).await;
    let ping = br#"{"type":"ping"}"#;
    let text = |bytes: &[u8]| frame(0x81, bytes);
    let binary = |bytes: &[u8]| frame(0x82, bytes);
    let cases: Vec<(&str, Coding, Vec<u8>, u16)> = vec![
        ("a reserved opcode", Coding::Json, frame(0x83, ping), 1002),
        ("a reserved control opcode", Coding::Json, frame(0x8b, b""), 1002),
        ("an extension that was not negotiated", Coding::Json, frame(0xc1, ping), 1002),
        ("no mask", Coding::Json, unmasked(0x81, ping), 1002),
        ("a ping in fragments", Coding::Json, frame(0x09, b""), 1002),
        ("a ping that is too long", Coding::Json, frame(0x89, &[b'x'; 126]), 1002),
        ("the end of what never began", Coding::Json, frame(0x80, ping), 1002),
        ("a new message within another", Coding::Json, [frame(0x01, b"{"), text(ping)].concat(), 1002),
        ("text that is not UTF-8", Coding::Json, text(b"\xc3\x28"), 1007),
        ("bytes where text was agreed", Coding::Json, binary(ping), 1003),
        ("text where bytes were agreed", Coding::MessagePack, text(ping), 1003),
    ];
    for (what, coding, bytes, code) in cases {
        let socket = talk.contact.connect(system.gateway(0), coding).await;
        socket.send_bytes(bytes);
        assert_eq!(socket.closed().await, Closed::Code(code), "{what}");
    }
    // Other sockets are not affected.
    talk.contact_says("still here").await;
    talk.agent_says("so am I").await;
}

pub(crate) async fn too_large_a_frame_closes_the_socket(system: &System) {
    let talk = Talk::begin(system).await;
    let long = "x".repeat(70_000);
    let whole = json!({"type": "ping", "padding": long}).to_string();
    let halves = whole.as_bytes().split_at(35_000);
    let claimed = [&[0x81, 0xff][..], &(1_u64 << 62).to_be_bytes(), &[0; 4]].concat();
    for (what, bytes) in [
        ("one frame", frame(0x81, whole.as_bytes())),
        ("two fragments", [frame(0x01, halves.0), frame(0x80, halves.1)].concat()),
        ("a claim", claimed),
    ] {
        let socket = talk.contact.connect(system.gateway(0), Coding::Json).await;
        socket.send_bytes(bytes);
        assert_eq!(socket.closed().await, Closed::Code(1009), "{what}");
    }
    // One that just fits is taken.
    let fits = json!({"type": "ping", "padding": "x".repeat(65_000)});
    let mark = talk.widget.mark();
    talk.widget.send(&fits);
    talk.widget.find_after(mark, "the pong", |frame| is(frame, "pong")).await;
    talk.contact_says("still here").await;
}

pub(crate) async fn fragments_are_put_together(system: &System) {
    let talk = Talk::begin(system).await;
    let said = say(&talk.conversation, "in three parts: 一二三");
    let bytes = said.to_string().into_bytes();
    // The cuts go through the middle of characters, and a ping comes between.
    let cuts = [bytes.len() - 9, bytes.len() - 5];
    let socket = talk.contact.connect(system.gateway(1), Coding::Json).await;
    let part = |bytes: &[u8], opcode, last| Message::Frame(Frame::message(bytes.to_vec(), opcode, last));
    socket.send_message(part(&bytes[..cuts[0]], OpCode::Data(Data::Text), false));
    socket.send_message(Message::Ping("between".into()));
    socket.send_message(part(&bytes[cuts[0]..cuts[1]], OpCode::Data(Data::Continue), false));
    socket.send_message(part(&bytes[cuts[1]..], OpCode::Data(Data::Continue), true));
    let answer = socket.find("the answer", |frame| frame["client_id"] == said["client_id"]).await;
    assert!(is(&answer, "accepted"), "{answer}");
    assert_eq!(History::by_socket(&talk.console, &talk.conversation).await.texts(), ["in three parts: 一二三"]);

    // Those who say good-bye, in either way, are answered alike.
    socket.send(&json!({"type": "bye"}));
    assert_eq!(socket.closed().await, Closed::Code(1000));
    let socket: Socket = talk.contact.connect(system.gateway(1), Coding::Json).await;
    socket.send_message(Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: "done".into() })));
    // The answer to a close frame may leave the code out.
    assert!(matches!(socket.closed().await, Closed::Code(1000 | 1005)), "{:?}", socket.closed().await);
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

fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    [head(first, payload.len(), 0), payload.to_vec()].concat()
}

fn head(first: u8, length: usize, mask_bit: u8) -> Vec<u8> {
    match length {
        0..126 => vec![first, mask_bit | length as u8],
        126..65_536 => [&[first, mask_bit | 126][..], &(length as u16).to_be_bytes()].concat(),
        _ => [&[first, mask_bit | 127][..], &(length as u64).to_be_bytes()].concat(),
    }
}
