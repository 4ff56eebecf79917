//! A web server with one route: the socket.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpRequest, dev::ServerHandle, web};
use frontdesk_actors::{
    Node, OpenSessions, UpgradeRequest,
    listener::{Serving, serve},
    upgrade,
};
use frontdesk_domain::{InboxId, Principal};
use frontdesk_ports::TokenAudience;
use frontdesk_protocol::socket::Codec;
use socket2::SockRef;

use super::client::Client;
use crate::{participants::Person, world::World};

/// What carries the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// An actor that owns the connection.
    Direct,
    /// The web framework's own.
    Actix,
}

/// Makes a test of each function, once for each transport.
macro_rules! on_both_transports {
    ($($name:ident)*) => {
        mod direct {
            $(#[actix_rt::test]
            async fn $name() {
                super::$name($crate::sockets::server::Transport::Direct).await;
            })*
        }
        mod actix {
            $(#[actix_rt::test]
            async fn $name() {
                super::$name($crate::sockets::server::Transport::Actix).await;
            })*
        }
    };
}
pub(crate) use on_both_transports;

/// A node that serves sockets, on a free port.
pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) node: Arc<Node>,
    pub(crate) sessions: Arc<OpenSessions>,
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    /// Each socket holds a clone.
    permit: Arc<()>,
}

impl Server {
    pub(crate) async fn start(on: Transport) -> Self {
        Self::with(on, |_| {}).await
    }

    /// With settings changed by `set`.
    pub(crate) async fn with(on: Transport, set: impl FnOnce(&mut frontdesk_config::SessionSettings)) -> Self {
        let mut world = World::real().await;
        set(&mut world.settings.session);
        let node = world.node_on_threads(1);
        Self::of(on, world, node)
    }

    pub(crate) fn of(on: Transport, world: World, node: Arc<Node>) -> Self {
        let sessions = OpenSessions::new(Arc::clone(&node));
        let (of_route, inbox) = (Arc::clone(&sessions), world.doorkeeper.inbox);
        let permit = Arc::new(());
        let permits = Arc::downgrade(&permit);
        let app = move || {
            let (sessions, permits) = (Arc::clone(&of_route), permits.clone());
            let route = move |request: HttpRequest, payload: web::Payload, path: web::Path<(String, String)>| {
                let permit = permits.upgrade().expect("the server is there");
                let allowed_request = allowed(&path, inbox, permit);
                let answer = upgrade(&sessions, &request, payload, allowed_request);
                std::future::ready(answer)
            };
            App::new().route("/{side}/{codec}", web::get().to(route))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Serving {
            workers: 1,
            connections: 1_000,
            shutdown_seconds: 1,
            takes_over: Arc::new(move |_| on == Transport::Direct),
            // As the gateway does.
            on_connect: Arc::new(|stream| SockRef::from(stream).set_send_buffer_size(64 * 1024).unwrap()),
        };
        let server = serve(app, listener, serving).unwrap();
        let handle = server.handle();
        actix_rt::spawn(server);
        Self { world, node, sessions, address, handle, permit }
    }

    /// A socket of `person`, who has said who it is.
    pub(crate) async fn welcome(&self, person: &Person) -> Client {
        self.welcome_with(person, Codec::Json).await
    }

    pub(crate) async fn welcome_with(&self, person: &Person, codec: Codec) -> Client {
        self.world.doorkeeper.introduce(person);
        let mut client = Client::connect(self.address, side(person), codec).await;
        client.hello(&person.name).await;
        client
    }

    /// Sockets that hold a permit, also those whose handshake is not over.
    pub(crate) fn permits_held(&self) -> usize {
        Arc::strong_count(&self.permit) - 1
    }

    pub(crate) async fn stop(self) {
        tokio::time::timeout(Duration::from_secs(5), self.handle.stop(true)).await.unwrap();
    }
}

/// The endpoint that `person` connects to: `widget` or `console`.
pub(crate) const fn side(person: &Person) -> &'static str {
    match person.principal {
        Principal::Agent(..) => "console",
        _ => "widget",
    }
}

fn allowed(path: &(String, String), inbox: InboxId, permit: Arc<()>) -> UpgradeRequest {
    let audience = if path.0 == "console" { TokenAudience::Console } else { TokenAudience::Widget(inbox) };
    let codec = if path.1 == "json" { Codec::Json } else { Codec::MessagePack };
    UpgradeRequest { audience, codec, permit }
}
