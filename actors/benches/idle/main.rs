//! What a session costs that is there and says nothing: `cargo bench -p frontdesk-actors --bench idle`.
//!
//! A node with everything in memory serves this program's own sockets; a second process of it holds their other ends.
//! Prints, for each transport, resident bytes for each session (the slope between two counts), the same after each has
//! sent 4 KB, and the CPU time while nothing is said.
#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

mod crowd;
mod figures;
mod node;

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use figures::{cpu_seconds, resident_bytes};

/// Counts between which the slope is taken. Both ends together stay below the usual limit of open files of two
/// processes.
const FEW: usize = 2_000;
const MANY: usize = 9_000;

/// How long nothing is said.
const QUIET: Duration = Duration::from_secs(60);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["crowd", address] => crowd::run(address.parse().unwrap()),
        ["direct" | "actix"] => measure(&arguments[0]),
        // Each in a process of its own: what an allocator keeps from the first would count for the second.
        _ => ["actix", "direct"].iter().for_each(|transport| {
            let run = Command::new(std::env::current_exe().unwrap()).arg(transport).status();
            assert!(run.unwrap().success());
        }),
    }
}

/// The other ends: another process, told what to do line by line.
struct Crowd {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Crowd {
    fn gather(address: SocketAddr) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["crowd", &address.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, to, from }
    }

    /// Does `what`; returns when it is done.
    fn ask(&mut self, what: &str) {
        writeln!(self.to, "{what}").unwrap();
        let mut done = String::new();
        self.from.read_line(&mut done).unwrap();
        assert_eq!(done.trim(), "done", "{what}");
    }
}

fn measure(transport: &str) {
    let address = node::start(transport == "direct");
    let mut crowd = Crowd::gather(address);
    let settled = |crowd: &mut Crowd, what: &str| {
        crowd.ask(what);
        std::thread::sleep(Duration::from_secs(8));
        resident_bytes()
    };
    let few = settled(&mut crowd, &format!("come {FEW}"));
    let many = settled(&mut crowd, &format!("come {MANY}"));
    let each = (many - few) / (MANY - FEW) as f64;
    let (cpu, quiet) = (cpu_seconds(), QUIET.as_secs_f64());
    std::thread::sleep(QUIET);
    let busy = (cpu_seconds() - cpu) / quiet;
    let talked = settled(&mut crowd, "talk");
    std::thread::sleep(QUIET);
    let after = resident_bytes();
    println!("{transport}: {each:.0} bytes for each idle, authenticated session (from {FEW} to {MANY})");
    println!(
        "{transport}: {:+.1} % right after 4 KB from each, {:+.1} % a minute later",
        100.0 * (talked - many) / many,
        100.0 * (after - many) / many
    );
    println!("{transport}: {:.2} % of a core for {MANY} idle sessions, heartbeats included", 100.0 * busy);
    crowd.process.kill().unwrap();
    std::process::exit(0);
}
