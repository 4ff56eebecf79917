//! Two tenants with people, inboxes and a conversation each, and a way to send requests.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_http::Request as Ask;
use actix_web::{
    App, Error,
    body::BoxBody,
    cookie::Cookie,
    dev::{Service, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{HeaderMap, HeaderName},
    },
    test,
};
use frontdesk_api::{ApiParts, ApiSettings, ApiState, Keys, Limits, Passwords, Rate, Tokens, configure, hash_password};
use frontdesk_application::{Application, Memberships, settings::SettingsCache};
use frontdesk_config::Settings;
use frontdesk_domain::{
    Agent, AgentId, ClientId, Command, Contact, ContactId, ConversationId, ConversationKey, Inbox, InboxId, InboxKind,
    LoginId, MessageText, Principal, Request, Role, Tenant, TenantId, Timestamp,
};
use frontdesk_memory::{MemoryEventStream, MemoryLog, MemoryPresence, MemoryStore};
use frontdesk_ports::{
    Agents as _, Clock, Commands as _, Contacts as _, Database, Inboxes as _, Login, Logins as _, ManualClock,
    Tenants as _,
};
use frontdesk_workers::{Redeliverer, WorkerPorts};
use serde_json::Value;
use uuid::Uuid;

use crate::stubs::{ServerStub, StoreCommands};

pub(crate) const NOW: Timestamp = Timestamp(1_750_000_000_000);
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const OWN_ORIGIN: &str = "https://desk.example";
pub(crate) const SHOP_ORIGIN: &str = "https://shop.example";

/// One tenant.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) tenant: TenantId,
    pub(crate) inbox: Inbox,
    pub(crate) owner: Agent,
    pub(crate) admin: Agent,
    pub(crate) supervisor: Agent,
    pub(crate) agent: Agent,
    pub(crate) contact: Contact,
    pub(crate) conversation: ConversationId,
}

/// Everything that a request meets.
pub(crate) struct World {
    pub(crate) state: ApiState,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) commands: Arc<StoreCommands>,
    pub(crate) log: MemoryLog,
    pub(crate) server: Arc<ServerStub>,
    pub(crate) ours: Desk,
    pub(crate) theirs: Desk,
    pub(crate) key_file: std::path::PathBuf,
    listener: tokio::sync::OnceCell<Box<dyn Listener>>,
    _folder: Arc<tempfile::TempDir>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) cookies: Vec<Cookie<'static>>,
    pub(crate) body: Value,
    pub(crate) text: String,
}

/// The public listener.
trait Listener {
    fn ask(&self, request: test::TestRequest) -> Pin<Box<dyn Future<Output = Reply> + '_>>;
}

