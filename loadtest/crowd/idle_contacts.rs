//! Contacts that have the widget open and say next to nothing: some of them are cut off and come back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use async_trait::async_trait;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{Troupe, idle_contact::IdleContact};
use crate::{
    clock::{Micros, micros, now, sleep_until},
    generator::{Phase, Stage},
    scenario::{Idle, Storm},
    schedule::{Arrivals, Schedule},
};

/// Contacts that say next to nothing.
pub(super) struct IdleContacts {
    stage: Arc<Stage>,
    name: String,
    options: Idle,
    /// When they are all cut off, from the begin of the main stretch, and how long they take to come back.
    cut: Option<(Duration, Duration)>,
    signals: watch::Sender<Signal>,
    come: AtomicUsize,
    away: Arc<AtomicUsize>,
}

/// What all of them are told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signal {
    /// Each says one message: the stretch, and from when on, spread over [`SPREAD`].
    pub(super) burst: Option<(u16, Micros)>,
    /// All are cut off at this moment; the stretch, and how long they take to come back.
    pub(super) cut: Option<(u16, Micros, Duration)>,
}

impl IdleContacts {
    /// An empty crowd; its contacts connect part by part.
    pub(super) fn waiting(stage: &Arc<Stage>, name: &str, options: &Idle) -> Self {
        Self {
            stage: Arc::clone(stage),
            name: name.to_owned(),
            options: options.clone(),
            cut: None,
            signals: watch::Sender::default(),
            come: AtomicUsize::new(0),
            away: Arc::default(),
        }
    }

    /// All at once, and each with a conversation.
    pub(super) async fn to_be_cut(stage: &Arc<Stage>, name: &str, options: &Storm) -> anyhow::Result<Self> {
        let Storm { sockets, connect_rate, at, spread } = *options;
        let idle = Idle { sockets, connect_rate, levels: 1, open: true, ..Idle::default() };
        let idle_contacts = Self { cut: Some((at, spread)), ..Self::waiting(stage, name, &idle) };
        idle_contacts.let_in(1).await?;
        Ok(idle_contacts)
    }

    /// Lets them come, at their rate, until this part is there.
    async fn let_in(&self, level: u32) -> anyhow::Result<()> {
        let Idle { sockets, connect_rate, levels, open, burst_bytes, .. } = self.options;
        let total = self.stage.share.of(sockets);
        let due = (total * u64::from(level.min(levels)) / u64::from(levels)) as usize;
        let missing = due.saturating_sub(self.come.load(Ordering::Relaxed));
        let rate = connect_rate / f64::from(self.stage.share.of);
        let (tell, mut told) = mpsc::unbounded_channel();
        let length = Duration::from_secs_f64(missing as f64 / rate + 1.0);
        let schedule = Schedule::new(now(), length, rate, Arrivals::Even, 0);
        for due in schedule.take(missing) {
            sleep_until(due).await;
            let number = self.come.fetch_add(1, Ordering::Relaxed);
            let idle_contact = IdleContact {
                stage: Arc::clone(&self.stage),
                who: format!("{} {number}", self.name),
                gateway: number,
                open,
                burst_bytes,
                away: Arc::clone(&self.away),
                conversation: None,
                last_seq: 0,
                epoch: None,
            };
            tokio::spawn(idle_contact.sit(due, self.signals.subscribe(), tell.clone()));
        }
        drop(tell);
        for _ in 0..missing {
            told.recv().await.context("a socket could not be opened")?;
        }
        Ok(())
    }
}

#[async_trait]
impl Troupe for IdleContacts {
    async fn level(&self, level: u32) -> anyhow::Result<()> {
        self.let_in(level).await
    }

    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>> {
        if phase.main {
            let burst = (self.options.burst_bytes > 0).then_some((phase.index, phase.begin));
            let cut = self.cut.map(|(at, spread)| (phase.index, phase.begin + micros(at), spread));
            self.signals.send_replace(Signal { burst, cut });
        }
        None
    }

    fn is_settled(&self) -> bool {
        self.away.load(Ordering::Relaxed) == 0
    }
}

/// How long a burst takes: so many messages at the same instant would measure something else.
pub(super) const SPREAD: Micros = 5_000_000;
