//! What has to hold when something is killed while people talk.

use std::collections::BTreeMap;

use frontdesk_tests::harness::{Agent, Coding, Contact, History, Node, Outbox, Progress, System, open, watch, within};
use tokio::sync::watch::Receiver;

/// Messages that one contact sends while something is killed.
const MESSAGES: usize = 200;

/// A contact sends numbered messages, and while it does, `kill` kills something and brings it back. Afterwards nothing
/// accepted is missing, each message is there once, and every road tells the same.
///
/// `kill` gets the number of accepted messages to watch; it is called when some were accepted and many were not yet
/// sent.
pub(crate) async fn nothing_is_lost_or_doubled(system: &System, kill: impl AsyncFnOnce(Receiver<Progress>)) {
    let contact = Contact::visit(system, system.gateway(0)).await;
    let widget = contact.connect(system.gateway(0), Coding::Json).await;
    let conversation = open(&widget).await;
    let gateways: Vec<&Node> = system.gateways().iter().collect();
    let outbox = Outbox::new(&gateways, &contact.path(), &contact.token, &conversation);
    let mut progress = outbox.progress();
    let texts: Vec<String> = (0..MESSAGES).map(|number| format!("message {number}")).collect();
    let delivery = tokio::spawn(outbox.deliver(texts.clone()));
    within("some messages", progress.wait_for(|progress| progress.accepted >= 40)).await.expect("the contact goes on");
    kill(progress.clone()).await;
    let accepted = delivery.await.expect("the contact delivers everything");
    println!("{:?}", *progress.borrow());
    assert_told(system, &conversation, &texts, &accepted).await;
}

async fn assert_told(system: &System, conversation: &str, texts: &[String], accepted: &BTreeMap<String, u64>) {
    let node = system.gateway(1);
    let ada = Agent::ada(system, node).await;
    let console = ada.connect(node, Coding::MessagePack).await;
    watch(&console, conversation).await;
    let history = History::by_socket(&console, conversation).await;
    history.assert_dense();
    let mut told = history.texts();
    for (text, seq) in accepted {
        let entry = history.entries.get(*seq as usize - 1);
        let entry = entry.unwrap_or_else(|| panic!("{text} was accepted as {seq} and is missing"));
        assert_eq!(entry["event"]["text"], **text, "what was accepted as {seq}");
    }
    told.sort();
    let mut expected = texts.to_vec();
    expected.sort();
    assert_eq!(told, expected, "each message is there once");
    let last = *history.seqs().last().expect("there are messages");
    for gateway in system.gateways() {
        assert_eq!(History::by_rest(&ada.rest(gateway), conversation, last).await, history, "REST tells the same");
    }
}

/// Kills a node, starts it again and waits until it is ready. Those who go on talking do so on threads of their own.
pub(crate) fn restart(node: &Node) {
    node.kill();
    node.start();
}

/// Waits until so many more messages were accepted, or all.
pub(crate) async fn more(progress: &mut Receiver<Progress>, messages: usize) {
    let goal = (progress.borrow().accepted + messages).min(MESSAGES);
    within("more messages", progress.wait_for(|progress| progress.accepted >= goal))
        .await
        .expect("the contact goes on");
}
