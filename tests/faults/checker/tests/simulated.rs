//! A desk that makes no mistake, and what people in front of it would have written down.

use crate::history::{Kind, Line, Request, Road, Seen, State, What, When};

/// One thing that one of the people does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub conversation: usize,
    /// 0 is the contact, the others are agents.
    pub member: usize,
    pub act: u8,
    pub outcome: u8,
}

#[derive(Debug, Default)]
struct Conversation {
    entries: Vec<Seen>,
    holder: Option<String>,
}

/// The desk and the record.
#[derive(Debug, Default)]
pub(super) struct Simulated {
    lines: Vec<Line>,
    conversations: Vec<Conversation>,
    requests: usize,
    /// Requests whose outcome is unknown so far, and whether they were logged.
    open: Vec<(String, What, Option<u64>)>,
}

/// How many conversations there are; those with even numbers belong to one tenant, the others to another.
pub(super) const CONVERSATIONS: usize = 4;

impl Simulated {
    pub(super) fn run(steps: &[Step]) -> Vec<Line> {
        let mut desk = Self::default();
        for at in 0..CONVERSATIONS {
            desk.begin(at);
        }
        desk.write("nemesis", What::FaultBegan { fault: 1, class: "kill".to_owned(), target: "broker".to_owned() });
        for step in steps {
            desk.act(*step);
        }
        let ended = What::FaultEnded { fault: 1, class: "kill".to_owned(), evidence: "new pid".to_owned(), hit: true };
        desk.write("nemesis", ended);
        desk.end();
        desk.lines
    }

    pub(super) fn write(&mut self, by: &str, what: What) {
        let n = self.lines.len() as u64 + 1;
        self.lines.push(Line { n, us: n * 1000, by: by.to_owned(), what });
    }

    fn begin(&mut self, at: usize) {
        self.conversations.push(Conversation::default());
        for member in 0..3 {
            let connected = What::Connected { tenant: tenant(at), member: person(at, member) };
            self.write(&client(at, member), connected);
        }
        let (by, sender, conversation) = (client(at, 0), person(at, 0), conversation(at));
        let request = Request { tenant: tenant(at), sender: sender.clone(), kind: Kind::Open, text: String::new() };
        let id = format!("open-{at}");
        self.write(&by, What::Invoke { id: id.clone(), conversation: String::new(), request });
        self.log(at, &sender, &id, "opened", "");
        self.write(&by, What::Accepted { id, sender: sender.clone(), conversation: conversation.clone(), seq: 1 });
        self.write(&by, What::Began { conversation, tenant: tenant(at), contact: sender });
    }

    fn act(&mut self, step: Step) {
        let at = step.conversation % CONVERSATIONS;
        let sender = person(at, step.member);
        match step.act {
            8 => return self.resume(at, step.member, step.outcome),
            9 => return self.mark(at, step.member),
            _ => {}
        }
        let agent = step.member > 0;
        let holder = self.conversations[at].holder.clone();
        let (kind, logged) = match step.act {
            7 if agent && holder.is_none() => (Kind::Claim, "assigned"),
            6 if agent && holder.is_some() => (Kind::Unassign, "unassigned"),
            5 if agent => (Kind::Note, "note_added"),
            _ => (Kind::Say, "message_sent"),
        };
        self.requests += 1;
        let id = format!("id-{}", self.requests);
        let text = if matches!(kind, Kind::Say | Kind::Note) { format!("{at} {id}") } else { String::new() };
        let request = Request { tenant: tenant(at), sender: sender.clone(), kind, text: text.clone() };
        let by = client(at, step.member);
        let invoke = || What::Invoke { id: id.clone(), conversation: conversation(at), request: request.clone() };
        let rejected = |code: &str, retryable| What::Rejected {
            id: id.clone(),
            sender: sender.clone(),
            conversation: conversation(at),
            code: code.to_owned(),
            retryable,
        };
        self.write(&by, invoke());
        match step.outcome {
            0 => return self.write(&by, rejected("forbidden", false)),
            1 => {
                self.write(&by, rejected("unavailable", true));
                self.write(&by, invoke());
                self.log(at, &sender, &id, logged, &text);
            }
            // The answer is lost, the repetition is answered from memory.
            2 => {
                self.log(at, &sender, &id, logged, &text);
                self.write(
                    &by,
                    What::Unknown { id: id.clone(), sender: sender.clone(), conversation: conversation(at) },
                );
                self.write(&by, invoke());
            }
            // Only in the end it is learned what became of it.
            3 => {
                let mut seq = None;
                if step.act.is_multiple_of(2) {
                    self.log(at, &sender, &id, logged, &text);
                    seq = Some(self.conversations[at].entries.len() as u64);
                }
                self.open.push((by.clone(), invoke(), seq));
                return self.write(&by, What::Unknown { id, sender, conversation: conversation(at) });
            }
            _ => self.log(at, &sender, &id, logged, &text),
        }
        let seq = self.conversations[at].entries.len() as u64;
        for _ in 0..=u8::from(step.outcome == 4) {
            self.write(
                &by,
                What::Accepted { id: id.clone(), sender: sender.clone(), conversation: conversation(at), seq },
            );
        }
    }

