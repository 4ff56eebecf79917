//! Characters that show nothing.

use std::ops::RangeInclusive;

/// Whether there is nothing to see in `text`: white space and characters without width only.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|sign| sign.is_whitespace() || IGNORABLE.iter().any(|range| range.contains(&sign)))
}

/// A regular expression of JSON Schema for a text with something to see in it, as far as such an expression tells it.
pub const VISIBLE: &str = concat!(
    r"[^\s\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f",
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8]"
);

/// Unicode's `Default_Ignorable_Code_Point`, and the Braille pattern without dots.
const IGNORABLE: [RangeInclusive<char>; 18] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_blank() {
        for text in ["", " \n\t", "\u{200b}", "\u{200b}\u{200d} \u{feff}", "\u{2060}\u{ad}", "\u{3164}", "\u{2800}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "\u{200b}a", "。", "🙂", "\u{301}", "\u{fffd}", "0"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn the_expression_for_json_schema_tells_what_is_blank() {
        let visible = regex::Regex::new(VISIBLE).unwrap();
        for sign in '\0'..='\u{ffff}' {
            let text = sign.to_string();
            let shown = !is_blank(&text) && !sign.is_control();
            assert_eq!(visible.is_match(&text), shown, "{}", sign.escape_unicode());
        }
    }

    #[test]
    fn the_table_holds_what_unicode_calls_ignorable() {
        let all: String = ('\0'..=char::MAX).filter(|sign| *sign != '\u{2800}').collect();
        let ignorable = regex::Regex::new(r"\p{Default_Ignorable_Code_Point}").unwrap();
        let expected: String = ignorable.find_iter(&all).map(|found| found.as_str()).collect();
        let listed = |sign: &char| IGNORABLE.iter().any(|range| range.contains(sign));
        assert!(all.chars().filter(listed).collect::<String>() == expected, "of {}", expected.chars().count());
    }
}
