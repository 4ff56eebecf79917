//! A stand-in for an OpenTelemetry collector: takes what is sent to it over HTTP and keeps the bodies.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A collector on a free port of this machine; it ends when it is dropped.
#[derive(Debug)]
pub struct Collector {
    /// Where traces are to be sent.
    pub endpoint: String,
    bodies: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Collector {
    /// Starts to listen.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let endpoint = format!("http://{}/v1/traces", listener.local_addr().expect("a bound port"));
        let bodies = Arc::new(Mutex::default());
        let kept = Arc::clone(&bodies);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(take(socket, Arc::clone(&kept)));
            }
        });
        Self { endpoint, bodies, task }
    }

    /// Whether `bytes` stand anywhere in what was sent so far.
    #[must_use]
    pub fn has(&self, bytes: &[u8]) -> bool {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.windows(bytes.len()).any(|window| window == bytes)
    }
}

async fn take(socket: TcpStream, bodies: Arc<Mutex<Vec<u8>>>) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) =
                line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            {
                length = value.trim().parse().unwrap_or_else(|_| panic!("{name} is a number"));
            }
        }
        let mut body = vec![0; length];
        socket.read_exact(&mut body).await?;
        bodies.lock().unwrap_or_else(PoisonError::into_inner).extend(body);
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
    }
}
