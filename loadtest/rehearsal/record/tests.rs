//! A recording holds exactly what it should, and nothing that was said, nor by whom.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
};

use clap::Parser;
use serde_json::{Value, json};

use super::*;

/// Everything that must not be in a recording.
const SECRETS: [&str; 6] = [
    "my card number is 4711",
    "Ada Lovelace",
    "ada@desk.example",
    "0190f0aa-1111-7000-8000-00000000000",
    "Grüße aus Köln",
    "cursor-two",
];

const NOW: u64 = 1_700_000_000_000;
const HOUR: u64 = 3_600_000;

/// Seven conversations: one each ten minutes of the last hour and one from the day before. In each the contact says 22
/// bytes, the agent answers after 3 s with 16 bytes, the contact thanks after 10 s with 16 bytes.
fn desk(path: &str) -> Value {
    let id = |number: u64| format!("0190f0aa-1111-7000-8000-00000000000{number}");
    let began = |number: u64| if number == 6 { NOW - 25 * HOUR } else { NOW - HOUR + number * 600_000 + 1_000 };
    if path.starts_with("/api/v1/auth/login") {
        return json!({"access_token": "a secret"});
    }
    if let Some(rest) = path.strip_prefix("/api/v1/conversations/") {
        let number: u64 = rest[35..36].parse().unwrap();
        let entry = |seq: u64, kind: &str, after: u64, event: Value| {
            json!({"seq": seq, "prev": seq - 1, "at": began(number) + after, "client_id": id(9), "event": event,
                "author": {"member": {"kind": kind, "id": id(8)}, "name": SECRETS[1]}})
        };
        let said = |text: &str| json!({"kind": "message_sent", "text": text});
        return json!({"more": false, "entries": [
            entry(1, "contact", 0, json!({"kind": "opened", "inbox": id(7)})),
            entry(2, "contact", 1_000, said(SECRETS[0])),
            entry(3, "agent", 4_000, said(SECRETS[2])),
            entry(4, "agent", 5_000, json!({"kind": "note_added", "text": SECRETS[0]})),
            entry(5, "contact", 14_000, said(SECRETS[4])),
        ]});
    }
    let row = |number: u64| {
        json!({"conversation": id(number), "inbox": id(7), "contact": id(8), "contact_name": SECRETS[1], "preview": SECRETS[0],
            "opened_at": began(number), "last_at": began(number) + 14_000, "last_seq": 5})
    };
    match path.contains("cursor=") {
        false => json!({"items": [row(5), row(4), row(3)], "next_cursor": SECRETS[5]}),
        true => json!({"items": [row(2), row(1), row(0), row(6)], "next_cursor": null}),
    }
}

/// Answers requests one after the other, until the thread ends with the test.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(socket);
            let (mut path, mut length) = (String::new(), 0);
            for line in reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
                if path.is_empty() {
                    path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                }
                if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = bytes.parse().unwrap();
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            let body = desk(&path).to_string();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            reader.get_mut().write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    address
}

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    record: RecordOptions,
}

fn options(target: &str, at_least: &str) -> RecordOptions {
    let words =
        ["x", "--target", target, "--email", SECRETS[2], "--password", "p", "--at-least", at_least, "-o", "shape.json"];
    Line::parse_from(words).record
}

#[tokio::test]
async fn a_known_desk_has_exactly_this_shape() {
    let shape = options(&serve(), "2").record(NOW).await.unwrap();
    // Six of the last day, ten minutes apart: bins of two.
    let hour = 23 * 3600;
    assert_eq!(shape.arrivals.0, [(hour + 660, 2), (hour + 1860, 2), (hour + 3060, 2)]);
    assert_eq!(shape.messages.0, [(5, 6)]);
    assert_eq!(shape.lasting_seconds.0, [(20, 6)]);
    assert_eq!(
        (shape.contact.think_ms.0.as_slice(), shape.agent.think_ms.0.as_slice()),
        (&[(10_000, 6)][..], &[(5_000, 6)][..])
    );
    assert_eq!(
        (shape.contact.bytes.0.as_slice(), shape.agent.bytes.0.as_slice()),
        (&[(20, 6), (50, 6)][..], &[(20, 6)][..])
    );
    assert_eq!((shape.contact.goes_on, shape.agent.goes_on, shape.agents), (0.0, 0.0, 2));
}

#[tokio::test]
async fn nothing_that_was_said_and_nobody_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("shape.json");
    let now_ms = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap();
    let ago = Duration::from_millis(now_ms - NOW + 30 * HOUR);
    let options = RecordOptions { output: output.clone(), since: ago, ..options(&serve(), "2") };
    options.run().await.unwrap();
    let bytes = std::fs::read_to_string(output).unwrap();
    for secret in
        SECRETS.iter().copied().chain(["0190f0aa", "4711", "Ada", "loopback", "127.0.0.1", "17000000", "a secret"])
    {
        assert!(!bytes.contains(secret), "{secret} is in {bytes}");
    }
    assert!(bytes.contains("\"arrivals\""), "{bytes}");
}

#[tokio::test]
async fn too_few_are_not_recorded() {
    let error = options(&serve(), "7").record(NOW).await.unwrap_err();
    assert!(error.to_string().contains("6 conversations are too few"), "{error}");
}

#[test]
fn lengths_are_written_as_people_write_them() {
    assert_eq!(length("24h"), Ok(Duration::from_secs(86_400)));
    assert_eq!(length("90m"), Ok(Duration::from_secs(5_400)));
    assert!(length("24").is_err() && length("h").is_err() && length("0s").is_err() && length("").is_err());
}
