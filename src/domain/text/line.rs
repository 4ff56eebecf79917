//! One line that people read.

use serde::{Deserialize, Deserializer, de::Error as _};

use super::{TextError, check, clean_line};

/// One line that people read, such as a name or a title, as [`clean_line`] makes it: 1 to `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// Cleans a text that comes from outside, and checks it.
    ///
    /// # Errors
    /// [`TextError`] says which rule it breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
        let text = clean_line(text.as_ref());
        check(&text, 4 * MAX, |_| false)?;
        if text.chars().count() > MAX {
            return Err(TextError::TooManyCharacters { max: MAX });
        }
        Ok(Self(text))
    }

    /// The text as it was checked.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Line<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As a schema counts: before anything is taken out.
        let text = String::deserialize(deserializer)?;
        if text.chars().count() > MAX {
            return Err(D::Error::custom(TextError::TooManyCharacters { max: MAX }));
        }
        Self::new(text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cleaned_and_refused_with_its_reason() {
        let line = |text: &str| Line::<8>::new(text).map(Line::into_string);
        assert_eq!(line(" Ada "), Ok("Ada".to_owned()));
        assert_eq!(line(" e\u{301}\n\u{7f}b"), Ok("\u{e9} b".to_owned()));
        for blank in ["", "  ", "\u{7f}", "\u{200b}"] {
            assert_eq!(line(blank), Err(TextError::Empty), "{blank:?}");
        }
        assert_eq!(line("123456789"), Err(TextError::TooManyCharacters { max: 8 }));
        assert_eq!(line("八个汉字也放得下").unwrap().chars().count(), 8);
    }
}
