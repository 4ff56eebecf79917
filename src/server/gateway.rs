//! The gateway: actors, REST, pages and sockets on the public listener.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, dev::ServerHandle, middleware::Compress};
use anyhow::Context;
use frontdesk_actors::{
    Node, OpenSessions, SessionPorts,
    listener::{Serving, serve},
};
use frontdesk_api::{ApiParts, ApiSettings, ApiState, Keys, Passwords, TokenAuthenticator, Tokens};
use frontdesk_application::{Memberships, notices::NoticeListener};
use frontdesk_config::{SessionSettings, Settings, Transport};
use frontdesk_domain::InboxId;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::{
    backends::Backends,
    host::ConversationHost,
    ledger::Ledgers,
    notices::{AgentsInConsoles, RightsOfAgents, SettingsInConsoles, follow},
    open_files::room_for_sockets,
    readiness::Probe,
    sockets::NodeSockets,
};

/// A running gateway: public listener, operators' listener, sessions.
pub(crate) struct Gateway {
    sessions: Arc<OpenSessions>,
    server: ServerHandle,
}

/// The public listener, bound but not serving yet, and the address that people use for it.
pub(crate) struct PublicListener {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) public_url: String,
}

impl PublicListener {
    /// Binds the public listener.
    ///
    /// # Errors
    /// The address is taken.
    pub(crate) fn bind(settings: &Settings) -> anyhow::Result<Self> {
        let wanted = settings.server.listen;
        let bind = || -> std::io::Result<(TcpListener, SocketAddr)> {
            let socket = socket2::Socket::new(socket2::Domain::for_address(wanted), socket2::Type::STREAM, None)?;
            socket.set_reuse_address(true)?;
            socket.bind(&wanted.into())?;
            socket.listen(BACKLOG)?;
            let listener = TcpListener::from(socket);
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bind().with_context(|| format!("cannot listen on {wanted} (server.listen)"))?;
        let mut server = settings.server.clone();
        server.listen = address;
        Ok(Self { listener, address, public_url: server.public_url() })
    }
}

impl Gateway {
    /// Serves `public`, beside the `conversations` of this process.
    ///
    /// # Errors
    /// The keys cannot be used, or the database does not answer.
    pub(crate) async fn start(
        settings: &Settings,
        backends: &Backends,
        conversations: &Arc<ConversationHost>,
        probe: Arc<Probe>,
        public: PublicListener,
        demo_inbox: Option<InboxId>,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let clock = Arc::clone(&backends.clock);
        let key_file = settings.key_file();
        let keys = Arc::new(Keys::open(&key_file, clock.now()).context("cannot use the keys that sign tokens")?);
        tokio::spawn(reload_keys(Arc::clone(&keys), stop.clone()));
        let tokens =
            Arc::new(Tokens::new(keys, Arc::clone(&clock), settings.auth.access_ttl, settings.auth.visitor_ttl));
        let memberships = Arc::new(Memberships::new(backends.database.directory.clone(), Arc::clone(&clock)));
        let authenticator = TokenAuthenticator::new(
            Arc::clone(&tokens),
            backends.database.directory.clone(),
            Arc::clone(&memberships),
            Arc::clone(&clock),
        );
        let ports = SessionPorts {
            log: Arc::clone(&backends.log),
            feed: Arc::clone(&backends.feed),
            conversations: Arc::clone(&backends.database.conversations),
            directory: Arc::clone(&backends.database.directory),
            presence: Arc::clone(&backends.presence),
            sessions: Arc::clone(&backends.sessions),
            authenticator: Arc::new(authenticator),
            away: Arc::new(backends.application()),
            clock: Arc::clone(&clock),
            session: settings.session.clone(),
            epoch: conversations.epoch.clone(),
            node: format!("{}-{}", public.address, std::process::id()).into(),
        };
        let host = conversations.host();
        let node = Node::start(Arc::clone(host), Arc::new(ports), &conversations.arbiters[0]);
        let sessions = OpenSessions::new(Arc::clone(&node));
        let mut of_api = ApiSettings::from(settings);
        of_api.server.listen = public.address;
        of_api.session.max_open = room_for_sockets(settings.session.max_open);
        let sockets = of_api.session.max_open;
        let state = ApiState::new(ApiParts {
            database: backends.database.clone(),
            application: backends.application(),
            tenant_settings: Arc::clone(&backends.tenant_settings),
            memberships,
            presence: Arc::clone(&backends.presence),
            rate_limits: Arc::clone(&backends.rate_limits),
            clock,
            commands: Arc::clone(host) as _,
            dead_letters: backends.dead_letters(),
            redelivery: backends.redelivery(&settings.workers, Arc::clone(conversations) as _),
            ledger: Ledgers::new(
                Arc::clone(&backends.log_inspector),
                Arc::clone(&backends.database.inspector),
                Arc::clone(&backends.clock),
            ),
            tokens,
            passwords: Arc::new(Passwords::new(&settings.auth)?),
            sockets: Arc::new(NodeSockets(Arc::clone(&sessions))),
            readiness: probe,
            settings: of_api,
            demo_inbox,
        });
        // The caches first: what is looked up or asked for again is read through them.
        let listeners: Vec<Arc<dyn NoticeListener>> = vec![
            Arc::new(state.clone()),
            Arc::new(RightsOfAgents(Arc::clone(&node))),
            Arc::new(AgentsInConsoles(Arc::clone(&node))),
            Arc::new(SettingsInConsoles(node)),
        ];
        let following = follow(Arc::clone(&backends.notices), listeners);
        tokio::spawn(async move { stop.run_until_cancelled_owned(following).await });
        let app = move || {
            let state = state.clone();
            App::new().wrap(Compress::default()).configure(move |config| frontdesk_api::configure(config, &state))
        };
        let server = serve(app, public.listener, serving(conversations.arbiters.len(), sockets, &settings.session))
            .context("cannot serve the public listener")?;
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { sessions, server: handle })
    }

