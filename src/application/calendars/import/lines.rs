//! Content lines of an iCalendar file, with the numbers that an editor shows.

use icalendar::parser::Property as Parsed;

use super::ImportError;

/// A content line.
pub(super) struct Line {
    /// The number of its first line, from 1.
    pub(super) number: usize,
    pub(super) property: Property,
}

/// A property: its name in upper case, and its value without the escapes of texts.
pub(super) struct Property {
    pub(super) name: String,
    pub(super) value: String,
}

/// The content lines of `text`. A line that begins with a space or a tab goes on with the one before it.
pub(super) fn content_lines(text: &str) -> impl Iterator<Item = Result<Line, ImportError>> {
    let mut unfolded = Vec::<(usize, String)>::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ if line.trim().is_empty() => {}
            _ => unfolded.push((index + 1, line.to_owned())),
        }
    }
    unfolded.into_iter().map(|(number, line)| {
        let property =
            property(&line).ok_or(ImportError::Line { line: number, reason: "not a property like NAME:value" })?;
        Ok(Line { number, property })
    })
}

fn property(line: &str) -> Option<Property> {
    // The parser of properties takes these two for the ends of a list of properties.
    for name in ["BEGIN", "END"] {
        let value = line.get(name.len()..).filter(|_| line[..name.len()].eq_ignore_ascii_case(name));
        if let Some(value) = value.and_then(|value| value.strip_prefix(':')) {
            return Some(Property { name: name.to_owned(), value: value.to_owned() });
        }
    }
    // The parser also takes a name without a value.
    let name = &line[..line.find([':', ';'])?];
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') || !line.contains(':')
    {
        return None;
    }
    let with_end = format!("{line}\n");
    let parsed = Parsed::try_from(with_end.as_str()).ok()?;
    Some(Property { name: parsed.name.as_str().to_ascii_uppercase(), value: parsed.val.as_str().to_owned() })
}
