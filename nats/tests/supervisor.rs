//! The supervised local broker, with a real `nats-server` (nats/install.sh fetches it).

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use async_nats::jetstream;
use frontdesk_config::Settings;
use frontdesk_nats::{
    LocalUser,
    supervisor::{Supervisor, SupervisorError, SupervisorOptions},
};
use secrecy::ExposeSecret;
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn a_fresh_data_folder_gives_a_healthy_private_broker() {
    let folder = tempfile::tempdir().unwrap();
    let supervisor = start(folder.path()).await;
    let broker = supervisor.connection().clone();
    assert!(broker.url.starts_with("nats://127.0.0.1:") && broker.monitor_url.starts_with("http://127.0.0.1:"));
    for secret in ["nats-server.conf", "credentials.json", "nats-server.log"] {
        let mode = folder.path().join("nats").join(secret).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{secret} can be read by others");
    }

    let log = jetstream::new(connect(&supervisor, &broker.core).await);
    log.create_stream(stream()).await.unwrap();
    log.publish("desk.msg.1", "hello".into()).await.unwrap().await.unwrap();
    assert!(async_nats::connect(&broker.url).await.is_err(), "strangers are let in");

    supervisor.shutdown().await;
    assert!(TcpListener::bind(broker.url.trim_start_matches("nats://")).is_ok(), "the server is still there");
    assert!(!folder.path().join("nats/lock.json").exists());
}

#[tokio::test]
async fn what_only_the_broker_or_a_bridge_may_publish_is_denied_to_core_and_worker() {
    let folder = tempfile::tempdir().unwrap();
    let supervisor = start(folder.path()).await;
    let broker = supervisor.connection().clone();
    let core = connect(&supervisor, &broker.core).await;
    let log = jetstream::new(core.clone());
    log.create_stream(stream()).await.unwrap();
    let mut everything = core.subscribe("desk.>").await.unwrap();
    core.flush().await.unwrap();
    let worker = connect(&supervisor, &broker.worker).await;
    for subject in ["desk.live.1", "desk.acked.1", "desk.in.1"] {
        core.publish(subject, "forged".into()).await.unwrap();
        worker.publish(subject, "forged".into()).await.unwrap();
    }
    worker.flush().await.unwrap();
    core.flush().await.unwrap();
    // Workers append for the conversations that they host, so this one arrives, and behind it nothing was left out.
    worker.publish("desk.msg.1", "appended".into()).await.unwrap();
    let first = timeout(Duration::from_secs(20), futures_util::StreamExt::next(&mut everything)).await.unwrap();
    assert_eq!(first.map(|message| message.subject.to_string()).as_deref(), Some("desk.msg.1"), "a denied one arrived");
    // A denied request is not answered at all.
    let denied = timeout(Duration::from_millis(500), jetstream::new(worker).delete_stream("M")).await;
    assert!(!matches!(denied, Ok(Ok(_))), "a worker deleted a stream");
    assert!(log.get_stream("M").await.is_ok());
}

#[tokio::test]
async fn a_killed_server_comes_back_on_its_port_with_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let supervisor = start(folder.path()).await;
    let user = supervisor.connection().core.clone();
    let log = jetstream::new(connect(&supervisor, &user).await);
    log.create_stream(stream()).await.unwrap();
    log.publish("desk.msg.1", "kept".into()).await.unwrap().await.unwrap();

    signal("KILL", supervisor.status().borrow().process_id);

    let mut status = supervisor.status();
    let back = status.wait_for(|status| status.is_up && status.restarts > 0);
    timeout(Duration::from_secs(10), back).await.unwrap().unwrap();
    let log = jetstream::new(connect(&supervisor, &user).await);
    let kept = log.get_stream("M").await.unwrap().get_raw_message(1).await.unwrap();
    assert_eq!(kept.payload, "kept");
    supervisor.shutdown().await;
}

#[tokio::test]
async fn the_streams_of_an_older_version_move_into_the_desks_account() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let log = jetstream::new(connect(&first, &first.connection().core).await);
    log.create_stream(stream()).await.unwrap();
    log.publish("desk.msg.1", "kept".into()).await.unwrap().await.unwrap();
    first.shutdown().await;
    let accounts = folder.path().join("nats/jetstream/jetstream");
    std::fs::rename(accounts.join("DESK"), accounts.join("$G")).unwrap();

    let second = start(folder.path()).await;
    let log = jetstream::new(connect(&second, &second.connection().core).await);
    assert_eq!(log.get_stream("M").await.unwrap().get_raw_message(1).await.unwrap().payload, "kept");
    second.shutdown().await;
}

#[tokio::test]
async fn a_frozen_server_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let supervisor = start(folder.path()).await;
    let frozen = supervisor.status().borrow().process_id;
    signal("STOP", frozen);

    let mut status = supervisor.status();
    let back = status.wait_for(|status| status.is_up && status.process_id != frozen);
    timeout(Duration::from_secs(20), back).await.unwrap().unwrap();
    assert!(!is_alive(frozen));
}

#[tokio::test]
async fn ports_and_passwords_survive_a_restart_of_the_installation() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let before = first.connection().clone();
    first.shutdown().await;
    let second = start(folder.path()).await;
    assert_eq!(second.connection().url, before.url);
    assert_eq!(second.connection().core.password.expose_secret(), before.core.password.expose_secret());
}

