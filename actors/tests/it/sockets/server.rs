//! A web server with one route: the socket.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpRequest, dev::ServerHandle, web};
use frontdesk_actors::{
    Entrance, Node,
    listener::{Serving, serve},
    upgrade,
};
use frontdesk_domain::{InboxId, Principal};
use frontdesk_ports::Door;
use frontdesk_protocol::socket::Codec;
use socket2::SockRef;

use super::client::Client;
use crate::{people::Person, world::World};

/// What carries the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A socket taken over from the web framework.
    Taken,
    /// The web framework's own.
    Framed,
}

/// Makes a test of each function, once for each transport.
macro_rules! on_both_transports {
    ($($name:ident)*) => {
        mod taken {
            $(#[actix_rt::test]
            async fn $name() {
                super::$name($crate::sockets::server::Transport::Taken).await;
            })*
        }
        mod framed {
            $(#[actix_rt::test]
            async fn $name() {
                super::$name($crate::sockets::server::Transport::Framed).await;
            })*
        }
    };
}
pub(crate) use on_both_transports;

/// A node that serves sockets, on a free port.
pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) node: Arc<Node>,
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    /// Each socket holds a clone.
    place: Arc<()>,
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
        let (of_route, inbox) = (Arc::clone(&node), world.doorkeeper.inbox);
        let place = Arc::new(());
        let all_places = Arc::downgrade(&place);
        let app = move || {
            let (node, all_places) = (Arc::clone(&of_route), all_places.clone());
            let route = move |request: HttpRequest, payload: web::Payload, path: web::Path<(String, String)>| {
                let place = all_places.upgrade().expect("the server is there");
                let entrance = entrance(&path, inbox, place);
                let answer = upgrade(&node, &request, payload, entrance);
                std::future::ready(answer)
            };
            App::new().route("/{door}/{codec}", web::get().to(route))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Serving {
            workers: 1,
            connections: 1_000,
            shutdown_seconds: 1,
            takes_over: Arc::new(move |_| on == Transport::Taken),
            // As the gateway does.
            on_connect: Arc::new(|stream| SockRef::from(stream).set_send_buffer_size(64 * 1024).unwrap()),
        };
        let server = serve(app, listener, serving).unwrap();
        let handle = server.handle();
        actix_rt::spawn(server);
        Self { world, node, address, handle, place }
    }

    /// A socket of `person`, who has said who it is.
    pub(crate) async fn welcome(&self, person: &Person) -> Client {
        self.welcome_with(person, Codec::Json).await
    }

    pub(crate) async fn welcome_with(&self, person: &Person, codec: Codec) -> Client {
        self.world.doorkeeper.introduce(person);
        let mut client = Client::connect(self.address, door(person), codec).await;
        client.hello(&person.name).await;
        client
    }

    /// Sockets, also those whose handshake is not over, that have not given their place back.
    pub(crate) fn places_taken(&self) -> usize {
        Arc::strong_count(&self.place) - 1
    }

    pub(crate) async fn stop(self) {
        tokio::time::timeout(Duration::from_secs(5), self.handle.stop(true)).await.unwrap();
    }
}

/// The door through which `person` comes.
pub(crate) const fn door(person: &Person) -> &'static str {
    match person.principal {
        Principal::Agent(..) => "console",
        _ => "widget",
    }
}

fn entrance(path: &(String, String), inbox: InboxId, place: Arc<()>) -> Entrance {
    let door = if path.0 == "console" { Door::Console } else { Door::Widget(inbox) };
    let codec = if path.1 == "json" { Codec::Json } else { Codec::MessagePack };
    Entrance { door, codec, place }
}
