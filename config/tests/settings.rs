//! Loading, layering, refusing and showing settings.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use frontdesk_config::{
    BrokerMode, ConfigError, DEFAULT_TOML, Role, SessionSettings, Settings, StoreKind, SyncInterval,
};
use secrecy::ExposeSecret;

fn from_environment(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let named = |(name, value): &(&str, &str)| (format!("FRONTDESK__{name}"), (*value).to_owned());
    Settings::load(None, variables.iter().map(named))
}

fn from_file(text: &str) -> Result<Settings, ConfigError> {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("room in the temporary folder");
    Settings::load(Some(file.path()), [])
}

/// The whole chain in one line, as the binary prints it.
fn line(error: &ConfigError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[test]
fn the_shipped_defaults_are_valid() {
    let settings = Settings::load(None, []).unwrap();
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.server.public_url(), "http://localhost:8080");
    assert_eq!(settings.key_file(), Path::new("./data/keys.json"));
    assert_eq!(settings.session.max_open, SessionSettings::DEFAULT_MAX_OPEN);
    assert_eq!(settings.broker.mode, BrokerMode::Embedded);
    assert_eq!(settings.broker.sync_interval, SyncInterval::Always);
    assert_eq!(settings.broker.bytes_beside_messages(), 1 << 30);
    assert_eq!(settings.store.kind, StoreKind::Sqlite);
    assert_eq!(settings.redis.timeout, Duration::from_millis(100));
    assert_eq!(settings.auth.refresh_ttl, Duration::from_secs(30 * 24 * 3600));
    assert_eq!(settings.workers.roles, Role::all().collect::<Vec<_>>(), "the default is every role of the table");
    assert!(settings.redis.url.is_none() && !settings.demo.enabled);
}

#[test]
fn every_default_is_explained() {
    let lines: Vec<_> = DEFAULT_TOML.lines().collect();
    for pair in lines.windows(2).filter(|pair| !pair[1].starts_with('#') && !pair[1].trim().is_empty()) {
        let joint_comment = pair[1].starts_with("credentials_password");
        assert!(pair[0].starts_with('#') || joint_comment, "`{}` has no comment above it", pair[1]);
    }
}

