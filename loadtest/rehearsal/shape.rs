//! The shape of traffic: how much, how long, how often, and nothing of what or who.
//!
//! Nothing in it belongs to less than `at_least` conversations or messages: bins of a histogram are joined until so
//! many lie in each, and what there is less of is left out. Bounds lie on a grid (1, 2, 5, 10, ...), times count from
//! the begin of the recording, shares are rounded to a twentieth.

use anyhow::ensure;
use serde::{Deserialize, Serialize};

/// Format of the files that this program writes.
pub(super) const FORMAT: u32 = 1;

/// The shape of traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    /// Format of this file, see [`FORMAT`].
    pub(super) format: u32,
    /// How many belong to each figure at least.
    pub(super) at_least: u64,
    /// How long was recorded, in seconds.
    pub(super) seconds: u64,
    /// Agents that said something, rounded up to a multiple of `at_least`.
    pub(super) agents: u64,
    /// Conversations that began, by seconds since the begin of the recording.
    pub(super) arrivals: Bins,
    /// Messages of a conversation.
    pub(super) messages: Bins,
    /// Seconds from a conversation's first message to its last.
    pub(super) lasting_seconds: Bins,
    /// What contacts do.
    pub(super) contact: Side,
    /// What agents do.
    pub(super) agent: Side,
}

/// What one side of conversations does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Side {
    /// Milliseconds from the message before to one of this side.
    pub(super) think_ms: Bins,
    /// Bytes of its messages.
    pub(super) bytes: Bins,
    /// The chance that it goes on after a message of its own.
    pub(super) goes_on: f64,
}

/// A histogram: bins from left to right, each with its upper bound (included) and how many lie in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bins(pub(super) Vec<(u64, u64)>);

/// A conversation, as far as its shape goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conversation {
    /// When it began, in milliseconds since the begin of the recording.
    pub(super) began_ms: u64,
    pub(super) messages: Vec<Message>,
}

/// A message, as far as its shape goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) by_agent: bool,
    /// In milliseconds since the begin of the recording.
    pub(super) at_ms: u64,
    pub(super) bytes: u64,
}

impl Shape {
    /// Of what was recorded in so many seconds by so many agents.
    ///
    /// # Errors
    /// If there is too little to hide among.
    pub(super) fn of(found: &[Conversation], seconds: u64, agents: u64, at_least: u64) -> anyhow::Result<Self> {
        ensure!(
            found.len() as u64 >= at_least,
            "{} conversations are too few to hide each among {at_least}: record for longer",
            found.len()
        );
        let spoken = || found.iter().filter(|conversation| !conversation.messages.is_empty());
        let last = |conversation: &Conversation| conversation.messages.last().map_or(0, |message| message.at_ms);
        let first = |conversation: &Conversation| conversation.messages.first().map_or(0, |message| message.at_ms);
        let minutes = found.iter().map(|conversation| conversation.began_ms / 60_000 * 60 + 60);
        Ok(Self {
            format: FORMAT,
            at_least,
            seconds: seconds.div_ceil(60) * 60,
            agents: agents.max(1).next_multiple_of(at_least),
            arrivals: Bins::joined(minutes, at_least),
            messages: Bins::of(found.iter().map(|conversation| conversation.messages.len() as u64), at_least),
            lasting_seconds: Bins::of(spoken().map(|one| last(one).saturating_sub(first(one)) / 1000), at_least),
            contact: Side::of(found, false, at_least),
            agent: Side::of(found, true, at_least),
        })
    }

    /// Conversations that began.
    pub(super) fn conversations(&self) -> u64 {
        self.arrivals.count()
    }
}

impl Side {
    fn of(found: &[Conversation], by_agent: bool, at_least: u64) -> Self {
        let pairs = || found.iter().flat_map(|conversation| conversation.messages.windows(2));
        let think = pairs().filter(|pair| pair[1].by_agent == by_agent);
        let think = think.map(|pair| pair[1].at_ms.saturating_sub(pair[0].at_ms));
        let bytes = found.iter().flat_map(|conversation| &conversation.messages);
        let bytes = bytes.filter(|message| message.by_agent == by_agent).map(|message| message.bytes);
        let followed = pairs().filter(|pair| pair[0].by_agent == by_agent).count() as u64;
        let again = pairs().filter(|pair| pair[0].by_agent == by_agent && pair[1].by_agent == by_agent).count();
        let goes_on = if followed < at_least { 0.0 } else { (again as f64 / followed as f64 * 20.0).round() / 20.0 };
        Self { think_ms: Bins::of(think, at_least), bytes: Bins::of(bytes, at_least), goes_on }
    }
}

impl Bins {
    /// Of values, on the grid.
    fn of(values: impl Iterator<Item = u64>, at_least: u64) -> Self {
        Self::joined(values.map(bound), at_least)
    }

    /// Of values that are bounds already: neighbours are joined until so many lie in each bin.
    fn joined(bounds: impl Iterator<Item = u64>, at_least: u64) -> Self {
        let mut bounds: Vec<u64> = bounds.collect();
        bounds.sort_unstable();
        let mut bins: Vec<(u64, u64)> = Vec::new();
        for bound in bounds {
            match bins.last_mut() {
                Some((last, count)) if *last == bound || *count < at_least => (*last, *count) = (bound, *count + 1),
                _ => bins.push((bound, 1)),
            }
        }
        // What is left over goes to its neighbour; without one, it is left out.
        if let Some((bound, few)) = bins.pop_if(|(_, count)| *count < at_least)
            && let Some((last, count)) = bins.last_mut()
        {
            (*last, *count) = (bound, *count + few);
        }
        Self(bins)
    }

    /// How many lie in all of them.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// The next of 0, 1, 2, 5, 10, 20, 50, ... that is not below it.
fn bound(value: u64) -> u64 {
    let mut decade = 1;
    while value > decade * 10 {
        decade *= 10;
    }
    [0, 1, 2, 5, 10].into_iter().map(|factor| factor * decade).find(|bound| *bound >= value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bin_holds_less_than_it_has_to() {
        let values = [1, 1, 1, 1, 1, 3, 3, 40, 40, 41, 900];
        assert_eq!(Bins::of(values.into_iter(), 5).0, [(1, 5), (1000, 6)]);
        assert_eq!(Bins::of(values.into_iter(), 2).0, [(1, 5), (5, 2), (1000, 4)]);
        assert_eq!(Bins::of([1, 2, 3].into_iter(), 5).0, []);
        assert_eq!([0, 1, 2, 3, 10, 11, 51, 1000].map(bound), [0, 1, 2, 5, 10, 20, 100, 1000]);
    }
}
