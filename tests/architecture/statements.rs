//! A statement that both database adapters run is written once, in `src/storage/statements`.

use std::{collections::BTreeMap, path::Path};

use super::tree;

const ADAPTERS: [&str; 2] = ["src/sqlite", "src/postgres"];
const SHARED: &str = "src/storage/statements";

/// How many statements are still written in both adapters: the one of `list.rs` that finds a contact's latest
/// conversation. May only shrink.
const STILL_TWICE: usize = 1;

#[test]
fn no_statement_is_written_in_both_adapters() {
    let [sqlite, postgres] = ADAPTERS.map(written_in);
    assert!(sqlite.len() > 20 && postgres.len() > 20, "only {} and {} statements", sqlite.len(), postgres.len());
    let twice = sqlite.iter().filter_map(|(statement, place)| {
        let other = postgres.get(statement)?;
        Some(format!("{place} and {other}: {statement}"))
    });
    let twice: Vec<_> = twice.collect();
    assert!(twice.len() <= STILL_TWICE, "write them once, in {SHARED}:\n{}", twice.join("\n"));
    assert!(twice.len() == STILL_TWICE, "fewer are written twice now: lower STILL_TWICE to {}", twice.len());
}

#[test]
fn every_shared_statement_is_run_by_both_adapters() {
    let code = ADAPTERS.map(|adapter| sources(adapter).map(|(_, text)| text).collect::<String>());
    let shared: Vec<_> = tree::files().into_iter().filter(|file| file.starts_with(SHARED)).collect();
    assert!(shared.len() > 60, "only {} shared statements", shared.len());
    let mut missing = Vec::new();
    for file in shared {
        let name = file.strip_prefix("src").expect("it lies there").display();
        let is_run = |adapter: &String| adapter.contains(&format!("\"../{name}\""));
        for (adapter, _) in ADAPTERS.iter().zip(&code).filter(|(_, code)| !is_run(code)) {
            missing.push(format!("{} does not run {}", adapter, file.display()));
        }
    }
    assert!(missing.is_empty(), "a statement of one adapter belongs into that adapter:\n{}", missing.join("\n"));
}

#[test]
fn statements_are_equal_whatever_their_layout_placeholders_and_types() {
    let one = r#"select id as "id: uuid::Uuid", count(*) as "count!: i64" from t where a = ? and b = ?"#;
    let other = "select id,\n    count(*) as \"count!\"\n  from t where a = $1 and b = $2";
    assert_eq!(normal(one), normal(other));
    assert_ne!(normal(one), normal("select id, count(*) as \"count!\" from t where a = $1 and c = $2"));
}

/// The statements in the code of an adapter, each with the file that it stands in.
fn written_in(adapter: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (file, text) in sources(adapter) {
        let statements =
            literals(&text).into_iter().filter(|literal| is_statement(literal)).map(|literal| normal(&literal));
        found.extend(statements.map(|statement| (statement, file.clone())));
    }
    found
}

fn sources(adapter: &str) -> impl Iterator<Item = (String, String)> {
    let tests = Path::new(adapter).join("tests");
    let is_code = |file: &Path| file.extension().is_some_and(|extension| extension == "rs");
    let files: Vec<_> = tree::files().into_iter().filter(|file| file.starts_with(adapter)).collect();
    let code = files.into_iter().filter(move |file| is_code(file) && !file.starts_with(&tests));
    code.map(|file| (file.display().to_string(), tree::text(&file).unwrap_or_default()))
}

/// The text literals outside comments. No literal of the adapters holds an escaped quotation mark.
fn literals(text: &str) -> Vec<String> {
    let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some((before, behind)) = rest.split_once('"') {
        let end = if before.ends_with("r#") { "\"#" } else { "\"" };
        let Some((literal, further)) = behind.split_once(end) else { break };
        found.push(literal.to_owned());
        rest = further;
    }
    found
}

fn is_statement(literal: &str) -> bool {
    let verb = literal.split_whitespace().next().unwrap_or_default();
    ["select", "insert", "update", "delete", "with"].contains(&verb)
}

/// A statement without what depends on the adapter only: layout, the types of its columns, the names of its
/// placeholders.
fn normal(statement: &str) -> String {
    let text = typeless(statement).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut number = 0;
    let mut normal = String::new();
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        if sign == '?' {
            number += 1;
            let is_numbered = signs.peek().is_some_and(char::is_ascii_digit);
            normal.push('$');
            if !is_numbered {
                normal.push_str(&number.to_string());
            }
        } else {
            normal.push(sign);
        }
    }
    normal
}

/// `id as "id: uuid::Uuid"` becomes `id`, and `count(*) as "count!: i64"` becomes `count(*) as count`.
fn typeless(statement: &str) -> String {
    let mut parts = statement.split(" as \"");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (alias, behind) = part.split_once('"').unwrap_or((part, ""));
        let name = alias.split([':', '!', '?']).next().unwrap_or_default();
        let is_its_own = plain.ends_with(&format!(" {name}")) || plain.ends_with(&format!(".{name}"));
        if !is_its_own {
            plain.push_str(" as ");
            plain.push_str(name);
        }
        plain.push_str(behind);
    }
    plain
}
