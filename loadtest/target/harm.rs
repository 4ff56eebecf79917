//! Does harm to a desk of our own, at the times that a scenario names.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::time::sleep;

use super::part::{Part, Role};
use crate::{
    clock::{Micros, micros, now, sleep_until},
    process::below,
    scenario::{Action, Fault, Whom},
};

/// What was done, and when it began and was over.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) what: String,
    pub(crate) from: Micros,
    pub(crate) until: Micros,
}

/// Waits until it is due, does it, and undoes it; `begin` is when what is measured begins. `started` is told of each
/// part that has a new process.
///
/// # Errors
/// There is no such part, or it does not come back.
pub(crate) async fn harm(
    parts: Vec<Arc<Part>>,
    fault: Fault,
    begin: Micros,
    started: impl Fn(&Part) + Send,
) -> anyhow::Result<Vec<Done>> {
    let those: Vec<&Arc<Part>> = parts.iter().filter(|part| fault.whom.is(part.role)).collect();
    let those = match fault.which {
        Some(which) => those.into_iter().skip(which as usize - 1).take(1).collect(),
        None if fault.rolling => those,
        None => those.into_iter().take(1).collect::<Vec<_>>(),
    };
    those.first().with_context(|| format!("`{fault}`: there is no such process of our own"))?;
    sleep_until(begin + micros(fault.at)).await;
    let mut done = Vec::new();
    for part in those {
        let from = now();
        let what = match fault.action {
            Action::Kill => {
                part.kill().await?;
                sleep(fault.length).await;
                part.start().await?;
                started(part);
                format!("{} killed", part.name)
            }
            Action::Stop => {
                stop(part, fault.length).await?;
                format!("{} stopped", part.name)
            }
            Action::Restart => {
                part.terminate().await?;
                part.start().await?;
                started(part);
                format!("{} restarted", part.name)
            }
        };
        done.push(Done { what, from, until: now() });
        if fault.rolling {
            sleep(BETWEEN).await;
        }
    }
    Ok(done)
}

async fn stop(part: &Part, length: Duration) -> anyhow::Result<()> {
    part.signal("STOP").await?;
    // Those below a database are the database; a broker below a node is not the node.
    let below = if part.role == Role::Database { part.pid().map(below).unwrap_or_default() } else { Vec::new() };
    signal_all("STOP", &below).await?;
    sleep(length).await;
    signal_all("CONT", &below).await?;
    part.signal("CONT").await
}

async fn signal_all(name: &str, pids: &[u32]) -> anyhow::Result<()> {
    if !pids.is_empty() {
        let pids = pids.iter().map(ToString::to_string);
        tokio::process::Command::new("kill").args(["-s", name]).args(pids).status().await?;
    }
    Ok(())
}

impl Whom {
    fn is(self, role: Role) -> bool {
        match self {
            Self::Gateway => matches!(role, Role::Gateway | Role::Node),
            Self::Worker => role == Role::Worker,
            Self::Broker => role == Role::Broker,
            Self::Database => role == Role::Database,
            Self::Redis => role == Role::Redis,
        }
    }
}

/// Between two parts that are harmed in turn.
const BETWEEN: Duration = Duration::from_secs(5);
