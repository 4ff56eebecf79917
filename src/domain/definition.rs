//! Definitions: what a tenant sets up once and refers to by name, such as teams, skills and calendars.

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::text::{TextError, check};

/// One kind of definition. All of one kind are few, so they are read together, and kept as JSON.
pub trait Definition: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// The word for the kind, in the database, the audit trail and problems. Never changes.
    const KIND: &'static str;

    /// Most of this kind that one tenant has.
    const MAX_PER_TENANT: usize;

    /// Its id, unique among those of its kind.
    fn id(&self) -> Uuid;

    /// Its name, unique among those of its kind in a tenant.
    fn name(&self) -> &str;
}

/// Longest name of a definition, in Unicode characters.
pub const MAX_NAME_CHARS: usize = 100;

/// Checks the name of a definition: one line, not blank, trimmed, at most [`MAX_NAME_CHARS`].
///
/// # Errors
/// [`TextError`] says which rule it breaks.
pub fn check_name(name: &str) -> Result<(), TextError> {
    check(name, 4 * MAX_NAME_CHARS, |_| false)?;
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(TextError::TooManyCharacters { max: MAX_NAME_CHARS });
    }
    if name.trim().len() == name.len() { Ok(()) } else { Err(TextError::Untrimmed) }
}
