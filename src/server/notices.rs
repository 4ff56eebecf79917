//! The task that follows change notices for the caches of a process.

use std::{sync::Arc, time::Duration};

use frontdesk_application::notices::{NoticeListener, deliver};
use frontdesk_ports::Notices;

/// Tells `listeners` of every notice, for ever; drop the future to end it. Subscribes again when the subscription ends.
pub(crate) async fn follow(notices: Arc<dyn Notices>, listeners: Vec<Arc<dyn NoticeListener>>) {
    loop {
        match notices.subscribe().await {
            Ok(subscription) => deliver(subscription, &listeners).await,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "cannot receive change notices; changes made on other nodes take effect later");
            }
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

/// Wait before subscribing again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
