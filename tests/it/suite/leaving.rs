//! What happens when an agent gets another password, or may not work any more: to log-ins, sockets and conversations.

use std::time::Duration;

use frontdesk_tests::harness::{
    Agent, Closed, Coding, Contact, Rest, System, command, is, is_for, open, say, until, watch,
};
use reqwest::Method;
use serde_json::{Value, json};

/// By the change's notice, or at the next check.
const SOON: Duration = Duration::from_secs(5);

pub(crate) async fn a_new_password_ends_log_ins_and_sockets_on_every_node(system: &System) {
    let leaver = Leaver::make(system, "renewed").await;
    let (near, far) = (system.gateway(0), system.gateway(1));
    let login = Rest::new(near).post("/api/v1/auth/login", &leaver.body()).await;
    let (cookie, token) = (login.cookie("frontdesk_refresh"), login.body["access_token"].as_str().expect("a token"));
    let mut sockets = Vec::new();
    for node in [near, far] {
        let socket = Agent::login(node, &leaver.credentials).await.connect(node, Coding::Json).await;
        sockets.push(socket);
    }
    leaver.change(&json!({"password": "another long password"})).await;
    for socket in &sockets {
        let closed = tokio::time::timeout(SOON, socket.closed()).await.expect("it is closed within 5 s");
        assert_eq!(closed, Closed::Code(4003));
    }
    for node in [near, far] {
        let me = async || Rest::new(node).with_token(token).get("/api/v1/me").await.status;
        until("the token has ended", async || (me().await == 401).then_some(())).await;
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
        let refreshed =
            Rest::new(node).request(Method::POST, "/api/v1/auth/refresh", &headers, Some(b"{}".to_vec())).await;
        assert_eq!(refreshed.status, 401, "{}", refreshed.text);
    }
    Agent::login(far, &(leaver.credentials.0.clone(), "another long password".to_owned())).await;
}

pub(crate) async fn an_agent_who_is_away_stays_so_in_consoles_on_every_node(system: &System) {
    let person = Leaver::make(system, "absent").await;
    let (near, far) = (system.gateway(0), system.gateway(1));
    let agent = Agent::login(near, &person.credentials).await;
    let here = agent.connect(near, Coding::Json).await;
    let there = agent.connect(far, Coding::MessagePack).await;
    let about_itself = |frame: &Value| is(frame, "presence") && frame["member"]["id"] == *person.id;
    for state in ["away", "online"] {
        let mark = there.mark();
        here.send(&json!({"type": "presence", "state": state}));
        let told = tokio::time::timeout(SOON, there.find_after(mark, "what was chosen elsewhere", about_itself)).await;
        assert_eq!(told.expect("it is told within 5 s")["state"], state);
        let listed = async || {
            let agents = person.owner.get_ok("/api/v1/agents").await;
            let agents = agents["items"].as_array().expect("a list").clone();
            agents.into_iter().find(|agent| agent["id"] == *person.id).expect("it is listed")["presence"].clone()
        };
        until("others see it", async || (listed().await == state).then_some(())).await;
        if state == "away" {
            // As after a reload: no new console makes the agent present.
            let later = Agent::login(far, &person.credentials).await.connect(far, Coding::Json).await;
            assert_eq!(later.find("what was chosen before", about_itself).await["state"], "away");
            assert_eq!(listed().await, "away");
        }
    }
}

pub(crate) async fn a_changed_agent_is_told_to_the_consoles_of_its_colleagues(system: &System) {
    let person = Leaver::make(system, "married").await;
    let colleague = Agent::bob(system, system.gateway(1)).await.connect(system.gateway(1), Coding::MessagePack).await;
    let own = Agent::login(system.gateway(0), &person.credentials).await.connect(system.gateway(0), Coding::Json).await;
    let (mark, own_mark) = (colleague.mark(), own.mark());
    person.change(&json!({"name": "Another Name"})).await;
    let told = colleague.find_after(mark, "that agents changed", |frame| is(frame, "agents_changed"));
    tokio::time::timeout(SOON, told).await.expect("it is told within 5 s");
    let told = own.find_after(own_mark, "its own name", |frame| is(frame, "standing"));
    let told = tokio::time::timeout(SOON, told).await.expect("it is told within 5 s");
    assert_eq!(told["name"], "Another Name");
}

