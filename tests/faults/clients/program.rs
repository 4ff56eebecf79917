//! A program of an agent that writes over REST, and one that looks where it must not.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    outbox::{Op, Outbox, Settled},
    run_state::{Phase, RunState},
    wire::{Endpoint, Ticket, Wire, short},
};
use crate::{
    dice::Dice,
    history::{Kind, What},
    record::RecordWriter,
};

/// A client of the REST API of any gateway.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    http: reqwest::Client,
}

impl Rest {
    /// # Panics
    /// Never, unless the system has no randomness.
    pub(crate) fn new() -> Self {
        let http =
            reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().expect("a plain client can be built");
        Self { http }
    }

    /// GET, or POST of a body. Gives the status and the answer.
    ///
    /// # Errors
    /// There was no answer.
    pub(crate) async fn ask(
        &self,
        endpoint: &Endpoint,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(u16, Value), String> {
        let url = format!("http://{}{path}", endpoint.address);
        let mut request = if body.is_some() { self.http.post(url) } else { self.http.get(url) };
        request = request.header("host", &endpoint.host).header("origin", format!("http://{}", endpoint.host));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(short)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(short)?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }
}

/// Writes over REST in an agent's name, into all its tenant's conversations, until told to leave.
pub(crate) async fn write(
    name: String,
    ticket: Ticket,
    think_ms: u64,
    run_state: Arc<RunState>,
    writer: RecordWriter,
    dice: Dice,
) {
    let mut dice = dice.of(&name);
    let rest = Rest::new();
    let orders = run_state.orders.subscribe();
    let mut outbox = Outbox::new(&ticket.tenant, &ticket.member, writer);
    let mut number = 0;
    run_state.counters.busy.fetch_add(1, Ordering::Relaxed);
    while orders.borrow().phase == Phase::Work {
        sleep(dice.millis(0..think_ms.max(1))).await;
        let Some(conversation) = run_state.some_conversation(&ticket.tenant, &mut dice) else { continue };
        number += 1;
        let kind = if dice.happens(700) { Kind::Say } else { Kind::Note };
        let id = run_state.fresh_id(&ticket.tenant, &mut dice);
        let op = Op::new(id, kind, &conversation, format!("{name} {number}"));
        settle(op, &mut outbox, &rest, &ticket, &run_state, &mut dice).await;
    }
    run_state.counters.busy.fetch_sub(1, Ordering::Relaxed);
}

/// Repeats one request until there is an answer.
async fn settle(op: Op, outbox: &mut Outbox, rest: &Rest, ticket: &Ticket, run_state: &RunState, dice: &mut Dice) {
    let what = if op.kind == Kind::Say { "messages" } else { "notes" };
    let path = format!("/api/v1/conversations/{}/{what}", op.conversation);
    outbox.push(op.clone());
    while run_state.orders.borrow().phase < Phase::End {
        let endpoint = dice.pick(&run_state.endpoints);
        let now = Instant::now();
        let Some(frame) = outbox.take_due(now) else {
            sleep(dice.millis(20..200)).await;
            continue;
        };
        let body = json!({"client_id": op.id, "text": op.text, "repeat": frame["repeat"] == true});
        let answer = rest.ask(endpoint, &path, Some(&ticket.token), Some(&body)).await;
        let frame = match &answer {
            Ok((200, answer)) => with(answer, &[("type", json!("accepted"))]),
            // These do not say whether the request was accepted.
            Ok((408 | 500 | 502 | 504, _)) | Err(_) => {
                run_state.counters.unknown.fetch_add(outbox.lose_way() as u64, Ordering::Relaxed);
                sleep(dice.millis(50..400)).await;
                continue;
            }
            Ok((_, problem)) => with(problem, &[("type", json!("rejected")), ("client_id", json!(op.id))]),
        };
        if frame["type"] == "rejected" {
            run_state.counters.refused(frame["code"].as_str());
        }
        match outbox.settle(&frame, Instant::now()) {
            Settled::Accepted(op, answer) => {
                return run_state.accepted(&op.conversation, answer["seq"].as_u64().unwrap_or_default());
            }
            Settled::Rejected => return,
            Settled::Nothing => {}
        }
    }
    outbox.lose_way();
}

fn with(answer: &Value, fields: &[(&str, Value)]) -> Value {
    let mut frame = if answer.is_object() { answer.clone() } else { json!({}) };
    for (name, value) in fields {
        frame[name] = value.clone();
    }
    frame
}

/// Asks for other tenants' conversations in every way, until told to leave.
pub(crate) async fn trespass(ticket: Ticket, run_state: Arc<RunState>, writer: RecordWriter, dice: Dice) {
    let mut dice = dice.of("trespasser");
    let rest = Rest::new();
    let orders = run_state.orders.subscribe();
    while orders.borrow().phase == Phase::Work {
        sleep(dice.millis(200..900)).await;
        let others: Vec<_> = run_state.known().into_iter().filter(|known| known.tenant != ticket.tenant).collect();
        if others.is_empty() {
            continue;
        }
        let conversation = dice.pick(&others).conversation.clone();
        let base = format!("/api/v1/conversations/{conversation}");
        let id = run_state.fresh_id(&ticket.tenant, &mut dice);
        let (path, body) = match dice.within(0..4) {
            3 => {
                let answer = by_socket(dice.pick(&run_state.endpoints), &ticket, &conversation).await;
                let (tenant, refused) = (ticket.tenant.clone(), answer["type"] == "error" || answer.is_null());
                writer.write(What::Trespass { tenant, conversation, answer: short(answer), refused });
                continue;
            }
            0 => (format!("{base}/messages?after_seq=0"), None),
            1 => (base, None),
            _ => (format!("{base}/messages"), Some(json!({"client_id": id, "text": "let me in"}))),
        };
        let endpoint = dice.pick(&run_state.endpoints);
        if let Ok((status, answer)) = rest.ask(endpoint, &path, Some(&ticket.token), body.as_ref()).await {
            let (tenant, refused) = (ticket.tenant.clone(), status >= 400);
            let answer = if refused { status.to_string() } else { short(answer) };
            writer.write(What::Trespass { tenant, conversation, answer, refused });
        }
    }
}

/// What a socket is told that asks to watch a conversation; nothing if it is told nothing.
async fn by_socket(endpoint: &Endpoint, ticket: &Ticket, conversation: &str) -> Value {
    let ask = async {
        let mut wire = Wire::open(endpoint, ticket).await?;
        wire.send(&json!({"type": "resume", "conversation": conversation, "last_seq": 0})).await?;
        loop {
            let frame = wire.next().await?;
            if frame["conversation"] == conversation {
                return Ok::<_, String>(frame);
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE / 5, ask).await;
    answer.ok().and_then(Result::ok).unwrap_or_default()
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);
