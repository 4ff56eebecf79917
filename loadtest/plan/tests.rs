//! A simple case, worked out by hand.

use hdrhistogram::Histogram;

use super::*;
use crate::report::{Figure, Second, Used, model::Step, times::Hop};

/// Four steps of 10 s on two cores: a gateway that takes 0.1 cores and 200 us a message, a worker 100 us, a broker 150
/// us and 800 bytes; 50 MB and 3,000 bytes a socket; late at 4,000 a second.
fn stepped() -> Report {
    let mut report = Report::from_json(include_str!("../report/samples/v1.json")).unwrap();
    report.timeline.clear();
    let mut stored = 1_000_000.0;
    let step = |rate: f64, sessions: u64, p99_ms: u64, at: f64| {
        let mut times = Histogram::new_with_bounds(1, 120_000_000, 3).unwrap();
        times.record_n(p99_ms * 1000, 1000).unwrap();
        stored += rate * 10.0 * 800.0;
        let used = |cores: f64, bytes: f64, disk| Used { cores, memory_bytes: bytes as u64, disk_bytes: disk };
        Step {
            label: format!("{rate}/s"),
            from: at,
            until: at + 10.0,
            offered: rate,
            accepted: rate,
            delivered: rate,
            sessions,
            hops: vec![Hop::new("delivered", "", &times)],
            used: [
                ("gateway", used(0.1 + rate * 200e-6, 50e6 + sessions as f64 * 3000.0, None)),
                ("worker", used(rate * 100e-6, 30e6, None)),
                ("broker", used(rate * 150e-6, 40e6, Some(stored as u64))),
                ("generator", used(0.2, 10e6, None)),
            ]
            .map(|(role, used)| (role.to_owned(), used))
            .into(),
            ..Step::default()
        }
    };
    let mut step = step;
    report.steps = vec![
        step(500.0, 1_000, 8, 0.0),
        step(1000.0, 2_000, 10, 10.0),
        step(2000.0, 3_000, 20, 20.0),
        step(4000.0, 4_000, 500, 30.0),
    ];
    report
}

fn question() -> Question {
    // 8,640,000 x 10 % / 3600 = 240 a second, and twice that in the highest minute.
    Question {
        contacts: 20_000.0,
        agents: 400.0,
        messages_per_day: 8_640_000.0,
        busy_hour: 0.1,
        peak: 2.0,
        sessions_per_gateway: 10_000.0,
        ..Question::like(1.0, 1.0)
    }
}

#[test]
fn a_plan_is_as_worked_out_by_hand() {
    let plan = Plan::of(&stepped(), None, question()).unwrap();
    // In time up to 2,000 a second, where 0.1 + 0.9 of 1.8 cores were busy.
    assert!((plan.capacity.busy - 1.0 / 1.8).abs() < 1e-9, "{:?}", plan.capacity);
    assert!((plan.capacity.rate.low - 2000.0).abs() < 1e-9 && (plan.capacity.rate.high - 4000.0).abs() < 1e-9);
    let (factor, answer) = &plan.answers[1];
    assert!((factor - 1.0).abs() < 1e-9 && (answer.highest_rate - 480.0).abs() < 1e-9);
    // 20,400 sockets at 10,000 each are three gateways, and one may be away; 480 a second are little CPU.
    assert!((answer.gateways.value - 4.0).abs() < 1e-9 && (answer.workers.value - 2.0).abs() < 1e-9, "{answer:?}");
    assert!((answer.brokers.value - 3.0).abs() < 1e-9);
    // Gateway 0.1 + 0.096, worker 0.048, three brokers of 0.072; by 0.5556 busy.
    assert!((answer.cores.value - (0.196 + 0.048 + 0.216) * 1.8).abs() < 1e-6, "{answer:?}");
    // Four gateways and their sockets, two workers of 30 MB, three brokers of 40 MB.
    assert!((answer.memory.unwrap().value - (4.0 * 50e6 + 20_400.0 * 3000.0 + 180e6)).abs() < 1e3, "{answer:?}");
    // One hour of the busiest: 864,000 entries of 800 bytes.
    assert!((answer.log_bytes.unwrap().value - 864_000.0 * 800.0).abs() < 1e4, "{answer:?}");
    assert!(plan.assumptions.iter().any(|said| said.starts_with("EXTRAPOLATED: 20.4k sockets are 5.1 times")));
    assert!(!plan.assumptions.iter().any(|said| said.contains("messages a second are")));
}

