//! The other ends of the sockets: they come, answer pings, and talk when told to.

use std::{io::BufRead, net::SocketAddr, sync::Arc};

use futures_util::{SinkExt, StreamExt, stream};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, broadcast},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

/// Handshakes at a time.
const AT_ONCE: usize = 64;

/// Does what each line says, and says `done`.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(address: SocketAddr) {
    let (talk, _) = broadcast::channel(1);
    // A permit for each that has come, and for each that was answered.
    let (come, answered) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let mut here = 0;
    let (told, mut tasks) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || std::io::stdin().lock().lines().try_for_each(|line| told.send(line.unwrap())));
    while let Some(line) = tasks.recv().await {
        if let Some(count) = line.strip_prefix("come ") {
            let count: usize = count.parse().unwrap();
            let arrivals = stream::iter(here..count).for_each_concurrent(AT_ONCE, |number| {
                let (talk, come, answered) = (talk.subscribe(), Arc::clone(&come), Arc::clone(&answered));
                async move {
                    tokio::spawn(stay(address, number, talk, Arc::clone(&come), answered));
                    come.acquire().await.unwrap().forget();
                }
            });
            arrivals.await;
            here = count;
        } else {
            talk.send(()).unwrap();
            answered.acquire_many(u32::try_from(here).unwrap()).await.unwrap().forget();
        }
        println!("done");
    }
}

/// Opens one idle socket and keeps it open.
async fn stay(
    address: SocketAddr,
    number: usize,
    mut talk: broadcast::Receiver<()>,
    come: Arc<Semaphore>,
    answered: Arc<Semaphore>,
) {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("frontdesk.v1.json"));
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    socket.send(Message::text(format!(r#"{{"type":"hello","token":"contact {number}"}}"#))).await.unwrap();
    let long = format!(r#"{{"type":"ping","padding":"{}"}}"#, "x".repeat(4_096));
    loop {
        tokio::select! {
            _ = talk.recv() => socket.send(Message::text(long.clone())).await.unwrap(),
            told = socket.next() => {
                let text = told.unwrap().unwrap().into_text().unwrap();
                match text.as_str() {
                    r#"{"type":"ping"}"# => socket.send(Message::text(r#"{"type":"pong"}"#)).await.unwrap(),
                    r#"{"type":"pong"}"# => answered.add_permits(1),
                    _ => come.add_permits(1),
                }
            }
        }
    }
}