#[test]
fn every_role_is_explained_beside_the_setting_that_names_it() {
    for role in Role::all() {
        let line = format!("# - \"{}\" {}", role.name(), role.does());
        assert!(DEFAULT_TOML.contains(&line), "no line {line:?}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    file.write_all(b"[session]\nagent_heartbeat = \"40s\"\nhello_timeout = \"3s\"\n").unwrap();
    let variable = ("FRONTDESK__SESSION__AGENT_HEARTBEAT".to_owned(), "50s".to_owned());
    let settings = Settings::load(Some(file.path()), [variable]).unwrap();
    assert_eq!(settings.session.agent_heartbeat, Duration::from_secs(50));
    assert_eq!(settings.session.contact_heartbeat, Duration::from_secs(55));
    assert_eq!(settings.session.hello_timeout, Duration::from_secs(3));
    assert_eq!(settings.session.heartbeat_deadline, Duration::from_secs(10));
}

#[test]
fn environment_values_are_read_as_what_the_setting_is() {
    let settings = from_environment(&[
        ("BROKER__MODE", "external"),
        ("BROKER__URLS", "nats://10.0.0.1:4222, nats://10.0.0.2:4222"),
        ("BROKER__CREDENTIALS_USER", "core"),
        ("BROKER__CREDENTIALS_PASSWORD", "007"),
        ("BROKER__SYNC_INTERVAL", "1s"),
        ("BROKER__REPLICAS", "3"),
        ("SERVER__TRUSTED_PROXIES", "10.0.0.7, 10.1.0.0/16,::1"),
        ("WORKERS__ROLES", "persist,trim"),
        ("DEMO__ENABLED", "true"),
    ])
    .unwrap();
    assert_eq!(settings.broker.urls, ["nats://10.0.0.1:4222", "nats://10.0.0.2:4222"]);
    assert_eq!(settings.broker.credentials_password.unwrap().expose_secret(), "007");
    assert_eq!(settings.broker.sync_interval, SyncInterval::Every(Duration::from_secs(1)));
    assert_eq!(settings.broker.replicas, 3);
    let proxies: Vec<_> = settings.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.7/32", "10.1.0.0/16", "::1/128"]);
    assert_eq!(settings.workers.roles, ["persist", "trim"].map(Role::named));
    assert!(settings.demo.enabled);
}

#[test]
fn origins_are_kept_as_browsers_send_them() {
    let settings = from_environment(&[
        ("SERVER__PUBLIC_URL", "https://B\u{fc}ro.example:443"),
        ("SERVER__CONSOLE_ORIGINS", "http://Desk.example:80, https://\u{4f8b}\u{5b50}.\u{4e2d}\u{56fd}"),
    ])
    .unwrap();
    assert_eq!(settings.server.public_url(), "https://xn--bro-hoa.example");
    let consoles: Vec<_> = settings.server.console_origins.iter().map(ToString::to_string).collect();
    assert_eq!(consoles, ["http://desk.example", "https://xn--fsqu00a.xn--fiqs8s"]);
}

#[test]
fn an_unknown_key_is_refused_by_name_wherever_it_stands() {
    for (text, key) in [
        ("[server]\nlisten_on = \"x\"", "server.listen_on"),
        ("listen = \"x\"", "listen"),
        ("[sever]\na = 1", "sever.a"),
    ] {
        let refused = line(&from_file(text).unwrap_err());
        assert!(refused.starts_with(&format!("unknown setting `{key}` in /")), "{refused}");
    }
    let refused = line(&from_environment(&[("SERVER__LISTEN_ON", "x")]).unwrap_err());
    assert_eq!(refused, "unknown setting `FRONTDESK__SERVER__LISTEN_ON` in the environment");
    assert!(from_environment(&[("LISTEN", "x")]).is_err());
    assert!(from_file("[sever]").is_err());
}

#[test]
fn a_setting_of_a_former_version_is_answered_with_those_of_this_one() {
    let of_file = line(&from_file("[session]\nheartbeat = \"25s\"").unwrap_err());
    let of_environment = line(&from_environment(&[("SESSION__HEARTBEAT", "25s")]).unwrap_err());
    for (refused, key) in
        [(of_file, "`session.heartbeat`"), (of_environment, "`FRONTDESK__SESSION__HEARTBEAT` in the environment")]
    {
        assert!(refused.starts_with(key), "{refused}");
        assert!(refused.ends_with("set `session.contact_heartbeat` and `session.agent_heartbeat`"), "{refused}");
    }
}

#[test]
fn a_wrong_choice_is_answered_with_the_right_ones() {
    let refused = line(&from_environment(&[("STORE__KIND", "oracle")]).unwrap_err());
    assert!(refused.contains("unknown variant `oracle`, expected `sqlite` or `postgres`"), "{refused}");
}

#[test]
fn variables_of_others_are_left_alone() {
    let other = ("FRONTDESK_HOME".to_owned(), "/srv".to_owned());
    assert!(Settings::load(None, [other, ("PATH".to_owned(), "/bin".to_owned())]).is_ok());
}

#[test]
fn a_value_that_does_not_fit_is_refused_with_its_key() {
    for (name, value) in [
        ("SERVER__LISTEN", "nowhere"),
        ("SESSION__AGENT_HEARTBEAT", "soon"),
        ("BROKER__REPLICAS", "many"),
        ("BROKER__SYNC_INTERVAL", "sometimes"),
        ("WORKERS__ROLES", "persist,dance"),
        ("STORE__KIND", "oracle"),
        ("SERVER__PUBLIC_URL", "desk.example"),
        ("SERVER__CONSOLE_ORIGINS", "https://a.example/path"),
        ("SERVER__CONSOLE_ORIGINS", "https://*.example"),
        ("SERVER__TRUSTED_PROXIES", "10.1.2.3/16"),
    ] {
        let refused = line(&from_environment(&[(name, value)]).unwrap_err());
        let key = name.to_lowercase().replace("__", ".");
        assert!(refused.contains(&key), "{refused} does not name {key}");
        assert_eq!(refused.lines().count(), 1, "{refused}");
    }
}

#[test]
fn a_missing_file_is_refused_by_name() {
    let refused = line(&Settings::load(Some(Path::new("/nowhere/desk.toml")), []).unwrap_err());
    assert!(refused.contains("/nowhere/desk.toml"), "{refused}");
}

#[test]
fn secrets_never_show() {
    let settings = from_environment(&[
        ("STORE__KIND", "postgres"),
        ("STORE__URL", "postgres://desk:hunter2@db/desk"),
        ("REDIS__URL", "redis://:hunter2@cache"),
        ("BROKER__MODE", "external"),
        ("BROKER__URLS", "nats://10.0.0.1"),
        ("BROKER__CREDENTIALS_USER", "core"),
        ("BROKER__CREDENTIALS_PASSWORD", "hunter2"),
    ])
    .unwrap();
    let shown = settings.show();
    assert!(!shown.contains("hunter2") && !format!("{settings:?}").contains("hunter2"), "{shown}");
    assert_eq!(shown.matches("\"***\"").count(), 3);
}

#[test]
fn what_is_shown_can_be_loaded_again() {
    let settings = from_environment(&[("SERVER__TRUSTED_PROXIES", "::1"), ("BROKER__SYNC_INTERVAL", "90s")]).unwrap();
    let shown = settings.show();
    assert!(shown.starts_with("[server]\nlisten = \"127.0.0.1:8080\"\n"), "{shown}");
    assert!(shown.contains("\nconsole_origins = []\n") && shown.contains("\nworkers = 0\n"), "{shown}");
    assert_eq!(from_file(&shown).unwrap().show(), shown);
}
