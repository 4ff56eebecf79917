//! The canonical encoding of a content, of which requests are digested.
//!
//! - A text alone is its bytes of UTF-8, without anything before or after: as it was before there were parts.
//! - Any other content is one zero byte, which no text holds, then the number of its parts, then each part: its kind,
//!   then its fields in the order in which [`Part`] declares them. `text` of the content does not count: it follows
//!   from the parts.
//! - A number is 8 bytes, the highest first (a negative one in two's complement). A text or an id (16 bytes) is its
//!   length in bytes as a number, then its bytes. An optional field is the number 0 when it is absent, else the number
//!   1 and the field. A list is the number of its items, then each item. `true` is the number 1, `false` the number 0.
//! - A part of an unknown kind is its kind, then its fields as JSON without white space and with sorted names, as a
//!   text.

use super::{Content, Part};

impl Content {
    /// The canonical encoding.
    pub(in crate::conversation) fn canonical(&self) -> Vec<u8> {
        if self.parts.is_empty() {
            return self.text.as_str().as_bytes().to_vec();
        }
        let mut out = Canonical(vec![0]);
        out.list(&self.parts, |out, part| out.part(part));
        out.0
    }
}

struct Canonical(Vec<u8>);

impl Canonical {
    fn number(&mut self, number: u64) {
        self.0.extend(number.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.number(items.len() as u64);
        items.iter().for_each(|item| each(self, item));
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl Fn(&mut Self, T)) {
        self.number(u64::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn part(&mut self, part: &Part) {
        self.text(part.kind());
        match part {
            Part::Text { text } => self.text(text.as_str()),
            Part::File(file) => {
                self.bytes(file.file.as_bytes());
                self.text(&file.name);
                self.text(&file.media_type);
                self.number(file.bytes);
            }
            Part::Card(card) => {
                self.text(&card.title);
                self.optional(card.text.as_ref(), |out, text| out.text(text.as_str()));
                self.optional(card.image, |out, image| out.bytes(image.as_bytes()));
                self.list(&card.buttons, |out, button| {
                    out.text(&button.label);
                    out.text(&button.value);
                });
            }
            Part::Form(form) => {
                self.bytes(form.form.as_bytes());
                self.text(&form.title);
                self.list(&form.fields, |out, field| {
                    out.text(&field.name);
                    out.text(&field.label);
                    out.number(u64::from(field.required));
                    out.list(&field.options, |out, option| out.text(option));
                });
            }
            Part::Location(location) => {
                self.number(i64::from(location.latitude_e7).cast_unsigned());
                self.number(i64::from(location.longitude_e7).cast_unsigned());
                self.optional(location.label.as_ref(), |out, label| out.text(label));
            }
            Part::Quote(quote) => self.number(quote.seq),
            Part::Unknown(fields) => {
                let sorted: std::collections::BTreeMap<_, _> = fields.iter().collect();
                self.text(&serde_json::to_string(&sorted).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{conversation::Command, text::MessageText};

    fn digest(content: &str) -> String {
        let content: Content = serde_json::from_str(content).unwrap();
        Command::Say { content }.digest().0.to_string()
    }

    #[test]
    fn the_digests_of_texts_are_those_that_are_stored_already() {
        let text = MessageText::new("你好, hello").unwrap();
        assert_eq!(Command::say(text.clone()).digest().0.to_string(), PINNED[0]);
        assert_eq!(Command::note(text).digest().0.to_string(), PINNED[1]);
    }

    #[test]
    fn the_digests_of_parts_follow_the_written_definition() {
        let location = r#"{"kind":"location","latitude_e7":515000000,"longitude_e7":-1000000,"label":"Home"}"#;
        let file = r#"{"kind":"file","file":"00000000-0000-0000-0000-000000000005","name":"a.pdf",
            "media_type":"application/pdf","bytes":1234}"#;
        let all = [
            r#"{"kind":"text","text":"see 字"}"#,
            file,
            r#"{"kind":"card","title":"Order","image":"00000000-0000-0000-0000-000000000006",
                "buttons":[{"label":"Buy","value":"1"}]}"#,
            r#"{"kind":"form","form":"00000000-0000-0000-0000-000000000007","title":"Rate us",
                "fields":[{"name":"stars","label":"Stars","required":true,"options":["1","2"]}]}"#,
            location,
            r#"{"kind":"quote","seq":3}"#,
            r#"{"kind":"hologram","b":1,"a":"x"}"#,
        ];
        let of = |parts: &str, text: &str| digest(&format!(r#"{{"text":"{text}","parts":[{parts}]}}"#));
        assert_eq!(of(&all.join(","), "any"), PINNED[2]);
        assert_eq!(of(&all.join(","), "other"), PINNED[2], "the text that stands for the parts does not count");
        assert_eq!(of(file, "x"), PINNED[3]);
        assert_eq!(of(r#"{"kind":"quote","seq":3}"#, "x"), PINNED[4]);
        assert_ne!(of(r#"{"kind":"quote","seq":4}"#, "x"), PINNED[4]);
    }

    // Worked out from the written definition by an independent program.
    const PINNED: [&str; 5] = [
        "7773be23-8e1d-a61e-3d46-7c6e3286f1db",
        "d980330a-5849-115c-e666-b210ca7391ec",
        "7e6dddf0-ae0a-95a4-3974-2402afed7777",
        "ee23e639-d40c-7c9d-2942-3d5367842b52",
        "a48a4391-5826-281d-62a1-53a2311078e5",
    ];
}
