//! Cut anywhere, the same bytes mean the same; and another implementation agrees.

use std::io::Cursor;

use proptest::{collection::vec, prelude::*};
use tokio_tungstenite::tungstenite::{
    self, Message,
    error::{CapacityError, Error},
    protocol::{Role, WebSocket, WebSocketConfig},
};

use super::*;

const MOST_BYTES: usize = 300;

fn rules(text: bool) -> Rules {
    Rules { text, most_bytes: MOST_BYTES }
}

/// Everything that is said until the bytes end or break a rule.
fn read<'a>(text: bool, parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Option<Violation>) {
    let (mut reader, mut events) = (Reader::new(rules(text)), vec![]);
    for mut part in parts {
        loop {
            match reader.next(&mut part) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(violation) => return (events, Some(violation)),
            }
            if matches!(events.last(), Some(Event::Close(_))) {
                return (events, None);
            }
        }
        assert!(part.is_empty(), "all is taken in before more is asked for");
    }
    (events, None)
}

/// A frame as a client writes it.
fn frame(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let opcode = OpCode::Text;
    let mut bytes = FrameHead::new(opcode, payload.len()).as_ref().to_vec();
    (bytes[0], bytes[1]) = (first, bytes[1] | 0x80);
    bytes.extend(mask);
    let mut payload = payload.to_vec();
    unmask(&mut payload, mask);
    bytes.extend(payload);
    bytes
}

/// What the other implementation makes of `bytes`.
fn read_by_tungstenite(bytes: &[u8]) -> (Vec<Event>, bool) {
    /// Reads only.
    struct Sink(Cursor<Vec<u8>>);
    impl std::io::Read for Sink {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }
    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let config = WebSocketConfig::default().max_frame_size(Some(MOST_BYTES)).max_message_size(Some(MOST_BYTES));
    let mut socket = WebSocket::from_raw_socket(Sink(Cursor::new(bytes.to_vec())), Role::Server, Some(config));
    let mut events = vec![];
    loop {
        events.push(match socket.read() {
            Ok(Message::Text(text)) => Event::Message(text.into()),
            Ok(Message::Binary(bytes)) => Event::Message(bytes),
            Ok(Message::Ping(payload)) => Event::Ping(payload),
            Ok(Message::Pong(_)) => Event::Pong,
            Ok(Message::Close(frame)) => {
                events.push(Event::Close(frame.map(|frame| frame.code.into())));
                return (events, false);
            }
            Ok(Message::Frame(_)) => continue,
            Err(Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => {
                return (events, false);
            }
            Err(Error::Protocol(_) | Error::Utf8(_) | Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                return (events, true);
            }
            Err(other) => panic!("{other:?}"),
        });
    }
}

fn a_frame() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        6 => Just(0x81_u8),
        2 => Just(0x01),
        2 => Just(0x00),
        2 => Just(0x80),
        2 => Just(0x89),
        1 => Just(0x8a),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        4 => vec(b' '..b'~', 0..20),
        2 => vec(b' '..b'~', 110..140),
        1 => vec(b' '..b'~', 280..320),
        1 => vec(any::<u8>(), 0..9),
        1 => (995_u16..1020).prop_map(|code| code.to_be_bytes().to_vec()),
        1 => Just("一é😀".as_bytes()[..7].to_vec()),
    ];
    (first, payload, any::<[u8; 4]>()).prop_map(|(first, payload, mask)| frame(first, &payload, mask))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn where_the_bytes_are_cut_makes_no_difference(frames in vec(a_frame(), 0..8), sizes in vec(1_usize..40, 1..20)) {
        let bytes = frames.concat();
        let (mut left, mut parts) = (&bytes[..], vec![]);
        for size in sizes.iter().cycle() {
            if left.is_empty() {
                break;
            }
            let (part, rest) = left.split_at((*size).min(left.len()));
            parts.push(part);
            left = rest;
        }
        prop_assert_eq!(read(true, parts), read(true, [&bytes[..]]));
    }

    #[test]
    fn another_implementation_reads_the_same(frames in vec(a_frame(), 0..8), flip in any::<Option<(u16, u8)>>()) {
        let mut bytes = frames.concat();
        if let Some((at, bit)) = flip.filter(|_| !bytes.is_empty()) {
            let at = usize::from(at) % bytes.len();
            bytes[at] ^= 1 << (bit % 8);
        }
        let (ours, violation) = read(true, [&bytes[..]]);
        // The other one takes both kinds.
        prop_assume!(violation != Some(Violation::Unsupported));
        let (theirs, refused) = read_by_tungstenite(&bytes);
        let said = |events: &[Event]| -> Vec<Event> {
            events.iter().filter(|event| !matches!(event, Event::Close(_))).cloned().collect()
        };
        prop_assert_eq!(said(&ours), said(&theirs));
        let closed = |events: &[Event]| matches!(events.last(), Some(Event::Close(_)));
        // Frames are refused here before they are whole.
        prop_assert!(violation.is_some() || closed(&ours) || !(refused || closed(&theirs)));
    }

    #[test]
    fn what_was_held_back_is_read_first(frames in vec(a_frame(), 0..8), cut in any::<u16>()) {
        let bytes = frames.concat();
        let (early, rest) = bytes.split_at(usize::from(cut) % (bytes.len() + 1));
        let (mut reader, mut events) = (Reader::new(rules(true)), vec![]);
        reader.keep(early);
        let mut rest = rest;
        let violation = loop {
            match reader.next(&mut rest) {
                Ok(Some(Event::Close(code))) => {
                    events.push(Event::Close(code));
                    break None;
                }
                Ok(Some(event)) => events.push(event),
                Ok(None) => break None,
                Err(violation) => break Some(violation),
            }
        };
        prop_assert_eq!((events, violation), read(true, [&bytes[..]]));
    }
}

