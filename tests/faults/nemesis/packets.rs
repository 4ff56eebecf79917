//! Packets that get lost between a gateway and its brokers, as in a network partition: connections stay open,
//! and the kernel goes on repeating what was not confirmed.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::time::sleep;

use super::Nemesis;
use crate::proxy::Link;

/// Rules of the kernel's packet filter, for as long as this lives. They name ports of this run only, so no other
/// traffic is hit.
struct Filter {
    table: String,
}

/// Why packets cannot be dropped here.
pub(crate) fn cannot_be() -> Option<String> {
    Filter::new(&[]).err().map(|why| format!("packets cannot be dropped ({why})"))
}

impl Nemesis<'_> {
    /// What a gateway sends to its brokers is dropped, or what it gets from them, or both.
    pub(super) async fn drop_packets(&mut self, there: bool, back: bool, hold: Duration) -> (String, bool) {
        let ports = self.dice.pick(&self.desk.broker_links).iter().map(|line: &Link| line.address().port());
        let mut rules = Vec::new();
        for port in ports {
            rules.extend(there.then(|| format!("tcp dport {port} counter name dropped drop")));
            rules.extend(back.then(|| format!("tcp sport {port} counter name dropped drop")));
        }
        let filter = match Filter::new(&rules) {
            Ok(filter) => filter,
            Err(why) => return (why, false),
        };
        sleep(hold).await;
        let dropped = filter.dropped();
        drop(filter);
        (format!("{dropped} packets dropped"), dropped > 0)
    }
}

impl Filter {
    fn new(rules: &[String]) -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let table = format!("frontdesk_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let hook = "type filter hook output priority 0; policy accept;";
        let script = format!(
            "table inet {table} {{\n counter dropped {{ }}\n chain out {{ {hook}\n{}\n }}\n}}\n",
            rules.join("\n")
        );
        let mut nft = Command::new("nft");
        nft.args(["-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut nft = nft.spawn().map_err(|error| format!("nft: {error}"))?;
        let written = nft.stdin.take().map(|mut input| input.write_all(script.as_bytes()));
        let done = nft.wait_with_output().map_err(|error| format!("nft: {error}"))?;
        match written {
            Some(Ok(())) if done.status.success() => Ok(Self { table }),
            _ => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        }
    }

    /// How many packets it has dropped.
    fn dropped(&self) -> u64 {
        let list = Command::new("nft").args(["list", "counter", "inet", &self.table, "dropped"]).output();
        let said = list.map(|list| String::from_utf8_lossy(&list.stdout).into_owned()).unwrap_or_default();
        let mut words = said.split_whitespace().skip_while(|word| *word != "packets").skip(1);
        words.next().and_then(|count| count.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        let _the_next_run_has_another = Command::new("nft").args(["delete", "table", "inet", &self.table]).status();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn what_a_filter_names_does_not_get_through_and_all_else_does() {
        if let Some(why) = cannot_be() {
            return frontdesk_tests::harness::skipped(&why);
        }
        let [barred, open] = [0; 2].map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        let [barred, open] = [barred, open].map(|listener| (listener.local_addr().unwrap(), listener));
        let filter = Filter::new(&[format!("tcp dport {} counter name dropped drop", barred.0.port())]).unwrap();
        TcpStream::connect(open.0).unwrap();
        assert!(TcpStream::connect_timeout(&barred.0, Duration::from_millis(300)).is_err());
        assert!(filter.dropped() > 0);
        drop(filter);
        TcpStream::connect(barred.0).unwrap();
    }
}
