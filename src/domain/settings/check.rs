//! Checks that sections share.

/// A field whose value is out of its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) field: &'static str,
    pub(super) reason: String,
}

/// Refuses `field` unless `holds`; `rule` says what is needed.
pub(super) fn ensure(holds: bool, field: &'static str, rule: impl Into<String>) -> Result<(), FieldError> {
    if holds { Ok(()) } else { Err(FieldError { field, reason: rule.into() }) }
}

/// One line of at most `max` Unicode characters without control characters; may be empty.
pub(super) fn line(field: &'static str, text: &str, max: usize) -> Result<(), FieldError> {
    ensure(text.chars().count() <= max, field, format!("a text of at most {max} characters is needed"))?;
    ensure(!text.contains(char::is_control), field, "a text without control characters is needed")
}