    fn log(&mut self, at: usize, sender: &str, id: &str, kind: &str, text: &str) {
        let holder = (kind == "assigned").then(|| sender.to_owned());
        if kind == "assigned" || kind == "unassigned" {
            self.conversations[at].holder.clone_from(&holder);
        }
        let seq = self.conversations[at].entries.len() as u64 + 1;
        let entry = Seen {
            seq,
            prev: None,
            sender: sender.to_owned(),
            id: id.to_owned(),
            kind: kind.to_owned(),
            text: text.to_owned(),
            holder,
        };
        self.conversations[at].entries.push(entry);
        for member in 0..3 {
            if let Some(entry) = self.visible(at, member).pop().filter(|entry| entry.seq == seq) {
                self.write(&client(at, member), What::Live { conversation: conversation(at), entry });
            }
        }
    }

    /// The entries as one member sees them.
    fn visible(&self, at: usize, member: usize) -> Vec<Seen> {
        let mut prev = 0;
        let mut seen = Vec::new();
        for entry in self.conversations[at].entries.iter().filter(|entry| member > 0 || entry.is_public()) {
            seen.push(Seen { prev: Some(prev), ..entry.clone() });
            prev = entry.seq;
        }
        seen
    }

    fn resume(&mut self, at: usize, member: usize, choice: u8) {
        let (by, conversation, mut entries) = (client(at, member), conversation(at), self.visible(at, member));
        let stands = entries.last().map_or(0, |entry| entry.seq);
        let held = entries.len() * usize::from(choice) / 6;
        let last = held.checked_sub(1).map_or(0, |at| entries[at].seq);
        self.write(&by, What::Lost { why: "reset".to_owned() });
        self.write(&by, What::Connected { tenant: tenant(at), member: person(at, member) });
        self.write(&by, What::Resume { conversation: conversation.clone(), last });
        let entries = entries.split_off(held);
        let answer = match choice {
            0 => What::Reset { conversation, entries, stands },
            _ => What::Recovered { conversation, last, entries, more: false, stands },
        };
        self.write(&by, answer);
    }

    fn mark(&mut self, at: usize, member: usize) {
        let up_to = self.conversations[at].entries.len() as u64;
        for state in [State::Persisted, State::Delivered(person(at, 0)), State::Read(person(at, 1))] {
            self.write(&client(at, member), What::Mark { conversation: conversation(at), state, up_to });
        }
    }

    fn end(&mut self) {
        for (by, invoke, seq) in std::mem::take(&mut self.open) {
            self.write(&by, invoke.clone());
            let What::Invoke { id, conversation, request } = invoke else { continue };
            let (sender, code) = (request.sender, "forbidden".to_owned());
            self.write(
                &by,
                match seq {
                    Some(seq) => What::Accepted { id, sender, conversation, seq },
                    None => What::Rejected { id, sender, conversation, code, retryable: false },
                },
            );
        }
        self.write("nemesis", What::Memory { node: "up0".to_owned(), bytes: 50_000_000, when: When::Before });
        self.write("nemesis", What::Healed {});
        self.write("reader", What::Drained {});
        self.write("nemesis", What::Memory { node: "up0".to_owned(), bytes: 60_000_000, when: When::After });
        for at in 0..CONVERSATIONS {
            for road in [Road::Socket, Road::Rest, Road::Sql, Road::Widget] {
                let entries = self.visible(at, usize::from(road != Road::Widget));
                self.write("reader", What::Final { road, conversation: conversation(at), entries });
            }
            let held = &self.conversations[at];
            let row = What::Row {
                conversation: conversation(at),
                last_seq: held.entries.len() as u64,
                status: "open".to_owned(),
                holder: held.holder.clone(),
            };
            self.write("reader", row);
            let answer = "not_found".to_owned();
            let trespass =
                What::Trespass { tenant: tenant(at + 1), conversation: conversation(at), answer, refused: true };
            self.write("spy", trespass);
            let (last, conversation) = (self.conversations[at].entries.len() as u64, conversation(at));
            for member in [person(at, 0), person(at, 1)] {
                let conversation = conversation.clone();
                self.write("reader", What::Receipt { conversation, member, delivered: last, read: last });
            }
            for member in 0..3 {
                let last = self.visible(at, member).last().map_or(0, |entry| entry.seq);
                self.write(&client(at, member), What::Held { conversation: conversation.clone(), last });
            }
        }
    }
}

pub(super) fn conversation(at: usize) -> String {
    format!("conversation-{at}")
}

pub(super) fn person(at: usize, member: usize) -> String {
    if member == 0 { format!("c-{at}") } else { format!("a-{}-{member}", at % 2) }
}

pub(super) fn client(at: usize, member: usize) -> String {
    format!("client-{at}-{member}")
}

fn tenant(at: usize) -> String {
    format!("tenant-{}", at % 2)
}