pub(crate) async fn the_work_of_a_deactivated_agent_goes_back_into_the_queue_in_every_console(system: &System) {
    let leaver = Leaver::make(system, "gone").await;
    let (near, far) = (system.gateway(0), system.gateway(1));
    let widget = Contact::visit(system, near).await.connect(near, Coding::Json).await;
    let conversation = open(&widget).await;
    let own = Agent::login(near, &leaver.credentials).await.connect(near, Coding::Json).await;
    own.ask_ok(&command("claim", &conversation)).await;
    let resolved_widget = Contact::visit(system, near).await.connect(near, Coding::Json).await;
    let resolved = open(&resolved_widget).await;
    own.ask_ok(&command("claim", &resolved)).await;
    own.ask_ok(&command("resolve", &resolved)).await;
    let bob = Agent::bob(system, far).await.connect(far, Coding::MessagePack).await;
    watch(&bob, &conversation).await;
    let mark = bob.mark();
    let answer = leaver.change(&json!({"active": false})).await;
    assert_eq!(answer["presence"], "offline", "{answer}");
    let closed = tokio::time::timeout(SOON, own.closed()).await.expect("it is closed within 5 s");
    assert_eq!(closed, Closed::Code(4003));
    let released =
        |frame: &Value| is_for(frame, "activity", &conversation) && frame["entry"]["event"]["kind"] == "unassigned";
    let told = tokio::time::timeout(SOON, bob.find_after(mark, "that it is in the queue", released)).await;
    let told = told.expect("it is told within 5 s");
    assert_eq!(told["entry"]["author"]["member"]["kind"], "system", "{told}");
    assert_eq!(told["entry"]["event"]["from"], *leaver.id, "{told}");
    let row = |conversation: &str| {
        let conversation = conversation.to_owned();
        move |frame: &Value| {
            is(frame, "conversation")
                && frame["summary"]["conversation"] == *conversation
                && frame["summary"]["assignment"].is_null()
        }
    };
    bob.find_after(mark, "the row in the list of the unassigned", row(&conversation)).await;
    bob.ask_ok(&command("claim", &conversation)).await;

    // What was resolved stays with its last holder until the contact writes again.
    let mark = bob.mark();
    resolved_widget.ask_ok(&say(&resolved, "one more thing")).await;
    bob.find_after(mark, "the row of what was opened again", row(&resolved)).await;
    bob.ask_ok(&command("claim", &resolved)).await;

    // One who does not work any more gets nothing.
    let owner = Agent::ada(system, near).await.connect(near, Coding::Json).await;
    let mut assign = command("assign", &resolved);
    assign["agent"] = json!(leaver.id);
    assert_eq!(owner.ask(&assign).await["code"], "no_such_agent");
}

/// An agent of the example tenant that is made for one test.
struct Leaver {
    id: String,
    credentials: (String, String),
    owner: Rest,
}

impl Leaver {
    async fn make(system: &System, name: &str) -> Self {
        let owner = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(0));
        let credentials = (format!("{name}@demo.test"), format!("a long password of {name}"));
        let agent = json!({"email": credentials.0, "name": name, "role": "agent", "password": credentials.1});
        let made = owner.post_ok("/api/v1/agents", &agent).await;
        Self { id: made["id"].as_str().expect("an agent has an id").to_owned(), credentials, owner }
    }

    fn body(&self) -> Value {
        json!({"email": self.credentials.0, "password": self.credentials.1})
    }

    async fn change(&self, change: &Value) -> Value {
        let headers = [("content-type", "application/json")];
        let (path, body) = (format!("/api/v1/agents/{}", self.id), change.to_string().into_bytes());
        let changed = self.owner.request(Method::PATCH, &path, &headers, Some(body)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        changed.body
    }
}
