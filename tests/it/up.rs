//! The suite on one process with everything embedded; and what is about that process itself.

mod auditing;
mod credentials;
mod dead;
mod killing;
mod reconciling;
mod relaying;
mod suite;
mod tracing;
mod upgrade;

use std::sync::OnceLock;

use frontdesk_tests::harness::{
    Agent, Closed, Coding, Contact, HandshakeError, History, Node, Rest, Sample, Socket, System, Talk, catch_up, field,
    is, resume, say, until, watch,
};

suite::suite!();

/// The system that all tests of the suite share; each makes its own contacts and conversations.
fn shared() -> &'static System {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    SYSTEM.get_or_init(System::up)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_of_a_conversation_loses_and_doubles_nothing() {
    let system = System::up();
    killing::nothing_is_lost_or_doubled(&system, async |mut progress| {
        for _ in 0..2 {
            killing::restart(system.gateway(0));
            killing::more(&mut progress, 50).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snooze_ends_although_the_process_is_killed_meanwhile() {
    let system = System::up();
    suite::snooze::ends_after(&system, || killing::restart(system.gateway(0))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_worker_takes_is_persisted_once_told_and_counted() {
    let system = System::up_with(&reconciling::NO_PERSIST_WORKER);
    reconciling::what_no_worker_takes_is_persisted_once_told_and_counted(&system).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_is_let_in_and_shut_out_while_the_desk_runs() {
    credentials::a_bridge_is_let_in_and_shut_out_while_the_desk_runs(&System::up()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poison_record_is_dead_lettered_and_dealt_with() {
    dead::a_poison_record_is_dead_lettered_and_dealt_with(&System::up()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verify_fails_on_an_audit_trail_that_was_tampered_with_and_says_where() {
    auditing::verify_fails_on_an_audit_trail_that_was_tampered_with_and_says_where(&System::up()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_published_once_in_order_although_the_process_is_killed() {
    relaying::events_are_published_once_in_order_although_the_process_is_killed(&System::up()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_published_but_not_marked_is_not_published_again() {
    relaying::an_event_that_was_published_but_not_marked_is_not_published_again(&System::up()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_exported_in_the_trace_that_it_names() {
    tracing::a_request_is_exported_in_the_trace_that_it_names().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_traced_from_the_socket_to_the_database() {
    tracing::a_message_is_traced_from_the_socket_to_the_database().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_of_an_older_version_opens_and_goes_on() {
    let sample = Sample::unpack("folder");
    upgrade::everything_is_there_and_goes_on(&System::up_on(&sample), &sample).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_changes_no_answer() {
    let system = System::up();
    let node = system.gateway(0);
    let (idle, broker) = node.resident_bytes();
    println!("idle memory: {} KiB, broker {} KiB", idle / 1024, broker / 1024);
    let talk = Talk::begin(&system).await;
    let said = say(&talk.conversation, "before");
    let first = talk.widget.ask(&said).await;
    talk.agent_says("an answer").await;
    let before = History::by_socket(&talk.console, &talk.conversation).await;
    let epoch = talk.widget.frames()[0]["epoch"].clone();

    node.kill();
    let (_, took) = node.start();
    println!("ready with an existing store after a kill: {took:?}");

    let widget = talk.contact.connect(node, Coding::Json).await;
    let came = resume(&widget, &talk.conversation, epoch.as_str(), 2).await;
    assert!(is(&came, "recovered"), "the history goes on: {came}");
    assert_eq!(widget.ask(&said).await, first, "the same answer");
    let mut other = said.clone();
    other["text"] = "something else".into();
    assert_eq!(widget.ask(&other).await["code"], "id_reuse");
    // The token of before is good, and so is what it shows.
    let console = talk.agent.connect(node, Coding::Json).await;
    watch(&console, &talk.conversation).await;
    assert_eq!(History::by_socket(&console, &talk.conversation).await, before);
    console.ask_ok(&say(&talk.conversation, "and on we go")).await;

    assert_eq!(node.terminate(), Ok(0), "it ends by itself when asked to");
    let (_, took) = node.start();
    println!("ready with an existing store after a stop: {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_catches_up_after_a_restart_and_without_the_log() {
    let system =
        System::up_with(&[("FRONTDESK__BROKER__RETAIN", "2s"), ("FRONTDESK__WORKERS__TRIM_INTERVAL", "500ms")]);
    let node = system.gateway(0);
    let ada = Agent::ada(&system, node).await;
    let mut changes = suite::feed::Changes::begin(&system).await;
    let cursor = suite::feed::settled_cursor(&ada.connect(node, Coding::Json).await).await;
    changes.happen(&system).await;
    let rows = changes.rows(&ada.rest(node)).await;
    let entries: u64 = rows.values().map(|row| field(row, "/last_seq")).sum();
    // Everything leaves the log.
    until("an empty log", async || {
        reads(node, "desk_log_trimmed_total").await.filter(|count| *count >= entries as f64)
    })
    .await;
    node.kill();
    node.start();
    let console = ada.connect(node, Coding::MessagePack).await;
    let caught_up = catch_up(&console, &cursor).await;
    assert!(!caught_up.reset && !caught_up.behind, "{caught_up:?}");
    // Nothing else happens here, so it is these and no others.
    assert_eq!(caught_up.rows, rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_asked_to_end_tells_its_sockets_to_come_back() {
    let system = System::up();
    let talk = Talk::begin(&system).await;
    let node = system.gateway(0);
    assert_eq!(node.terminate(), Ok(0));
    for socket in [&talk.widget, &talk.console] {
        assert!(matches!(socket.closed().await, Closed::Code(1012 | 1001)), "{:?}", socket.closed().await);
        let bye = socket.find("the good-bye", |frame| is(frame, "bye")).await;
        assert!(bye["retry_in_ms"].is_u64(), "{bye}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_peer_is_asked_and_one_that_does_not_answer_is_closed() {
    let system = System::up_with(&[
        ("FRONTDESK__SESSION__AGENT_HEARTBEAT", "3s"),
        ("FRONTDESK__SESSION__CONTACT_HEARTBEAT", "4s"),
        ("FRONTDESK__SESSION__HEARTBEAT_DEADLINE", "2s"),
    ]);
    let talk = Talk::begin(&system).await;
    let (alive, dead) = (&talk.console, &talk.widget);
    dead.ignore_pings();
    let welcome = &alive.frames()[0];
    assert_eq!((&welcome["heartbeat_ms"], &welcome["deadline_ms"]), (&3000.into(), &2000.into()));
    assert_eq!(dead.frames()[0]["heartbeat_ms"], 4000);
    assert_eq!(dead.closed().await, Closed::Code(4008));
    alive.find("a ping", |frame| is(frame, "ping")).await;
    alive.settle().await;
    let agent = Agent::ada(&system, system.gateway(0)).await;
    assert_eq!(agent.id, talk.agent.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_has_its_fill_of_sockets_says_so_and_takes_more_when_some_have_ended() {
    // Contacts' sockets are taken over from the web framework, agents' are its own.
    let system = System::up_with(&[("FRONTDESK__SESSION__MAX_OPEN", "4")]);
    let node = system.gateway(0);
    let (ada, lin) = (Agent::ada(&system, node).await, Contact::visit(&system, node).await);
    let knock = async |path: &str| Socket::connect(&node.host(), path, Some(&node.origin()), Coding::Json).await;
    for _ in 0..3 {
        let inside = [
            ada.connect(node, Coding::Json).await,
            lin.connect(node, Coding::Json).await,
            knock(Agent::PATH).await.expect("a place"),
            knock(&lin.path()).await.expect("a place"),
        ];
        for path in [Agent::PATH, &lin.path()] {
            assert_eq!(knock(path).await.expect_err("one too many"), HandshakeError::Refused(503), "{path}");
        }
        drop(inside);
        until("all places are free", async || (reads(node, "desk_sockets_open").await == Some(0.0)).then_some(()))
            .await;
    }
    assert_eq!(reads(node, "desk_sockets_limit").await, Some(4.0));
    assert_eq!(reads(node, "desk_sockets_refused_total{full=\"node\"}").await, Some(6.0));
}

/// A figure among the metrics of `node`.
async fn reads(node: &Node, name: &str) -> Option<f64> {
    let metrics = Rest::at(node.admin()).get("/metrics").await.text;
    let mut values = metrics.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    values.next()
}
