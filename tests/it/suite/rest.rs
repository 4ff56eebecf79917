//! Requests: pages, descriptions, health.

use std::collections::BTreeSet;

use frontdesk_tests::harness::{
    Agent, Coding, Contact, History, Rest, System, Talk, client_id, field, is, is_for, open, say, seqs, until,
};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) async fn lists_come_in_pages(system: &System) {
    let node = system.gateway(0);
    let ada = Agent::ada(system, node).await;
    let rest = ada.rest(node);
    let contact = Contact::visit(system, node).await;
    let widget = contact.connect(node, Coding::Json).await;
    let mut opened = BTreeSet::new();
    for _ in 0..7 {
        opened.insert(open(&widget).await);
    }
    let all = async |query: &str, limit: usize| {
        let (mut items, mut cursor): (Vec<Value>, Option<String>) = (Vec::new(), None);
        loop {
            let at = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = rest.get_ok(&format!("/api/v1/{query}limit={limit}{at}")).await;
            let found = page["items"].as_array().unwrap_or_else(|| panic!("no items in {page}"));
            assert!(found.len() <= limit);
            items.extend(found.iter().cloned());
            cursor = page["next_cursor"].as_str().map(ToOwned::to_owned);
            if cursor.is_none() {
                return items;
            }
        }
    };
    let query = format!("conversations?status=open&assignee=none&contact={}&", contact.id);
    until("all are listed", async || (all(&query, 100).await.len() == opened.len()).then_some(())).await;
    let paged = all(&query, 3).await;
    let ids: Vec<String> = paged.iter().map(|row| row["conversation"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids.iter().cloned().collect::<BTreeSet<_>>(), opened, "each once");
    assert_eq!(ids.len(), opened.len());
    let times: Vec<u64> = paged.iter().map(|row| field(row, "/last_at")).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "the newest first: {times:?}");
    assert!(all(&format!("conversations?assignee=me&contact={}&", contact.id), 10).await.is_empty());
    let contacts = all("contacts?", 100).await;
    assert!(contacts.iter().any(|found| found["id"] == *contact.id), "the contact is listed");
    assert_eq!(rest.get_ok(&format!("/api/v1/contacts/{}", contact.id)).await["id"], *contact.id);
    let inboxes = rest.get_ok("/api/v1/inboxes").await;
    assert!(inboxes.to_string().contains(&system.demo().inbox), "{inboxes}");
    let agents = rest.get_ok("/api/v1/agents").await;
    assert!(agents.to_string().contains(&system.demo().agent.0), "{agents}");
    assert_eq!(rest.get_ok("/api/v1/me").await["id"], *ada.id);
}

pub(crate) async fn history_comes_in_pages(system: &System) {
    let talk = Talk::begin(system).await;
    for number in 0..8 {
        talk.contact_says(&format!("message {number}")).await;
    }
    let rest = talk.agent.rest(system.gateway(0));
    let whole = History::by_rest(&rest, &talk.conversation, 10).await;
    assert_eq!(whole.seqs(), (1..=10).collect::<Vec<_>>());
    let page = async |query: &str| {
        let page = rest.get_ok(&format!("/api/v1/conversations/{}/messages{query}", talk.conversation)).await;
        (seqs(page["entries"].as_array().expect("a page has entries")), page["more"] == true)
    };
    assert_eq!(page("?after_seq=2&limit=3").await, (vec![3, 4, 5], true));
    assert_eq!(page("?after_seq=7&limit=3").await, (vec![8, 9, 10], false));
    assert_eq!(page("?before_seq=4&limit=2").await, (vec![2, 3], true));
    assert_eq!(page("?before_seq=4&limit=3").await, (vec![1, 2, 3], false));
    assert_eq!(page("?limit=2").await, (vec![9, 10], true));
    assert_eq!(page("?after_seq=10").await, (vec![], false));
    let own = Rest::new(system.gateway(0)).with_token(&talk.contact.token);
    let seen = own.get_ok(&format!("/api/v1/widget/conversations/{}/messages?after_seq=0", talk.conversation)).await;
    assert_eq!(seqs(seen["entries"].as_array().expect("a page has entries")), whole.seqs());
}

pub(crate) async fn requests_and_frames_do_the_same(system: &System) {
    let talk = Talk::begin(system).await;
    let rest = talk.agent.rest(system.gateway(0));
    let said = say(&talk.conversation, "by request");
    let body = json!({"client_id": said["client_id"], "text": said["text"]});
    let path = format!("/api/v1/conversations/{}/messages", talk.conversation);
    let answer = rest.post_ok(&path, &body).await;
    let frame = talk.console.ask(&said).await;
    assert!(is(&frame, "accepted"), "{frame}");
    for name in ["client_id", "conversation", "seq", "at", "durability"] {
        assert_eq!(answer[name], frame[name], "{name}");
    }
    talk.widget
        .find("it", |frame| {
            is_for(frame, "message", &talk.conversation) && frame["entry"]["client_id"] == said["client_id"]
        })
        .await;
    let reuse = rest.post(&path, &json!({"client_id": said["client_id"], "text": "something else"})).await;
    assert_eq!((reuse.status, &reuse.body["code"]), (409, &"id_reuse".into()), "{}", reuse.text);
    let bob = Agent::bob(system, system.gateway(1)).await;
    let claim = format!("/api/v1/conversations/{}/claim", talk.conversation);
    let lost = bob.rest(system.gateway(1)).post(&claim, &json!({"client_id": client_id()})).await;
    assert_eq!((lost.status, &lost.body["code"]), (409, &"already_claimed".into()), "{}", lost.text);
    assert_eq!(lost.body["winner"]["name"], *talk.agent.name, "{}", lost.text);
}

