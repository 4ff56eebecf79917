//! What is written can be read, by this version and the next.

use hdrhistogram::Histogram;

use super::{
    model::{Checks, Process, Report, Samples, Verdict},
    times::Hop,
};

/// A report as version 0.1.0 wrote it.
const V1: &str = include_str!("samples/v1.json");

#[test]
fn what_is_written_is_read_again() {
    let mut report = Report::from_json(V1).unwrap();
    let mut times = Histogram::new_with_bounds(1, 120_000_000, 3).unwrap();
    (1..=10_000).for_each(|micros| times.record(micros).unwrap());
    report.hops = vec![Hop::new("accepted", "due until <logged>", &times)];
    let again = Report::from_json(&report.to_json()).unwrap();
    assert_eq!(again, report);
    assert_eq!(again.hop("accepted").unwrap().times.0, times);
}

#[test]
fn histograms_of_two_reports_can_be_added() {
    let report = Report::from_json(V1).unwrap();
    let mut all = report.hop("accepted").unwrap().times.0.clone();
    all.add(&report.hop("accepted").unwrap().times.0).unwrap();
    assert_eq!(all.len(), 2 * report.hop("accepted").unwrap().times.count());
}

#[test]
fn a_report_of_an_earlier_version_is_read() {
    let report = Report::from_json(V1).unwrap();
    assert_eq!((report.format, report.scenario.name.as_str()), (1, "steady-chat"));
    assert_eq!(report.hop("accepted").unwrap().times.count(), 3);
    assert_eq!(report.timeline.len(), 2);
    assert_eq!(report.processes[0].samples.at.len(), 2);
}

#[test]
fn other_files_and_later_formats_are_refused() {
    let later = V1.replacen("\"format\":1", "\"format\":2", 1);
    assert!(Report::from_json(&later).unwrap_err().to_string().contains("later version"));
    assert!(Report::from_json("{}").is_err());
    assert!(Report::from_json("nonsense").is_err());
}

#[test]
fn what_is_broken_is_broken_whatever_else() {
    let mut report = Report::from_json(V1).unwrap();
    assert_eq!(report.verdict(), Verdict::Sound);
    report.validity.reasons.push("the generator was the bottleneck".to_owned());
    assert_eq!(report.verdict(), Verdict::Invalid);
    for checks in [
        Checks { lost: 1, ..report.checks },
        Checks { duplicated: 1, ..report.checks },
        Checks { misordered: 1, ..report.checks },
        Checks { accepted: 0, ..report.checks },
    ] {
        assert_eq!(Report { checks, ..report.clone() }.verdict(), Verdict::Broken);
    }
    report.complaints.push("a socket ended".to_owned());
    assert_eq!(report.verdict(), Verdict::Broken);
}

#[test]
fn memory_is_summed_over_processes_and_never_over_looks_at_one() {
    let process = |role: &str, at: &[f64], bytes: &[u64]| Process {
        role: role.to_owned(),
        samples: Samples { at: at.to_vec(), proportional_bytes: bytes.to_vec(), ..Samples::default() },
        ..Process::default()
    };
    let mut report = Report::from_json(V1).unwrap();
    report.processes = vec![
        process("node", &[19.764, 20.764, 20.829], &[70, 100, 90]),
        process("broker", &[19.764, 20.764, 20.829], &[200, 180, 185]),
        process("generator", &[20.764], &[1_000]),
    ];
    assert_eq!(report.peak_bytes(), Some(285.0));
}
