//! What it costs to have a record on disk before it is acknowledged, by the ways in which records can be brought there:
//! `cargo bench -p frontdesk-nats --bench commit`. Prints a table.
//!
//! Open loop: records are due at fixed times, and the time of each counts from then, so that a way which falls behind
//! shows it. Every record carries an expectation, as in the log. A server of its own, `sync_interval: always`.
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

mod broker;
mod load;
mod ways;

use std::time::Duration;

use broker::Broker;
use load::{Figures, offer};
use ways::Way;

/// Records a second that are offered.
const RATES: [u64; 4] = [1_000, 3_000, 5_000, 10_000];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test` runs benches too, with this flag and without `--bench`: then there is nothing to do.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let seconds = std::env::var("SECONDS_EACH").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    println!("| way | offered /s | done /s | mean ms | p50 ms | p99 ms | p99.9 ms | broker, % of a core |");
    println!("|---|---|---|---|---|---|---|---|");
    for way in Way::all() {
        for rate in RATES {
            let broker = Broker::start().await;
            let road = way.build(&broker).await;
            // Warm, and not counted.
            offer(&road, rate.min(1_000), Duration::from_secs(1)).await;
            let before = broker.cpu();
            let Figures { done, histogram, took } = offer(&road, rate, Duration::from_secs(seconds)).await;
            let cpu = (broker.cpu() - before).as_secs_f64() / took.as_secs_f64() * 100.0;
            let ms = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
            println!(
                "| {} | {rate} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {cpu:.0} |",
                way.name(),
                done as f64 / took.as_secs_f64(),
                histogram.mean() / 1_000.0,
                ms(0.5),
                ms(0.99),
                ms(0.999),
            );
        }
    }
}
