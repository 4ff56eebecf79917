//! The cases: bytes, and what becomes of them.

use frontdesk_protocol::socket::{ClientFrame, Codec};

use super::{
    bytes::{frame, head, masked},
    raw::Told,
};

pub(super) struct Case {
    pub(super) name: String,
    pub(super) codec: Codec,
    pub(super) bytes: Vec<u8>,
    pub(super) expected: Expected,
}

#[derive(Debug)]
pub(super) enum Expected {
    /// A close frame with this code, and nothing after it.
    Closed(Option<u16>),
    /// These, and the socket stays open.
    Answers(Vec<Told>),
    /// The client ends the connection; whatever it is still told, it is not answered.
    End,
}

const PING: &[u8] = br#"{"type":"ping"}"#;
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![];
    let mut add = |name: &str, bytes: Vec<u8>, expected| {
        cases.push(Case { name: name.to_owned(), codec: Codec::Json, bytes, expected });
    };
    for (name, bytes, answers) in answered() {
        add(name, bytes, Expected::Answers(answers));
    }
    for (code, of_code) in [(1002, broken()), (1003, of_the_other_kind()), (1007, no_text()), (1009, too_large())] {
        for (name, bytes) in of_code {
            add(&name, bytes, Expected::Closed(Some(code)));
        }
    }
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
        add(&format!("close {code}"), close(code, b"a reason"), Expected::Closed(Some(code)));
    }
    add("close without a code", frame(0x88, b""), Expected::Closed(None));
    add("a message after the close", [close(1000, b""), text()].concat(), Expected::Closed(Some(1000)));
    add("a second close", [close(1000, b""), close(1001, b"")].concat(), Expected::Closed(Some(1000)));
    add("nonsense after the close", [close(1000, b""), vec![0xff; 64]].concat(), Expected::Closed(Some(1000)));
    add("half a head, and the end", vec![TEXT], Expected::End);
    add("half a frame, and the end", text()[..9].to_vec(), Expected::End);
    add("half a message, and the end", frame(0x01, b"{"), Expected::End);
    let packed = Codec::MessagePack.encode_client(&ClientFrame::Ping {});
    for (name, bytes, expected) in [
        ("bytes", frame(BINARY, &packed), Expected::Answers(vec![pong()])),
        (
            "bytes in fragments",
            [frame(0x02, &packed[..1]), frame(0x80, &packed[1..])].concat(),
            Expected::Answers(vec![pong()]),
        ),
        ("text where bytes were agreed", text(), Expected::Closed(Some(1003))),
        ("text in fragments where bytes were agreed", frame(0x01, b"{"), Expected::Closed(Some(1003))),
    ] {
        cases.push(Case { name: name.to_owned(), codec: Codec::MessagePack, bytes, expected });
    }
    cases
}

