//! The comparison, as Markdown.

use crate::{relay::Steady, systems::System};

/// What was measured of a system.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) system: System,
    /// Bytes per idle socket, and of the whole server with most of them.
    pub(crate) idle: (f64, u64),
    /// Messages a second, as many as possible.
    pub(crate) most: f64,
    pub(crate) steady: Steady,
}

/// Prints all rows, and their ratios to the first.
pub(crate) fn print(rows: &[Row], rate: u32) {
    println!(
        "| system | KB per idle socket | server with all of them, MB | relay, messages/s | \
         at {rate}/s: p50 ms | p99 ms | % of a core | before a message is told |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for row in rows {
        let ms = |quantile: f64| row.steady.latency.value_at_quantile(quantile) as f64 / 1000.0;
        println!(
            "| {} | {:.1} | {:.0} | {:.0} | {:.2} | {:.2} | {:.0} | {} |",
            row.system.name(),
            row.idle.0 / 1000.0,
            row.idle.1 as f64 / 1e6,
            row.most,
            ms(0.5),
            ms(0.99),
            row.steady.cores * 100.0,
            row.system.keeps(),
        );
    }
    let Some(first) = rows.first() else { return };
    println!("\nAs a multiple of {}:\n", first.system.name());
    println!("| system | KB per idle socket | relay, messages/s | p50 at {rate}/s | p99 | % of a core |");
    println!("|---|---|---|---|---|---|");
    for row in rows {
        let quantile = |row: &Row, quantile: f64| row.steady.latency.value_at_quantile(quantile) as f64;
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            row.system.name(),
            row.idle.0 / first.idle.0,
            row.most / first.most,
            quantile(row, 0.5) / quantile(first, 0.5),
            quantile(row, 0.99) / quantile(first, 0.99),
            row.steady.cores / first.steady.cores,
        );
    }
}
