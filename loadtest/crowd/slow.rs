//! Contacts stop reading while their agents go on talking.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::task::JoinHandle;

use super::{
    Troupe, drive,
    talk::{AGENT, AT_ONCE, Manner, Pair, meet},
};
use crate::{
    clock::micros,
    generator::{Phase, Stage},
    recorder::Hop,
    scenario::Slow,
    schedule::Arrivals,
};

/// Contacts that do not read for a while, and an agent for each.
pub(super) struct Readers {
    stage: Arc<Stage>,
    options: Slow,
    pairs: Arc<Vec<Pair>>,
}

impl Readers {
    /// Lets this generator's part of them meet.
    pub(super) async fn meet(stage: &Arc<Stage>, name: &str, options: &Slow) -> anyhow::Result<Self> {
        let manner = Manner { receipts: false, hop: Hop::CaughtUp, kernel_buffer: Some(NARROW) };
        let own = stage.share.of(options.readers) as usize;
        let meetings = (0..own).map(|number| meet(stage, format!("{name}{number}"), number, 1, manner));
        let met: Vec<Vec<Pair>> = stream::iter(meetings).buffered(AT_ONCE).try_collect().await?;
        let pairs = Arc::new(met.into_iter().flatten().collect());
        Ok(Self { stage: Arc::clone(stage), options: options.clone(), pairs })
    }
}

#[async_trait]
impl Troupe for Readers {
    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>> {
        let Slow { readers, rate, bytes, stall } = self.options;
        let (pairs, part) = (Arc::clone(&self.pairs), (self.pairs.len() as u64, readers));
        if phase.main {
            let until = phase.begin + micros(stall);
            pairs.iter().for_each(|pair| pair.contact.turn_deaf(until));
        }
        (!pairs.is_empty()).then(|| {
            drive(&self.stage, phase, rate, part, Arrivals::Even, move |number, due| {
                let Pair { conversation, agent, .. } = &pairs[number % pairs.len()];
                agent.say(conversation, AGENT, due, phase.index, bytes);
            })
        })
    }
}

/// Receive buffer that the kernel keeps for a slow reader, in bytes.
const NARROW: u32 = 8 * 1024;
