//! Who is there and who is typing.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::{Command, EntryAuthor, Participant, TenantId};
use frontdesk_ports::{Presence, PresenceError, Signal, Signals as _};
use frontdesk_protocol::socket::{PresenceState, ServerFrame};
use uuid::Uuid;

use crate::{
    participants::Person,
    recorder::Recorder,
    time::pass,
    world::{World, accepted},
};

fn presence(frame: &ServerFrame) -> Option<(Participant, PresenceState)> {
    match frame {
        ServerFrame::Presence { member, state } => Some((*member, *state)),
        _ => None,
    }
}

fn all_presence(recorder: &mut Recorder) -> Vec<(Participant, PresenceState)> {
    recorder.heard().iter().filter_map(presence).collect()
}

async fn set(world: &World, person: &Person, session: Uuid, state: PresenceState) {
    let (tenant, ttl) = (world.doorkeeper.tenant, Duration::from_secs(600));
    world.presence.set(tenant, person.member(), session, state, ttl).await.unwrap();
}

#[actix_rt::test]
async fn typing_reaches_everyone_but_who_types() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::agent("Ada");
    let key = world.open(&here, &contact).await;
    let mut own = Recorder::new(&here, key, &contact).await;
    let mut others = [Recorder::new(&here, key, &ada).await, Recorder::new(&there, key, &ada).await];
    let author = EntryAuthor { member: contact.member(), name: contact.name.clone() };
    world.log.signal(key, Signal::Typing { author, active: true }).await;
    for recorder in &mut others {
        let typing = |frame: &ServerFrame| match frame {
            ServerFrame::Typing { author, active, .. } => Some((author.name.clone(), *active)),
            _ => None,
        };
        assert_eq!(recorder.until(typing).await, ("Lin".to_owned(), true));
    }
    pass(Duration::from_secs(1)).await;
    assert!(!own.heard().iter().any(|frame| matches!(frame, ServerFrame::Typing { .. })));
}

#[actix_rt::test]
async fn nobody_hears_a_stranger_typing() {
    let world = World::begin().await;
    let (node, contact, stranger) = (world.node(), Person::contact("Lin"), Person::contact("Max"));
    let key = world.open(&node, &contact).await;
    let mut recorder = Recorder::new(&node, key, &Person::agent("Ada")).await;
    for person in [&stranger, &contact] {
        let author = EntryAuthor { member: person.member(), name: person.name.clone() };
        world.log.signal(key, Signal::Typing { author, active: true }).await;
    }
    let typing = |frame: &ServerFrame| match frame {
        ServerFrame::Typing { author, .. } => Some(author.name.clone()),
        _ => None,
    };
    assert_eq!(recorder.until(typing).await, "Lin");
}

#[actix_rt::test]
async fn watchers_learn_who_comes_and_who_has_gone() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::agent("Ada");
    let key = world.open(&here, &contact).await;
    let mut recorder = Recorder::new(&there, key, &ada).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), [(contact.member(), PresenceState::Offline)]);

    let (phone, laptop) = (Recorder::new(&here, key, &contact).await, Recorder::new(&here, key, &contact).await);
    set(&world, &contact, phone.session, PresenceState::Online).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), [(contact.member(), PresenceState::Online)], "told once for both");

    laptop.leave();
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), [], "the other is still there");

    set(&world, &contact, phone.session, PresenceState::Offline).await;
    phone.leave();
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), [(contact.member(), PresenceState::Offline)]);
}

#[actix_rt::test]
async fn nobody_is_told_of_a_page_that_was_reloaded() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    let before = Recorder::new(&node, key, &contact).await;
    let mut recorder = Recorder::new(&node, key, &ada).await;
    pass(Duration::from_secs(1)).await;
    recorder.heard();
    before.leave();
    pass(Duration::from_millis(100)).await;
    let _after = Recorder::new(&node, key, &contact).await;
    pass(Duration::from_secs(1)).await;
    let told = all_presence(&mut recorder);
    assert!(told.iter().all(|(_, state)| *state == PresenceState::Online), "{told:?}");
}

#[actix_rt::test]
async fn a_contact_learns_of_the_agent_who_holds_its_conversation_and_of_no_other() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let (ada, sol) = (Person::agent("Ada"), Person::supervisor("Sol"));
    let key = world.open(&node, &contact).await;
    let mut recorder = Recorder::new(&node, key, &contact).await;
    let (_looking, _supervising) = (Recorder::new(&node, key, &ada).await, Recorder::new(&node, key, &sol).await);
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), []);
    set(&world, &ada, Uuid::now_v7(), PresenceState::Away).await;
    accepted(&node, key, ada.asks(Command::Claim)).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), [(ada.member(), PresenceState::Away)]);
    // The same for one who comes later.
    let mut late = Recorder::new(&node, key, &contact).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut late), [(ada.member(), PresenceState::Away)]);
}

/// A store of presence that does not answer.
struct Gone;

#[async_trait]
impl Presence for Gone {
    async fn set(
        &self,
        _: TenantId,
        _: Participant,
        _: Uuid,
        _: PresenceState,
        _: Duration,
    ) -> Result<(), PresenceError> {
        Err(PresenceError("gone".into()))
    }

    async fn get(&self, _: TenantId, _: &[Participant]) -> Result<Vec<PresenceState>, PresenceError> {
        Err(PresenceError("gone".into()))
    }
}

#[actix_rt::test]
async fn presence_is_unknown_while_its_store_is_away_and_nothing_else_is_harmed() {
    let mut world = World::begin().await;
    world.presence = Arc::new(Gone);
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    let phone = Recorder::new(&node, key, &contact).await;
    let mut recorder = Recorder::new(&node, key, &ada).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), [(contact.member(), PresenceState::Unknown)]);
    phone.leave();
    pass(Duration::from_secs(1)).await;
    assert_eq!(all_presence(&mut recorder), [(contact.member(), PresenceState::Unknown)]);
    assert_eq!(accepted(&node, key, contact.says("hello")).await, 2);
}