impl<S: Service<Ask, Response = ServiceResponse<BoxBody>, Error = Error>> Listener for S {
    fn ask(&self, request: test::TestRequest) -> Pin<Box<dyn Future<Output = Reply> + '_>> {
        Box::pin(async move {
            let response = match test::try_call_service(self, request.to_request()).await {
                Ok(response) => response,
                Err(error) => panic!("an error came through instead of an answer: {error}"),
            };
            let (status, headers) = (response.status(), response.headers().clone());
            let cookies = response.response().cookies().map(Cookie::into_owned).collect();
            let text = String::from_utf8_lossy(&test::read_body(response).await).into_owned();
            Reply { status, headers, cookies, body: serde_json::from_str(&text).unwrap_or_default(), text }
        })
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }

    pub(crate) fn cookie(&self, name: &str) -> Cookie<'static> {
        self.cookies.iter().find(|cookie| cookie.name() == name).cloned().unwrap()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ApiParts)) -> Self {
        let clock = Arc::new(ManualClock::default());
        clock.jump_to(NOW);
        let (store, folder) = (Arc::new(MemoryStore::new()), tempfile::tempdir().unwrap());
        let mut settings = Settings::load(None, []).unwrap();
        settings.server.public_url = Some(OWN_ORIGIN.parse().unwrap());
        (settings.auth.argon2_memory_kib, settings.auth.argon2_iterations) = (8, 1);
        let mut of_api = ApiSettings::from(&settings);
        let ample = Rate { per_second: 1_000_000, burst: 1_000_000 };
        of_api.limits = Limits {
            requests: ample,
            upgrades: ample,
            commands: ample,
            new_contacts_per_minute: 1_000_000,
            in_hand: 256,
        };
        let key_file = folder.path().join("keys.json");
        let keys = Arc::new(Keys::open(&key_file, NOW).unwrap());
        let shared: Arc<dyn Clock> = clock.clone();
        let auth = &settings.auth;
        let tokens = Tokens::new(keys, Arc::clone(&shared), auth.access_ttl, auth.visitor_ttl);
        let presence = Arc::new(MemoryPresence::new(Arc::clone(&shared)));
        let commands =
            Arc::new(StoreCommands { store: Arc::clone(&store), clock: clock.clone(), fault: Mutex::default() });
        let (server, log) = (Arc::new(ServerStub::default()), MemoryLog::new());
        let queues = log.clone();
        let workers = WorkerPorts {
            log: Arc::new(log.clone()),
            database: Database::of(store.clone()),
            commands: commands.clone(),
            log_inspector: Arc::new(log.clone()),
            feed: Arc::new(log.clone()),
            dead_letter_sink: Arc::new(log.clone()),
            dead_letters: Arc::new(log.clone()),
            max_delivery_notices: Arc::new(log.clone()),
            events: Arc::new(MemoryEventStream::default()),
            trim: Arc::new(log.clone()),
            clock: shared.clone(),
            queues: Arc::new(move |queue| queues.work(queue.name())),
        };
        let mut parts = ApiParts {
            database: Database::of(store.clone()),
            application: Application::new(store.clone(), Arc::clone(&shared)),
            tenant_settings: Arc::new(SettingsCache::new(store.clone(), Arc::clone(&shared))),
            memberships: Arc::new(Memberships::new(store.clone(), Arc::clone(&shared))),
            presence: presence.clone(),
            rate_limits: presence,
            clock: shared,
            commands: commands.clone(),
            dead_letters: Arc::new(log.clone()),
            redelivery: Arc::new(Redeliverer::new(workers, settings.workers.clone())),
            tokens: Arc::new(tokens),
            passwords: Arc::new(Passwords::new(auth).unwrap()),
            sockets: server.clone(),
            readiness: server.clone(),
            ledger: server.clone(),
            settings: of_api,
            demo_inbox: None,
        };
        change(&mut parts);
        let ours = Desk::make(&store, &commands, 1, SHOP_ORIGIN).await;
        let theirs = Desk::make(&store, &commands, 2, "https://other.example").await;
        let (state, listener) = (ApiState::new(parts), tokio::sync::OnceCell::new());
        Self { state, store, clock, commands, log, server, ours, theirs, key_file, listener, _folder: Arc::new(folder) }
    }

    /// Another process on the same database, clock and keys.
    pub(crate) fn another_node(&self) -> Self {
        let parts = &**self.state;
        let parts = ApiParts {
            database: parts.database.clone(),
            application: parts.application.clone(),
            tenant_settings: Arc::new(SettingsCache::new(self.store.clone(), Arc::clone(&parts.clock))),
            memberships: Arc::new(Memberships::new(self.store.clone(), Arc::clone(&parts.clock))),
            presence: Arc::clone(&parts.presence),
            rate_limits: Arc::clone(&parts.rate_limits),
            clock: Arc::clone(&parts.clock),
            commands: Arc::clone(&parts.commands),
            dead_letters: Arc::clone(&parts.dead_letters),
            redelivery: Arc::clone(&parts.redelivery),
            tokens: Arc::clone(&parts.tokens),
            passwords: Arc::clone(&parts.passwords),
            sockets: Arc::clone(&parts.sockets),
            readiness: Arc::clone(&parts.readiness),
            ledger: Arc::clone(&parts.ledger),
            settings: parts.settings.clone(),
            demo_inbox: parts.demo_inbox,
        };
        Self {
            state: ApiState::new(parts),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            commands: Arc::clone(&self.commands),
            log: self.log.clone(),
            server: Arc::clone(&self.server),
            ours: self.ours.clone(),
            theirs: self.theirs.clone(),
            key_file: self.key_file.clone(),
            listener: tokio::sync::OnceCell::new(),
            _folder: Arc::clone(&self._folder),
        }
    }

    pub(crate) async fn send(&self, request: test::TestRequest) -> Reply {
        let state = self.state.clone();
        let open = async || {
            let app = App::new().configure(|config| configure(config, &state));
            Box::new(test::init_service(app).await) as Box<dyn Listener>
        };
        self.listener.get_or_init(open).await.ask(request).await
    }

    /// A token of a log-in of `agent`.
    pub(crate) async fn token(&self, agent: &Agent) -> String {
        let login = LoginId(Uuid::new_v4());
        let expires_at = self.clock.now().plus_millis(30 * 24 * 3_600_000);
        let record =
            Login { id: login, tenant: agent.tenant, agent: agent.id, token_hash: [7; 32], expires_at, revoked: false };
        self.store.begin_login(&record).await.unwrap();
        self.state.tokens.issue_access(agent, login).token
    }

    pub(crate) async fn get_as(&self, agent: &Agent, path: &str) -> Reply {
        self.send(self.request(Method::GET, path).insert_header(bearer(&self.token(agent).await))).await
    }

    pub(crate) async fn post_as(&self, agent: &Agent, path: &str, body: &Value) -> Reply {
        let token = self.token(agent).await;
        self.send(self.request(Method::POST, path).insert_header(bearer(&token)).set_json(body)).await
    }

    pub(crate) async fn put_as(&self, agent: &Agent, path: &str, body: &Value) -> Reply {
        let token = self.token(agent).await;
        self.send(self.request(Method::PUT, path).insert_header(bearer(&token)).set_json(body)).await
    }

    pub(crate) async fn patch_as(&self, agent: &Agent, path: &str, body: &Value) -> Reply {
        let token = self.token(agent).await;
        self.send(self.request(Method::PATCH, path).insert_header(bearer(&token)).set_json(body)).await
    }

    pub(crate) async fn delete_as(&self, agent: &Agent, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path).insert_header(bearer(&self.token(agent).await))).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> test::TestRequest {
        let peer: SocketAddr = "203.0.113.9:4711".parse().unwrap();
        let host = ("host", "desk.example");
        test::TestRequest::default().method(method).uri(path).peer_addr(peer).insert_header(host)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> test::TestRequest {
        self.request(Method::POST, path).set_json(body)
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

pub(crate) fn bearer(token: &str) -> (HeaderName, String) {
    (actix_web::http::header::AUTHORIZATION, format!("Bearer {token}"))
}

pub(crate) fn v7() -> Uuid {
    Uuid::now_v7()
}

impl Desk {
    async fn make(store: &MemoryStore, commands: &StoreCommands, number: u8, origin: &str) -> Self {
        let id = |kind: u8| Uuid::from_bytes([number, kind, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 9]);
        let tenant = TenantId(id(1));
        store.put_tenant(&Tenant { id: tenant, name: format!("t{number}"), created_at: NOW }).await.unwrap();
        let inbox = Inbox {
            id: InboxId(id(2)),
            tenant,
            kind: InboxKind::WEB,
            active: true,
            name: "Shop".to_owned(),
            greeting: "Hello".to_owned(),
            origins: vec![origin.to_owned()],
            created_at: NOW,
        };
        store.put_inbox(&inbox).await.unwrap();
        let mut agents = Vec::new();
        let mut auth = Settings::load(None, []).unwrap().auth;
        (auth.argon2_memory_kib, auth.argon2_iterations) = (8, 1);
        let password = hash_password(&auth, PASSWORD).unwrap();
        for (kind, role) in [(3, Role::Owner), (4, Role::Admin), (5, Role::Supervisor), (6, Role::Agent)] {
            let agent = Agent {
                id: AgentId(id(kind)),
                tenant,
                email: format!("{}@t{number}.example", role.as_str()),
                name: role.as_str().to_owned(),
                role,
                active: true,
                created_at: NOW,
            };
            store.put_agent(&agent, &password).await.unwrap();
            agents.push(agent);
        }
        let contact = Contact {
            id: ContactId(id(7)),
            tenant,
            inbox: inbox.id,
            name: "Grace".to_owned(),
            email: format!("grace@t{number}.example"),
            created_at: NOW,
        };
        store.put_contact(&contact).await.unwrap();
        let opened = ClientId(v7());
        let conversation = ConversationId::for_opening(tenant, contact.id, opened);
        let key = ConversationKey { tenant, conversation };
        let principal = Principal::Contact(contact.id);
        let ask = |client_id, command| Request {
            client_id,
            principal: principal.clone(),
            author_name: contact.name.clone(),
            command,
            repeat: false,
        };
        commands.execute(key, ask(opened, Command::open(inbox.id))).await.unwrap();
        let text = MessageText::new(format!("secret of t{number}")).unwrap();
        commands.execute(key, ask(ClientId(v7()), Command::say(text))).await.unwrap();
        let [owner, admin, supervisor, agent] = agents.try_into().unwrap();
        Self { tenant, inbox, owner, admin, supervisor, agent, contact, conversation }
    }
}
