//! The stretches of a run: a warm-up and what is measured, or one step after the other.

use std::time::Duration;

use super::{Generators, Order, Phase, Word};
use crate::{
    clock::{Micros, micros, now},
    progress::Progress,
    recorder::{Event, Hop},
    results::Results,
    scenario::{Scenario, Steps},
};

/// A stretch that was measured.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) label: String,
    pub(super) phase: u16,
    pub(super) begin: Micros,
    pub(super) length: Duration,
    /// Messages that were due, a second.
    pub(super) offered: f64,
    /// Of a step: why it was too much; none: it was not.
    pub(super) too_much: Option<String>,
}

/// Performs all of them; `first` is when the first message is due, `begin` the first one that counts.
///
/// # Errors
/// A generator cannot go on.
pub(super) async fn perform(
    scenario: &Scenario,
    workers: &mut Generators,
    results: &mut Results,
    progress: &mut Progress,
    (first, begin): (Micros, Micros),
) -> anyhow::Result<Vec<Stretch>> {
    if let Some(steps) = &scenario.steps {
        return climb(scenario, steps, workers, results, progress, begin).await;
    }
    let warmup =
        Phase { index: 0, begin: first, length: Duration::from_micros(begin - first), factor: 1.0, main: false };
    let main = Phase { index: 1, begin, length: scenario.measure, factor: 1.0, main: true };
    let orders: Vec<Order> =
        [warmup, main].into_iter().filter(|phase| !phase.length.is_zero()).map(Order::Perform).collect();
    progress.begin(&scenario.name, begin, Some(scenario.measure));
    workers.order(&orders, &mut hearing(results, progress)).await?;
    Ok(vec![Stretch {
        label: scenario.name.clone(),
        phase: main.index,
        begin,
        length: main.length,
        offered: scenario.rate(),
        too_much: None,
    }])
}

/// One rate after the other, until one is too much; then between the best and the lowest that was too much.
async fn climb(
    scenario: &Scenario,
    steps: &Steps,
    workers: &mut Generators,
    results: &mut Results,
    progress: &mut Progress,
    mut begin: Micros,
) -> anyhow::Result<Vec<Stretch>> {
    let mut all: Vec<Stretch> = Vec::new();
    let (mut rate, mut refined) = (steps.from, 0);
    loop {
        let factor = rate / scenario.rate();
        let index = all.len() as u16 * 2;
        let settle = Phase { index, begin, length: steps.settle, factor, main: false };
        let measured_from = begin + micros(steps.settle);
        let measured = Phase { index: index + 1, begin: measured_from, length: steps.measure, factor, main: false };
        let label = format!("{rate:.0}/s");
        progress.begin(&label, begin, Some(steps.settle + steps.measure));
        let backed_off = results.count(Event::BackedOff) + results.count(Event::Refused);
        let orders = [Order::Perform(settle), Order::Perform(measured), Order::Settle(scenario.patience)];
        let settled = workers.order(&orders, &mut hearing(results, progress)).await?;
        let settled = settled.iter().all(|word| matches!(word, Word::Settled(true)));
        let backed_off = results.count(Event::BackedOff) + results.count(Event::Refused) - backed_off;
        let p99 = p99(results, measured.index);
        let too_much = if !settled {
            Some("not everything arrived".to_owned())
        } else if backed_off > 0 {
            Some(format!("{backed_off} refusals"))
        } else if p99 > steps.p99 {
            Some(format!("p99 {:.0} ms", p99.as_secs_f64() * 1000.0))
        } else {
            None
        };
        all.push(Stretch {
            label,
            phase: measured.index,
            begin: measured_from,
            length: steps.measure,
            offered: rate,
            too_much,
        });
        let Some(next) = next_rate(steps, &all, &mut refined) else { return Ok(all) };
        rate = next;
        // Seconds of the report stay whole.
        begin += (now() + micros(HEAD_START) - begin).next_multiple_of(1_000_000);
    }
}

/// The rate after those; none: it is known well enough.
fn next_rate(steps: &Steps, done: &[Stretch], refined: &mut u32) -> Option<f64> {
    let last = done.last()?;
    let best = done.iter().filter(|step| step.too_much.is_none()).map(|step| step.offered).fold(0.0, f64::max);
    let lowest = done.iter().filter(|step| step.too_much.is_some()).map(|step| step.offered).fold(f64::MAX, f64::min);
    // The last step is the last rate itself, whatever the factor.
    let above = (last.offered < steps.to * 0.999).then(|| (last.offered * steps.times).min(steps.to));
    if lowest == f64::MAX || steps.all {
        return above;
    }
    (*refined < steps.refine && best > 0.0).then(|| {
        *refined += 1;
        f64::midpoint(best, lowest)
    })
}

fn p99(results: &Results, phase: u16) -> Duration {
    let delivered = results.times(Hop::Delivered, &[phase]);
    let times = if delivered.is_empty() { results.times(Hop::Accepted, &[phase]) } else { delivered };
    Duration::from_micros(times.value_at_quantile(0.99))
}

fn hearing<'a>(
    results: &'a mut Results,
    progress: &'a mut Progress,
) -> impl FnMut(usize, crate::generator::Tick) + use<'a> {
    |index, tick| {
        results.hear(index, tick);
        progress.tell(results);
    }
}

/// Between one step and the next.
const HEAD_START: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;

    /// The rates of all steps, where everything above `carried` is too much.
    fn climbed(steps: &Steps, carried: f64) -> Vec<f64> {
        let (mut done, mut refined, mut rate) = (Vec::new(), 0, Some(steps.from));
        while let Some(offered) = rate {
            let too_much = (offered > carried).then(String::new);
            let (label, length) = (String::new(), Duration::ZERO);
            done.push(Stretch { label, phase: 0, begin: 0, length, offered, too_much });
            rate = next_rate(steps, &done, &mut refined);
        }
        done.into_iter().map(|step| step.offered).collect()
    }

    const STEPS: Steps = Steps {
        from: 100.0,
        to: 1000.0,
        times: 2.0,
        measure: Duration::from_secs(1),
        settle: Duration::ZERO,
        p99: Duration::from_millis(100),
        refine: 2,
        all: false,
    };

    #[test]
    fn steps_go_up_until_one_is_too_much_and_then_close_in() {
        assert_eq!(climbed(&STEPS, 450.0), [100.0, 200.0, 400.0, 800.0, 600.0, 500.0]);
        assert_eq!(climbed(&STEPS, 650.0), [100.0, 200.0, 400.0, 800.0, 600.0, 700.0]);
        assert_eq!(climbed(&STEPS, 5000.0), [100.0, 200.0, 400.0, 800.0, 1000.0]);
        assert_eq!(climbed(&STEPS, 50.0), [100.0], "there is nothing to close in on");
    }

    #[test]
    fn all_steps_are_taken_where_that_is_asked_for() {
        assert_eq!(climbed(&Steps { all: true, ..STEPS }, 150.0), [100.0, 200.0, 400.0, 800.0, 1000.0]);
    }
}
