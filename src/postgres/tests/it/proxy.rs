//! A line to the server that can fall silent, as one does when a machine or a cable in between is gone.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub(crate) struct Proxy {
    pub(crate) port: u16,
    silent: watch::Sender<bool>,
}

impl Proxy {
    /// Listens on a free port and forwards to `port`.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let own = listener.local_addr().expect("it is bound").port();
        let silent = watch::Sender::new(false);
        let hears = silent.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, port, hears.clone()));
            }
        });
        Self { port: own, silent }
    }

    /// Drops all traffic from here on without closing a connection.
    pub(crate) fn silence(&self) {
        self.silent.send_replace(true);
    }

    /// New connections pass again; the old ones stay silent.
    pub(crate) fn heal(&self) {
        self.silent.send_replace(false);
    }
}

async fn forward(mut client: TcpStream, port: u16, mut silent: watch::Receiver<bool>) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.expect("the server is running");
    let closed = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => true,
        _ = silent.wait_for(|silent| *silent) => false,
    };
    if !closed {
        std::future::pending().await
    }
}
