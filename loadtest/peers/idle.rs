//! What an idle socket costs.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio_tungstenite::tungstenite::Message;

use crate::{clients, server::Server};

/// Opens as many sockets as the first number says, then as many as the second, and gives the bytes that each of those
/// between them added to the server, with the bytes at the second look.
pub(crate) async fn bytes_per_socket(server: &Server, counts: &[usize]) -> anyhow::Result<(f64, u64)> {
    let mut held = Vec::new();
    let mut looks = Vec::new();
    for count in counts {
        let more = stream::iter(held.len()..*count).map(|number| clients::idle(server, number));
        let opened: Vec<_> = more.buffer_unordered(AT_ONCE).try_collect().await?;
        held.extend(opened.into_iter().map(|socket| {
            let system = server.system;
            // Reads on, as a browser would.
            tokio::spawn(async move {
                let mut socket = socket;
                while let Some(Ok(message)) = socket.listener.next().await {
                    if let Message::Text(frame) = message {
                        clients::answer_heartbeat(system, &frame, &socket.mouth);
                    }
                }
            })
        }));
        looks.push((held.len(), server.settled_bytes().await?));
    }
    let alive = held.iter().filter(|socket| !socket.is_finished()).count();
    anyhow::ensure!(alive == held.len(), "{} of {} idle sockets ended", held.len() - alive, held.len());
    held.iter().for_each(tokio::task::JoinHandle::abort);
    let [(few, small), .., (many, large)] = looks[..] else { anyhow::bail!("two numbers of sockets are needed") };
    Ok(((large as f64 - small as f64) / (many - few) as f64, large))
}

const AT_ONCE: usize = 32;
