//! How single values are read and shown: empty strings, comma-separated lists, hidden secrets.

use std::fmt;
use std::marker::PhantomData;

use secrecy::{ExposeSecret, SecretString};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

/// What stands for a secret wherever settings are shown.
const HIDDEN: &str = "***";

/// Reads an empty string as "not set".
pub(crate) fn empty_is_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    if text.is_empty() { Ok(None) } else { from_text(&text).map(Some) }
}

/// Reads one of the choices an enum offers; a wrong one is answered with all of them.
pub(crate) fn choice<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    from_text(&String::deserialize(deserializer)?)
}

/// Reads a list, or one string that holds its items separated by commas, which is all an environment variable can be.
pub(crate) fn comma_list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    deserializer.deserialize_any(CommaList(PhantomData))
}

/// Shows that a secret is set, and never what it is.
pub(crate) fn hidden<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    let is_set = secret.as_ref().is_some_and(|secret| !secret.expose_secret().is_empty());
    serializer.serialize_str(if is_set { HIDDEN } else { "" })
}

fn from_text<T: DeserializeOwned, E: Error>(text: &str) -> Result<T, E> {
    let deserializer: StrDeserializer<'_, E> = text.into_deserializer();
    T::deserialize(deserializer)
}

struct CommaList<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for CommaList<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list, or its items separated by commas")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(from_text).collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<String>()? {
            list.push(from_text(&item)?);
        }
        Ok(list)
    }
}