#[test]
fn nothing_is_held_between_frames() {
    let mut reader = Reader::new(rules(true));
    let whole = frame(0x81, &[b'x'; 200], [1, 2, 3, 4]);
    let (begun, rest) = whole.split_at(100);
    for _ in 0..3 {
        assert_eq!(reader.next(&mut &begun[..]), Ok(None));
        assert_eq!(reader.held_bytes(), 100);
        let mut fresh = [rest, &whole[..]].concat();
        fresh.truncate(rest.len() + whole.len());
        let mut fresh = &fresh[..];
        assert!(matches!(reader.next(&mut fresh), Ok(Some(Event::Message(_)))));
        assert_eq!((reader.held_bytes(), fresh.len()), (0, whole.len()), "no byte more than the frame has is taken in");
        assert!(matches!(reader.next(&mut fresh), Ok(Some(Event::Message(_)))));
    }
}

#[test]
fn a_frame_is_refused_by_the_first_byte_that_shows_what_is_wrong() {
    let claim = [&[0x82, 0xff][..], &(1_u64 << 63).to_be_bytes()].concat();
    for (bytes, violation) in [
        (&[0x83][..], Violation::Protocol),
        (&[0xc1], Violation::Protocol),
        (&[0x09], Violation::Protocol),
        (&[0x81, 0x05], Violation::Protocol),
        (&[0x89, 0xfe], Violation::Protocol),
        (&[0x88, 0x81], Violation::Protocol),
        (&[0x81, 0xfe, 0x01, 0x2d], Violation::TooLarge),
        (&claim, Violation::TooLarge),
    ] {
        assert_eq!(Head::parse(bytes, MOST_BYTES), Err(violation), "{bytes:x?}");
        assert_eq!(Head::parse(&bytes[..bytes.len() - 1], MOST_BYTES), Ok(None), "{bytes:x?}");
    }
}

#[test]
fn heads_are_as_short_as_they_can_be() {
    for (payload, wanted) in [
        (0, &[0x81, 0][..]),
        (125, &[0x81, 125]),
        (126, &[0x81, 126, 0, 126]),
        (65_535, &[0x81, 126, 0xff, 0xff]),
        (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let mut head = FrameHead::new(OpCode::Text, payload);
        assert_eq!(head.as_ref(), wanted);
        head.advance(1);
        assert_eq!(head.as_ref(), &wanted[1..]);
        head.advance(99);
        assert!(head.as_ref().is_empty());
    }
}

#[test]
fn a_reason_is_cut_between_characters() {
    assert_eq!(close_payload(None, "unheard"), b"");
    let payload = close_payload(Some(1013), &"一".repeat(60));
    assert_eq!((payload.len(), &payload[..2]), (125, &1013_u16.to_be_bytes()[..]));
    assert!(std::str::from_utf8(&payload[2..]).is_ok());
}
