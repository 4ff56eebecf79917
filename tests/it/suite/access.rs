//! Who is let in, and to what.

use std::time::Duration;

use frontdesk_tests::harness::{
    Agent, Closed, Coding, Contact, HandshakeError, History, Rest, Socket, System, Talk, client_id, command, is, open,
    say,
};
use serde_json::{Value, json};

pub(crate) async fn a_socket_that_does_not_say_who_is_there_is_closed(system: &System) {
    let node = system.gateway(0);
    let socket =
        Socket::connect(&node.host(), Agent::PATH, Some(&node.origin()), Coding::Json).await.expect("it is taken");
    socket.send(&json!({"type": "ping"}));
    let error = socket.find("an error", |frame| is(frame, "error")).await;
    assert_eq!(error["code"], "out_of_order", "{error}");
    assert_eq!(socket.closed().await, Closed::Code(4001));
}

pub(crate) async fn a_bad_token_is_told_so(system: &System) {
    let node = system.gateway(0);
    let good = Contact::visit(system, node).await;
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIn0.";
    let tampered = format!("{}AAAA", &good.token[..good.token.len() - 4]);
    for token in ["", "nonsense", unsigned, &tampered, &"x".repeat(5_000)] {
        let paths = [Agent::PATH.to_owned(), good.path()];
        for path in paths {
            let socket =
                Socket::connect(&node.host(), &path, Some(&node.origin()), Coding::Json).await.expect("it is taken");
            socket.send(&json!({"type": "hello", "token": token}));
            assert_eq!(socket.closed().await, Closed::Code(4003), "{path} {token:.40}");
        }
        let answer = Rest::new(node).with_token(token).get("/api/v1/me").await;
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
    // Without any token, too.
    assert_eq!(Rest::new(node).get("/api/v1/conversations").await.status, 401);
    let wrong = json!({"email": system.demo().owner.0, "password": "wrong wrong wrong"});
    let unknown = json!({"email": "unknown@demo.test", "password": "wrong wrong wrong"});
    let (wrong, unknown) = (
        Rest::new(node).post("/api/v1/auth/login", &wrong).await,
        Rest::new(node).post("/api/v1/auth/login", &unknown).await,
    );
    assert_eq!((wrong.status, &wrong.text), (401, &unknown.text), "the answer does not reveal which addresses exist");
}

pub(crate) async fn a_token_is_good_at_its_own_door_only(system: &System) {
    let node = system.gateway(0);
    let (contact, agent) = (Contact::visit(system, node).await, Agent::ada(system, node).await);
    for (path, token) in [(Agent::PATH.to_owned(), &contact.token), (contact.path(), &agent.token)] {
        let socket =
            Socket::connect(&node.host(), &path, Some(&node.origin()), Coding::Json).await.expect("it is taken");
        socket.send(&json!({"type": "hello", "token": token}));
        assert_eq!(socket.closed().await, Closed::Code(4003), "{path}");
    }
    assert_eq!(Rest::new(node).with_token(&contact.token).get("/api/v1/conversations").await.status, 401);
}

pub(crate) async fn pages_of_other_origins_are_kept_out(system: &System) {
    let node = system.gateway(0);
    let host = node.host();
    let widget = format!("/ws/widget?inbox={}", system.demo().inbox);
    let look_alike = format!("http://{host}.evil.example");
    let origins = [None, Some("null"), Some("https://evil.example"), Some(look_alike.as_str()), Some("")];
    for path in [Agent::PATH, &widget] {
        for origin in origins {
            let refused = Socket::connect(&host, path, origin, Coding::Json).await.expect_err("it is refused");
            assert_eq!(refused, HandshakeError::Refused(403), "{path} {origin:?}");
        }
    }
    let body = json!({"inbox": system.demo().inbox, "token": null});
    for origin in ["null", "https://evil.example", &look_alike] {
        let answer = Rest::at(node.origin()).from_origin(origin).post("/api/v1/widget/session", &body).await;
        assert_eq!(answer.status, 403, "{origin}: {}", answer.text);
    }
    // An inbox that does not exist looks the same.
    let absent = json!({"inbox": client_id(), "token": null});
    assert_eq!(Rest::new(node).post("/api/v1/widget/session", &absent).await.status, 403);
}

pub(crate) async fn contacts_reach_nothing_of_one_another(system: &System) {
    let talk = Talk::begin(system).await;
    talk.contact_says("for your eyes only").await;
    let before = History::by_socket(&talk.console, &talk.conversation).await;
    let stranger = Contact::visit(system, system.gateway(1)).await;
    let socket = stranger.connect(system.gateway(1), Coding::Json).await;
    open(&socket).await;
    assert_shut_out(&socket, &talk.conversation).await;
    let rest = Rest::new(system.gateway(1)).with_token(&stranger.token);
    let theirs = rest.get(&format!("/api/v1/widget/conversations/{}/messages", talk.conversation)).await;
    let nobodys = rest.get(&format!("/api/v1/widget/conversations/{}/messages", client_id())).await;
    assert_eq!((theirs.status, &theirs.text), (404, &nobodys.text));
    assert_eq!(History::by_socket(&talk.console, &talk.conversation).await, before);
}

pub(crate) async fn tenants_reach_nothing_of_one_another(system: &System) {
    let talk = Talk::begin(system).await;
    talk.contact_says("for your eyes only").await;
    talk.agent_has_seen_all().await;
    let before = History::by_socket(&talk.console, &talk.conversation).await;
    let node = system.gateway(0);
    let other = system.other_tenant();
    let eve = Agent::login(node, &other.owner).await;
    let console = eve.connect(node, Coding::Json).await;
    assert_shut_out(&console, &talk.conversation).await;
    let rest = eve.rest(node);
    let (conversation, contact) = (&talk.conversation, &talk.contact.id);
    let inbox = &system.demo().inbox;
    for path in [
        format!("/api/v1/conversations/{conversation}"),
        format!("/api/v1/conversations/{conversation}/messages"),
        format!("/api/v1/conversations/{conversation}/receipts"),
        format!("/api/v1/contacts/{contact}"),
    ] {
        let answer = rest.get(&path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    for kind in ["claim", "resolve", "reopen", "pend", "unassign"] {
        let answer = rest
            .post(&format!("/api/v1/conversations/{conversation}/{kind}"), &json!({"client_id": client_id()}))
            .await;
        assert_eq!(answer.status, 404, "{kind}: {}", answer.text);
    }
    for path in ["conversations", "contacts", "inboxes", "agents"] {
        let answer = rest.get(&format!("/api/v1/{path}?limit=100")).await;
        let answer = if answer.status == 200 { answer } else { rest.get(&format!("/api/v1/{path}")).await };
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        for theirs in [conversation, contact, inbox, &talk.agent.id] {
            assert!(!answer.text.contains(theirs.as_str()), "{path}: {}", answer.text);
        }
    }
    // Nor may one give one's own conversation to another tenant's agent, or use another tenant's inbox with one's own
    // token.
    let visitor = Contact::visit_inbox(node, &other.inbox).await;
    let widget = visitor.connect(node, Coding::Json).await;
    let own = open(&widget).await;
    for kind in ["assign", "transfer"] {
        let mut gift = command(kind, &own);
        gift["agent"] = talk.agent.id.clone().into();
        let answer = console.ask(&gift).await;
        assert_eq!(answer["code"], "no_such_agent", "{answer}");
    }
    let elsewhere = Socket::connect(&node.host(), &talk.contact.path(), Some(&node.origin()), Coding::Json).await;
    let elsewhere = elsewhere.expect("it is taken");
    elsewhere.send(&json!({"type": "hello", "token": visitor.token}));
    assert_eq!(elsewhere.closed().await, Closed::Code(4003));
    assert_eq!(History::by_socket(&talk.console, conversation).await, before);
    console.settle().await;
    assert!(
        !console
            .frames()
            .iter()
            .any(|frame| is(frame, "conversation") && frame.to_string().contains(conversation.as_str()))
    );
}

pub(crate) async fn a_socket_ends_soon_after_its_log_in(system: &System) {
    let node = system.gateway(0);
    let (email, password) = &system.demo().agent;
    let login = Rest::new(node).post("/api/v1/auth/login", &json!({"email": email, "password": password})).await;
    let token = login.body["access_token"].as_str().expect("a log-in has a token");
    let cookie = login.cookie("frontdesk_refresh");
    let socket =
        Socket::connect(&node.host(), Agent::PATH, Some(&node.origin()), Coding::Json).await.expect("it is taken");
    socket.hello(token).await;
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    let out =
        Rest::new(node).request(reqwest::Method::POST, "/api/v1/auth/logout", &headers, Some(b"{}".to_vec())).await;
    assert_eq!(out.status, 204, "{}", out.text);
    assert_eq!(socket.closed().await, Closed::Code(4003));
}

pub(crate) async fn a_change_of_role_reaches_open_consoles_on_every_node_within_seconds(system: &System) {
    let owner = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(0));
    let credentials = ("riser@demo.test".to_owned(), "a long password to rise by".to_owned());
    let riser = json!({"email": credentials.0, "name": "Riser", "role": "agent", "password": credentials.1});
    let id = owner.post_ok("/api/v1/agents", &riser).await["id"].as_str().expect("an agent has an id").to_owned();
    let bob = Agent::bob(system, system.gateway(0)).await;
    let contact = Contact::visit(system, system.gateway(0)).await;
    let conversation = open(&contact.connect(system.gateway(0), Coding::Json).await).await;
    let assign = || {
        let mut assign = command("assign", &conversation);
        assign["agent"] = json!(bob.id);
        assign
    };
    let mut consoles = Vec::new();
    for (number, coding) in Coding::ALL.into_iter().enumerate() {
        let console = Agent::login(system.gateway(number), &credentials).await;
        consoles.push(console.connect(system.gateway(number), coding).await);
    }
    for (role, may) in [("supervisor", true), ("agent", false)] {
        let marks: Vec<_> = consoles.iter().map(Socket::mark).collect();
        let change = json!({ "role": role }).to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        let path = format!("/api/v1/agents/{id}");
        let changed = owner.request(reqwest::Method::PATCH, &path, &headers, Some(change)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        for (console, mark) in consoles.iter().zip(marks) {
            let told = console.find_after(mark, "what it may do now", |frame| is(frame, "standing"));
            let told = tokio::time::timeout(Duration::from_secs(5), told).await.expect("it is told within 5 s");
            assert_eq!(told["role"], role, "{told}");
            assert_eq!(told.to_string().contains("assign_others"), may, "{told}");
            let answer = console.ask(&assign()).await;
            assert_eq!(is(&answer, "accepted"), may, "{answer}");
        }
    }
}

/// Everything that names `conversation` is answered as if it did not exist, or not at all.
async fn assert_shut_out(socket: &Socket, conversation: &str) {
    let mark = socket.mark();
    for kind in ["claim", "resolve", "reopen", "pend", "unassign"] {
        let answer = socket.ask(&command(kind, conversation)).await;
        let code = answer["code"].as_str().unwrap_or_default().to_owned();
        assert!(code == "not_found" || code == "forbidden", "{kind}: {answer}");
        let absent = socket.ask(&command(kind, &client_id())).await;
        assert_eq!(code, absent["code"], "{kind}: what exists looks like what does not");
    }
    let answer = socket.ask(&say(conversation, "let me in")).await;
    assert_eq!(answer["code"], "not_found", "{answer}");
    for frame in [
        json!({"type": "resume", "conversation": conversation, "last_seq": 0}),
        json!({"type": "range", "conversation": conversation, "after_seq": 0}),
    ] {
        let mark = socket.mark();
        socket.send(&frame);
        let answer =
            socket.find_after(mark, "an answer", |answer: &Value| answer["conversation"] == *conversation).await;
        assert!(is(&answer, "error") && answer["code"] == "not_found", "{frame} was answered by {answer}");
    }
    for frame in [
        json!({"type": "typing", "conversation": conversation, "active": true}),
        json!({"type": "delivered", "conversation": conversation, "up_to_seq": 2}),
        json!({"type": "read", "conversation": conversation, "up_to_seq": 2}),
    ] {
        socket.send(&frame);
    }
    socket.settle().await;
    let told = |frame: &&Value| {
        ["message", "activity", "recovered", "reset", "range", "persisted", "typing"].iter().any(|kind| is(frame, kind))
    };
    let frames = socket.frames();
    let leaked: Vec<_> =
        frames[mark..].iter().filter(told).filter(|frame| frame["conversation"] == *conversation).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}
