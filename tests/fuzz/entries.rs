//! What is tried with bytes that anybody may send. Each entry panics when something does not hold; `make fuzz` looks
//! for such bytes, and `replay.rs` tries those that were kept.

use frontdesk_protocol::{
    socket::Codec,
    websocket::{Event, Reader, Rules, Violation},
};

/// Small, so that the limit is met often.
const MOST_BYTES: usize = 1_000;

/// Reads `data` as what a client sends on a socket. The first byte says what was agreed and how the rest is cut.
pub fn frames(data: &[u8]) {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let rules = Rules { text: choice & 1 == 0, most_bytes: MOST_BYTES };
    let size = usize::from(choice >> 1).max(1);
    let whole = read(rules, [bytes]);
    assert_eq!(read(rules, bytes.chunks(size)), whole, "where the bytes are cut makes no difference");
    for event in &whole.0 {
        match event {
            Event::Message(message) => {
                assert!(message.len() <= MOST_BYTES);
                assert!(!rules.text || std::str::from_utf8(message).is_ok());
            }
            Event::Ping(payload) => assert!(payload.len() <= 125),
            Event::Close(Some(code)) => assert!((1000..5000).contains(code)),
            Event::Close(None) | Event::Pong => {}
        }
    }
}

/// All that is said until the end.
fn read<'a>(rules: Rules, parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Option<Violation>) {
    let (mut reader, mut events, mut given) = (Reader::new(rules), vec![], 0);
    for mut part in parts {
        given += part.len();
        loop {
            match reader.next(&mut part) {
                Ok(Some(event)) => {
                    let last = matches!(event, Event::Close(_));
                    events.push(event);
                    if last {
                        return (events, None);
                    }
                }
                Ok(None) => break,
                Err(violation) => return (events, Some(violation)),
            }
            assert!(reader.held_bytes() <= given, "no more is held than has come");
        }
        // A frame, its head, and nothing of the next.
        assert!(reader.held_bytes() < MOST_BYTES + 14, "what has come of one frame is held at most");
    }
    (events, None)
}

/// Reads `data` as one frame of ours, in both codings.
pub fn decoder(data: &[u8]) {
    for codec in Codec::ALL {
        match codec.decode(data) {
            Ok(frame) => {
                for other in Codec::ALL {
                    let written = other.encode_client(&frame);
                    assert_eq!(
                        other.decode(&written).as_ref(),
                        Ok(&frame),
                        "what was read can be written and read again"
                    );
                }
            }
            Err(error) => {
                assert!(error.detail.len() <= 1_000 && !error.detail.chars().any(char::is_control), "{error:?}");
            }
        }
        // What clients make of a server's frames must not fail them either.
        let _frame = codec.decode_server(data);
    }
}
