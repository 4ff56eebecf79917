//! The server's configuration file, made from a template.

use frontdesk_config::SyncInterval;
use secrecy::ExposeSecret as _;

use super::SupervisorOptions;
use super::credentials::Credentials;
use super::files::Files;
use super::ports::Ports;
use super::stored_principals::StoredPrincipal;
use crate::principals::exports;
use crate::subjects::Subjects;

const TEMPLATE: &str = include_str!("../templates/embedded.conf");
const ACCOUNTS: &str = include_str!("../templates/accounts.conf");

/// The text of `nats-server.conf`.
pub(super) fn render(options: &SupervisorOptions, files: &Files, credentials: &Credentials, ports: Ports) -> String {
    let Credentials { server_name, .. } = credentials;
    let values = [
        ("server_name", quoted(server_name)),
        ("client_port", ports.client.to_string()),
        ("monitor_port", ports.monitor.to_string()),
        ("store_dir", quoted(&files.store().to_string_lossy())),
        ("max_file_store_bytes", options.max_file_store_bytes.to_string()),
        ("sync_interval", sync_interval(options.sync_interval)),
    ];
    fill(TEMPLATE, &values)
}

/// The text of `accounts.conf`: who may connect, and what each may do.
pub(super) fn render_accounts(
    subjects: &Subjects,
    credentials: &Credentials,
    principals: &[StoredPrincipal],
) -> String {
    let Credentials { core, worker, .. } = credentials;
    let of_others: Vec<_> = principals.iter().map(|kept| kept.principal.clone()).collect();
    let accounts = principals.iter().map(|kept| kept.principal.account(subjects, &kept.password_hash));
    let values = [
        ("prefix", subjects.prefix().to_string()),
        ("core_user", quoted(&core.name)),
        ("core_password", quoted(core.password.expose_secret())),
        ("core_inbox", core.inbox_prefix.clone()),
        ("worker_user", quoted(&worker.name)),
        ("worker_password", quoted(worker.password.expose_secret())),
        ("worker_inbox", worker.inbox_prefix.clone()),
        ("exports", exports(&of_others, subjects)),
        ("principals", accounts.collect()),
    ];
    fill(ACCOUNTS, &values)
}

fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// In the server's own notation, which has no blanks in "1m 30s".
fn sync_interval(interval: SyncInterval) -> String {
    match interval {
        SyncInterval::Always => "always".to_owned(),
        SyncInterval::Every(time) => quoted(&format!("{}ms", time.as_millis().max(1))),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn durations_are_written_as_the_server_reads_them() {
        assert_eq!(sync_interval(SyncInterval::Always), "always");
        assert_eq!(sync_interval(SyncInterval::Every(Duration::from_secs(90))), "\"90000ms\"");
    }

    #[test]
    fn every_placeholder_is_filled() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::prepare(folder.path()).unwrap();
        let settings = frontdesk_config::Settings::load(None, []).unwrap();
        let options = SupervisorOptions::new(&settings.broker, folder.path().to_owned());
        let credentials = Credentials::keep(&files).unwrap();
        let text = render(&options, &files, &credentials, Ports { client: 1, monitor: 2 });
        let accounts = render_accounts(&Subjects::new(crate::Token::usual_prefix()), &credentials, &[]);
        for text in [&text, &accounts] {
            assert!(!text.contains("{{") && !text.contains("}}"), "{text}");
        }
        assert!(text.contains("listen: 127.0.0.1:1\n") && accounts.contains("\"desk.live.>\""), "{text}{accounts}");
    }
}
