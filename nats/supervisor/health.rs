//! Whether what listens on our ports is our server, and well.

use std::io::{Error, ErrorKind};
use std::net::Ipv4Addr;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::ports::Ports;

/// Checks that the server's own health page says yes, streams included. `Err` says what is wrong.
pub(super) async fn check(ports: Ports, patience: Duration) -> Result<(), String> {
    match timeout(patience, health_status(ports.monitor)).await {
        Ok(Ok(200)) => Ok(()),
        Ok(Ok(status)) => Err(format!("its health page answers {status}")),
        Ok(Err(error)) => Err(format!("its health page cannot be read: {error}")),
        Err(_) => Err(format!("its health page does not answer within {patience:?}")),
    }
}

/// As [`check`], and that clients reach the server called `server_name` and no other.
pub(super) async fn check_identity(ports: Ports, server_name: &str, patience: Duration) -> Result<(), String> {
    match timeout(patience, greeting(ports.client)).await {
        Ok(Ok(info)) if info.server_name == server_name => check(ports, patience).await,
        Ok(Ok(info)) => Err(format!("port {} belongs to the server {}", ports.client, info.server_name)),
        Ok(Err(error)) => Err(format!("port {} does not greet: {error}", ports.client)),
        Err(_) => Err(format!("port {} does not greet within {patience:?}", ports.client)),
    }
}

/// The first line that a server sends on a new connection.
#[derive(Deserialize)]
struct Greeting {
    server_name: String,
}

async fn greeting(port: u16) -> Result<Greeting, Error> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut line = String::new();
    BufReader::new(stream.take(64 << 10)).read_line(&mut line).await?;
    let json = line.strip_prefix("INFO ").ok_or(ErrorKind::InvalidData)?;
    Ok(serde_json::from_str(json)?)
}

async fn health_status(port: u16) -> Result<u16, Error> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n").await?;
    let mut status_line = [0; "HTTP/1.0 200".len()];
    stream.read_exact(&mut status_line).await?;
    let digits = std::str::from_utf8(&status_line[9..]).map_err(|_| ErrorKind::InvalidData)?;
    digits.parse().map_err(|_| ErrorKind::InvalidData.into())
}
