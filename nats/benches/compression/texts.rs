//! Texts as they occur in support: short and long, English, Chinese and both, e-mails with what they answer below,
//! pasted logs. Made from phrases and a seed, so the same at every run.
//!
//! Made texts repeat their phrases from record to record, which real ones do less, and a dictionary lives off just
//! that. So the phrases are two halves: a dictionary is trained on the known one, and measured on both.

use std::fmt::Write as _;

use crate::paste;

/// What sort of text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One to four sentences.
    ChatEnglish,
    ChatChinese,
    /// Paragraphs, as an agent explains something.
    LongEnglish,
    LongChinese,
    /// Chinese with English sentences and names in it.
    Mixed,
    /// With a signature and one or two quoted mails.
    Email,
    /// A question and what a program printed.
    Paste,
}

/// Which half of the phrases.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    Known,
    Strange,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::ChatEnglish,
        Self::ChatChinese,
        Self::LongEnglish,
        Self::LongChinese,
        Self::Mixed,
        Self::Email,
        Self::Paste,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ChatEnglish => "chat, English",
            Self::ChatChinese => "chat, Chinese",
            Self::LongEnglish => "long, English",
            Self::LongChinese => "long, Chinese",
            Self::Mixed => "mixed",
            Self::Email => "e-mail",
            Self::Paste => "pasted log",
        }
    }
}

/// `count` texts of a kind.
pub(crate) fn texts(kind: Kind, words: Words, seed: u64, count: usize) -> Vec<String> {
    let mut writer = Writer { chance: Chance(seed * 1_000 + kind as u64), words };
    (0..count).map(|_| writer.text(kind)).collect()
}

struct Writer {
    chance: Chance,
    words: Words,
}

impl Writer {
    fn text(&mut self, kind: Kind) -> String {
        match kind {
            Kind::ChatEnglish => self.sentences(ENGLISH, " ", 1, 4),
            Kind::ChatChinese => self.sentences(CHINESE, "", 1, 4),
            Kind::LongEnglish => self.paragraphs(ENGLISH, " "),
            Kind::LongChinese => self.paragraphs(CHINESE, ""),
            Kind::Mixed => [self.sentences(CHINESE, "", 2, 6), self.sentences(ENGLISH, " ", 1, 4)].join("\n"),
            Kind::Email => self.email(),
            Kind::Paste => self.sentences(ENGLISH, " ", 1, 2) + "\n\n" + &paste::lines(&mut self.chance, self.words),
        }
    }

    fn paragraphs(&mut self, phrases: &str, space: &str) -> String {
        let count = self.chance.between(2, 4);
        let paragraphs: Vec<_> = (0..count).map(|_| self.sentences(phrases, space, 3, 6)).collect();
        paragraphs.join("\n\n")
    }

    /// The newest mail and, each marked once more, those before it.
    fn email(&mut self) -> String {
        let phrases = if self.chance.between(0, 2) == 0 { CHINESE } else { ENGLISH };
        let mut thread = String::new();
        for _ in 0..self.chance.between(2, 3) {
            let (name, date) = (self.slot("name"), self.slot("date"));
            let quoted: String = thread.lines().map(|line| format!("> {line}\n")).collect();
            let said = self.paragraphs(phrases, " ");
            thread = format!("{said}\n\n-- \n{name}\nOn {date}, {name} wrote:\n{quoted}");
        }
        thread
    }

    /// Sentences of one half, none of them twice.
    fn sentences(&mut self, phrases: &str, space: &str, least: usize, most: usize) -> String {
        let half = usize::from(self.words == Words::Strange);
        // A question and its answer stand below each other: whole pairs belong to a half.
        let mut mine: Vec<&str> =
            phrases.lines().enumerate().filter(|(line, _)| line / 2 % 2 == half).map(|(_, phrase)| phrase).collect();
        let count = self.chance.between(least, most);
        let chosen: Vec<String> = (0..count)
            .map(|_| {
                let phrase = mine.swap_remove(self.chance.between(0, mine.len() - 1));
                self.filled(phrase)
            })
            .collect();
        chosen.join(space)
    }

    fn filled(&mut self, phrase: &str) -> String {
        let mut text = String::new();
        for (number, part) in phrase.split(['{', '}']).enumerate() {
            if number % 2 == 0 { text.push_str(part) } else { text.push_str(&self.slot(part)) }
        }
        text
    }

    /// What differs from message to message.
    fn slot(&mut self, name: &str) -> String {
        let chance = &mut self.chance;
        let mut text = String::new();
        let written = match name {
            "order" => write!(text, "{}-{:07}", chance.of(&["FD", "A", "SO", "CN"]), chance.between(0, 9_999_999)),
            "amount" => write!(text, "{}.{:02}", chance.between(3, 900), chance.between(0, 99)),
            "date" => write!(text, "2026-{:02}-{:02}", chance.between(1, 12), chance.between(1, 28)),
            "url" => write!(text, "https://shop{}.example/help/{:x}", chance.between(1, 40), chance.next()),
            "city" => write!(text, "{}", chance.of(&["Leeds", "Porto", "上海", "成都", "Graz", "Osaka", "杭州"])),
            "product" => {
                write!(text, "{} {}", chance.of(&["AirBuds", "Lamp", "Kettle", "Desk"]), chance.between(2, 99))
            }
            _ => write!(text, "{}", chance.of(&["Ada Wong", "王小明", "J. Keller", "Priya", "陈静", "Tomás Ruiz"])),
        };
        written.unwrap();
        text
    }
}

/// Numbers that look drawn, the same for a seed at every run (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `least..=most`.
    pub(crate) const fn between(&mut self, least: usize, most: usize) -> usize {
        least + (self.next() % (most - least + 1) as u64) as usize
    }

    pub(crate) const fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.between(0, all.len() - 1)]
    }
}

const ENGLISH: &str = include_str!("phrases/english.txt");
const CHINESE: &str = include_str!("phrases/chinese.txt");
