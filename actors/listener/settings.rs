//! What `actix_web::HttpServer` sets unless told otherwise.

use std::{fmt, net::SocketAddr, time::Duration};

use actix_http::{HttpServiceBuilder, KeepAlive, Request, Response, body::BoxBody};
use actix_server::GracefulShutdownSignal;
use actix_service::{Service, ServiceFactory};

/// How connections are served.
#[derive(Clone)]
pub(super) struct HttpSettings {
    pub(super) local: SocketAddr,
    pub(super) stopping: GracefulShutdownSignal,
}

/// Time for the first request.
const CLIENT_REQUEST: Duration = Duration::from_secs(5);

/// Time for the peer to close.
const CLIENT_DISCONNECT: Duration = Duration::from_secs(1);

impl HttpSettings {
    pub(super) fn apply<T, S>(&self, builder: HttpServiceBuilder<T, S>) -> HttpServiceBuilder<T, S>
    where
        S: ServiceFactory<Request, Config = ()>,
        S::Error: Into<Response<BoxBody>> + 'static,
        S::InitError: fmt::Debug,
        <S::Service as Service<Request>>::Future: 'static,
    {
        let stopping = self.stopping.clone();
        builder
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KeepAlive::default())
            .client_request_timeout(CLIENT_REQUEST)
            .client_disconnect_timeout(CLIENT_DISCONNECT)
            .h1_allow_half_closed(true)
            .local_addr(self.local)
    }
}