pub(crate) async fn a_log_in_is_refreshed_once_per_cookie(system: &System) {
    let node = system.gateway(0);
    let (email, password) = &system.demo().agent;
    let login = Rest::new(node).post("/api/v1/auth/login", &json!({"email": email, "password": password})).await;
    assert_eq!(login.status, 200, "{}", login.text);
    let refresh = async |cookie: &str, origin: &str| {
        let headers = [("cookie", cookie), ("content-type", "application/json")];
        let rest = Rest::at(node.origin()).from_origin(origin);
        rest.request(Method::POST, "/api/v1/auth/refresh", &headers, Some(b"{}".to_vec())).await
    };
    let first = login.cookie("frontdesk_refresh");
    let set = login.headers["set-cookie"].to_str().expect("a cookie is text").to_lowercase();
    assert!(set.contains("httponly") && set.contains("samesite=strict"), "{set}");
    assert_eq!(refresh(&first, "https://evil.example").await.status, 403);
    let again = refresh(&first, &node.origin()).await;
    assert_eq!(again.status, 200, "{}", again.text);
    let token = again.body["access_token"].as_str().expect("a refresh gives a token");
    assert_eq!(Rest::new(node).with_token(token).get("/api/v1/me").await.status, 200);
    assert_ne!(again.cookie("frontdesk_refresh"), first);
    assert_eq!(refresh("frontdesk_refresh=nonsense", &node.origin()).await.status, 401);
    // The answer was lost: the same again, at another gateway.
    let headers = [("cookie", first.as_str()), ("content-type", "application/json")];
    let elsewhere = Rest::new(system.gateway(1));
    let repeated = elsewhere.request(Method::POST, "/api/v1/auth/refresh", &headers, Some(b"{}".to_vec())).await;
    assert_eq!(repeated.status, 200, "{}", repeated.text);
    assert_eq!(repeated.cookie("frontdesk_refresh"), again.cookie("frontdesk_refresh"));
    assert_eq!(refresh(&again.cookie("frontdesk_refresh"), &node.origin()).await.status, 200);
    assert_eq!(refresh(&first, &node.origin()).await.status, 401, "the newer one was used: two hold the log-in");
}

pub(crate) async fn the_interfaces_describe_themselves(system: &System) {
    let rest = Rest::new(system.gateway(0));
    let openapi = rest.get_ok("/api/v1/openapi.json").await;
    assert!(openapi["openapi"].as_str().is_some_and(|version| version.starts_with("3.")), "{}", openapi["openapi"]);
    let paths = openapi["paths"].as_object().expect("it has paths");
    for path in [
        "/auth/login",
        "/conversations",
        "/conversations/{id}/messages",
        "/conversations/{id}/claim",
        "/widget/session",
    ] {
        assert!(paths.keys().any(|known| known.ends_with(path)), "{path} is not described");
    }
    let schema = rest.get_ok("/api/v1/socket.schema.json").await;
    assert!(schema["$defs"]["ClientFrame"].is_object() && schema["$defs"]["ServerFrame"].is_object());
    let docs = rest.get("/api/v1/docs").await;
    assert_eq!(docs.status, 200);
    assert!(docs.text.contains("<html"), "the docs are a page");
}

pub(crate) async fn operators_see_metrics_and_health(system: &System) {
    let talk = Talk::begin(system).await;
    talk.contact_says("count me").await;
    for node in system.gateways() {
        let public = Rest::new(node);
        assert_eq!(public.get("/healthz").await.status, 200);
        let ready = public.get("/readyz").await;
        assert_eq!(ready.status, 200, "{}", ready.text);
        assert_eq!(public.get("/metrics").await.status, 404, "metrics are not for the public");
    }
    for node in system.nodes() {
        let metrics = Rest::at(node.admin()).get("/metrics").await;
        assert_eq!(metrics.status, 200);
        assert!(metrics.text.lines().any(|line| line.starts_with("desk_")), "{}", metrics.text);
        // Nothing that people wrote, and no address of theirs, is in them.
        assert!(!metrics.text.contains("count me") && !metrics.text.contains("demo.test"));
    }
    let metrics = Rest::at(system.gateway(0).admin()).get("/metrics").await.text;
    for name in ["desk_sessions", "desk_commands_total", "desk_process_resident_bytes"] {
        assert!(metrics.contains(name), "{name} is missing in:\n{metrics}");
    }
}
