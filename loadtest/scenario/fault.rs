//! Harm that is done to a server of our own, as it is written: `kill gateway 1 for 5s at 10s`, `database 60s`,
//! `restart gateways rolling at 10s`.

use std::{fmt, str::FromStr, time::Duration};

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};

use super::{Form, Spawn};

/// Harm to one part of a desk, or to several in turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Fault {
    pub(crate) action: Action,
    pub(crate) whom: Whom,
    /// Which of several, from 1 on; none: the first, or all of them in turn for a rolling deed.
    pub(crate) which: Option<u32>,
    /// How long until it is started or goes on again.
    pub(crate) length: Duration,
    /// When, from the begin of what is measured.
    pub(crate) at: Duration,
    /// All of them, one after the other.
    pub(crate) rolling: bool,
    text: String,
}

/// The action of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// SIGKILL, and started again after a while.
    Kill,
    /// SIGSTOP, and SIGCONT after a while.
    Stop,
    /// SIGTERM, and started again as soon as it has ended.
    Restart,
}

/// The part that a fault is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    Gateway,
    Worker,
    Broker,
    Database,
    Redis,
}

impl Fault {
    /// Whether a desk of this form has such a part.
    pub(super) fn check(&self, gateways: u32, spawn: &Spawn) -> anyhow::Result<()> {
        let there = match (self.whom, spawn.form) {
            (Whom::Gateway, _) => gateways,
            (Whom::Worker, Form::Cluster) => spawn.workers,
            (Whom::Broker, Form::Cluster) => spawn.brokers,
            (Whom::Redis, Form::Cluster) => 1,
            (Whom::Database, form) => u32::from(form == Form::Cluster || spawn.postgres),
            (Whom::Worker | Whom::Broker | Whom::Redis, Form::One) => 0,
        };
        ensure!(
            there > 0,
            "there is no such process; use spawn.form = \"cluster\", or spawn.postgres = true for a database"
        );
        ensure!(self.which.is_none_or(|which| (1..=there).contains(&which)), "there are only {there}");
        Ok(())
    }
}

impl FromStr for Fault {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut words = text.split_whitespace().peekable();
        let action = match words.peek().copied() {
            Some("kill") => Some(Action::Kill),
            Some("stop") => Some(Action::Stop),
            Some("restart") => Some(Action::Restart),
            _ => None,
        };
        if action.is_some() {
            words.next();
        }
        let named = words.next().context("say what to harm: gateway, worker, broker, database or redis")?;
        let whom = match named.trim_end_matches('s') {
            "gateway" | "server" => Whom::Gateway,
            "worker" => Whom::Worker,
            "broker" => Whom::Broker,
            "database" | "postgre" => Whom::Database,
            "redi" => Whom::Redis,
            _ => bail!("`{named}` is none of gateway, worker, broker, database and redis"),
        };
        let mut fault = Self {
            // A database that is just named is down: its connections are refused.
            action: action.unwrap_or(Action::Kill),
            whom,
            which: None,
            length: Duration::from_secs(5),
            at: Duration::from_secs(5),
            rolling: false,
            text: text.to_owned(),
        };
        while let Some(word) = words.next() {
            match word {
                "rolling" => fault.rolling = true,
                "at" => fault.at = length(words.next().context("`at` needs a time, such as 10s")?)?,
                "for" => fault.length = length(words.next().context("`for` needs a time, such as 5s")?)?,
                number if number.bytes().all(|byte| byte.is_ascii_digit()) => fault.which = Some(number.parse()?),
                other => fault.length = length(other)?,
            }
        }
        ensure!(!fault.rolling || fault.which.is_none(), "either one of them or all in turn");
        Ok(fault)
    }
}

fn length(text: &str) -> anyhow::Result<Duration> {
    /// Read as all other lengths of time are.
    #[derive(Deserialize)]
    struct Read(#[serde(with = "humantime_serde")] Duration);
    let read = serde_json::from_value::<Read>(text.into());
    read.map(|read| read.0).map_err(|_| anyhow::anyhow!("`{text}` is no time such as 500ms, 5s or 2m"))
}

impl TryFrom<String> for Fault {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        text.parse().with_context(|| format!("`{text}`"))
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.text
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Action, Whom, Option<u32>, u64, u64, bool) {
        let fault: Fault = text.parse().unwrap();
        (fault.action, fault.whom, fault.which, fault.length.as_secs(), fault.at.as_secs(), fault.rolling)
    }

    #[test]
    fn harm_is_read_as_it_is_said() {
        assert_eq!(read("kill gateway at 10s"), (Action::Kill, Whom::Gateway, None, 5, 10, false));
        assert_eq!(read("stop worker 2 5s"), (Action::Stop, Whom::Worker, Some(2), 5, 5, false));
        assert_eq!(read("database 60s"), (Action::Kill, Whom::Database, None, 60, 5, false));
        assert_eq!(read("restart gateways rolling at 3s"), (Action::Restart, Whom::Gateway, None, 5, 3, true));
        assert_eq!(read("kill broker for 2m at 1m"), (Action::Kill, Whom::Broker, None, 120, 60, false));
    }

    #[test]
    fn nonsense_is_refused_and_named() {
        for (text, part) in
            [("kill cat", "cat"), ("stop worker soon", "soon"), ("kill gateway at", "time"), ("", "what")]
        {
            let error = format!("{:#}", text.parse::<Fault>().unwrap_err());
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn only_what_is_there_can_be_harmed() {
        let one = Spawn::default();
        let cluster = Spawn { form: Form::Cluster, workers: 2, ..Spawn::default() };
        let can = |text: &str, spawn: &Spawn| text.parse::<Fault>().unwrap().check(1, spawn).is_ok();
        assert!(can("kill gateway", &one) && !can("kill worker", &one) && !can("database 60s", &one));
        assert!(can("stop worker 2", &cluster) && !can("stop worker 3", &cluster) && can("database 60s", &cluster));
        assert!(can("database 60s", &Spawn { postgres: true, ..one }));
    }
}
