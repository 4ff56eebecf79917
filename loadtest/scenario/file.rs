//! Reads scenarios: a file, those that it extends, and what the command line sets.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail, ensure};
use toml::{Table, Value};

use super::{SHIPPED, Scenario};

/// Where a scenario comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// One of those in this program.
    Shipped(String),
    /// A file given by its path.
    File(PathBuf),
}

/// Reads a scenario with what it extends, then sets `key=value` in it, and checks the outcome.
///
/// # Errors
/// It cannot be read or done; the error names the file or the key.
pub(crate) fn read(source: &Source, sets: &[String]) -> anyhow::Result<Scenario> {
    let mut table = extended(source, 0)?;
    for set in sets {
        let (key, value) = set.split_once('=').with_context(|| format!("--set {set}: that is not KEY=VALUE"))?;
        put(&mut table, key.trim(), value.trim()).with_context(|| format!("--set {set}"))?;
    }
    let scenario = typed(table).with_context(|| source.to_string())?;
    scenario.check().with_context(|| source.to_string())?;
    Ok(scenario)
}

/// The table of a scenario over those that it extends, the first one lowest.
fn extended(source: &Source, depth: usize) -> anyhow::Result<Table> {
    ensure!(depth < DEEPEST, "{source}: scenarios that extend one another in a circle");
    let mut own: Table = source.text()?.parse().with_context(|| source.to_string())?;
    let bases = match own.remove("extends") {
        None => Vec::new(),
        Some(Value::String(base)) => vec![base],
        Some(Value::Array(bases)) => {
            let names = bases.iter().map(|base| base.as_str().map(ToOwned::to_owned));
            names.collect::<Option<_>>().with_context(|| format!("{source}: extends: a name is no text"))?
        }
        Some(_) => bail!("{source}: extends: neither a name nor a list of names"),
    };
    let mut table = Table::new();
    for base in bases {
        lay(&mut table, extended(&source.beside(&base), depth + 1)?);
    }
    lay(&mut table, own);
    Ok(table)
}