#[tokio::test]
async fn a_remembered_port_that_is_taken_by_now_is_replaced_and_a_port_asked_for_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let address = first.connection().url.trim_start_matches("nats://").to_owned();
    first.shutdown().await;
    let taken = TcpListener::bind(&address).unwrap();

    let second = start(folder.path()).await;
    assert_ne!(second.connection().url, format!("nats://{address}"));
    drop(second);

    let asked = SupervisorOptions { client_port: taken.local_addr().unwrap().port(), ..options(folder.path()) };
    let refused = Supervisor::start(asked).await.unwrap_err();
    assert!(matches!(refused, SupervisorError::PortTaken { setting: "client_port", .. }), "{refused}");
}

#[tokio::test]
async fn a_second_supervisor_on_the_same_folder_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let _first = start(folder.path()).await;
    let refused = Supervisor::start(options(folder.path())).await.unwrap_err().to_string();
    assert!(refused.contains("is in use by another frontdesk"), "{refused}");
    assert!(refused.contains(&format!("(process {})", std::process::id())), "{refused}");
}

#[tokio::test]
async fn a_server_left_behind_is_ended_before_another_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let url = first.connection().url.clone();
    let note = std::fs::read(folder.path().join("nats/lock.json")).unwrap();
    let first_id = first.status().borrow().process_id;
    first.shutdown().await;
    let configuration = folder.path().canonicalize().unwrap().join("nats/nats-server.conf");
    let mut orphan = Command::new(nats_server());
    let mut orphan = orphan.arg("--config").arg(configuration).stderr(Stdio::null()).spawn().unwrap();
    let note = String::from_utf8(note).unwrap().replace(&first_id.to_string(), &orphan.id().to_string());
    std::fs::write(folder.path().join("nats/lock.json"), note).unwrap();

    let second = start(folder.path()).await;

    assert!(orphan.try_wait().unwrap().is_some(), "two servers run on one store");
    assert_eq!(second.connection().url, url);
}

#[tokio::test]
async fn the_server_dies_with_a_supervisor_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let this_program = std::env::current_exe().unwrap();
    let mut parent = Command::new(this_program)
        .args(["--exact", "a_process_that_supervises_until_it_is_killed"])
        .env(SUPERVISE, folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = timeout(Duration::from_secs(20), supervised_process(folder.path())).await.unwrap();

    parent.kill().unwrap();
    parent.wait().unwrap();

    let gone = async {
        while is_alive(server) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(5), gone).await.expect("the server outlives its supervisor");
}

/// The other process of the test above; nothing to do when it is run as a test.
#[tokio::test]
async fn a_process_that_supervises_until_it_is_killed() {
    if let Some(folder) = std::env::var_os(SUPERVISE) {
        let _supervisor = start(Path::new(&folder)).await;
        std::fs::write(Path::new(&folder).join("up"), "").unwrap();
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn a_server_that_is_too_old_or_missing_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("nats-server");
    std::fs::write(&old, "#!/bin/sh\necho nats-server: v2.9.10\n").unwrap();
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o755)).unwrap();
    let with = |binary| SupervisorOptions { binary: Some(binary), ..options(folder.path()) };

    let refused = Supervisor::start(with(old)).await.unwrap_err().to_string();
    assert!(refused.contains("2.9.10") && refused.contains("2.12 or newer"), "{refused}");
    assert!(refused.contains("make run") && refused.contains("nats/install.sh"), "{refused}");

    let refused = Supervisor::start(with(PathBuf::from("/nowhere/nats-server"))).await.unwrap_err().to_string();
    assert!(refused.contains("not installed") && refused.contains("nats/install.sh"), "{refused}");
}

const SUPERVISE: &str = "SUPERVISE_IN";

fn options(folder: &Path) -> SupervisorOptions {
    let settings = Settings::load(None, []).expect("the defaults are valid");
    SupervisorOptions {
        binary: Some(nats_server()),
        health_interval: Duration::from_millis(200),
        ..SupervisorOptions::new(&settings.broker, folder.to_owned())
    }
}

async fn start(folder: &Path) -> Supervisor {
    Supervisor::start(options(folder)).await.expect("a local broker; `make broker` fetches nats-server")
}

fn nats_server() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/nats-server")
}

async fn connect(supervisor: &Supervisor, user: &LocalUser) -> async_nats::Client {
    async_nats::ConnectOptions::with_user_and_password(user.name.clone(), user.password.expose_secret().to_owned())
        .custom_inbox_prefix(&user.inbox_prefix)
        .connect(&supervisor.connection().url)
        .await
        .expect("a connection to the local broker")
}

fn stream() -> jetstream::stream::Config {
    jetstream::stream::Config { name: "M".to_owned(), subjects: vec!["desk.msg.>".to_owned()], ..Default::default() }
}

fn signal(name: &str, process_id: u32) {
    let sent = Command::new("sh").args(["-c", &format!("kill -s {name} {process_id}")]).status();
    assert!(sent.expect("a shell").success());
}

/// A zombie counts as ended, although its status was not collected yet.
fn is_alive(process_id: u32) -> bool {
    !std::fs::read(format!("/proc/{process_id}/cmdline")).unwrap_or_default().is_empty()
}

async fn supervised_process(folder: &Path) -> u32 {
    while !folder.join("up").exists() {
        sleep(Duration::from_millis(20)).await;
    }
    let note = std::fs::read(folder.join("nats/lock.json")).expect("a note of what runs");
    let note: serde_json::Value = serde_json::from_slice(&note).expect("a JSON note");
    u32::try_from(note["pid"].as_u64().expect("a process id")).expect("a process id")
}
