//! Crowds at work: each kind of people that a scenario may name, in one file each.

mod claims;
mod flood;
mod hot;
mod idle_contact;
mod idle_contacts;
mod set_up;
mod slow;
mod talk;
mod visitors;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::task::JoinHandle;

use crate::{
    generator::{Phase, Stage},
    ledger::Tally,
    scenario::Crowd,
    schedule::{Arrivals, Schedule},
};

/// People who all do the same, once they are there.
#[async_trait]
pub(crate) trait Troupe: Send + Sync {
    /// Lets more of them come, if they come in parts: up to part `level`.
    async fn level(&self, _level: u32) -> anyhow::Result<()> {
        Ok(())
    }

    /// Does what belongs to a stretch of the run; ends when everything in it was due.
    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>>;

    /// Whether nothing is under way any more that no conversation knows of.
    fn is_settled(&self) -> bool {
        true
    }

    /// What became of things that no conversation knows of.
    async fn judge(&self) -> anyhow::Result<Tally> {
        Ok(Tally::default())
    }
}

/// Lets a generator's part of a crowd come.
///
/// # Errors
/// The server does not let them.
pub(crate) async fn prepare(stage: &Arc<Stage>, name: &str, crowd: &Crowd) -> anyhow::Result<Box<dyn Troupe>> {
    Ok(match crowd {
        Crowd::Talk(options) => Box::new(talk::Pairs::meet(stage, name, options).await?),
        Crowd::Idle(options) => Box::new(idle_contacts::IdleContacts::waiting(stage, name, options)),
        Crowd::Storm(options) => Box::new(idle_contacts::IdleContacts::to_be_cut(stage, name, options).await?),
        Crowd::Slow(options) => Box::new(slow::Readers::meet(stage, name, options).await?),
        Crowd::Hot(options) => Box::new(hot::HotConversations::meet(stage, name, options).await?),
        Crowd::Claims(options) => Box::new(claims::Races::prepare(stage, name, options).await?),
        Crowd::Visitors(options) => Box::new(visitors::Day::prepare(stage, name, options).await?),
        Crowd::Flood(options) => Box::new(flood::Program::prepare(stage, name, options).await?),
    })
}

/// Calls `send` with the number and the moment of each message of a stretch, at that moment, on a thread of its own.
/// This generator's part of the rate is `own` of `all`.
fn drive(
    stage: &Stage,
    phase: Phase,
    rate: f64,
    (own, all): (u64, u64),
    arrivals: Arrivals,
    mut send: impl FnMut(usize, u64) + Send + 'static,
) -> JoinHandle<()> {
    let rate = rate * phase.factor * own as f64 / all.max(1) as f64;
    // Generators take turns.
    let offset = (f64::from(stage.share.index) / f64::from(stage.share.of) / rate.max(1e-3) * 1e6) as u64;
    let seed = stage.seed.wrapping_add(u64::from(phase.index));
    let schedule = Schedule::new(phase.begin + offset, phase.length, rate, arrivals, seed);
    tokio::task::spawn_blocking(move || {
        let mut number = 0;
        schedule.run(|due| {
            send(number, due);
            number += 1;
        });
    })
}
