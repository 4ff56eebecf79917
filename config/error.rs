//! Why settings were refused.

use std::path::PathBuf;

/// Why settings could not be loaded. The text is one line and says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file does not exist, cannot be read or is not TOML.
    #[error("cannot read the settings in {}", file.display())]
    File {
        /// The file that was asked for.
        file: PathBuf,
        /// What is wrong with it.
        source: Box<config::ConfigError>,
    },
    /// A key that no section has, most often a spelling mistake.
    #[error("unknown setting `{key}` in {place}")]
    UnknownKey {
        /// The key, as `section.key` in a file and as the variable's name in the environment.
        key: String,
        /// Where it was found.
        place: String,
    },
    /// A key of a former version.
    #[error("`{key}` in {place} is not a setting any more: set {now}")]
    Renamed {
        /// The key, as in [`ConfigError::UnknownKey`].
        key: String,
        /// Where it was found.
        place: String,
        /// What took its place.
        now: &'static str,
    },
    /// A value of the wrong type or outside its choices.
    #[error("a setting has a value that does not fit")]
    Value(#[source] Box<config::ConfigError>),
    /// A value out of its range, or two that exclude each other.
    #[error("settings contradict one another: {0}")]
    Contradiction(String),
}
