//! Every setting of a tenant has an effect: something outside the schema reads it.

use std::path::Path;

use frontdesk_domain::Settings;

use super::tree;

/// Where settings are declared, checked and edited, which gives them no effect.
const NO_READERS: [&str; 3] = ["src/domain/settings", "src/console/console/screens/settings", "src/console/vendor"];

/// Takes the settings that conversations are judged by out of the others.
const READER_BESIDE_THE_SCHEMA: &str = "src/domain/settings/inbox_rules.rs";

#[test]
fn every_setting_of_the_schema_is_read_somewhere() {
    let readers: Vec<String> =
        tree::files().into_iter().filter(|file| may_read(file)).filter_map(|file| tree::text(&file)).collect();
    let defaults = serde_json::to_value(Settings::default()).expect("the settings are JSON");
    let mut without = Vec::new();
    for (section, fields) in defaults.as_object().expect("sections by name") {
        for field in fields.as_object().expect("fields by name").keys() {
            let path = format!("{section}.{field}");
            // As Rust and JavaScript write it; what follows must not make it another name.
            let is_read = |text: &String| {
                text.match_indices(&path).any(|(at, found)| {
                    let next = text[at + found.len()..].chars().next();
                    !next.is_some_and(|next| next.is_alphanumeric() || next == '_')
                })
            };
            if !readers.iter().any(is_read) {
                without.push(path);
            }
        }
    }
    assert!(without.is_empty(), "these settings have no effect: {without:?}");
}

fn may_read(file: &Path) -> bool {
    let is_code = file.extension().is_some_and(|extension| extension == "rs" || extension == "js");
    let is_product = ["src", "actors", "nats"].iter().any(|folder| file.starts_with(folder));
    let is_test = file.iter().any(|part| part == "tests" || part == "words");
    let declares =
        NO_READERS.iter().any(|folder| file.starts_with(folder)) && !file.ends_with(READER_BESIDE_THE_SCHEMA);
    is_code && is_product && !is_test && !declares
}