fn answered() -> Vec<(&'static str, Vec<u8>, Vec<Told>)> {
    let padded = |bytes: usize| {
        let padding = "x".repeat(bytes - br#"{"type":"ping","padding":""}"#.len());
        frame(TEXT, format!(r#"{{"type":"ping","padding":"{padding}"}}"#).as_bytes())
    };
    let multibyte = r#"{"type":"ping","padding":"é一😀"}"#.as_bytes();
    let parts = |sizes: &[usize]| {
        let mut left = multibyte;
        let mut bytes = vec![];
        for (index, size) in sizes.iter().enumerate() {
            let (part, rest) = left.split_at(*size);
            left = rest;
            bytes.extend(frame(if index == 0 { 0x01 } else { 0x00 }, part));
        }
        bytes.extend(frame(0x80, left));
        bytes
    };
    let ping = |payload: &[u8]| frame(0x89, payload);
    let echo = |payload: &[u8]| Told::Pong(payload.to_vec());
    vec![
        ("text", text(), vec![pong()]),
        ("a mask of zeros", masked(TEXT, PING, [0; 4]), vec![pong()]),
        ("a mask of ones", masked(TEXT, PING, [0xff; 4]), vec![pong()]),
        ("a length in two bytes that fits into one", padded_length(126), vec![pong()]),
        ("a length in eight bytes that fits into one", padded_length(127), vec![pong()]),
        ("125 bytes", padded(125), vec![pong()]),
        ("126 bytes", padded(126), vec![pong()]),
        ("127 bytes", padded(127), vec![pong()]),
        ("65,535 bytes", padded(65_535), vec![pong()]),
        ("65,536 bytes, the most", padded(65_536), vec![pong()]),
        ("two frames", [text(), text()].concat(), vec![pong(), pong()]),
        ("fifty frames", text().repeat(50), vec![pong(); 50]),
        ("fragments", parts(&[5]), vec![pong()]),
        ("fragments cut through characters", parts(&[26, 2, 2, 2]), vec![pong()]),
        ("fragments of one byte", parts(&[1; 30]), vec![pong()]),
        ("an empty first fragment", parts(&[0, 7]), vec![pong()]),
        ("empty fragments in the middle", parts(&[7, 0, 0, 0]), vec![pong()]),
        ("an empty last fragment", [parts(&[1])[..7].to_vec(), rest_and_nothing(multibyte)].concat(), vec![pong()]),
        ("a ping", ping(b"hello"), vec![echo(b"hello")]),
        ("an empty ping", ping(b""), vec![echo(b"")]),
        ("a ping of 125 bytes", ping(&[0xfe; 125]), vec![echo(&[0xfe; 125])]),
        ("a ping before a message", [ping(b"a"), text()].concat(), vec![echo(b"a"), pong()]),
        (
            "a ping between fragments",
            [frame(0x01, &PING[..4]), ping(b"between"), frame(0x80, &PING[4..])].concat(),
            vec![echo(b"between"), pong()],
        ),
        (
            "a pong between fragments",
            [frame(0x01, &PING[..4]), frame(0x8a, b"unasked pong"), frame(0x80, &PING[4..])].concat(),
            vec![pong()],
        ),
        ("unsolicited pongs", [frame(0x8a, b"").repeat(9), text()].concat(), vec![pong()]),
        ("an empty message", frame(TEXT, b""), vec![malformed()]),
        ("a message of zeros", frame(TEXT, &[0; 9]), vec![malformed()]),
        ("a byte order mark", frame(TEXT, "\u{feff}{}".as_bytes()), vec![malformed()]),
    ]
}

fn broken() -> Vec<(String, Vec<u8>)> {
    let mut cases: Vec<(String, Vec<u8>)> = vec![];
    for opcode in [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf] {
        cases.push((format!("opcode {opcode:#x}"), frame(0x80 | opcode, b"")));
    }
    for (name, first) in [("first", 0xc1), ("second", 0xa1), ("third", 0x91), ("every", 0xf1)] {
        cases.push((format!("the {name} reserved bit"), frame(first, PING)));
    }
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        cases.push((format!("close code {code}"), close(code, b"")));
    }
    let long = [b'x'; 126];
    for (name, bytes) in [
        ("a reserved bit on a ping", frame(0xc9, b"")),
        ("a reserved bit on a continuation", [frame(0x01, b"{"), frame(0xc0, b"}")].concat()),
        ("text without a mask", [head(TEXT, PING.len(), 0), PING.to_vec()].concat()),
        ("a ping without a mask", head(0x89, 0, 0)),
        ("a close without a mask", [head(0x88, 2, 0), vec![3, 232]].concat()),
        ("a ping of 126 bytes", frame(0x89, &long)),
        ("a pong of 126 bytes", frame(0x8a, &long)),
        ("a close of 126 bytes", frame(0x88, &long)),
        ("a ping with a length in eight bytes", [vec![0x89, 0xff], vec![0; 12]].concat()),
        ("a ping in fragments", frame(0x09, b"x")),
        ("a pong in fragments", frame(0x0a, b"x")),
        ("a close in fragments", frame(0x08, &[3, 232])),
        ("a close of one byte", frame(0x88, &[3])),
        ("a reason that is no text", close(1000, b"\xc3\x28")),
        ("a continuation of nothing", frame(0x00, PING)),
        ("the end of nothing", frame(0x80, PING)),
        ("a message within another", [frame(0x01, b"{"), text()].concat()),
        ("a beginning within a message", [frame(0x01, b"{"), frame(0x01, b"{")].concat()),
        ("bytes within a text", [frame(0x01, b"{"), frame(BINARY, b"{")].concat()),
        ("a continuation of what has ended", [frame(0x01, b"["), frame(0x00, b"]"), text()].concat()),
    ] {
        cases.push((name.to_owned(), bytes));
    }
    cases
}

fn of_the_other_kind() -> Vec<(String, Vec<u8>)> {
    let cases = [
        ("bytes where text was agreed", frame(BINARY, PING)),
        ("bytes in fragments where text was agreed", frame(0x02, PING)),
        ("empty bytes", frame(BINARY, b"")),
    ];
    cases.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

fn no_text() -> Vec<(String, Vec<u8>)> {
    let whole: [(&str, &[u8]); 7] = [
        ("half a character, then another", b"\xc3\x28"),
        ("a character that is cut off", b"caf\xc3"),
        ("the middle of a character", b"\x80"),
        ("a character that is too long", b"\xc0\xaf"),
        ("half a surrogate pair", b"\xed\xa0\x80"),
        ("a character beyond the last", b"\xf4\x90\x80\x80"),
        ("a byte that never occurs", b"\xfe"),
    ];
    let mut cases: Vec<_> = whole.map(|(name, bytes)| (name.to_owned(), frame(TEXT, bytes))).into();
    let halves = [frame(0x01, b"caf\xc3"), frame(0x80, b"\x28")].concat();
    cases.push(("fragments that do not fit together".to_owned(), halves));
    cases.push(("fragments that end in a character".to_owned(), [frame(0x01, b"caf"), frame(0x80, b"\xc3")].concat()));
    cases
}

fn too_large() -> Vec<(String, Vec<u8>)> {
    let half = vec![b'x'; 35_000];
    let mut cases = vec![
        ("one byte too many".to_owned(), frame(TEXT, &vec![b'x'; 65_537])),
        ("fragments".to_owned(), [frame(0x01, &half), frame(0x80, &half)].concat()),
        ("empty fragments for ever".to_owned(), [frame(0x01, b""), frame(0x00, b"").repeat(65_536)].concat()),
    ];
    for claim in [65_537, 1 << 32, 1 << 40, 1 << 62, 1 << 63, u64::MAX] {
        let bytes = [&[TEXT, 0xff][..], &claim.to_be_bytes(), &[0; 4]].concat();
        cases.push((format!("a claim of {claim} bytes"), bytes));
    }
    cases.into_iter().map(|(name, bytes)| (format!("too large: {name}"), bytes)).collect()
}

fn pong() -> Told {
    Told::said("pong")
}

fn malformed() -> Told {
    Told::said("error Malformed")
}

fn text() -> Vec<u8> {
    frame(TEXT, PING)
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(0x88, &[&code.to_be_bytes(), reason].concat())
}

/// All but the first byte of `message`, and an empty end.
fn rest_and_nothing(message: &[u8]) -> Vec<u8> {
    [frame(0x00, &message[1..]), frame(0x80, b"")].concat()
}

/// A short frame whose length is written with more bytes than it needs.
fn padded_length(mark: u8) -> Vec<u8> {
    let length = (PING.len() as u64).to_be_bytes();
    let length = if mark == 126 { &length[6..] } else { &length[..] };
    let whole = text();
    [&[TEXT, 0x80 | mark][..], length, &whole[2..]].concat()
}
