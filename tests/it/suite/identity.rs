//! The same request gets the same answer, for ever.

use frontdesk_tests::harness::{Coding, Contact, History, System, Talk, client_id, field, is, open, say};
use serde_json::json;

pub(crate) async fn a_repeated_request_gets_the_same_answer(system: &System) {
    let talk = Talk::begin(system).await;
    let said = say(&talk.conversation, "once");
    let first = talk.widget.ask(&said).await;
    assert!(is(&first, "accepted"), "{first}");
    let again = talk.contact.connect(system.gateway(1), Coding::MessagePack).await;
    for socket in [&talk.widget, &again] {
        assert_eq!(socket.ask(&said).await, first);
    }
    // Also when the repeats come at once, before the first was answered.
    let said = say(&talk.conversation, "at once");
    for socket in [&again, &talk.widget, &again, &talk.widget] {
        socket.send(&said);
    }
    let (one, other) = (again.ask(&said).await, talk.widget.ask(&said).await);
    assert_eq!(one, other);
    talk.agent_has_seen_all().await;
    assert_eq!(History::by_socket(&talk.console, &talk.conversation).await.texts(), ["once", "at once"]);
}

pub(crate) async fn an_id_used_for_something_else_is_refused(system: &System) {
    let talk = Talk::begin(system).await;
    let said = say(&talk.conversation, "this");
    talk.widget.ask_ok(&said).await;
    let mut other = said.clone();
    other["text"] = "that".into();
    let answer = talk.widget.ask(&other).await;
    assert_eq!((&answer["type"], &answer["code"]), (&"rejected".into(), &"id_reuse".into()), "{answer}");
    assert_eq!(answer["retryable"], false);
    // Another sender may use the same id: it is a name of the sender's own.
    other["text"] = "the agent's own".into();
    let seq = talk.console.ask_ok(&other).await;
    assert_eq!(field(&talk.console.ask(&other).await, "/seq"), seq);
    talk.agent_has_seen_all().await;
    assert_eq!(History::by_socket(&talk.console, &talk.conversation).await.texts(), ["this", "the agent's own"]);
}

pub(crate) async fn ids_are_known_after_many_later_entries(system: &System) {
    let talk = Talk::begin(system).await;
    let said = say(&talk.conversation, "long ago");
    let first = talk.widget.ask(&said).await;
    for number in 0..70 {
        talk.contact_says(&format!("later {number}")).await;
    }
    let again = talk.contact.connect(system.gateway(1), Coding::Json).await;
    for socket in [&talk.widget, &again] {
        assert_eq!(socket.ask(&said).await, first);
        let mut other = said.clone();
        other["text"] = "something else".into();
        let answer = socket.ask(&other).await;
        assert_eq!(answer["code"], "id_reuse", "{answer}");
    }
    talk.agent_has_seen_all().await;
    let texts = History::by_socket(&talk.console, &talk.conversation).await.texts();
    assert_eq!((texts.len(), texts[0].as_str()), (71, "long ago"));
}

pub(crate) async fn a_repeated_opening_finds_the_same_conversation(system: &System) {
    let contact = Contact::visit(system, system.gateway(0)).await;
    let (near, far) = (
        contact.connect(system.gateway(0), Coding::Json).await,
        contact.connect(system.gateway(1), Coding::Json).await,
    );
    let opening = json!({"type": "open", "client_id": client_id()});
    let first = near.ask(&opening).await;
    assert!(is(&first, "accepted"), "{first}");
    assert_eq!(far.ask(&opening).await, first);
    assert_ne!(open(&near).await, first["conversation"]);
}
