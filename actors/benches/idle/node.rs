//! A node with everything in memory; every token is accepted as a contact.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use actix_rt::Arbiter;
use actix_web::{App, HttpRequest, web};
use async_trait::async_trait;
use frontdesk_actors::{
    Host, HostPorts, Node, OpenSessions, SessionPorts, UpgradeRequest,
    listener::{Serving, serve},
    upgrade,
};
use frontdesk_config::Settings;
use frontdesk_domain::{AgentId, ContactId, InboxId, Principal, TenantId, Timestamp};
use frontdesk_memory::{MemoryInboxRules, MemoryLog, MemoryPresence, MemoryStore};
use frontdesk_ports::{
    AuthError, Authenticator, AwayChoice, Identity, Installation as _, Recheck, StoreError, SystemClock, TokenAudience,
    TokenBinding,
};
use frontdesk_protocol::socket::Codec;
use uuid::Uuid;

const THREADS: usize = 2;

/// Accepts every token as a contact of this tenant.
struct AcceptAll(TenantId);

#[async_trait]
impl Authenticator for AcceptAll {
    async fn authenticate(&self, token: &str, audience: TokenAudience) -> Result<Identity, AuthError> {
        let TokenAudience::Widget(inbox) = audience else { return Err(AuthError::Refused) };
        let principal = Principal::Contact(ContactId(Uuid::now_v7()));
        let name = token.to_owned();
        Ok(Identity {
            tenant: self.0,
            principal,
            name: name.into(),
            bound: TokenBinding::Inbox(inbox),
            expires_at: Timestamp(i64::MAX),
            away: false,
        })
    }

    async fn recheck(&self, _: &[Identity]) -> Result<Recheck, AuthError> {
        Ok(Recheck { ended: vec![], changed: vec![] })
    }
}

struct NoChoice;

#[async_trait]
impl AwayChoice for NoChoice {
    async fn choose_away(&self, _: TenantId, _: AgentId, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Starts it in threads of its own.
pub(crate) fn start(direct: bool) -> SocketAddr {
    let (said, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || actix_rt::System::new().block_on(run(direct, &said)));
    address.recv().unwrap()
}

async fn run(direct: bool, said: &std::sync::mpsc::Sender<SocketAddr>) {
    let (log, store) = (MemoryLog::new(), Arc::new(MemoryStore::new()));
    let clock: Arc<SystemClock> = Arc::default();
    let presence = Arc::new(MemoryPresence::new(clock.clone()));
    let settings = Settings::load(None, []).unwrap();
    let epoch = store.epoch().await.unwrap();
    let of_host = HostPorts {
        log: Arc::new(log.clone()),
        inspector: Arc::new(log.clone()),
        conversations: store.clone(),
        presence: presence.clone(),
        inbox_rules: Arc::new(MemoryInboxRules::default()),
        clock: clock.clone(),
        settings: settings.conversation,
        epoch: epoch.clone(),
    };
    let of_sessions = SessionPorts {
        away: Arc::new(NoChoice),
        log: Arc::new(log.clone()),
        feed: Arc::new(log.clone()),
        conversations: store.clone(),
        directory: store.clone(),
        presence: presence.clone(),
        sessions: presence,
        authenticator: Arc::new(AcceptAll(TenantId(Uuid::now_v7()))),
        clock,
        session: settings.session,
        epoch,
        node: "127.0.0.1:8080-1".into(),
    };
    let arbiters: Vec<_> = (0..THREADS).map(|_| Arbiter::new().handle()).collect();
    let node = Node::start(Host::start(of_host, &arbiters), Arc::new(of_sessions), &arbiters[0]);
    let sessions = OpenSessions::new(node);
    let inbox = InboxId(Uuid::now_v7());
    let app = move || {
        let sessions = Arc::clone(&sessions);
        let route = move |request: HttpRequest, payload: web::Payload| {
            let allowed = UpgradeRequest {
                audience: TokenAudience::Widget(inbox),
                codec: Codec::Json,
                permit: Arc::new([0_u64; 4]),
            };
            std::future::ready(upgrade(&sessions, &request, payload, allowed))
        };
        App::new().route("/", web::get().to(route))
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    said.send(listener.local_addr().unwrap()).unwrap();
    let serving = Serving {
        workers: THREADS,
        connections: 100_000,
        shutdown_seconds: 1,
        takes_over: Arc::new(move |_| direct),
        on_connect: Arc::new(|_| {}),
    };
    serve(app, listener, serving).unwrap().await.unwrap();
}
