//! Invalid inputs: at least a thousand, generated anew in each run.

use frontdesk_protocol::socket::{Codec, ErrorCode};
use frontdesk_tests::harness::{Rest, Socket, System, Talk, client_id, is, say};
use proptest::{
    prelude::*,
    strategy::{BoxedStrategy, ValueTree as _},
    test_runner::TestRunner,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const JSON_FRAMES: usize = 500;
const PACKED_FRAMES: usize = 350;
const REQUESTS: usize = 250;

pub(crate) async fn no_frame_harms_the_connection(system: &System) {
    let talk = Talk::begin(system).await;
    let mut runner = TestRunner::default();
    let texts = json_frames(&talk.conversation);
    for _ in 0..JSON_FRAMES {
        let text = one(&texts, &mut runner);
        println!("{text:.300}");
        let verdict = Codec::Json.decode(text.as_bytes()).err().map(|error| error.code);
        assert_answered(&talk.widget, Message::text(text), verdict).await;
    }
    let packed = packed_frames(&talk.conversation);
    for _ in 0..PACKED_FRAMES {
        let bytes = one(&packed, &mut runner);
        println!("{bytes:?}");
        let verdict = Codec::MessagePack.decode(&bytes).err().map(|error| error.code);
        assert_answered(&talk.console, Message::binary(bytes), verdict).await;
    }
    talk.contact_says("an ordinary message").await;
    talk.console.send(&json!({"type": "resume", "conversation": talk.conversation, "last_seq": 0}));
    talk.console.ask_ok(&say(&talk.conversation, "an ordinary answer")).await;
    assert_no_panic(system);
}

pub(crate) async fn no_request_harms_the_server(system: &System) {
    let talk = Talk::begin(system).await;
    let node = system.gateway(0);
    let (anonymous, agent) = (Rest::new(node), talk.agent.rest(node));
    let contact = anonymous.with_token(&talk.contact.token);
    let mut runner = TestRunner::default();
    let requests = requests(&talk.conversation);
    for number in 0..REQUESTS {
        let (method, path, body) = one(&requests, &mut runner);
        println!("{method} {path} {body:.200}");
        let rest = [&agent, &agent, &contact, &anonymous][number % 4];
        let headers = [("content-type", "application/json")];
        let answer = rest.request(method, &path, &headers, Some(body.into_bytes())).await;
        if answer.status >= 400 {
            let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            assert!(kind.starts_with("application/problem+json"), "{} {kind}: {}", answer.status, answer.text);
            assert!(answer.body["code"].is_string(), "{}", answer.text);
            assert_tells_nothing(&answer.text);
        }
    }
    let huge = "x".repeat(1 << 20);
    let path = format!("/api/v1/conversations/{}/messages", talk.conversation);
    let too_large = agent.post(&path, &json!({"client_id": client_id(), "text": huge})).await;
    assert_eq!(too_large.status, 413, "{}", too_large.text);
    let form = [("content-type", "text/plain")];
    let plain = agent.request(Method::POST, &path, &form, Some(b"{}".to_vec())).await;
    assert_eq!(plain.status, 415, "{}", plain.text);
    let said = agent.post_ok(&path, &json!({"client_id": client_id(), "text": "an ordinary message"})).await;
    assert!(said["seq"].is_u64(), "{said}");
    assert_no_panic(system);
}

pub(crate) async fn known_mistakes_get_their_own_code(system: &System) {
    let talk = Talk::begin(system).await;
    let (id, conversation) = (client_id(), talk.conversation.as_str());
    let long = "x".repeat(16_385);
    let on_widget = [
        (String::new(), "malformed"),
        ("[]".into(), "malformed"),
        (r#"{"type":7}"#.into(), "malformed"),
        (format!(r#"{{"type":"ping","x":{}"#, "[".repeat(20_000)), "malformed"),
        (r#"{"type":"shout"}"#.into(), "unknown_frame"),
        (r#"{"type":"say"}"#.into(), "invalid"),
        (r#"{"type":"hello","token":"again"}"#.into(), "out_of_order"),
        (format!(r#"{{"type":"read","conversation":"{conversation}","up_to_seq":-1}}"#), "invalid"),
        (format!(r#"{{"type":"read","conversation":"{conversation}","up_to_seq":1e99}}"#), "invalid"),
        (format!(r#"{{"type":"read","conversation":"{conversation}","up_to_seq":NaN}}"#), "malformed"),
        (format!(r#"{{"type":"range","conversation":"{conversation}"}}"#), "invalid"),
        (format!(r#"{{"type":"range","conversation":"{conversation}","after_seq":1,"before_seq":5}}"#), "invalid"),
        (format!(r#"{{"type":"range","conversation":"{}","after_seq":0}}"#, client_id()), "not_found"),
        (format!(r#"{{"type":"resume","conversation":"{}","last_seq":0}}"#, client_id()), "not_found"),
        (r#"{"type":"presence","state":"online"}"#.into(), "forbidden"),
        (r#"{"type":"presence","state":"asleep"}"#.into(), "invalid"),
    ];
    for (text, code) in on_widget {
        let mark = talk.widget.mark();
        talk.widget.send_message(Message::text(text.clone()));
        let answer = talk.widget.find_after(mark, "an error", |frame| is(frame, "error")).await;
        assert_eq!(answer["code"], code, "{text:.200}: {answer}");
    }
    let rejected = [
        (json!({"type": "say", "client_id": id, "conversation": "*", "text": "x"}), "invalid"),
        (json!({"type": "say", "client_id": id, "conversation": "desk.msg.>", "text": "x"}), "invalid"),
        (json!({"type": "say", "client_id": id, "conversation": conversation, "text": "   "}), "invalid"),
        (json!({"type": "say", "client_id": id, "conversation": conversation, "text": long}), "invalid"),
        (json!({"type": "say", "client_id": id, "conversation": conversation, "text": "\u{0}\u{200b}"}), "invalid"),
        (json!({"type": "say", "client_id": id, "conversation": conversation, "text": {"a": 1}}), "invalid"),
        (json!({"type": "say", "client_id": id, "conversation": client_id(), "text": "x"}), "not_found"),
        (json!({"type": "tag", "client_id": id, "conversation": conversation, "tag": "x".repeat(65)}), "invalid"),
        (json!({"type": "tag", "client_id": id, "conversation": conversation, "tag": "\u{200b}"}), "invalid"),
        (json!({"type": "claim", "client_id": id, "conversation": conversation}), "forbidden"),
    ];
    for (frame, code) in rejected {
        let answer = talk.widget.ask(&frame).await;
        assert!(is(&answer, "rejected") && answer["code"] == code, "{:.200}: {answer}", frame.to_string());
    }
    // What is refused was never there: the id is free for a real message.
    let real = json!({"type": "say", "client_id": id, "conversation": conversation, "text": "at last"});
    talk.widget.ask_ok(&real).await;
    let open = talk.console.ask(&json!({"type": "open", "client_id": client_id()})).await;
    assert_eq!(open["code"], "forbidden", "{open}");
}

/// Sends `message`; the connection goes on, and what cannot be read is answered with the code that the contract gives.
async fn assert_answered(socket: &Socket, message: Message, verdict: Option<ErrorCode>) {
    let mark = socket.mark();
    socket.send_message(message);
    socket.settle().await;
    let frames = socket.frames();
    let refusals: Vec<&Value> =
        frames[mark..].iter().filter(|frame| is(frame, "error") || is(frame, "rejected")).collect();
    for refusal in &refusals {
        assert_tells_nothing(&refusal.to_string());
    }
    if let Some(code) = verdict {
        let code = serde_json::to_value(code).expect("a code is a word");
        let told = |frame: &&&Value| frame["code"] == code || is(frame, "rejected") && frame["code"] == "invalid";
        assert!(refusals.iter().any(|frame| told(&frame)), "expected {code}, got {refusals:?}");
    }
}

/// Nothing of the inside gets out.
fn assert_tells_nothing(text: &str) {
    for word in ["panicked", ".rs:", "sqlx", "SELECT", "nats:", "RUST_BACKTRACE", "/root/", "postgres"] {
        assert!(!text.contains(word), "{text}");
    }
    assert!(text.len() < 2_000, "{text}");
}

fn assert_no_panic(system: &System) {
    for node in system.nodes() {
        let panics = node.lines(|line| line.contains("panicked at"));
        assert!(panics.is_empty(), "{panics:?}");
    }
}

fn one<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).expect("these strategies refuse nothing").current()
}

/// Texts that are nearly frames. `bye` is left out: it does end the connection.
fn json_frames(conversation: &str) -> BoxedStrategy<String> {
    let valid = valid_frame(conversation).prop_map(|frame| frame.to_string());
    let damaged = (valid, any::<prop::sample::Index>(), any::<char>()).prop_map(|(text, at, with)| {
        let mut letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len());
        letters[at] = with;
        letters.into_iter().collect::<String>()
    });
    let odd = odd_frame(conversation).prop_map(|frame| frame.to_string());
    prop_oneof![1 => ".{0,200}", 1 => odd_value().prop_map(|value| value.to_string()), 4 => odd, 3 => damaged]
        .prop_filter("ends the connection", |text| !text.contains("bye"))
        .boxed()
}

/// Bytes that are nearly frames.
fn packed_frames(conversation: &str) -> BoxedStrategy<Vec<u8>> {
    let pack = |value: &Value| rmp_serde::to_vec(value).expect("a JSON value always encodes");
    let damaged =
        (valid_frame(conversation), any::<prop::sample::Index>(), any::<u8>()).prop_map(move |(frame, at, with)| {
            let mut bytes = pack(&frame);
            let at = at.index(bytes.len());
            bytes[at] = with;
            bytes
        });
    let odd = odd_frame(conversation).prop_map(move |frame| pack(&frame));
    let head = b"\x82\xa4type\xa4ping\xa1x".to_vec();
    let deep = (1_usize..20_000).prop_map({
        let head = head.clone();
        move |depth| [head.clone(), b"\x91".repeat(depth)].concat()
    });
    let claims = any::<u32>().prop_map(move |size| [head.clone(), vec![0xdd], size.to_be_bytes().to_vec()].concat());
    let noise = prop::collection::vec(any::<u8>(), 0..300);
    prop_oneof![2 => noise, 4 => odd, 3 => damaged, 1 => deep, 1 => claims]
        .prop_filter("ends the connection", |bytes: &Vec<u8>| !bytes.windows(3).any(|window| window == b"bye"))
        .boxed()
}

const TYPES: [&str; 20] = [
    "say",
    "note",
    "claim",
    "assign",
    "transfer",
    "unassign",
    "resolve",
    "reopen",
    "pend",
    "snooze",
    "tag",
    "untag",
    "delivered",
    "read",
    "typing",
    "presence",
    "resume",
    "range",
    "leave",
    "hello",
];

/// A frame that could be one: what it asks is read only, or repeats what is so already.
fn valid_frame(conversation: &str) -> BoxedStrategy<Value> {
    let conversation = conversation.to_owned();
    prop::sample::select(vec!["say", "range", "resume", "typing", "read"])
        .prop_map(move |kind| {
            json!({"type": kind, "client_id": client_id(), "conversation": conversation, "text": "hello", "after_seq": 1,
                   "last_seq": 1, "up_to_seq": 1, "active": true})
        })
        .boxed()
}

/// A frame of a known type whose fields are anything.
fn odd_frame(conversation: &str) -> BoxedStrategy<Value> {
    let conversation = json!(conversation);
    let names = [
        "client_id",
        "conversation",
        "text",
        "agent",
        "until",
        "tag",
        "up_to_seq",
        "active",
        "state",
        "last_seq",
        "epoch",
        "limit",
    ];
    let field = (prop::sample::select(names.to_vec()), odd_value());
    let known = prop::sample::select(TYPES.to_vec());
    (known, prop::collection::vec(field, 0..6), any::<bool>())
        .prop_map(move |(kind, fields, names_it)| {
            let mut frame = json!({"type": kind});
            for (name, value) in fields {
                frame[name] = value;
            }
            if names_it {
                frame["conversation"] = conversation.clone();
            }
            frame
        })
        .boxed()
}

fn odd_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "*",
            ">",
            "a.b",
            "\r\nPUB x",
            "' OR 1=1 --",
            "{{7*7}}",
            "%s%n",
            "../../etc/passwd",
            "\u{202e}abc"
        ])
        .prop_map(Value::from),
        Just(()).prop_map(|()| Value::from(client_id())),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
    .boxed()
}

/// Requests with odd ids, queries and bodies.
fn requests(conversation: &str) -> BoxedStrategy<(Method, String, String)> {
    let id = prop_oneof![
        Just(conversation.to_owned()),
        Just(()).prop_map(|()| client_id()),
        "[a-z0-9*>.-]{1,40}",
        prop::sample::select(vec!["%00", "%2e%2e%2f", "%0d%0a", "me", "-1", "%F0%9F%92%A9", "'--"])
            .prop_map(ToOwned::to_owned),
    ];
    let route = prop::sample::select(vec![
        "conversations/{}",
        "conversations/{}/messages",
        "conversations/{}/notes",
        "conversations/{}/claim",
        "conversations/{}/assign",
        "conversations/{}/snooze",
        "conversations/{}/tags",
        "contacts/{}",
        "agents/{}",
        "inboxes/{}",
        "widget/conversations/{}/messages",
        "widget/session",
        "auth/login",
        "auth/refresh",
        "conversations",
        "contacts",
        "{}",
    ]);
    let query = prop_oneof![
        Just(String::new()),
        ("(limit|cursor|after_seq|before_seq|status|assignee|contact|q)", "[a-zA-Z0-9.*'%-]{0,20}")
            .prop_map(|(name, value)| format!("?{name}={}", value.replace('%', "%25"))),
    ];
    let method =
        prop::sample::select(vec![Method::GET, Method::GET, Method::POST, Method::POST, Method::PATCH, Method::DELETE]);
    let body = prop_oneof![
        odd_value().prop_map(|value| value.to_string()),
        ".{0,100}",
        odd_frame(conversation).prop_map(|frame| frame.to_string()),
    ];
    (method, route, id, query, body)
        .prop_map(|(method, route, id, query, body)| {
            (method, format!("/api/v1/{}{query}", route.replace("{}", &id)), body)
        })
        .boxed()
}
