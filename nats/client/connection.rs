//! The connection to the broker, and its replacement whenever it is lost.
//!
//! The client library reconnects by itself for ever, and then sends what was queued meanwhile, possibly hours later: an
//! append that expects "no record yet" could then land on a conversation whose records were stored and trimmed since.
//! So a client lives no longer than its connection: it may try once to reconnect (which limits the age of what it still
//! sends to the connection timeout), and once it was cut it is not used again; a new client dials. That also frees what
//! the library keeps for requests that were never answered.
//!
//! What a frozen *server* holds in its socket is beyond any client. On one server that is harmless: nothing else was
//! stored while it was frozen. In a cluster, a server that was frozen for longer than the retention must be killed, not
//! resumed.

mod dialer;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use async_nats::{connection::State, jetstream::Context};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{Instant, interval, timeout},
};

use super::reconnects::Reconnects;
use crate::{error::SetupError, options::NatsOptions, setup::check_server};
use dialer::Dialer;

/// One connection to a server of the broker.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: async_nats::Client,
    pub(crate) jetstream: Context,
    lost: Arc<Notify>,
    reconnects: Reconnects,
}

/// The present connection, if there is one. Clones share it; it is closed when the last of them is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    current: watch::Receiver<Option<Arc<Connection>>>,
    pub(crate) reconnects: Reconnects,
    task: Arc<ConnectionTask>,
}

/// The task that dials again after a loss. It is aborted when the last handle is dropped.
#[derive(Debug)]
struct ConnectionTask {
    task: JoinHandle<()>,
    close: Arc<Notify>,
}

/// There is no connection: nothing can be sent.
#[derive(Debug, thiserror::Error)]
#[error("not connected to the broker")]
pub(crate) struct NotConnected;

impl Connections {
    /// Connects, and stays connected from then on.
    ///
    /// # Errors
    /// [`SetupError`] when no server answers within [`NatsOptions::patience`], refuses the user, or is unsuitable.
    pub(crate) async fn connect(options: &NatsOptions) -> Result<Self, SetupError> {
        let dialer = Dialer::new(options)?;
        let connection = dialer.first(options.patience).await?;
        check_server(&connection.client.server_info())?;
        metrics::gauge!("desk_broker_connected").set(1.0);
        let (sender, current) = watch::channel(Some(connection));
        let reconnects = dialer.reconnects.clone();
        let close = Arc::new(Notify::new());
        let task = ConnectionTask { task: tokio::spawn(keep_connected(dialer, sender, Arc::clone(&close))), close };
        Ok(Self { current, reconnects, task: Arc::new(task) })
    }

    /// The present connection.
    ///
    /// # Errors
    /// [`NotConnected`] while it is down.
    pub(crate) fn get(&self) -> Result<Arc<Connection>, NotConnected> {
        let connection = self.current.borrow().clone();
        connection.filter(|connection| connection.is_up()).ok_or(NotConnected)
    }

    /// Closes the present connection and makes no other one.
    pub(crate) async fn close(&self, patience: Duration) {
        let connection = self.get();
        self.task.close.notify_one();
        // Subscriptions must not take a connection that is being closed for one that was lost.
        let _ = timeout(patience, self.current.clone().wait_for(Option::is_none)).await;
        if let Ok(connection) = connection
            && connection.client.drain().await.is_ok()
        {
            let _ = timeout(patience, connection.until_lost()).await;
        }
    }

    /// The next connection after `old`; waits while there is none. `None` when the task that dials has ended.
    pub(crate) async fn after(&mut self, old: Option<&Arc<Connection>>) -> Option<Arc<Connection>> {
        let is_new = |connection: &Option<Arc<Connection>>| {
            // The present value may be a connection that was just cut; its successor is announced as well.
            connection
                .as_ref()
                .is_some_and(|connection| connection.is_up() && old.is_none_or(|old| !Arc::ptr_eq(connection, old)))
        };
        self.current.wait_for(is_new).await.ok().and_then(|connection| connection.clone())
    }
}

impl Connection {
    fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Returns once the connection was cut.
    async fn until_lost(&self) {
        // The library drops events when many come at once, so its state is checked as well.
        let mut check = interval(Duration::from_millis(250));
        while self.is_up() {
            tokio::select! {
                () = self.lost.notified() => return,
                _ = check.tick() => self.reconnects.count_overflow(),
            }
        }
    }
}

impl Drop for ConnectionTask {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep_connected(dialer: Dialer, current: watch::Sender<Option<Arc<Connection>>>, close: Arc<Notify>) {
    tokio::select! {
        () = dial_again(&dialer, &current) => {}
        () = close.notified() => {
            current.send_replace(None);
            // Until the last handle is dropped: subscriptions wait for a connection, they do not end.
            std::future::pending().await
        }
    }
}

async fn dial_again(dialer: &Dialer, current: &watch::Sender<Option<Arc<Connection>>>) {
    loop {
        let connection = current.borrow().clone();
        if let Some(connection) = connection {
            connection.until_lost().await;
        }
        current.send_replace(None);
        metrics::gauge!("desk_broker_connected").set(0.0);
        tracing::warn!("connection to the broker lost; dialling again");
        let cut = Instant::now();
        let connection = dialer.until_connected().await;
        metrics::gauge!("desk_broker_connected").set(1.0);
        metrics::counter!("desk_broker_reconnects_total").increment(1);
        tracing::info!(duration_ms = cut.elapsed().as_millis(), "reconnected to the broker");
        current.send_replace(Some(connection));
    }
}
