//! Settings that exclude each other are refused, each with one line that names them.

use frontdesk_config::{ConfigError, Settings};

/// Loads with these variables, and returns why they were refused.
fn refusal(variables: &[(&str, &str)]) -> String {
    let named = |(name, value): &(&str, &str)| (format!("FRONTDESK__{name}"), (*value).to_owned());
    match Settings::load(None, variables.iter().map(named)) {
        Err(error @ ConfigError::Contradiction(_)) => error.to_string(),
        other => panic!("{variables:?} gave {other:?}"),
    }
}

#[test]
fn each_contradiction_is_refused_in_one_line_that_names_the_setting() {
    let external = ("BROKER__MODE", "external");
    let servers = ("BROKER__URLS", "nats://10.0.0.1");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("SERVER__ADMIN_LISTEN", "127.0.0.1:8080")], "server.admin_listen"),
        (&[("SERVER__MAX_BODY_BYTES", "10")], "server.max_body_bytes"),
        (&[("SERVER__SHUTDOWN_GRACE", "0s")], "server.shutdown_grace"),
        (&[("SERVER__DATA_DIR", "")], "server.data_dir"),
        (&[external], "broker.urls"),
        (&[servers], "broker.urls"),
        (&[("BROKER__CREDENTIALS_USER", "core")], "broker.credentials_"),
        (&[external, servers, ("BROKER__CREDENTIALS_USER", "core")], "broker.credentials_password"),
        (&[("BROKER__REPLICAS", "3")], "broker.replicas"),
        (&[external, servers, ("BROKER__REPLICAS", "2")], "broker.replicas"),
        (&[("BROKER__MESSAGE_STREAMS", "12")], "broker.message_streams"),
        (&[("BROKER__MESSAGE_STREAMS", "0")], "broker.message_streams"),
        (&[("BROKER__MESSAGE_STREAMS", "64")], "broker.max_file_store_bytes"),
        (&[("BROKER__STREAM_MAX_BYTES", "1000")], "broker.stream_max_bytes"),
        (&[("BROKER__SUBJECT_PREFIX", "desk.one")], "broker.subject_prefix"),
        (&[("BROKER__ACK_TIMEOUT", "3s")], "broker.ack_timeout"),
        (&[("BROKER__RETAIN", "1s")], "broker.retain"),
        (&[("BROKER__RETAIN_AT_LEAST", "1s")], "broker.retain_at_least"),
        (&[("BROKER__CLIENT_PORT", "4222"), ("BROKER__MONITOR_PORT", "4222")], "broker.monitor_port"),
        (&[("STORE__KIND", "postgres")], "store.url"),
        (&[("STORE__URL", "postgres://db")], "store.kind"),
        (&[("STORE__MAX_CONNECTIONS", "0")], "store.max_connections"),
        (&[("REDIS__TIMEOUT", "1s")], "redis.timeout"),
        (&[("SESSION__CONTACT_HEARTBEAT", "10s")], "session.heartbeat_deadline"),
        (&[("SESSION__AGENT_HEARTBEAT", "10s")], "session.heartbeat_deadline"),
        (&[("SESSION__OUTBOX_LIMIT_BYTES", "1024")], "session.outbox_limit_bytes"),
        (&[("SESSION__OUTBOX_LIMIT_BYTES", "262143")], "session.outbox_limit_bytes"),
        (&[("SESSION__MAX_FRAME_BYTES", "49151")], "session.max_frame_bytes"),
        (&[("SESSION__MAX_FRAME_BYTES", "524289")], "session.max_frame_bytes"),
        // Pages of up to 48 KiB would overflow such an outbox for ever.
        (&[("SESSION__MAX_FRAME_BYTES", "16384"), ("SESSION__OUTBOX_LIMIT_BYTES", "16384")], "session.max_frame_bytes"),
        (&[("SESSION__MAX_OPEN", "0")], "session.max_open"),
        (&[("SESSION__COMMANDS_BURST", "5")], "session.commands_burst"),
        (&[("CONVERSATION__COMMAND_TIMEOUT", "3s")], "conversation.command_timeout"),
        (&[("CONVERSATION__IDLE_AFTER", "5s")], "conversation.idle_after"),
        (&[("CONVERSATION__QUEUE_CAPACITY", "0")], "queue_capacity"),
        (&[("CONVERSATION__MAX_IN_HAND", "15")], "max_in_hand"),
        (&[("WORKERS__ROLES", "trim,trim")], "workers.roles"),
        (&[("WORKERS__ROLES", "")], "workers.roles"),
        (&[("WORKERS__PERSIST_BATCH", "5000")], "workers.persist_batch"),
        (&[("WORKERS__PERSIST_ACK_WAIT", "10ms")], "workers.persist_ack_wait"),
        (&[("WORKERS__INGEST_RATE_PER_INBOX", "0")], "workers.ingest_rate_per_inbox"),
        (&[("WORKERS__RECONCILE_INTERVAL", "1ms")], "workers.reconcile_interval"),
        (&[("WORKERS__RECONCILE_AFTER", "60ms")], "workers.reconcile_after"),
        (&[("WORKERS__OUTBOX_KEEP", "1s")], "workers.outbox_keep"),
        (&[("AUTH__ACCESS_TTL", "60d")], "auth.refresh_ttl"),
        (&[("AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "0")], "auth.login_attempts_per_minute"),
        (&[("AUTH__ARGON2_MEMORY_KIB", "1")], "auth.argon2_memory_kib"),
        (&[("TELEMETRY__LOG_BUFFER_LINES", "0")], "telemetry.log_buffer_lines"),
        (&[("TELEMETRY__OTLP_ENDPOINT", "collector:4318")], "telemetry.otlp_endpoint"),
        (&[("TELEMETRY__TRACE_SHARE", "1.5")], "telemetry.trace_share"),
    ];
    for (variables, names) in cases {
        let line = refusal(variables);
        assert!(line.contains(names), "`{line}` does not name {names}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[test]
fn a_change_after_loading_is_judged_again() {
    let mut settings = Settings::load(None, []).unwrap();
    settings.server.admin_listen = settings.server.listen;
    assert!(matches!(settings.validate(), Err(ConfigError::Contradiction(_))));
}
