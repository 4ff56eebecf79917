//! What no single value shows: ranges, and settings that exclude each other.

use std::collections::HashSet;
use std::time::Duration;

use url::Url;

use crate::{
    AuthSettings, BrokerMode, BrokerSettings, ConfigError, ServerSettings, SessionSettings, Settings, StoreKind,
    WorkersSettings,
};

impl Settings {
    /// Checks ranges, and settings against one another.
    ///
    /// # Errors
    /// [`ConfigError::Contradiction`] with one line that names the settings and what they should be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.check().map_err(ConfigError::Contradiction)
    }

    fn check(&self) -> Check {
        self.server.check()?;
        self.broker.check()?;
        self.session.check()?;
        self.workers.check()?;
        self.auth.check()?;
        let has_url = self.store.url.is_some();
        must(self.store.kind != StoreKind::Postgres || has_url, "store.kind is \"postgres\": set store.url")?;
        must(
            self.store.kind != StoreKind::Sqlite || !has_url,
            "store.url is for \"postgres\", but store.kind is \"sqlite\"",
        )?;
        must(self.store.max_connections > 0, "store.max_connections must be at least 1")?;
        must(
            is_within(self.redis.timeout, 100),
            "redis.timeout must be between 1ms and 100ms: a message never waits for Redis",
        )?;
        let conversation = &self.conversation;
        must(
            conversation.mailbox_capacity > 0 && conversation.queue_capacity > 0 && conversation.recent_entries > 0,
            "conversation.mailbox_capacity, queue_capacity and recent_entries must be at least 1",
        )?;
        must(conversation.max_in_hand >= 16, "conversation.max_in_hand must be at least 16")?;
        must(
            conversation.command_timeout >= self.broker.ack_timeout * 2,
            "conversation.command_timeout must be at least twice broker.ack_timeout, to leave room for a retry",
        )?;
        must(
            conversation.idle_after > conversation.command_timeout,
            "conversation.idle_after must be longer than conversation.command_timeout",
        )?;
        must(self.telemetry.log_buffer_lines > 0, "telemetry.log_buffer_lines must be at least 1")?;
        must(
            self.telemetry
                .otlp_endpoint
                .as_ref()
                .is_none_or(|url| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))),
            "telemetry.otlp_endpoint must be the address of a collector, such as \"http://127.0.0.1:4318/v1/traces\"",
        )?;
        must((0.0..=1.0).contains(&self.telemetry.trace_share), "telemetry.trace_share must be between 0 and 1")
    }
}

/// `Err` holds the line for the operator.
type Check = Result<(), String>;

impl ServerSettings {
    fn check(&self) -> Check {
        must(
            self.listen != self.admin_listen || self.listen.port() == 0,
            "server.listen and server.admin_listen must differ: what is on the second is not for the public",
        )?;
        must(self.max_body_bytes >= 1024, "server.max_body_bytes must be at least 1024")?;
        must(!self.shutdown_grace.is_zero(), "server.shutdown_grace must be longer than 0s")?;
        must(!self.data_dir.as_os_str().is_empty(), "server.data_dir must name a folder")
    }
}

impl BrokerSettings {
    fn check(&self) -> Check {
        match self.mode {
            BrokerMode::External => must(!self.urls.is_empty(), "broker.mode is \"external\": set broker.urls")?,
            BrokerMode::Embedded => {
                must(self.urls.is_empty(), "broker.urls are for an external broker, but broker.mode is \"embedded\"")?;
                let has_credentials = self.credentials_user.is_some() || self.credentials_password.is_some();
                must(
                    !has_credentials,
                    "broker.credentials_* are for an external broker; the embedded one makes its own",
                )?;
                must(
                    self.replicas == 1,
                    "broker.replicas must be 1 when broker.mode is \"embedded\": there is one server",
                )?;
                must(
                    self.message_bytes() <= self.max_file_store_bytes / 4 * 3,
                    "broker.message_streams times broker.stream_max_bytes must fit in three quarters of broker.max_file_store_bytes",
                )?;
                must(
                    self.client_port != self.monitor_port || self.client_port == 0,
                    "broker.client_port and broker.monitor_port must differ",
                )?;
            }
        }
        must(
            self.credentials_user.is_some() == self.credentials_password.is_some(),
            "broker.credentials_user and broker.credentials_password belong together: set both or neither",
        )?;
        must(is_token(&self.subject_prefix), "broker.subject_prefix must be 1 to 32 letters, digits, \"_\" or \"-\"")?;
        must(
            self.message_streams.is_power_of_two() && self.message_streams <= 64,
            "broker.message_streams must be 1, 2, 4, 8, 16, 32 or 64",
        )?;
        must([1, 3, 5].contains(&self.replicas), "broker.replicas must be 1, 3 or 5")?;
        must(self.stream_max_bytes >= 1 << 20, "broker.stream_max_bytes must be at least 1048576 (1 MiB)")?;
        must(is_within(self.ack_timeout, 2000), "broker.ack_timeout must be between 1ms and 2s")?;
        must(self.retain >= Duration::from_secs(2), "broker.retain must be at least 2s")?;
        must(self.retain_at_least >= Duration::from_secs(2), "broker.retain_at_least must be at least 2s")
    }
}

