//! Many agents want one conversation.

use std::sync::Arc;

use frontdesk_tests::harness::{Agent, Coding, Contact, History, System, command, field, is, open, within};
use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

const AGENTS: usize = 50;

pub(crate) async fn of_fifty_agents_one_wins_and_the_others_learn_who(system: &System) {
    let contact = Contact::visit(system, system.gateway(0)).await;
    let widget = contact.connect(system.gateway(0), Coding::Json).await;
    let conversation = open(&widget).await;
    let owner = Agent::ada(system, system.gateway(0)).await;
    let rest = owner.rest(system.gateway(0));
    let mut consoles = Vec::new();
    for number in 0..AGENTS {
        let credentials = (format!("racer{number}@demo.test"), format!("a long password {number}"));
        let agent = json!({"email": credentials.0, "name": format!("Racer {number}"), "role": "agent", "password": credentials.1});
        rest.post_ok("/api/v1/agents", &agent).await;
        let gateway = system.gateway(number);
        let agent = Agent::login(gateway, &credentials).await;
        let coding = Coding::ALL[number / 2 % 2];
        consoles.push((agent.connect(gateway, coding).await, agent));
    }

    let start = Arc::new(Barrier::new(AGENTS));
    let mut race = JoinSet::new();
    for (console, agent) in consoles {
        let (start, claim) = (Arc::clone(&start), command("claim", &conversation));
        race.spawn(async move {
            start.wait().await;
            (console.ask(&claim).await, agent)
        });
    }
    let outcomes: Vec<(Value, Agent)> = within("the race", race.join_all()).await;

    let (won, lost): (Vec<_>, Vec<_>) = outcomes.iter().partition(|(answer, _)| is(answer, "accepted"));
    assert_eq!((won.len(), lost.len()), (1, AGENTS - 1), "{won:?}");
    let (receipt, winner) = &won[0];
    for (answer, _) in lost {
        assert_eq!(answer["code"], "already_claimed", "{answer}");
        assert_eq!(answer["winner"]["agent"], *winner.id, "{answer}");
        assert_eq!(answer["winner"]["name"], *winner.name, "{answer}");
        assert_eq!(answer["winner"]["seq"], receipt["seq"], "{answer}");
        assert_eq!(answer["winner"]["at"], receipt["at"], "{answer}");
    }
    let seq = field(receipt, "/seq");
    let told = widget.find("who answers", |frame| is(frame, "activity") && field(frame, "/entry/seq") == seq).await;
    assert_eq!(told["entry"]["event"]["agent_name"], *winner.name);
    let history = History::by_rest(&rest, &conversation, seq).await;
    history.assert_dense();
    assert_eq!(history.entries.len(), 2, "opened, and assigned once");
}
