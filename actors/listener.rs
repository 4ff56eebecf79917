//! The HTTP server, with one thing more than the web framework's own: the connection of a granted WebSocket handshake
//! is handed over to its session, and the framework keeps nothing of it.
//!
//! The application decides about handshakes as about every other request, and answers those that it refuses. Apart from
//! that the server behaves as `actix_web::HttpServer` with its defaults, which are repeated here.

mod hook;
mod reject;
mod replayed_request;
mod settings;

use std::{fmt, io, net, sync::Arc};

use actix_http::{HttpService, Request, RequestHead, Response, body::MessageBody};
use actix_server::Server;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, boxed, map_config};
use actix_web::dev::AppConfig;
use tokio::net::TcpStream;

use self::settings::HttpSettings;

/// Settings of the server.
#[derive(Clone)]
pub struct Serving {
    /// Number of worker threads.
    pub workers: usize,
    /// Connections of each thread that the framework serves at a time; more wait to be accepted. A connection that was
    /// taken over does not count, so the application must bound sockets when it grants handshakes.
    pub connections: usize,
    /// How long open requests may go on when the server is stopped (seconds).
    pub shutdown_seconds: u64,
    /// Which WebSocket handshakes get the connection itself, if the application grants them. Others are left to the
    /// framework.
    pub takes_over: Arc<dyn Fn(&RequestHead) -> bool + Send + Sync>,
    /// Called for each connection before it is read.
    pub on_connect: Arc<dyn Fn(&TcpStream) + Send + Sync>,
}

/// Serves the application that `factory` makes on `listener`. It is made twice for each thread: for requests, and for
/// handshakes.
///
/// # Errors
/// The listener cannot be used.
pub fn serve<F, I, S, B>(factory: F, listener: net::TcpListener, serving: Serving) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let local = listener.local_addr()?;
    let Serving { workers, connections, shutdown_seconds, takes_over, on_connect } = serving;
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections)
        .disable_signals()
        .shutdown_timeout(shutdown_seconds);
    let settings = HttpSettings { local, stopping: builder.graceful_shutdown_signal() };
    let server = builder.listen("frontdesk", listener, move || {
        let app = || map_config(factory().into_factory(), |()| AppConfig::default());
        let granting = app()
            .map(|response| Into::<Response<B>>::into(response).map_into_boxed_body())
            .map_err(|error| Response::from(error.into().error_response()));
        let upgrade = hook::upgrade(boxed::factory(granting), settings.clone(), Arc::clone(&takes_over));
        let on_connect = Arc::clone(&on_connect);
        settings
            .apply(HttpService::build())
            .on_connect_ext(move |stream: &TcpStream, _| on_connect(stream))
            .upgrade(upgrade)
            .finish(app().map_err(|error| error.into().error_response()))
            .tcp()
    })?;
    Ok(server.run())
}
