//! The handshake: the frame `hello` and its refusals.

use std::time::Duration;

use frontdesk_domain::{ConversationKey, Principal, Role, Timestamp};
use frontdesk_ports::MessageLog as _;
use frontdesk_protocol::socket::{ClientFrame, Codec, ErrorCode, RejectCode, ServerFrame};

use super::{
    client::{Client, client_id},
    server::{Server, Transport, on_both_transports},
};
use crate::participants::{Doorkeeper, Person};

on_both_transports! {
    a_peer_that_does_not_authenticate_is_disconnected
    a_peer_whose_token_cannot_be_checked_in_time_is_disconnected
    a_session_that_dies_takes_its_own_socket_along_and_no_other
    a_token_that_is_not_valid_here_is_refused
    hello_comes_first_and_once
    a_welcome_says_what_the_client_must_know
    the_trace_of_a_handshake_goes_on_in_the_log
    contacts_are_pinged_less_often_than_agents
    an_agent_who_logs_out_loses_every_socket_within_five_seconds
    a_contact_whose_token_has_ended_is_shown_out
    a_role_that_changed_is_told_within_five_seconds_and_counts_at_once
}

fn error_code(frame: &ServerFrame) -> Option<ErrorCode> {
    match frame {
        ServerFrame::Error { code, .. } => Some(*code),
        _ => None,
    }
}

async fn a_peer_that_does_not_authenticate_is_disconnected(on: Transport) {
    let server = Server::with(on, |session| session.hello_timeout = Duration::from_millis(100)).await;
    let mut silent = Client::connect(server.address, "widget", Codec::Json).await;
    let mut chatty = Client::connect(server.address, "console", Codec::MessagePack).await;
    chatty.send(&ClientFrame::Ping {}).await;
    for client in [&mut silent, &mut chatty] {
        let (code, told) = client.closed().await;
        assert_eq!(code, 4001);
        assert!(matches!(told.last(), Some(ServerFrame::Bye { reason, .. }) if reason == "no_hello"));
    }
    server.stop().await;
}

async fn a_peer_whose_token_cannot_be_checked_in_time_is_disconnected(on: Transport) {
    let server = Server::with(on, |session| session.hello_timeout = Duration::from_millis(100)).await;
    let mut client = Client::connect(server.address, "widget", Codec::Json).await;
    client.send(&ClientFrame::Hello { token: Doorkeeper::PONDERED.to_owned() }).await;
    assert_eq!(client.closed().await.0, 4001);
}

async fn a_session_that_dies_takes_its_own_socket_along_and_no_other(on: Transport) {
    let server = Server::start(on).await;
    let mut other = server.welcome(&Person::agent("Ada")).await;
    let mut client = Client::connect(server.address, "widget", Codec::Json).await;
    client.send(&ClientFrame::Hello { token: Doorkeeper::FATAL.to_owned() }).await;
    assert_eq!(client.closed().await.0, 1013);
    other.send(&ClientFrame::Ping {}).await;
    assert_eq!(other.next().await, ServerFrame::Pong {});
}

async fn a_token_that_is_not_valid_here_is_refused(on: Transport) {
    let server = Server::start(on).await;
    let (contact, ada) = (Person::contact("Lin"), Person::agent("Ada"));
    server.world.doorkeeper.introduce(&contact);
    server.world.doorkeeper.introduce(&ada);
    for (side, token) in [("widget", "Stranger"), ("widget", "Ada"), ("console", "Lin"), ("console", "")] {
        let mut client = Client::connect(server.address, side, Codec::Json).await;
        client.send(&ClientFrame::Hello { token: token.to_owned() }).await;
        let (code, told) = client.closed().await;
        assert_eq!(code, 4003, "{token} at the {side}");
        assert_eq!(told, [ServerFrame::Bye { reason: "unauthorised".to_owned(), retry_in_ms: None }]);
    }
}

async fn hello_comes_first_and_once(on: Transport) {
    let server = Server::start(on).await;
    let contact = Person::contact("Lin");
    server.world.doorkeeper.introduce(&contact);
    let mut client = Client::connect(server.address, "widget", Codec::Json).await;
    client.send(&ClientFrame::Open { client_id: client_id() }).await;
    assert_eq!(error_code(&client.next().await), Some(ErrorCode::OutOfOrder));
    client.hello("Lin").await;
    client.send(&ClientFrame::Hello { token: "Lin".to_owned() }).await;
    assert_eq!(client.until(error_code).await, ErrorCode::OutOfOrder);
    client.open().await;
}

