//! Names of kinds, kept without an allocation.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Visitor};

use crate::ids::IdError;

/// The name of a kind: 2 to 16 of `a-z`, `0-9` and `_`, a letter first. At least two characters, because the known
/// kinds are abbreviated to one character in subject tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindName {
    /// The name, followed by zeros.
    bytes: [u8; Self::MAX_BYTES],
}

impl KindName {
    /// Longest name, in bytes.
    pub const MAX_BYTES: usize = 16;

    /// Checks `name`.
    ///
    /// # Errors
    /// [`IdError`] when it cannot be one.
    pub fn new(name: &str) -> Result<Self, IdError> {
        let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let well_formed = name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(rest);
        if !well_formed || !(2..=Self::MAX_BYTES).contains(&name.len()) {
            return Err(IdError);
        }
        let mut bytes = [0; Self::MAX_BYTES];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Ok(Self { bytes })
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self.bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }
}

impl fmt::Debug for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl<'de> Deserialize<'de> for KindName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = KindName;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a kind")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<KindName, E> {
                KindName::new(name).map_err(|_| E::custom("not the name of a kind"))
            }
        }
        deserializer.deserialize_str(Name)
    }
}
