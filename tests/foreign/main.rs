//! Programs of others against the desk: they know the standards and nothing of this code. `install.sh` puts them into
//! `.tools`; each is given a bound in time, and says how many cases it tried.

use std::{path::Path, process::Command};

use frontdesk_tests::harness::{Agent, Coding, Contact, Node, RawNats, Rest, System, open};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_no_failure_and_nothing_that_is_not_described() {
    let system = System::up();
    let node = system.gateway(0);
    let (owner, agent) = (Agent::ada(&system, node).await, Agent::bob(&system, node).await);
    // Rows to find.
    let widget = Contact::visit(&system, node).await.connect(node, Coding::Json).await;
    open(&widget).await;
    let description = format!("{}/api/v1/openapi.json", node.origin());
    for (whose, token) in [("an owner's", &owner.token), ("an agent's", &agent.token)] {
        let authorization = format!("Authorization: Bearer {token}");
        // What a value refers to, and how many bytes it has, no schema tells: valid data may be refused, with 4xx.
        let arguments = [
            "run",
            &description,
            "--header",
            &authorization,
            "--checks",
            "all",
            "--exclude-checks",
            "positive_data_acceptance",
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "5",
            "--max-time",
            "60",
            "--seed",
            "7",
            "--request-timeout",
            "10",
            "--continue-on-failure",
            "--no-color",
            "--warnings",
            "off",
        ];
        let said = run(&python("schemathesis"), &arguments, "200");
        println!("schemathesis with {whose} token:\n{}", tail(&said.1, 12));
        assert!(said.0, "with {whose} token:\n{}", tail(&said.1, 1_000));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_linter_finds_no_error_in_the_description() {
    let system = System::up();
    let description = Rest::new(system.gateway(0)).get("/api/v1/openapi.json").await.text;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, description).expect("it is written");
    let linter = root().join(".tools/lint/node_modules/.bin/redocly");
    let said = run(&linter, &["lint", &file.display().to_string(), "--extends", "recommended"], "60");
    assert!(said.0, "{}", tail(&said.1, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_client_finds_both_transports_as_the_rfc_says() {
    let system = System::up();
    let node = system.gateway(0);
    let (contact, agent) = (Contact::visit(&system, node).await, Agent::ada(&system, node).await);
    for (path, token) in [(contact.path(), &contact.token), (Agent::PATH.to_owned(), &agent.token)] {
        let script = root().join("tests/foreign/sockets.py").display().to_string();
        let said = run(&python("python"), &[&script, &node.host(), &path, &node.origin(), token], "120");
        println!("{path}: {}", tail(&said.1, 1));
        assert!(said.0, "{path}:\n{}", said.1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_by_another_library_is_taken_and_reaches_nothing_else() {
    let system = System::up();
    let (tenant, inbox) = (&system.demo().tenant, &system.demo().inbox);
    let add = ["broker", "credentials", "add", "--json", "--name", "foreign", "--bridge", &format!("{tenant}/{inbox}")];
    let (succeeded, said) = system.gateway(0).command(&add);
    assert!(succeeded, "{said}");
    let added: Value = said.lines().find_map(|line| serde_json::from_str(line).ok()).expect("credentials as JSON");
    let text = |name: &str| added[name].as_str().expect("a text").to_owned();
    let (script, other) = (root().join("tests/foreign/bridge.py").display().to_string(), system.other_tenant());
    let arguments = [
        &script,
        &format!("nats://{}", RawNats::address(&system)),
        "foreign",
        &text("password"),
        &text("inbox_prefix"),
        tenant,
        inbox,
        &other.tenant,
        &other.inbox,
    ];
    let said = run(&python("python"), &arguments.map(|argument| -> &str { argument }), "120");
    println!("{}", tail(&said.1, 1));
    assert!(said.0, "{}", said.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promtool_finds_nothing_wrong_with_the_metrics() {
    let system = System::up();
    let metrics = metrics_of(system.gateway(0)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("metrics");
    std::fs::write(&file, metrics).expect("it is written");
    let check = format!("promtool check metrics <{}", file.display());
    let said = run(Path::new("/bin/sh"), &["-c", &check], "30");
    assert!(said.0 && said.1.trim().is_empty(), "{}", said.1);
}

#[test]
fn cargo_deny_finds_no_licence_crate_or_source_that_may_not_be_there() {
    // The advisories are a download of their own, which tests do not depend on: `cargo deny check` looks at them too.
    let manifest = root().join("Cargo.toml").display().to_string();
    let config = root().join(".deny.toml").display().to_string();
    let arguments =
        ["--manifest-path", &manifest, "--offline", "--config", &config, "check", "bans", "licenses", "sources"];
    let said = run(&python("cargo-deny"), &arguments, "120");
    assert!(said.0, "{}", tail(&said.1, 60));
}

async fn metrics_of(node: &Node) -> String {
    Rest::at(node.admin()).get("/metrics").await.text
}

/// Runs a program for so many seconds at most; gives whether it succeeded, and what it said.
fn run(program: &Path, arguments: &[&str], seconds: &str) -> (bool, String) {
    let install = "is missing, install it with this line:\ntests/install.sh";
    assert!(program.is_file(), "{} {install}", program.display());
    let output =
        Command::new("timeout").arg(seconds).arg(program).args(arguments).current_dir(std::env::temp_dir()).output();
    let output = output.expect("the program starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn python(program: &str) -> std::path::PathBuf {
    root().join(".tools/python/bin").join(program)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository")
}

fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.trim_end().lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
