//! A planted difference is found; chance is not called a difference.

use fastrand::Rng;
use hdrhistogram::Histogram;

use super::*;
use crate::report::{Figure, Hop, Second};

/// A run of two minutes whose latencies are so many times the usual, with a spread that lasts for some seconds.
fn run(seed: u64, slower: f64) -> Report {
    let mut report = Report::from_json(include_str!("../report/samples/v1.json")).unwrap();
    let mut rng = Rng::with_seed(seed);
    let mut weather = 0.0;
    let mut times = Histogram::new_with_bounds(1, 120_000_000, 3).unwrap();
    report.timeline = (0..120)
        .map(|at| {
            weather = 0.6 * weather + 0.2 * (rng.f64() + rng.f64() + rng.f64() - 1.5);
            let p99 = 20.0 * slower * f64::exp(weather);
            times.record((p99 * 1000.0) as u64).unwrap();
            Second {
                at,
                delivered: 1000,
                accepted_p50_ms: Some(p99 / 4.0),
                accepted_p99_ms: Some(p99),
                delivered_p50_ms: Some(p99 / 3.0),
                delivered_p99_ms: Some(p99 * 1.2),
                ..Second::default()
            }
        })
        .collect();
    report.hops = ["accepted", "delivered", "persisted"].map(|name| Hop::new(name, "", &times)).to_vec();
    report.seconds = 120.0;
    report
}

fn judgement(rows: &[Row], name: &str) -> Judgement {
    rows.iter().find(|row| row.name == name).unwrap().judgement
}

#[test]
fn a_fifth_more_is_found_in_one_run_of_each_side() {
    let rows = judge(&[run(1, 1.0)], &[run(2, 1.2)]);
    for name in ["accepted p50", "accepted p99", "delivered p50", "delivered p99"] {
        assert_eq!(judgement(&rows, name), Judgement::Worse, "{rows:?}");
    }
    assert_eq!(judgement(&rows, "delivered"), Judgement::Noise);
    assert_eq!(judgement(&rows, "persisted p99"), Judgement::Unknown);
    let rows = judge(&[run(1, 1.2)], &[run(2, 1.0)]);
    assert_eq!(judgement(&rows, "accepted p99"), Judgement::Better);
}

#[test]
fn a_fifth_more_is_found_in_several_runs() {
    let runs = |from: u64, slower: f64| (from..from + 4).map(|seed| run(seed, slower)).collect::<Vec<_>>();
    let rows = judge(&runs(1, 1.0), &runs(11, 1.2));
    assert_eq!(judgement(&rows, "accepted p99"), Judgement::Worse);
    assert_eq!(judgement(&rows, "persisted p99"), Judgement::Worse);
}

#[test]
fn chance_is_not_called_a_difference() {
    let (mut alarms, mut missed) = (0, 0);
    for seed in 0..12 {
        let (base, new) = (run(1000 + seed, 1.0), run(2000 + seed, 1.0));
        let several = judge(&[base.clone(), run(3000 + seed, 1.0)], &[new.clone(), run(4000 + seed, 1.0)]);
        for rows in [judge(&[base], &[new]), several] {
            let called = |row: &Row| [Judgement::Better, Judgement::Worse].contains(&row.judgement);
            alarms += usize::from(rows.iter().any(called));
            missed += usize::from(rows.iter().filter_map(|row| row.interval).any(|interval| !interval.holds(1.0)));
        }
    }
    // One in a hundred is promised for each figure, and all four latencies here come from one.
    assert!(alarms <= 1 && missed <= 2, "{alarms} alarms, {missed} intervals without the truth");
}

#[test]
fn what_a_scenario_is_about_is_compared_too() {
    let of = |seed, bytes: f64| {
        let figures = vec![
            Figure::new("memory of a session", bytes, "bytes"),
            Figure::new("highest rate", 1e6 / bytes, "messages/s"),
            Figure::new("visits", 3.0, ""),
        ];
        Report { figures, ..run(seed, 1.0) }
    };
    let rows = judge(&[of(1, 3000.0), of(2, 3010.0), of(3, 2990.0)], &[of(4, 3600.0), of(5, 3610.0), of(6, 3590.0)]);
    assert_eq!(judgement(&rows, "memory of a session"), Judgement::Worse);
    assert_eq!(judgement(&rows, "highest rate"), Judgement::Worse);
    assert!(rows.iter().all(|row| row.name != "visits"));
}

#[test]
fn other_machines_and_scenarios_are_warned_of() {
    let (one, mut other) = (run(1, 1.0), run(1, 1.0));
    assert!(differences(&one, &other).is_empty());
    other.machine.cores = 16;
    other.scenario.name = "idle".to_owned();
    other.scenario.durability = "os".to_owned();
    other.checks.lost = 1;
    assert_eq!(differences(&one, &other).len(), 4);
    other = run(1, 1.0);
    other.scenario.configuration = "[steady]\nrate = 4000\n".to_owned();
    assert!(differences(&one, &other)[0].starts_with("another configuration: rate = 2000"));
}

#[test]
fn the_page_holds_no_more_than_text() {
    let mut report = run(1, 1.0);
    report.machine.processor = "<script>".to_owned();
    let comparison = Comparison::of("<b>a".to_owned(), "b".to_owned(), &[run(1, 1.0)], &[report]);
    let page = show::to_html(&[comparison]);
    assert!(!page.contains("<script") && !page.contains("<b>") && page.contains("&lt;script&gt;"));
}
