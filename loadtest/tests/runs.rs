//! Whole runs against a server of this build, as people start them; and against one that delivers wrongly.

mod proxy;
mod server;

use std::{
    process::{Command, Output},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use proxy::{Mischief, Proxy};
use server::Server;

/// Runs the command; gives its exit code, the report, and what was printed.
fn run(words: &[&str]) -> (i32, Value, String) {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let (json, html) = (folder.path().join("report.json"), folder.path().join("report.html"));
    let output = Command::new(env!("CARGO_BIN_EXE_frontdesk-loadtest"))
        .args(words)
        .args(["--json".as_ref(), json.as_os_str(), "--html".as_ref(), html.as_os_str()])
        .output()
        .expect("it can be started");
    let said = said(&output);
    let report = std::fs::read(&json).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert!(html.metadata().is_ok_and(|page| page.len() > 1000));
    let code = output.status.code().expect("it is not killed by a signal");
    (code, serde_json::from_slice(&report).expect("it is JSON"), said)
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// One run at a time: each has a server of its own, and the machine may be small.
fn alone() -> MutexGuard<'static, ()> {
    static RUNNING: Mutex<()> = Mutex::new(());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// That nothing was wrong. Whether the generator was fast enough is the machine's business, not a test's.
fn assert_sound((code, report, said): &(i32, Value, String)) {
    assert!([0, 3].contains(code), "{code}: {}\n{said}", report["complaints"]);
    let checks = &report["checks"];
    for wrong in ["lost", "duplicated", "misordered", "unknown", "refused"] {
        assert_eq!(checks[wrong], 0, "{said}");
    }
    assert_eq!((&checks["accepted"], &checks["delivered"]), (&checks["sent"], &checks["sent"]), "{said}");
}

#[test]
fn crowds_of_two_generators_are_measured_together() {
    let _alone = alone();
    server::must_be_built();
    let scenario = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    let text = r#"
        extends = ["steady", "claim-race", "hot-conversation", "idle"]
        name = "all"
        about = "Several crowds side by side, small."
        measure = "3s"
        warmup = "1s"
        generators = 2
        codec = "msgpack"
        [crowd.pairs]
        pairs = 6
        per_agent = 2
        rate = 30
        receipts = true
        [crowd.race]
        rate = 3
        agents = 3
        [crowd.hot]
        rate = 5
        watchers = 3
        [crowd.waiting]
        sockets = 30
        levels = 2
        settle = "100ms"
    "#;
    std::fs::write(scenario.path(), text).unwrap();
    let found = run(&["run", "--scenario", scenario.path().to_str().unwrap()]);
    assert_sound(&found);
    let (_, report, said) = found;
    // 4 s of 30 and 5 messages a second, and 12 claims.
    assert_eq!(report["checks"]["sent"], 152, "{said}");
    let figure = |name: &str| {
        let figures = report["figures"].as_array().unwrap();
        figures.iter().find(|figure| figure["name"] == name).map(|figure| figure["value"].as_f64().unwrap())
    };
    assert_eq!((figure("claims won"), figure("claims lost")), (Some(12.0), Some(24.0)), "{said}");
    assert!(figure("memory of a session, all processes").is_some());
    let names: Vec<&str> =
        report["processes"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["node", "broker", "generator-1", "generator-2"]);
    assert!(report["timeline"].as_array().unwrap().len() >= 4);
}

#[test]
fn visitors_slow_readers_programs_and_a_storm_lose_nothing() {
    let _alone = alone();
    server::must_be_built();
    let scenario = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    let text = r#"
        extends = ["contact-day", "slow-readers", "rest-flood", "storm"]
        name = "all"
        about = "Several crowds side by side, small."
        measure = "4s"
        warmup = "0s"
        [crowd.visitors]
        rate = 2
        agents = 2
        messages = 2
        think = "100ms"
        [crowd.paused]
        readers = 2
        rate = 10
        stall = "2s"
        [crowd.program]
        conversations = 3
        rate = 10
        [crowd.others]
        pairs = 2
        rate = 5
        [crowd.cut]
        sockets = 20
        at = "500ms"
        spread = "2s"
    "#;
    std::fs::write(scenario.path(), text).unwrap();
    let found = run(&["run", scenario.path().to_str().unwrap()]);
    assert_sound(&found);
    let hops: Vec<&str> = found.1["hops"].as_array().unwrap().iter().filter_map(|hop| hop["name"].as_str()).collect();
    for name in ["accepted", "delivered", "back", "caught_up", "connected"] {
        assert!(hops.contains(&name), "{name} in {hops:?}: {}", found.2);
    }
}

#[test]
fn steps_say_what_was_carried() {
    let _alone = alone();
    server::must_be_built();
    let words = "run ramp --set steps.from=10 --set steps.to=20 --set steps.times=2 --set steps.measure=1s \
                 --set steps.settle=100ms --set steps.p99=30s --set crowd.pairs.pairs=4";
    let found = run(&words.split_whitespace().collect::<Vec<_>>());
    assert_sound(&found);
    let steps: Vec<f64> =
        found.1["steps"].as_array().unwrap().iter().filter_map(|step| step["offered"].as_f64()).collect();
    assert_eq!(steps, [10.0, 20.0], "{}", found.2);
}

#[test]
fn a_delivery_that_is_doubled_or_left_out_turns_the_run_red() {
    let _alone = alone();
    let server = Server::start();
    for (mischief, word) in [(Mischief::Double, "came again"), (Mischief::LeaveOut, "left out"), (Mischief::None, "")] {
        let proxy = Proxy::start(&server.address, mischief);
        let url = format!("http://{}", proxy.address);
        let mut words = vec!["bench", "--sockets", "4", "--rate", "20", "--seconds", "1", "--warmup", "0"];
        words.extend([
            "--target",
            &url,
            "--inbox",
            &server.inbox,
            "--email",
            &server.email,
            "--password",
            &server.password,
        ]);
        let (code, report, said) = run(&words);
        if mischief == Mischief::None {
            assert!([0, 3].contains(&code), "{said}");
        } else {
            assert_eq!(code, 1, "{said}");
            let complaints = report["complaints"].to_string();
            assert!(complaints.contains(word), "{complaints}");
        }
    }
}