    /// Closes every socket in paced groups over `within`, then the listener.
    pub(crate) async fn drain(self, within: Duration) {
        self.sessions.drain(within).await;
        self.server.stop(true).await;
    }
}

/// Which sockets are taken over is set for agents and contacts separately.
fn serving(workers: usize, sockets: usize, settings: &SessionSettings) -> Serving {
    let (contacts, agents) = (settings.contact_transport, settings.agent_transport);
    let stall = settings.write_stall_timeout;
    Serving {
        workers,
        // More than there are sockets, so that a client beyond the limit gets an answer instead of waiting to be
        // accepted.
        connections: sockets.saturating_add(BESIDE_SOCKETS),
        shutdown_seconds: 1,
        takes_over: Arc::new(move |request| match request.uri.path() {
            frontdesk_api::WIDGET_SOCKET => contacts == Transport::Direct,
            frontdesk_api::CONSOLE_SOCKET => agents == Transport::Direct,
            _ => false,
        }),
        on_connect: Arc::new(move |connection| guard(connection, stall)),
    }
}

/// Bounds what one connection can hold: a small send buffer, and an end when the peer acknowledges nothing for `stall`.
fn guard(connection: &TcpStream, stall: Duration) {
    let socket = SockRef::from(connection);
    let bounded = socket
        .set_tcp_user_timeout(Some(stall))
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER))
        .and_then(|()| socket.set_tcp_nodelay(true));
    if let Err(error) = bounded {
        tracing::debug!(error = %error, "a connection was gone before it was set up");
    }
}

/// Takes up new keys while running.
async fn reload_keys(keys: Arc<Keys>, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => {}
        }
        let of_task = Arc::clone(&keys);
        match tokio::task::spawn_blocking(move || of_task.reload()).await {
            Ok(Ok(true)) => tracing::info!("signing keys reloaded"),
            Ok(Ok(false)) | Err(_) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "cannot reload the signing keys; the present ones stay in use")
            }
        }
    }
}

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4_096;

/// Connections of each thread that may be there for REST, pages and handshakes.
const BESIDE_SOCKETS: usize = 25_000;

/// Bytes that the kernel holds for one connection.
const SEND_BUFFER: usize = 64 * 1024;
