//! Layers: the built-in defaults, the operator's file, the environment.

use std::collections::BTreeSet;
use std::path::Path;

use config::{Config, Environment, File, FileFormat, Source, Value, ValueKind};

use crate::{ConfigError, Settings};

/// The built-in defaults: every key, explained.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// What the environment variables that we read begin with; two underscores follow, and part section from key.
pub const ENVIRONMENT_PREFIX: &str = "FRONTDESK";

const SEPARATOR: &str = "__";

impl Settings {
    /// Reads the defaults, then `file`, then those variables of `environment` that begin with `FRONTDESK__`, and
    /// validates the result.
    ///
    /// # Errors
    /// When the file cannot be read, a key is unknown, a value does not fit, or values contradict one another.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let defaults = Config::builder().add_source(File::from_str(DEFAULT_TOML, FileFormat::Toml));
        let known = keys_of(&defaults.clone().build().map_err(invalid)?)?;
        let mut layers = defaults;
        if let Some(path) = file {
            let unreadable = |source| ConfigError::File { file: path.to_owned(), source: Box::new(source) };
            let layer = File::from(path).format(FileFormat::Toml);
            let written = Config::builder().add_source(layer.clone()).build().map_err(unreadable)?;
            if let Some(key) = keys_of(&written)?.difference(&known).next() {
                return Err(unknown(key.clone(), key, path.display().to_string()));
            }
            layers = layers.add_source(layer);
        }
        let prefix = format!("{ENVIRONMENT_PREFIX}{SEPARATOR}");
        let variables: Vec<_> = environment.into_iter().filter(|(name, _)| name.starts_with(&prefix)).collect();
        for (name, _) in &variables {
            let key = name[prefix.len()..].to_lowercase().replace(SEPARATOR, ".");
            if !known.contains(&key) {
                return Err(unknown(name.clone(), &key, "the environment".to_owned()));
            }
        }
        // Values stay text and are read as what the setting is: guessing their type would turn the password "007" into
        // 7.
        let environment = Environment::with_prefix(ENVIRONMENT_PREFIX)
            .prefix_separator(SEPARATOR)
            .separator(SEPARATOR)
            .source(Some(variables.into_iter().collect()));
        let merged = layers.add_source(environment).build().map_err(invalid)?;
        let settings: Self = merged.try_deserialize().map_err(invalid)?;
        settings.validate()?;
        Ok(settings)
    }

    /// As [`Settings::load`], with the environment of this process; variables that are not Unicode are passed over.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_with_process_environment(file: Option<&Path>) -> Result<Self, ConfigError> {
        let unicode =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::load(file, unicode)
    }
}

fn invalid(source: config::ConfigError) -> ConfigError {
    ConfigError::Value(Box::new(source))
}

/// `key` is the setting that `written`, as it stands in `place`, would be.
fn unknown(written: String, key: &str, place: String) -> ConfigError {
    match RENAMED.iter().find(|(former, _)| *former == key) {
        Some((_, now)) => ConfigError::Renamed { key: written, place, now },
        None => ConfigError::UnknownKey { key: written, place },
    }
}

/// Settings of former versions, and what they are called now.
const RENAMED: [(&str, &str); 1] = [("session.heartbeat", "`session.contact_heartbeat` and `session.agent_heartbeat`")];

/// Every `section.key` that a source sets, and by its bare name whatever stands outside a section.
fn keys_of(source: &impl Source) -> Result<BTreeSet<String>, ConfigError> {
    let mut keys = BTreeSet::new();
    for (section, value) in source.collect().map_err(invalid)? {
        match value {
            Value { kind: ValueKind::Table(entries), .. } => {
                keys.extend(entries.into_keys().map(|key| format!("{section}.{key}")));
            }
            _ => drop(keys.insert(section)),
        }
    }
    Ok(keys)
}
