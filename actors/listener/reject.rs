//! Handshakes that the application refuses.

use std::time::Duration;

use actix_codec::Framed;
use actix_http::{
    ConnectionType, Response,
    body::{self, BoxBody},
    h1::{Codec, SendResponse},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Writes `refusal`, and closes the connection.
pub(super) async fn reject(connection: Framed<TcpStream, Codec>, refusal: Response<BoxBody>) {
    let (mut head, text) = refusal.into_parts();
    head.head_mut().set_connection_type(ConnectionType::Close);
    let written = timeout(PATIENCE, async {
        let text = body::to_bytes_limited(text, MOST_BYTES).await.ok()?.ok()?;
        SendResponse::new(connection, head.set_body(text)).await.ok()
    });
    let Ok(Some(connection)) = written.await else { return };
    let mut stream = connection.into_parts().io;
    // What comes meanwhile is dropped; if it were left unread, the peer might find the connection reset before it has
    // read why.
    let _closed = timeout(LINGER, async {
        stream.shutdown().await?;
        let mut rest = vec![0; 4_096];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    })
    .await;
}

/// How long a peer may take to receive the refusal.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it may take to close its side afterwards.
const LINGER: Duration = Duration::from_secs(1);

/// Largest body of a refusal; all of ours are shorter.
const MOST_BYTES: usize = 64 * 1024;