/// Lays one table over another: tables are joined, everything else is replaced.
fn lay(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            // A crowd of another kind shares nothing with the one of that name.
            (Some(Value::Table(below)), Value::Table(above))
                if above.get("kind").is_none_or(|kind| below.get("kind") == Some(kind)) =>
            {
                lay(below, above);
            }
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Sets one key, such as `crowd.pairs.rate`; what is not TOML is taken as a text.
fn put(table: &mut Table, key: &str, value: &str) -> anyhow::Result<()> {
    let parsed = format!("value = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    let value = parsed.unwrap_or_else(|| Value::String(value.to_owned()));
    if key.starts_with("FRONTDESK__") {
        return place(table, &["spawn", "settings", key], Value::String(as_text(&value)));
    }
    place(table, &key.split('.').collect::<Vec<_>>(), value)
}

fn place(table: &mut Table, path: &[&str], value: Value) -> anyhow::Result<()> {
    match path {
        [] => bail!("there is no key"),
        [key] => {
            table.insert((*key).to_owned(), value);
            Ok(())
        }
        [key, rest @ ..] => {
            let below = table.entry((*key).to_owned()).or_insert_with(|| Value::Table(Table::new()));
            place(below.as_table_mut().with_context(|| format!("{key} has no keys of its own"))?, rest, value)
        }
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Reads the table. Each crowd by itself, so that the error names it.
fn typed(mut table: Table) -> anyhow::Result<Scenario> {
    let crowds = match table.insert("crowd".to_owned(), Value::Table(Table::new())) {
        None => Table::new(),
        Some(Value::Table(crowds)) => crowds,
        Some(_) => bail!("crowd: write [crowd.NAME]"),
    };
    let mut scenario: Scenario = table.try_into()?;
    for (name, crowd) in crowds {
        let crowd = crowd.try_into().with_context(|| format!("crowd.{name}"))?;
        scenario.crowd.insert(name, crowd);
    }
    Ok(scenario)
}

impl Source {
    /// What was named on the command line: a file if it looks like one.
    pub(crate) fn named(name: &str) -> Self {
        match name.ends_with(".toml") || name.contains('/') {
            true => Self::File(name.into()),
            false => Self::Shipped(name.to_owned()),
        }
    }

    /// Its text.
    ///
    /// # Errors
    /// There is no such scenario, or the file cannot be read.
    pub(crate) fn text(&self) -> anyhow::Result<String> {
        match self {
            Self::File(path) => fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display())),
            Self::Shipped(name) => {
                let found = SHIPPED.iter().find(|(shipped, _)| shipped == name);
                let known = SHIPPED.map(|(name, _)| name).join(", ");
                let (_, text) = found.with_context(|| format!("there is no scenario `{name}`; there are {known}"))?;
                Ok((*text).to_owned())
            }
        }
    }

    /// What a scenario names: a file is looked for beside it.
    fn beside(&self, name: &str) -> Self {
        match (self, Self::named(name)) {
            (Self::File(own), Self::File(other)) => Self::File(own.with_file_name("").join(other)),
            (_, other) => other,
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shipped(name) => write!(to, "scenario {name}"),
            Self::File(path) => write!(to, "{}", path.display()),
        }
    }
}

/// Scenarios that extend one another.
const DEEPEST: usize = 8;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scenario::{Crowd, Durability, Talk};

    fn shipped(name: &str) -> Source {
        Source::Shipped(name.to_owned())
    }

    fn error(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        fs::write(&path, text).unwrap();
        format!("{:#}", read(&Source::File(path), &[]).unwrap_err())
    }

    #[test]
    fn every_shipped_scenario_can_be_read_and_says_what_it_is_for() {
        for (name, _) in SHIPPED {
            let scenario = read(&shipped(name), &[]).unwrap();
            assert_eq!(scenario.name, name);
            assert!(scenario.about.len() > 30, "{name}: {}", scenario.about);
            // Generators are told in JSON.
            let told = serde_json::to_string(&scenario).unwrap();
            assert_eq!(serde_json::from_str::<Scenario>(&told).unwrap(), scenario);
        }
    }

    #[test]
    fn the_command_line_sets_any_key() {
        let sets = ["measure=7s", "crowd.pairs.rate=250", "spawn.durability=os", "FRONTDESK__STORE__MAX_CONNECTIONS=3"];
        let scenario = read(&shipped("steady"), &sets.map(ToOwned::to_owned)).unwrap();
        assert_eq!(scenario.measure, Duration::from_secs(7));
        assert_eq!(scenario.spawn.durability, Durability::Os);
        assert_eq!(scenario.spawn.settings["FRONTDESK__STORE__MAX_CONNECTIONS"], "3");
        assert!(matches!(scenario.crowd["pairs"], Crowd::Talk(Talk { rate: 250.0, pairs: 100, .. })));
    }

    #[test]
    fn a_file_of_ones_own_extends_shipped_ones_and_stands_over_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        let text = "extends = [\"steady\", \"idle\"]\nname = \"own\"\nabout = \"both\"\n[crowd.pairs]\nrate = 5\n";
        fs::write(&path, text).unwrap();
        let scenario = read(&Source::File(path), &[]).unwrap();
        assert_eq!(scenario.crowd.keys().collect::<Vec<_>>(), ["pairs", "waiting"]);
        assert!(matches!(scenario.crowd["pairs"], Crowd::Talk(Talk { rate: 5.0, .. })));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let base = "name = \"x\"\nabout = \"y\"\nmeasure = \"1s\"\n";
        let wrong = [
            ("frequency = 3\n", "frequency"),
            ("[crowd.p]\nkind = \"talk\"\npeople = 3\n", "crowd.p"),
            ("[crowd.p]\nkind = \"talk\"\npeople = 3\n", "people"),
            ("[crowd.p]\nkind = \"cats\"\n", "cats"),
            ("[crowd.p]\nkind = \"talk\"\nbytes = 3\n", "bytes: 3 is not between 24 and 16384"),
            ("", "crowd"),
            ("faults = [\"kill gateway 7\"]\n[crowd.p]\nkind = \"talk\"\n", "kill gateway 7"),
            ("[spawn]\nbrokers = 2\n[crowd.p]\nkind = \"talk\"\n", "spawn.brokers: 2"),
            ("[crowd.p]\nkind = \"idle\"\nburst_bytes = 100\n", "open = true"),
        ];
        for (text, part) in wrong {
            let error = error(&format!("{base}{text}"));
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(error("extends = \"nothing\"").contains("steady"), "the known ones are named");
    }
}
