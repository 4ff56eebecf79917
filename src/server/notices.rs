//! The task that follows change notices for the caches of a process.

use std::{sync::Arc, time::Duration};

use frontdesk_actors::Node;
use frontdesk_application::notices::{NoticeListener, deliver};
use frontdesk_ports::{Notice, NoticeKind, Notices};

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

/// Has the rights of connected agents looked up when a notice says that they may have changed.
pub(crate) struct RightsOfAgents(pub(crate) Arc<Node>);

impl NoticeListener for RightsOfAgents {
    fn changed(&self, notice: &Notice) {
        if [NoticeKind::ROLE, NoticeKind::AGENT, NoticeKind::TEAM].contains(&notice.kind) {
            self.0.rights_changed();
        }
    }

    fn missed(&self) {
        self.0.rights_changed();
    }
}

/// Has the consoles on this node read again what they show of settings.
pub(crate) struct SettingsInConsoles(pub(crate) Arc<Node>);

impl NoticeListener for SettingsInConsoles {
    fn changed(&self, notice: &Notice) {
        if notice.kind == NoticeKind::SETTINGS {
            self.0.settings_changed(Some(notice.tenant));
        }
    }

    fn missed(&self) {
        self.0.settings_changed(None);
    }
}

/// Has the consoles on this node read again what they show of agents.
pub(crate) struct AgentsInConsoles(pub(crate) Arc<Node>);

impl NoticeListener for AgentsInConsoles {
    fn changed(&self, notice: &Notice) {
        if notice.kind == NoticeKind::AGENT {
            self.0.agents_changed(Some(notice.tenant));
        }
    }

    fn missed(&self) {
        self.0.agents_changed(None);
    }
}

/// Wait before subscribing again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