impl SessionSettings {
    fn check(&self) -> Check {
        must(
            self.heartbeat_deadline < self.contact_heartbeat.min(self.agent_heartbeat)
                && !self.heartbeat_deadline.is_zero(),
            "session.heartbeat_deadline must be shorter than session.contact_heartbeat and session.agent_heartbeat",
        )?;
        must(!self.hello_timeout.is_zero(), "session.hello_timeout must be longer than 0s")?;
        must(!self.write_stall_timeout.is_zero(), "session.write_stall_timeout must be longer than 0s")?;
        must(
            (Self::LOWEST_FRAME_LIMIT..=Self::HIGHEST_FRAME_LIMIT).contains(&self.max_frame_bytes),
            "session.max_frame_bytes must be between 49152, for the largest message, and 524288, for the broker's 1 MiB",
        )?;
        must(
            self.outbox_limit_bytes >= Self::FRAMES_IN_OUTBOX * self.max_frame_bytes,
            "session.outbox_limit_bytes must be at least four times session.max_frame_bytes, or pages overflow it",
        )?;
        must(self.outbox_frames > 0, "session.outbox_frames must be at least 1")?;
        must(self.max_open > 0, "session.max_open must be at least 1")?;
        must(self.max_per_address > 0, "session.max_per_address must be at least 1")?;
        must(
            self.commands_per_second > 0 && self.commands_burst >= self.commands_per_second,
            "session.commands_burst must be at least session.commands_per_second, and that at least 1",
        )
    }
}

impl WorkersSettings {
    fn check(&self) -> Check {
        let distinct: HashSet<_> = self.roles.iter().collect();
        must(
            !self.roles.is_empty() && distinct.len() == self.roles.len(),
            "workers.roles must name each role once, and at least one",
        )?;
        let portions = [self.persist_batch, self.push_batch, self.receipts_batch];
        must(
            portions.iter().all(|portion| (1..=1000).contains(portion)),
            "workers.persist_batch, push_batch and receipts_batch must be between 1 and 1000",
        )?;
        must(self.persist_ack_wait >= Duration::from_secs(1), "workers.persist_ack_wait must be at least 1s")?;
        must(
            (1..=10_000).contains(&self.ingest_rate_per_inbox),
            "workers.ingest_rate_per_inbox must be between 1 and 10000",
        )?;
        must(!self.trim_interval.is_zero(), "workers.trim_interval must be longer than 0s")?;
        let (shortest, longest) = (Duration::from_millis(10), Duration::from_secs(10));
        must(
            (shortest..=longest).contains(&self.reconcile_interval),
            "workers.reconcile_interval must be between 10ms and 10s",
        )?;
        must(self.outbox_keep >= Duration::from_secs(60), "workers.outbox_keep must be at least 1m")?;
        must(
            self.reconcile_after >= self.reconcile_interval * 2,
            "workers.reconcile_after must be at least twice workers.reconcile_interval, or what was just logged looks left behind",
        )
    }
}

impl AuthSettings {
    fn check(&self) -> Check {
        must(
            !self.access_ttl.is_zero() && !self.visitor_ttl.is_zero(),
            "auth.access_ttl and auth.visitor_ttl must be longer than 0s",
        )?;
        must(self.refresh_ttl > self.access_ttl, "auth.refresh_ttl must be longer than auth.access_ttl")?;
        must(self.login_attempts_per_minute > 0, "auth.login_attempts_per_minute must be at least 1")?;
        must(
            self.argon2_memory_kib >= 8 && self.argon2_iterations >= 1,
            "auth.argon2_memory_kib must be at least 8 and auth.argon2_iterations at least 1",
        )
    }
}

fn must(holds: bool, otherwise: &str) -> Check {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

fn is_within(time: Duration, most_ms: u64) -> bool {
    !time.is_zero() && time <= Duration::from_millis(most_ms)
}

fn is_token(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
