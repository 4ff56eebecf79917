//! That no promise is forgotten in the list that adapters run.

/// Promises of a port: the public functions of its files.
fn promises<'a>(files: &[&'a str]) -> Vec<&'a str> {
    let functions = files.iter().flat_map(|file| file.split("\npub async fn ").skip(1));
    functions.filter_map(|rest| rest.split('(').next()).collect()
}

#[test]
fn every_promise_of_the_stores_is_in_the_list_that_adapters_run() {
    let stores = [
        include_str!("store/listing.rs"),
        include_str!("store/persisting.rs"),
        include_str!("store/reading.rs"),
        include_str!("store/receipts.rs"),
        include_str!("store/workers.rs"),
    ];
    let directories = [
        include_str!("directory/contacts.rs"),
        include_str!("directory/logins.rs"),
        include_str!("directory/people.rs"),
    ];
    for (list, files) in [(include_str!("store.rs"), &stores[..]), (include_str!("directory.rs"), &directories[..])] {
        let listed: Vec<_> = list.lines().map(str::trim).collect();
        let promises = promises(files);
        assert!(promises.len() > 20);
        for promise in promises {
            assert!(listed.contains(&promise), "{promise} is not run by anybody");
        }
    }
}
