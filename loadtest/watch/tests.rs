//! What is looked at is seen.

use std::{io::Read as _, net::TcpListener};

use super::*;

#[tokio::test]
async fn a_process_is_seen_until_it_is_asked_for() {
    let own = WatchedProcess {
        name: "tests".to_owned(),
        role: "generator".to_owned(),
        pid: std::process::id(),
        with_children: false,
    };
    let mut tracked = Tracked::new(own);
    tracked.look(-1.0, true);
    tracked.look(0.0, false);
    tracked.look(1.0, true);
    let process = tracked.into_process();
    assert_eq!(process.samples.at, [0.0, 1.0]);
    assert!(process.samples.proportional_bytes.iter().all(|bytes| *bytes > 0));
    assert!(process.samples.files.iter().all(|files| *files > 2));
    assert!(process.used(0.0, 1.0).memory_bytes > 0);
    assert_eq!(process.used(5.0, 9.0), Used::default());
}

#[test]
fn one_that_is_started_anew_goes_on_under_its_name() {
    let process = |pid| WatchedProcess { name: "a".to_owned(), role: "gateway".to_owned(), pid, with_children: false };
    let mut tracked = Tracked::new(process(std::process::id()));
    tracked.look(0.0, false);
    tracked.look(1.0, false);
    tracked.replace(process(u32::MAX));
    tracked.look(2.0, false);
    tracked.replace(process(std::process::id()));
    tracked.look(3.0, false);
    tracked.look(4.0, false);
    assert_eq!(tracked.into_process().samples.at, [1.0, 4.0]);
}

#[test]
fn a_metrics_page_is_read() {
    let client = reqwest::Client::new();
    let mut page = MetricsPage::new(&client, "gateway-1".to_owned(), "http://127.0.0.1:1");
    let text = |shed: u32, below: u32, all: u32| {
        format!(
            "# TYPE desk_commands_in_hand gauge\ndesk_commands_in_hand 7\ndesk_shed_total{{priority=\"typing\"}} {shed}\n\
             desk_hop_seconds_bucket{{hop=\"accept\",le=\"0.001\"}} {below}\n\
             desk_hop_seconds_bucket{{hop=\"accept\",le=\"+Inf\"}} {all}\ndesk_hop_seconds_sum{{hop=\"accept\"}} 1\n\
             something_else 3\nbroken\n"
        )
    };
    page.read(0.0, &text(1, 0, 0));
    page.read(1.0, &text(5, 100, 100));
    let series: Vec<_> = page.into_series().collect();
    let values = |name: &str| series.iter().find(|series| series.name == name).map(|series| series.values.clone());
    assert_eq!(values("desk_commands_in_hand"), Some(vec![7.0, 7.0]));
    assert_eq!(values("desk_shed_total{priority=\"typing\"}"), Some(vec![4.0]));
    assert_eq!(values("desk_hop_seconds{hop=\"accept\"} p50"), Some(vec![0.5]));
    assert_eq!(series.len(), 4);
}

#[tokio::test]
async fn pages_that_do_not_answer_leave_gaps() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let closed = std::thread::spawn(move || {
        // Reads a request and hangs up.
        let (mut socket, _) = listener.accept().unwrap();
        let _some = socket.read(&mut [0; 1024]).unwrap();
    });
    let mut page = MetricsPage::new(&reqwest::Client::new(), "gateway-1".to_owned(), &url);
    page.look(Instant::now()).await;
    closed.join().unwrap();
    page.look(Instant::now()).await;
    assert_eq!(page.into_series().count(), 0);
    let mut broker = BrokerPage::new(&reqwest::Client::new(), "broker".to_owned(), &url);
    broker.look(Instant::now()).await;
    assert_eq!(broker.into_series().count(), 0);
}
