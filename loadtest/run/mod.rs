//! One run: a target is reached, generators are started, everything is done that the scenario says, and a report comes
//! of it.

mod figures;
mod outcome;
mod stretch;

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context as _;
use tokio::{
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{
    clock::{Micros, micros, now, utc_ms},
    generator::{Generators, Judgement, Order, Phase, Share, Task, Word},
    options::RunOptions,
    progress::Progress,
    report::Report,
    results::Results,
    scenario::{Crowd, Idle, Scenario},
    target::{Done, Target, harm},
    watch::{Seen, Watch, WatchedProcess},
};
use stretch::Stretch;

/// What is known of a run when it is over.
struct Found {
    scenario: Scenario,
    results: Results,
    stretches: Vec<Stretch>,
    levels: Vec<Level>,
    /// How long each start took: with an empty store, and with all that was said.
    starts: (Vec<Duration>, Vec<Duration>),
    harm: Vec<Done>,
    seen: Seen,
    judgement: Judgement,
    /// When the first message was due that counts; and in milliseconds since 1970.
    begin: Micros,
    began_at_ms: u64,
    base: Micros,
}

/// Memory at a number of sockets.
#[derive(Debug, Clone)]
struct Level {
    sockets: u64,
    /// By what the processes do.
    memory: BTreeMap<String, u64>,
}

impl Level {
    fn memory_bytes(&self) -> u64 {
        self.memory.values().sum()
    }
}

/// Does what a scenario says, and writes the report.
///
/// # Errors
/// It cannot be done.
pub(crate) async fn run(options: &RunOptions) -> anyhow::Result<Report> {
    let scenario = options.scenario()?;
    let mut progress = Progress::new();
    progress.begin("starting", now(), None);
    let target = Target::reach(&options.target, &scenario.spawn).await?;
    let mut ended = signal(SignalKind::terminate())?;
    let outcome = tokio::select! {
        outcome = conduct(scenario, &target, &mut progress) => outcome,
        // What was started is ended, and its folder removed.
        _ = ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        _ = ended.recv() => Err(anyhow::anyhow!("interrupted")),
    };
    progress.end();
    let outcome = outcome.map(|found| found.report(&target));
    let stopped = target.stop().await;
    let report = outcome?;
    stopped?;
    for file in [&options.json, &options.html].into_iter().flatten() {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
    }
    if let Some(file) = &options.json {
        report.write(file)?;
    }
    if let Some(file) = &options.html {
        report.write_html(file)?;
    }
    Ok(report)
}

async fn conduct(scenario: Scenario, target: &Target, progress: &mut Progress) -> anyhow::Result<Found> {
    let empty_starts = starts(target, scenario.restarts).await?;
    let base = now();
    let generators = scenario.generators as usize;
    let mut results = Results::new(base, generators);
    let base_memory = target.memory();
    progress.begin("arriving", base, None);
    let mut hear = |index, tick| {
        results.hear(index, tick);
        progress.tell(&results);
    };
    let run_ms = utc_ms();
    let task = |index| Task {
        scenario: scenario.clone(),
        urls: target.urls.clone(),
        inbox: target.inbox.clone(),
        owner: target.owner.clone(),
        share: Share { index, of: generators as u16 },
        run_ms,
        base,
    };
    let mut workers = Generators::start((0..generators as u16).map(task).collect(), &mut hear).await?;
    let levels = levels(&scenario, target, &mut workers, &mut hear, base_memory).await?;

    // Whole seconds after the base, so that seconds of the report are seconds of the generators.
    let lead = micros(HEAD_START) + (now() - base);
    let first = base + lead.next_multiple_of(1_000_000);
    let warmup = if scenario.steps.is_some() { Duration::ZERO } else { scenario.warmup };
    let begin = first + micros(warmup).next_multiple_of(1_000_000);
    let origin = Instant::now() + Duration::from_micros(begin.saturating_sub(now()));
    let began_at_ms = utc_ms() + begin.saturating_sub(now()) / 1000;
    let mut watched = target.watched();
    watched.processes.extend(workers.pids().into_iter().enumerate().map(|(index, pid)| WatchedProcess {
        name: format!("generator-{}", index + 1),
        role: "generator".to_owned(),
        pid,
        with_children: false,
    }));
    let watch = std::sync::Arc::new(Watch::begin(watched, origin)?);
    let harm = do_harm(&scenario, target, begin, &watch);

    let stretches = stretch::perform(&scenario, &mut workers, &mut results, progress, (first, begin)).await?;
    let mut done = Vec::new();
    for task in harm {
        done.extend(task.await.context("the harm broke off")??);
    }
    progress.begin("settling", now(), Some(scenario.patience));
    let mut hear = |index, tick| {
        results.hear(index, tick);
        progress.tell(&results);
    };
    workers.order(&[Order::Settle(scenario.patience)], &mut hear).await?;
    let seen = std::sync::Arc::into_inner(watch).context("a fault is still being done")?.finish().await?;
    let judgement = workers.judge(&mut hear).await?;
    workers.end().await;
    let full_starts = starts(target, scenario.restarts).await?;
    Ok(Found {
        results,
        stretches,
        levels,
        starts: (empty_starts, full_starts),
        harm: done,
        seen,
        judgement,
        begin,
        began_at_ms,
        base,
        scenario,
    })
}

/// Restarts the server so many times; gives how long each took until it was ready.
async fn starts(target: &Target, times: u32) -> anyhow::Result<Vec<Duration>> {
    let mut all = Vec::new();
    for _ in 0..times {
        all.push(target.restart().await?);
    }
    Ok(all)
}

/// Lets those come that come in parts, and measures memory after each part.
async fn levels(
    scenario: &Scenario,
    target: &Target,
    workers: &mut Generators,
    hear: &mut impl FnMut(usize, crate::generator::Tick),
    base_memory: BTreeMap<String, u64>,
) -> anyhow::Result<Vec<Level>> {
    let idle: Vec<&Idle> = scenario
        .crowd
        .values()
        .filter_map(|crowd| match crowd {
            Crowd::Idle(idle) => Some(idle),
            _ => None,
        })
        .collect();
    let Some(parts) = idle.iter().map(|idle| idle.levels).max() else { return Ok(Vec::new()) };
    let settle = idle.iter().map(|idle| idle.settle).max().unwrap_or_default();
    let mut all = vec![Level { sockets: 0, memory: base_memory }];
    for part in 1..=parts {
        workers.order(&[Order::Level(part)], hear).await?;
        sleep(settle).await;
        let sockets = idle.iter().map(|idle| idle.sockets * u64::from(part.min(idle.levels)) / u64::from(idle.levels));
        all.push(Level { sockets: sockets.sum(), memory: target.memory() });
    }
    Ok(all)
}

/// Begins to do the harm, each at its time.
fn do_harm(
    scenario: &Scenario,
    target: &Target,
    begin: Micros,
    watch: &std::sync::Arc<Watch>,
) -> Vec<JoinHandle<anyhow::Result<Vec<Done>>>> {
    let each = scenario.faults.iter().map(|fault| {
        let (parts, fault, watch) = (target.parts().to_vec(), fault.clone(), std::sync::Arc::clone(watch));
        tokio::spawn(harm(parts, fault, begin, move |part| {
            part.watched().into_iter().for_each(|process| watch.follow(process))
        }))
    });
    each.collect()
}

/// Between the end of the preparations and the first message.
const HEAD_START: Duration = Duration::from_millis(500);
