//! What is done to a server, and what is to come of it.

mod listener;
mod pairs;

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use crate::{
    options::BenchOptions, recorder::Recorder, report::Report, schedule::Schedule, target::Target, watch::Watch,
};
use listener::Listener;
use pairs::Pairs;

/// Contacts and agents talk in pairs, at a steady rate.
pub(crate) async fn bench(options: &BenchOptions) -> anyhow::Result<Report> {
    let target = Target::reach(options).await?;
    let outcome = talk(options, &target).await;
    let stopped = target.stop().await;
    let report = outcome?;
    stopped?;
    if let Some(file) = &options.json {
        report.write(file)?;
    }
    Ok(report)
}

async fn talk(options: &BenchOptions, target: &Target) -> anyhow::Result<Report> {
    let (pairs, ears) = Pairs::meet(options, target).await?;
    let begin = Instant::now() + HEAD_START;
    let schedule = Schedule::steady(begin, options.rate, options.pairs(), options.warmup, options.seconds);
    let recorder = Arc::new(Recorder::new(schedule));
    let pairs = Arc::new(pairs);
    let listeners: Vec<_> = ears
        .into_iter()
        .map(|ear| tokio::spawn(Listener::new(ear, &recorder, &pairs, options.receipts).listen()))
        .collect();
    let driver = std::thread::spawn({
        let (recorder, pairs) = (Arc::clone(&recorder), Arc::clone(&pairs));
        move || schedule.run(|number| pairs.say(number, &recorder))
    });

    let watch = Watch::begin(target.watched(), schedule.measured_from())?;
    sleep_until(schedule.due(schedule.messages())).await;
    all_arrived(&recorder).await;
    let took = schedule.measured_from().elapsed();
    let seen = watch.finish().await?;
    // The driver is done: everything was due before.
    driver.join().map_err(|_| anyhow::anyhow!("the schedule was not kept"))?;
    listeners.iter().for_each(tokio::task::JoinHandle::abort);

    Ok(Report::of(options, &recorder, took, seen))
}

/// Waits until everything was accepted and has arrived, or nothing more comes.
async fn all_arrived(recorder: &Recorder) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let tally = recorder.tally();
        if (tally.accepted == tally.sent && tally.arrived == tally.sent) || Instant::now() >= deadline {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// A time from which a run counts the names of its messages, in milliseconds.
fn now_ms() -> u64 {
    let (seconds, nanos) = Uuid::now_v7().get_timestamp().map_or((0, 0), |time| time.to_unix());
    seconds * 1000 + u64::from(nanos) / 1_000_000
}

/// Between the end of the preparations and the first message.
const HEAD_START: Duration = Duration::from_millis(500);

/// How long the last messages may take.
const PATIENCE: Duration = Duration::from_secs(30);
