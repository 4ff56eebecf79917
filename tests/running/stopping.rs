//! Signals, at any moment.

use std::os::unix::fs::PermissionsExt as _;
use std::{fs, path::Path, process::Command};

use frontdesk_tests::harness::{Coding, Contact, Folder, Launch, Process, System, programs, skipped, until};

/// `frontdesk up` whose nats-server says its version and then never starts.
fn up_without_end(folder: &Folder) -> Vec<String> {
    let server = folder.path().join("nats-server");
    let real = programs::nats_server();
    // What it does instead ends with it, and leaves a mark.
    let mark = folder.path().join("begun");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && exec {} --version\ntouch {}\nexec sleep 1000\n",
        real.display(),
        mark.display()
    );
    fs::write(&server, script).expect("the folder is writable");
    fs::set_permissions(&server, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    let settings = folder.path().join("desk.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\ndata_dir = {:?}\n\
         [broker]\nnats_server_path = {server:?}\n",
        folder.path().join("data")
    );
    fs::write(&settings, text).expect("the folder is writable");
    vec!["up".to_owned(), "--json".to_owned(), "--config".to_owned(), settings.display().to_string()]
}

async fn starts(folder: &Folder, process: &Process) {
    until("it starts its nats-server", async || {
        assert!(process.is_running(), "it ended: {:?}", process.lines(|_| true));
        folder.path().join("begun").exists().then_some(())
    })
    .await;
}

/// Whether a process runs whose command line names this folder.
fn is_left_behind(folder: &Folder) -> bool {
    let path = folder.path().display().to_string();
    let mut entries = fs::read_dir("/proc").expect("/proc is there").flatten();
    entries.any(|entry| {
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains(&path)
    })
}

#[tokio::test]
async fn a_process_that_is_told_to_stop_while_it_starts_ends_in_order_and_takes_its_broker_along() {
    let folder = Folder::new("starting");
    let words = up_without_end(&folder);
    let process = Launch::new("up", programs::frontdesk(), folder.path().join("log")).args(&words).start();
    starts(&folder, &process).await;
    assert_eq!(process.terminate(), Ok(0));
    until("nothing is left behind", async || (!is_left_behind(&folder)).then_some(())).await;
}

#[tokio::test]
async fn process_1_of_a_container_hears_a_signal_while_it_starts() {
    let isolated = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let allowed = Command::new("unshare").args(isolated).arg("true").output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        return skipped("this machine allows no process namespaces");
    }
    let folder = Folder::new("container");
    let words = up_without_end(&folder);
    let container = Launch::new("container", programs::on_path("unshare"), folder.path().join("log"))
        .args(isolated)
        .args([programs::frontdesk()])
        .args(&words)
        .start();
    starts(&folder, &container).await;
    let inner = fs::read_to_string(format!("/proc/{0}/task/{0}/children", container.pid())).expect("it has a child");
    let sent = Command::new("kill").args(["-TERM", inner.trim()]).status();
    assert!(sent.is_ok_and(|status| status.success()));
    until("the container ends", async || (!container.is_running()).then_some(())).await;
    assert!(!Path::new(&format!("/proc/{}", inner.trim())).exists());
}

#[tokio::test]
async fn a_command_that_is_told_to_stop_ends_as_a_shell_expects() {
    let folder = Folder::new("command");
    let up = up_without_end(&folder);
    let command = |words: &[&str]| {
        let launch = Launch::new(words[0], programs::frontdesk(), folder.path().join("log"));
        launch.args(words).args(&up[2..])
    };
    command(&["seed", "--demo"]).run();
    let process = command(&["broker", "credentials", "list"]).start();
    starts(&folder, &process).await;
    assert_eq!(process.terminate(), Ok(128 + 15));
}

#[tokio::test]
async fn an_orderly_stop_logs_no_warning() {
    let system = System::up();
    let node = system.gateway(0);
    let contact = Contact::visit(&system, node).await;
    let widget = contact.connect(node, Coding::Json).await;
    for _ in 0..3 {
        assert_eq!(node.terminate(), Ok(0));
        let log = fs::read_to_string(node.log()).expect("it has a log");
        let unwanted: Vec<_> = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
        assert!(log.contains("stopped") && unwanted.is_empty(), "{unwanted:#?}");
        node.start();
    }
    widget.closed().await;
}
