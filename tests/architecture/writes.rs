//! Rows of the directory are written by use cases only: whatever else wrote them would forget the permission, the audit
//! entry or the event.

use std::{collections::BTreeSet, path::Path};

use super::tree;

/// Folders that may call what writes: the use cases, and the adapters with what they share.
const WRITERS: [&str; 6] = ["src/application", "src/ports", "src/memory", "src/storage", "src/sqlite", "src/postgres"];

/// Ports whose methods with these beginnings write rows of the directory.
const PORTS: [&str; 3] = ["src/ports/transaction", "src/ports/directory.rs", "src/ports/directory"];
const WRITES: [&str; 10] =
    ["insert_", "update_", "delete_", "put_", "create_", "change_", "end_", "begin_", "rotate_", "revoke_"];

/// Others that write, by name.
const ALSO: [&str; 2] = ["add_event", "contact_at"];

#[test]
fn only_use_cases_write_rows_of_the_directory() {
    let methods = write_methods();
    assert!(methods.len() > 15, "only {methods:?} were found");
    let mut wrong = Vec::new();
    for file in tree::files().into_iter().filter(|file| is_product(file)) {
        let text = tree::text(&file).unwrap_or_default();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let calls = methods.iter().filter(|method| code.contains(&format!(".{method}(")));
        wrong.extend(calls.map(|method| format!("{} calls {method}", file.display())));
        if code.contains("transactions.begin()") {
            wrong.push(format!("{} begins a transaction", file.display()));
        }
    }
    assert!(wrong.is_empty(), "let a use case of src/application do it:\n{}", wrong.join("\n"));
}

/// The methods of the ports that write.
fn write_methods() -> BTreeSet<String> {
    let mut methods: BTreeSet<String> = BTreeSet::new();
    for file in tree::files().into_iter().filter(|file| PORTS.iter().any(|port| file.starts_with(port))) {
        let text = tree::text(&file).unwrap_or_default();
        let names = text.split("async fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
        let writes = names.filter(|name| WRITES.iter().any(|begin| name.starts_with(begin)) || ALSO.contains(name));
        methods.extend(writes.map(str::to_owned));
    }
    methods
}

fn is_product(file: &Path) -> bool {
    let is_code = file.extension().is_some_and(|extension| extension == "rs");
    let not_shipped = ["tests", "benches", "loadtest"];
    let is_test = file.components().any(|part| not_shipped.iter().any(|name| part.as_os_str() == *name));
    is_code && !is_test && !WRITERS.iter().any(|folder| file.starts_with(folder))
}
