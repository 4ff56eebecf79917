//! What is taken out of texts that come from outside, alike for a socket, REST, a bridge and the command line.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::blank::is_blank;

/// `text` without control characters other than tab and line ends: phones, forms and other programs leave them there,
/// they show nothing, and databases and terminals choke on them.
#[must_use]
pub fn clean_text(text: &str) -> Cow<'_, str> {
    if text.contains(is_dropped) { text.replace(is_dropped, "").into() } else { text.into() }
}

/// `text` as one line that people read and search for: tabs and line ends become a space, other control characters are
/// taken out, letters are composed (NFC), no white space at either end. Empty when there is nothing to see in it.
#[must_use]
pub fn clean_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut in_break = false;
    for sign in text.chars().filter(|sign| !is_dropped(*sign)) {
        let is_break = matches!(sign, '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}');
        match (is_break, in_break) {
            (true, true) => {}
            (true, false) => line.push(' '),
            (false, _) => line.push(sign),
        }
        in_break = is_break;
    }
    let line = line.trim();
    if is_blank(line) { String::new() } else { composed(line).into_owned() }
}

/// `text` with its letters composed (NFC), so that what looks the same is the same.
#[must_use]
pub fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { text.into() } else { text.nfc().collect::<String>().into() }
}

fn is_dropped(sign: char) -> bool {
    sign.is_control() && !matches!(sign, '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_are_taken_out_of_texts_and_line_ends_stay() {
        assert_eq!(clean_text("a\0b\u{b}c\u{85}d\u{7f}e\tf\r\ng"), "abcde\tf\r\ng");
        assert!(matches!(clean_text("你好\n🙂"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_line_is_one_line_composed_and_trimmed() {
        assert_eq!(clean_line("  Ame\u{301}lie\r\nB\0\t "), "Am\u{e9}lie B");
        assert_eq!(clean_line("\u{1112}\u{1161}\u{11ab}"), "\u{d55c}");
        assert_eq!(clean_line("a\u{2028}b"), "a b");
        assert_eq!(clean_line("\u{200b}\u{0}"), "");
        assert_eq!(clean_line("👩\u{200d}👧"), "👩\u{200d}👧", "a joiner within an emoji stays");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(text in any::<String>()) {
            let (clean, line) = (clean_text(&text).into_owned(), clean_line(&text));
            prop_assert_eq!(clean_text(&clean), clean.as_str());
            prop_assert_eq!(clean_line(&line), line);
        }
    }
}
