//! How far one stream is ahead of the database, from repeated observations.

use std::{collections::VecDeque, time::Duration};

use frontdesk_ports::Backlog;

use super::latency_window::LatencyWindow;

/// One stream, as it was observed. Times are on this process's monotonic clock.
#[derive(Debug, Default)]
pub(super) struct StreamLag {
    /// Records that are not persisted, by when they were observed first; oldest first.
    seen: VecDeque<Mark>,
    last_seq: u64,
    /// Workers acknowledged every record up to here.
    floor: u64,
    /// When that grew last.
    moved_at: Duration,
    /// Records that no worker acknowledged.
    unprocessed: u64,
    /// Every record up to here was looked into by this reconciler: it is persisted, or among those that were left.
    settled: u64,
    /// Records up to there that could not be brought to the database, and since when they were seen.
    left: Option<(u64, Duration)>,
    /// When it was settled last.
    settled_at: Duration,
    looked_at: Option<Duration>,
}

/// At this moment every record up to here was there.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Duration,
    seq: u64,
    /// How many of them were not there the time before.
    count: u64,
}

/// Records that are not persisted in time: from the first to the last of these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
}

impl StreamLag {
    /// Takes in what was seen at `now`, and tells `latencies` how long records took.
    pub(super) fn see(&mut self, now: Duration, backlog: Backlog, latencies: &mut LatencyWindow) {
        if backlog.last_seq < self.last_seq || backlog.processed_seq < self.floor {
            // The stream was made anew: nothing is known about this one.
            *self = Self::default();
        }
        let Backlog { last_seq, processed_seq, unprocessed } = backlog;
        if processed_seq > self.floor {
            self.moved_at = now;
            self.floor = processed_seq;
        }
        if self.floor >= self.settled {
            self.left = None;
        }
        if let Some(before) = self.looked_at {
            let at_once = self.reach().min(last_seq).saturating_sub(self.last_seq);
            // Never seen to wait: that is as much as can be said of them.
            latencies.add(now, now.saturating_sub(before).min(QUICK), at_once);
        }
        self.forget_up_to(self.floor, Some((now, latencies)));
        let newest = self.seen.back().map_or_else(|| self.reach(), |mark| mark.seq);
        if last_seq > newest {
            let mut count = last_seq - newest;
            if self.seen.len() >= MOST_SEEN {
                // These look younger than they are, and the oldest are what matters.
                count += self.seen.pop_back().map_or(0, |mark| mark.count);
            }
            self.seen.push_back(Mark { at: now, seq: last_seq, count });
        }
        self.last_seq = last_seq;
        self.unprocessed = unprocessed;
        self.looked_at = Some(now);
    }

    /// The records that were seen `patience` ago or earlier and are not persisted. None while workers get on with older
    /// ones: they would come to these as well.
    pub(super) fn overdue(&mut self, now: Duration, patience: Duration) -> Option<Span> {
        self.try_again(now);
        let is_due = |since: Duration| now.saturating_sub(since) >= patience;
        if !is_due(self.moved_at) {
            return None;
        }
        let due = self.seen.iter().take_while(|mark| is_due(mark.at));
        let to = due.last()?.seq;
        Some(Span { from: self.reach() + 1, to })
    }

    /// Records up to `up_to` were looked into: all of them are persisted, but for `left`. `latencies` is told how long
    /// they took if it was no more than slowness that kept them.
    pub(super) fn settle(&mut self, up_to: u64, left: u64, now: Duration, latencies: Option<&mut LatencyWindow>) {
        let first_seen = self.seen.front().map_or(now, |mark| mark.at);
        self.settled = self.settled.max(up_to.min(self.last_seq));
        self.settled_at = now;
        if left > 0 {
            let (before, since) = self.left.unwrap_or((0, first_seen));
            self.left = Some((before + left, since));
        }
        self.forget_up_to(self.settled, latencies.map(|latencies| (now, latencies)));
    }

    /// Records that are not known to be persisted.
    pub(super) fn unpersisted(&self) -> u64 {
        let left = self.left.map_or(0, |(left, _)| left);
        self.unprocessed.min(self.last_seq.saturating_sub(self.reach())) + left
    }

    /// For how long the oldest of them has been seen.
    pub(super) fn oldest(&self, now: Duration) -> Duration {
        let waiting = self.seen.front().map(|mark| mark.at).filter(|_| self.unpersisted() > 0);
        let since = self.left.map(|(_, since)| since).into_iter().chain(waiting).min();
        since.map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }

    /// Whether anything in it waits.
    pub(super) fn waits(&self) -> bool {
        !self.seen.is_empty()
    }

    /// Every record up to here is persisted, as far as anything can be done about it.
    fn reach(&self) -> u64 {
        self.floor.max(self.settled)
    }

    fn forget_up_to(&mut self, seq: u64, mut latencies: Option<(Duration, &mut LatencyWindow)>) {
        while let Some(mark) = self.seen.pop_front_if(|mark| mark.seq <= seq) {
            if let Some((now, latencies)) = &mut latencies {
                latencies.add(*now, now.saturating_sub(mark.at), mark.count);
            }
        }
    }

    /// What was left is looked into again after a while: what held it back may be gone.
    fn try_again(&mut self, now: Duration) {
        if let Some((_, since)) = self.left
            && now.saturating_sub(self.settled_at) >= AGAIN
        {
            self.seen.push_front(Mark { at: since, seq: self.settled, count: 0 });
            (self.left, self.settled) = (None, 0);
        }
    }
}

/// Looks that are remembered apart; at 20 a second, those of the last minute.
const MOST_SEEN: usize = 1_200;

/// The time of records that came and were persisted between two looks.
const QUICK: Duration = Duration::from_millis(50);

/// After how long records that could not be brought to the database are tried again.
const AGAIN: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
