//! A web server with one route: the socket.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpServer, dev::ServerHandle, web};
use frontdesk_actors::{Entrance, Node, upgrade};
use frontdesk_domain::{Author, InboxId};
use frontdesk_ports::Door;
use frontdesk_protocol::socket::Codec;
use socket2::SockRef;

use super::client::Client;
use crate::{people::Person, world::World};

/// A node that serves sockets, on a free port.
pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) node: Arc<Node>,
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With settings changed by `set`.
    pub(crate) async fn with(set: impl FnOnce(&mut frontdesk_config::SessionSettings)) -> Self {
        let mut world = World::real().await;
        set(&mut world.settings.session);
        let node = world.node_on_threads(1);
        Self::of(world, node)
    }

    pub(crate) fn of(world: World, node: Arc<Node>) -> Self {
        let (of_route, inbox) = (Arc::clone(&node), world.doorkeeper.inbox);
        let server = HttpServer::new(move || {
            let node = Arc::clone(&of_route);
            let route = move |request: HttpRequest, payload: web::Payload, path: web::Path<(String, String)>| {
                let entrance = entrance(&path, inbox);
                let answer = upgrade(&node, &request, payload, entrance);
                std::future::ready(answer)
            };
            App::new().route("/{door}/{codec}", web::get().to(route))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .on_connect(|connection, _| {
            // As the gateway does.
            if let Some(stream) = connection.downcast_ref::<actix_rt::net::TcpStream>() {
                SockRef::from(stream).set_send_buffer_size(64 * 1024).unwrap();
            }
        })
        .bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_rt::spawn(server);
        Self { world, node, address, handle }
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

    pub(crate) async fn stop(self) {
        tokio::time::timeout(Duration::from_secs(5), self.handle.stop(true)).await.unwrap();
    }
}

/// The door through which `person` comes.
pub(crate) const fn door(person: &Person) -> &'static str {
    match person.author {
        Author::Agent(..) => "console",
        Author::Contact(_) => "widget",
    }
}

fn entrance(path: &(String, String), inbox: InboxId) -> Entrance {
    let door = if path.0 == "console" { Door::Console } else { Door::Widget(inbox) };
    let codec = if path.1 == "json" { Codec::Json } else { Codec::MessagePack };
    Entrance { door, codec, address: IpAddr::V4(Ipv4Addr::LOCALHOST), place: Arc::new(()) }
}
