//! What has to hold when the address of the broker leads to the broker of another desk.

use frontdesk_tests::harness::{Node, System, Talk, say, until};

/// How such a broker is spoken of.
const OTHERS: &str = "belongs to the desk";

/// On two systems. The broker of `ours` comes back with what the one of `theirs` keeps, and then as it was.
pub(crate) async fn nothing_is_accepted_at_the_broker_of_another_desk(ours: &System, theirs: &System) {
    theirs.nodes().for_each(Node::kill);
    let talk = Talk::begin(ours).await;
    talk.contact_says("at our own broker").await;

    let broker = ours.broker();
    broker.kill(0);
    theirs.broker().kill(0);
    broker.launch_with_what_is_kept_by(theirs.broker(), 0);
    for node in ours.nodes() {
        until("it is noticed", async || (!refusals(node).is_empty()).then_some(())).await;
    }
    let answer = talk.widget.ask(&say(&talk.conversation, "at theirs")).await;
    assert!(answer["type"] == "rejected" && answer["retryable"] == true, "{answer}");

    let (stay, leave) = ((ours.gateway(0), &ours.workers()[0]), (ours.gateway(1), &ours.workers()[1]));
    for node in [leave.0, leave.1] {
        node.kill();
        let said = node.fails_to_start().await;
        let why: Vec<_> = said.iter().filter(|line| line.contains(OTHERS)).collect();
        assert_eq!(why.len(), 1, "{said:#?}");
    }

    broker.kill(0);
    broker.launch(0);
    for node in [stay.0, stay.1] {
        let back = |line: &str| line.contains("reconnected to the broker");
        until("it is connected again", async || (!node.lines(back).is_empty()).then_some(())).await;
        assert_eq!(refusals(node).len(), 1, "it says so once, however often it dials");
    }
    for node in [leave.0, leave.1] {
        node.start();
    }
    let talk = Talk::begin(ours).await;
    talk.contact_says("at our own again").await;
    let said = ours.gateway(0).verify(&[]);
    assert!(said.contains("missing 0 duplicated 0 misordered 0"), "{said}");
}

fn refusals(node: &Node) -> Vec<String> {
    node.lines(|line| line.contains(OTHERS))
}