async fn a_welcome_says_what_the_client_must_know(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    server.world.doorkeeper.introduce(&ada);
    let mut client = Client::connect(server.address, "console", Codec::MessagePack).await;
    client.send(&ClientFrame::Hello { token: "Ada".to_owned() }).await;
    let ServerFrame::Welcome { epoch, who, heartbeat_ms, max_frame_bytes, .. } = client.next().await else { panic!() };
    assert_eq!((epoch, who.member, who.name), (server.world.epoch(), ada.member(), ada.name));
    assert_eq!((heartbeat_ms, max_frame_bytes), (25_000, server.world.settings.session.max_frame_bytes as u64));
}

async fn contacts_are_pinged_less_often_than_agents(on: Transport) {
    let server = Server::start(on).await;
    let contact = Person::contact("Lin");
    server.world.doorkeeper.introduce(&contact);
    let mut client = Client::connect(server.address, "widget", Codec::Json).await;
    client.send(&ClientFrame::Hello { token: "Lin".to_owned() }).await;
    let ServerFrame::Welcome { heartbeat_ms, deadline_ms, .. } = client.next().await else { panic!() };
    assert_eq!((heartbeat_ms, deadline_ms), (55_000, 10_000), "a proxy may forget it after 60 s");
}

async fn an_agent_who_logs_out_loses_every_socket_within_five_seconds(on: Transport) {
    let server = Server::start(on).await;
    let (ada, bo) = (Person::agent("Ada"), Person::agent("Bo"));
    let mut theirs = [server.welcome(&ada).await, server.welcome(&ada).await];
    let mut other = server.welcome(&bo).await;
    server.world.doorkeeper.log_out(&ada);
    let closed = tokio::time::timeout(Duration::from_secs(5), async {
        for client in &mut theirs {
            let (code, told) = client.closed().await;
            assert_eq!(code, 4003);
            assert!(matches!(told.last(), Some(ServerFrame::Bye { reason, .. }) if reason == "logged_out"));
        }
    });
    closed.await.expect("within five seconds");
    other.send(&ClientFrame::Ping {}).await;
    assert_eq!(other.next().await, ServerFrame::Pong {});
}

async fn a_contact_whose_token_has_ended_is_shown_out(on: Transport) {
    let server = Server::with(on, |session| session.heartbeat_deadline = Duration::from_millis(200)).await;
    let contact = Person::contact("Lin");
    server.world.doorkeeper.expire(&contact, Timestamp(0));
    let mut client = server.welcome(&contact).await;
    assert_eq!(client.closed().await.0, 4003);
}

async fn a_role_that_changed_is_told_within_five_seconds_and_counts_at_once(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    let conversation = server.welcome(&Person::contact("Lin")).await.open().await;
    let mut console = server.welcome(&ada).await;
    let say = || super::client::say(conversation, "let me help");
    let refused = console.ask(&say()).await;
    assert!(matches!(refused, ServerFrame::Rejected { code: RejectCode::NotClaimed, .. }), "{refused:?}");

    let promoted = Person { principal: Principal::agent(ada.agent_id(), Role::Supervisor), ..ada };
    server.world.doorkeeper.introduce(&promoted);
    let told = console.until(|frame| match frame {
        ServerFrame::Standing { role, grants, .. } => Some((*role, *grants)),
        _ => None,
    });
    let told = tokio::time::timeout(Duration::from_secs(5), told).await.expect("it is told in time");
    assert_eq!(told, (Role::Supervisor, Role::Supervisor.grants()));
    let answer = console.ask(&say()).await;
    assert!(matches!(answer, ServerFrame::Accepted { .. }), "a supervisor answers unasked: {answer:?}");
}

async fn the_trace_of_a_handshake_goes_on_in_the_log(on: Transport) {
    let server = Server::start(on).await;
    let contact = Person::contact("Lin");
    server.world.doorkeeper.introduce(&contact);
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let connected = Client::try_connect_in(Some(traceparent), server.address, "widget", Codec::Json).await;
    let mut client = connected.expect("the handshake is answered");
    client.hello("Lin").await;
    let key = ConversationKey { tenant: server.world.doorkeeper.tenant, conversation: client.open().await };
    client.say(key.conversation, "hello").await;
    let records = server.world.log.read(key, 0, usize::MAX).await.unwrap();
    let traces: Vec<_> = records.into_iter().filter_map(|record| record.envelope.trace).collect();
    assert_eq!(traces.len(), 2);
    assert!(traces.iter().all(|trace| trace.starts_with(&traceparent[..36]) && trace != traceparent), "{traces:?}");
    assert_ne!(traces[0], traces[1], "each command has an id of its own");
}