#[test]
fn more_load_never_needs_less() {
    let plan = Plan::of(&stepped(), None, question()).unwrap();
    for pair in plan.answers.windows(2) {
        let (less, more) = (&pair[0].1, &pair[1].1);
        assert!(less.gateways.value <= more.gateways.value && less.workers.value <= more.workers.value);
        assert!(less.cores.value < more.cores.value && less.memory.unwrap().value < more.memory.unwrap().value);
    }
    let text = plan.to_text();
    for part in ["x10*", "Taken for true", "EXTRAPOLATED", "gateway, CPU a message"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_run_that_says_too_little_is_refused() {
    let mut report = stepped();
    let impatient = Question { p99: 1.0, ..question() };
    assert!(Plan::of(&report, None, impatient).unwrap_err().to_string().contains("within 1 ms"));
    report.steps[0].validity.reasons.push("the generator was the bottleneck".to_owned());
    report.steps[1].delivered = 0.0;
    assert!(Plan::of(&report, None, question()).unwrap_err().to_string().contains("at least three steps"));
    assert!(section(&report).into_string().is_empty());
}

#[test]
fn memory_of_sockets_that_did_not_vary_is_taken_from_another_run() {
    let mut report = stepped();
    report.steps.iter_mut().for_each(|step| {
        step.sessions = 1_000;
        step.used.get_mut("gateway").unwrap().memory_bytes = 52_000_000;
    });
    let plan = Plan::of(&report, None, question()).unwrap();
    assert!(plan.answers[1].1.memory.is_none());
    assert!(plan.assumptions.iter().any(|said| said.contains("memory is not known")));
    let figures = vec![Figure::new("memory of a session, all processes", 2000.0, "bytes")];
    let idle = Report { figures, ..report.clone() };
    let plan = Plan::of(&report, Some(&idle), question()).unwrap();
    // 50 MB at rest and 2,000 bytes a socket; workers and brokers as before.
    let memory = plan.answers[1].1.memory.unwrap().value;
    assert!((memory - (4.0 * 50e6 + 20_400.0 * 2000.0 + 180e6)).abs() < 1e3, "{memory}");
}

#[test]
fn what_is_delivered_after_a_step_is_not_carried_in_it() {
    let mut report = stepped();
    report.timeline = (0..40).map(|at| Second { at, delivered: 700, ..Second::default() }).collect();
    let plan = Plan::of(&report, None, question()).unwrap();
    assert!((plan.measured.highest_rate - 700.0).abs() < 1e-9);
    // Of 500 a second all were carried, with some of before; of 1,000 not.
    assert!((plan.capacity.rate.low - 700.0).abs() < 1e-9, "{:?}", plan.capacity);
}

#[test]
fn what_gateways_add_is_taken_from_the_run_if_their_number_varied() {
    let mut report = stepped();
    assert_eq!(Plan::of(&report, None, question()).unwrap().measured.scale_out(), None);
    report.steps.iter_mut().zip([1, 2, 3, 4]).for_each(|(step, gateways)| {
        step.nodes.gateways = gateways;
        step.delivered = [1000.0, 1800.0, 2600.0, 3400.0][gateways as usize - 1];
        step.offered = step.delivered;
    });
    let plan = Plan::of(&report, None, question()).unwrap();
    assert!((plan.measured.scale_out().unwrap() - 0.8).abs() < 0.02, "{:?}", plan.measured.scale_out());
    assert!(plan.assumptions.iter().any(|said| said.contains("as measured")));
}
