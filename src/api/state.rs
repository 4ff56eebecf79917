//! What every request handler reaches for.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::{Arc, Once},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use frontdesk_application::{Application, Memberships, notices::NoticeListener, settings::SettingsCache};
use frontdesk_config::{AuthSettings, ServerSettings, SessionSettings, Settings};
use frontdesk_domain::{Inbox, InboxId, TeamId, TenantId};
use frontdesk_ports::{
    Clock, Commands, Database, DeadLetterStore, Notice, NoticeKind, Presence, RateLimits, Redelivery, StoreError,
};

use tokio::sync::Semaphore;

use crate::{
    auth::{LiveLogins, Passwords, Tokens},
    cache::{IdentitySecrets, InboxCache},
    http::{Code, ConnectionLimits, KeyedRates, Problem, Rate},
    ports::{Ledger, Readiness, Sockets},
};

/// What the server hands to the API.
pub struct ApiParts {
    /// The database; what changes rows goes through `application`.
    pub database: Database,
    /// The use cases, for everything that changes rows of the directory.
    pub application: Application,
    /// The settings that hold.
    pub tenant_settings: Arc<SettingsCache>,
    /// Who belongs to which teams.
    pub memberships: Arc<Memberships>,
    /// Who is there.
    pub presence: Arc<dyn Presence>,
    /// Limits that nodes share: attempts to sign in, new contacts.
    pub rate_limits: Arc<dyn RateLimits>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// The way to conversations, for writing.
    pub commands: Arc<dyn Commands>,
    /// What could not be processed.
    pub dead_letters: Arc<dyn DeadLetterStore>,
    /// Trying that again.
    pub redelivery: Arc<dyn Redelivery>,
    /// Whether everything that was accepted is there.
    pub ledger: Arc<dyn Ledger>,
    /// Issues and verifies tokens.
    pub tokens: Arc<Tokens>,
    /// Checks passwords against their hashes.
    pub passwords: Arc<Passwords>,
    /// Takes over sockets.
    pub sockets: Arc<dyn Sockets>,
    /// Whether this node can do its work.
    pub readiness: Arc<dyn Readiness>,
    /// What the operator set.
    pub settings: ApiSettings,
    /// The inbox of the demo shop; without one there is no demo shop.
    pub demo_inbox: Option<InboxId>,
}

/// The sections that the API reads, and its own limits.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Addresses; `listen` with the port that was bound.
    pub server: ServerSettings,
    /// Lifetimes and costs of signing in.
    pub auth: AuthSettings,
    /// Bounds of sockets.
    pub session: SessionSettings,
    /// Rate limits of log-ins, visitors and commands.
    pub limits: Limits,
}

/// How much one may ask for. Counted on this node, except for new contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// REST requests from one address.
    pub requests: Rate,
    /// WebSocket upgrades from one address.
    pub upgrades: Rate,
    /// Requests to conversations by one agent.
    pub commands: Rate,
    /// New contacts from one address within a minute.
    pub new_contacts_per_minute: u32,
    /// Requests that this node answers at the same time, those that write into conversations not counted.
    pub in_hand: usize,
}

impl Default for Limits {
    /// Generous for people behind one address, tight for a program gone wild.
    fn default() -> Self {
        Self {
            requests: Rate { per_second: 50, burst: 200 },
            upgrades: Rate { per_second: 200, burst: 1_000 },
            commands: Rate { per_second: 20, burst: 60 },
            new_contacts_per_minute: 60,
            in_hand: 256,
        }
    }
}

impl From<&Settings> for ApiSettings {
    fn from(settings: &Settings) -> Self {
        let (session, mut limits) = (settings.session.clone(), Limits::default());
        limits.commands = Rate { per_second: session.commands_per_second, burst: session.commands_burst };
        Self { server: settings.server.clone(), auth: settings.auth.clone(), session, limits }
    }
}

/// What every request handler reaches for; cheap to clone, one for all threads.
#[derive(Clone)]
pub struct ApiState(Arc<Shared>);

/// The parts, and what the API keeps in memory itself.
pub struct Shared {
    parts: ApiParts,
    pub(crate) live: LiveLogins,
    pub(crate) requests: KeyedRates,
    pub(crate) upgrades: KeyedRates,
    pub(crate) in_hand: Arc<Semaphore>,
    /// One check of an audit trail at a time: each reads a whole trail.
    pub(crate) chain_checks: Semaphore,
    pub(crate) command_rate: KeyedRates,
    pub(crate) connections: Arc<ConnectionLimits>,
    /// Whether it was said that there is a proxy which the settings do not name.
    pub(crate) unnamed_proxy: Once,
    pub(crate) identity_secrets: IdentitySecrets,
    inboxes: InboxCache,
}

impl ApiState {
    /// A state of `parts`; make one, and clone it for each thread.
    #[must_use]
    pub fn new(parts: ApiParts) -> Self {
        let limits = parts.settings.limits;
        Self(Arc::new(Shared {
            live: LiveLogins::new(parts.database.directory.clone(), Arc::clone(&parts.clock)),
            requests: KeyedRates::new(limits.requests, Arc::clone(&parts.clock)),
            upgrades: KeyedRates::new(limits.upgrades, Arc::clone(&parts.clock)),
            in_hand: Arc::new(Semaphore::new(limits.in_hand)),
            chain_checks: Semaphore::new(1),
            command_rate: KeyedRates::new(limits.commands, Arc::clone(&parts.clock)),
            connections: ConnectionLimits::new(parts.settings.session.max_open, parts.settings.session.max_per_address),
            unnamed_proxy: Once::new(),
            identity_secrets: IdentitySecrets::new(parts.database.directory.clone(), Arc::clone(&parts.clock)),
            inboxes: InboxCache::new(parts.database.directory.clone(), Arc::clone(&parts.clock)),
            parts,
        }))
    }

    /// The state of the application that `request` came to.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        request.app_data::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a route of the API was mounted without its state");
            Problem::new(Code::Internal, Code::Internal.title())
        })
    }
}

impl Shared {
    /// The inbox `id` of whatever tenant, asked of the database at most every few seconds.
    pub(crate) async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        self.inboxes.get(id).await
    }

    /// Takes up a change of an inbox at once.
    pub(crate) fn inbox_changed(&self, id: InboxId) {
        self.inboxes.forget(id);
    }

    /// Takes up a change of a team at once: its own notice may come a moment later.
    pub(crate) fn team_changed(&self, tenant: TenantId, team: TeamId) {
        self.memberships.changed(&Notice { tenant, kind: NoticeKind::TEAM, object: team.0, version: 0 });
    }

    /// Takes up a change of a tenant's settings at once: its own notice may come a moment later.
    pub(crate) fn settings_changed(&self, tenant: TenantId) {
        self.tenant_settings.changed(&Notice { tenant, kind: NoticeKind::SETTINGS, object: tenant.0, version: 0 });
    }
}

impl NoticeListener for ApiState {
    fn changed(&self, notice: &Notice) {
        self.tenant_settings.changed(notice);
        self.memberships.changed(notice);
        if notice.kind == NoticeKind::ROLE || notice.kind == NoticeKind::AGENT {
            self.live.forget_tenant(notice.tenant);
        }
        if notice.kind == NoticeKind::INBOX {
            self.inbox_changed(InboxId(notice.object));
        }
    }

    fn missed(&self) {
        self.tenant_settings.missed();
        self.memberships.missed();
        self.live.forget_all();
    }
}

impl Deref for ApiState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.parts
    }
}

impl FromRequest for ApiState {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
