//! An agent who is away, in all of its consoles.

use std::time::Duration;

use frontdesk_domain::Participant;
use frontdesk_protocol::socket::{ClientFrame, PresenceState, ServerFrame};

use super::{
    client::Client,
    server::{Server, Transport, on_both_transports},
};
use crate::{participants::Person, time::pass};

on_both_transports! {
    an_agent_who_is_away_is_away_in_every_console_until_it_says_otherwise
}

/// Waits until the console is told what its agent chose elsewhere.
async fn told(console: &mut Client, agent: &Person) -> PresenceState {
    loop {
        match console.next().await {
            ServerFrame::Presence { member, state } if member == agent.member() => return state,
            ServerFrame::Standing { .. } => panic!("neither role nor name changed"),
            _ => {}
        }
    }
}

/// Waits until others see the agent so: presence is written beside what the console is told.
async fn await_presence(server: &Server, member: Participant, expected: PresenceState) {
    let tenant = server.world.doorkeeper.tenant;
    let seen = async {
        while server.world.presence.get(tenant, &[member]).await.unwrap()[0] != expected {
            pass(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen).await.expect("it is seen");
}

async fn an_agent_who_is_away_is_away_in_every_console_until_it_says_otherwise(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    let (mut one, mut other) = (server.welcome(&ada).await, server.welcome(&ada).await);
    one.send(&ClientFrame::Presence { state: PresenceState::Away }).await;
    assert_eq!(told(&mut other, &ada).await, PresenceState::Away, "by the next check");
    await_presence(&server, ada.member(), PresenceState::Away).await;

    // A console that is opened later, as after a reload.
    let mut later = server.welcome(&ada).await;
    assert_eq!(told(&mut later, &ada).await, PresenceState::Away);
    await_presence(&server, ada.member(), PresenceState::Away).await;

    later.send(&ClientFrame::Presence { state: PresenceState::Online }).await;
    for console in [&mut one, &mut other] {
        assert_eq!(told(console, &ada).await, PresenceState::Online);
    }
    await_presence(&server, ada.member(), PresenceState::Online).await;
}
