//! Catching up with all conversations at once.

use std::collections::{BTreeMap, BTreeSet};

use frontdesk_tests::harness::{
    Agent, Coding, Contact, Rest, Socket, System, catch_up, command, feed_cursor, is, open, say,
};
use serde_json::{Value, json};

/// Conversations of which each changes in one way or another.
pub(crate) struct Changes {
    widgets: Vec<Socket>,
    /// Each with the widget that it was opened at.
    opened: Vec<(usize, String)>,
    last_seqs: BTreeMap<String, u64>,
}

impl Changes {
    /// Some contacts, with half of the conversations opened.
    pub(crate) async fn begin(system: &System) -> Self {
        let mut widgets = Vec::new();
        for _ in 0..CONTACTS {
            let contact = Contact::visit(system, system.gateway(0)).await;
            widgets.push(contact.connect(system.gateway(0), Coding::Json).await);
        }
        let mut changes = Self { widgets, opened: Vec::new(), last_seqs: BTreeMap::new() };
        changes.open(COUNT / 2).await;
        changes.last_seqs.clear();
        changes
    }

    async fn open(&mut self, count: usize) {
        for number in 0..count {
            let widget = number % CONTACTS;
            let conversation = open(&self.widgets[widget]).await;
            self.last_seqs.insert(conversation.clone(), 1);
            self.opened.push((widget, conversation));
        }
    }

    /// The other half is opened; in all of them something is said, and then some are claimed, some resolved.
    pub(crate) async fn happen(&mut self, system: &System) {
        self.open(COUNT / 2).await;
        let bob = Agent::bob(system, system.gateway(0)).await;
        let console = bob.connect(system.gateway(0), Coding::Json).await;
        for (number, (widget, conversation)) in self.opened.iter().enumerate() {
            let said = say(conversation, &format!("news {number}"));
            let mut last = self.widgets[*widget].ask_ok(&said).await;
            for kind in [&[][..], &["claim"], &["resolve"], &["claim", "resolve"]][number % 4] {
                last = console.ask_ok(&command(kind, conversation)).await;
            }
            self.last_seqs.insert(conversation.clone(), last);
        }
    }

    /// How these conversations stand, by another road.
    pub(crate) async fn rows(&self, rest: &Rest) -> BTreeMap<String, Value> {
        let mut rows = BTreeMap::new();
        for (conversation, last_seq) in &self.last_seqs {
            let row = rest.get_ok(&format!("/api/v1/conversations/{conversation}")).await;
            assert_eq!(row["last_seq"], *last_seq, "{row}");
            rows.insert(conversation.clone(), row);
        }
        assert_eq!(rows.len(), COUNT);
        rows
    }
}

/// A cursor behind everything that was logged before.
pub(crate) async fn settled_cursor(console: &Socket) -> String {
    let mut cursor = feed_cursor(console).await;
    loop {
        let caught_up = catch_up(console, &cursor).await;
        cursor = caught_up.cursor.expect("the database answers");
        if !caught_up.behind {
            return cursor;
        }
    }
}

/// Number of conversations that change.
const COUNT: usize = 30;

/// Contacts that they belong to.
const CONTACTS: usize = 5;

pub(crate) async fn a_console_that_was_away_catches_up_from_one_cursor(system: &System) {
    let (near, far) = (system.gateway(0), system.gateway(1));
    let ada = Agent::ada(system, near).await;
    let mut changes = Changes::begin(system).await;
    let untouched = open(&changes.widgets[0]).await;
    let cursor = settled_cursor(&ada.connect(near, Coding::Json).await).await;

    changes.happen(system).await;
    for (node, coding) in [(far, Coding::MessagePack), (near, Coding::Json)] {
        let console = ada.connect(node, coding).await;
        let caught_up = catch_up(&console, &cursor).await;
        assert!(!caught_up.reset && !caught_up.behind, "{caught_up:?}");
        let expected = changes.rows(&ada.rest(near)).await;
        let among: BTreeSet<_> = changes.opened.iter().map(|(_, conversation)| conversation).collect();
        let ours = caught_up.rows.iter().filter(|(id, _)| among.contains(id));
        assert_eq!(ours.map(|(id, row)| (id.clone(), row.clone())).collect::<BTreeMap<_, _>>(), expected);
        assert!(!caught_up.rows.contains_key(&untouched), "nothing happened there");
    }
}

pub(crate) async fn a_feed_says_nothing_of_other_tenants(system: &System) {
    let node = system.gateway(0);
    let eve = Agent::login(node, &system.other_tenant().owner).await;
    let theirs = eve.connect(node, Coding::Json).await;
    let hers = feed_cursor(&theirs).await;
    let ada = Agent::ada(system, node).await;
    let console = ada.connect(node, Coding::Json).await;
    let ours = feed_cursor(&console).await;
    let contact = Contact::visit(system, node).await;
    let widget = contact.connect(node, Coding::Json).await;
    let conversation = open(&widget).await;
    let caught_up = catch_up(&console, &ours).await;
    assert!(caught_up.rows.contains_key(&conversation), "{caught_up:?}");

    let inboxes = eve.rest(node).get_ok("/api/v1/inboxes").await.to_string();
    let start = format!("1.0.{}.{}", "f".repeat(32), ours.splitn(4, '.').last().expect("the epoch"));
    for cursor in [&hers, &ours, &start] {
        let told = catch_up(&theirs, cursor).await;
        for row in told.rows.values() {
            let inbox = row["inbox"].as_str().expect("a row has an inbox");
            assert!(inboxes.contains(inbox), "{row}");
        }
    }
    assert!(!theirs.frames().iter().any(|frame| frame.to_string().contains(&conversation)));
}

pub(crate) async fn a_feed_of_another_history_begins_anew(system: &System) {
    let node = system.gateway(0);
    let ada = Agent::ada(system, node).await;
    let console = ada.connect(node, Coding::Json).await;
    let cursor = feed_cursor(&console).await;
    let epoch = console.frames()[0]["epoch"].as_str().expect("a welcome has an epoch").to_owned();
    for wrong in [cursor.replace(&epoch, "another-history"), "nonsense".to_owned(), String::new()] {
        let told = catch_up(&console, &wrong).await;
        assert!(told.reset && told.rows.is_empty(), "{wrong}: {told:?}");
        let told = catch_up(&console, &told.cursor.expect("a reset brings a cursor")).await;
        assert!(!told.reset, "{told:?}");
    }
}

pub(crate) async fn contacts_have_no_feed(system: &System) {
    let contact = Contact::visit(system, system.gateway(0)).await;
    let widget = contact.connect(system.gateway(0), Coding::Json).await;
    for cursor in [Value::Null, "1.0.0.0".into()] {
        let mark = widget.mark();
        widget.send(&json!({"type": "feed", "cursor": cursor}));
        let refused = widget.find_after(mark, "a refusal", |frame| is(frame, "error")).await;
        assert_eq!(refused["code"], "forbidden", "{refused}");
    }
    assert!(!widget.frames().iter().any(|frame| is(frame, "feed")));
}
