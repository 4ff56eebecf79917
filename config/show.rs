//! The settings in force, as text.

use std::fmt::Write;

use config::{Config, Value, ValueKind};

use crate::{DEFAULT_TOML, Settings};

impl Settings {
    /// Every setting in force, as TOML in the order of `default.toml`, without comments. Secrets that are set read
    /// `***`.
    #[must_use]
    pub fn show(&self) -> String {
        let in_force = Config::try_from(self).expect("settings hold nothing but numbers, texts and lists of texts");
        let mut text = String::new();
        let mut section = "";
        for line in DEFAULT_TOML.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
                let gap = if text.is_empty() { "" } else { "\n" };
                let _ = writeln!(text, "{gap}[{section}]");
            } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
                // An empty list leaves no trace in the tree; everything else does, unset values included.
                let value = in_force.get::<Value>(&format!("{section}.{key}"));
                let _ = writeln!(text, "{key} = {}", value.map_or_else(|_| "[]".to_owned(), |value| as_toml(&value)));
            }
        }
        text
    }
}

fn as_toml(value: &Value) -> String {
    match &value.kind {
        ValueKind::Array(items) => format!("[{}]", items.iter().map(as_toml).collect::<Vec<_>>().join(", ")),
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Nil => "\"\"".to_owned(),
        plain => plain.to_string(),
    }
}
