//! Frames on their way to a socket: bounded, written in batches, one batch at a time.

use std::collections::VecDeque;

use bytes::Bytes;

/// The peer does not keep up: what was queued is gone, it must resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lagged;

#[derive(Debug)]
pub(super) struct Outbox {
    frames: VecDeque<Bytes>,
    queued_bytes: usize,
    in_flight: bool,
    limit_frames: usize,
    limit_bytes: usize,
}

impl Outbox {
    pub(super) const fn new(limit_frames: usize, limit_bytes: usize) -> Self {
        Self { frames: VecDeque::new(), queued_bytes: 0, in_flight: false, limit_frames, limit_bytes }
    }

    /// Queues `frame`, or empties the queue and reports [`Lagged`].
    pub(super) fn push(&mut self, frame: Bytes) -> Result<(), Lagged> {
        if self.frames.len() >= self.limit_frames || self.queued_bytes + frame.len() > self.limit_bytes {
            self.take_all();
            return Err(Lagged);
        }
        self.queued_bytes += frame.len();
        metrics::gauge!("desk_outbox_bytes").increment(frame.len() as f64);
        self.frames.push_back(frame);
        Ok(())
    }

    /// The next batch to write; `None` while one is under way or nothing is queued. Follow with [`Self::on_written`].
    pub(super) fn poll_batch(&mut self) -> Option<Vec<Bytes>> {
        if self.in_flight || self.frames.is_empty() {
            return None;
        }
        self.in_flight = true;
        Some(self.take_all())
    }

    pub(super) const fn on_written(&mut self) {
        self.in_flight = false;
    }

    /// Whether so much is queued that the peer should not ask for more: half of what may be.
    pub(super) fn is_crowded(&self) -> bool {
        2 * self.frames.len() > self.limit_frames || 2 * self.queued_bytes > self.limit_bytes
    }

    /// Whatever is still queued, to be written before the end.
    pub(super) fn take_all(&mut self) -> Vec<Bytes> {
        metrics::gauge!("desk_outbox_bytes").decrement(std::mem::take(&mut self.queued_bytes) as f64);
        // The buffer goes with the frames: an idle session holds none.
        std::mem::take(&mut self.frames).into()
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.take_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_batch_is_under_way_at_a_time_and_holds_all_that_waited() {
        let mut outbox = Outbox::new(8, 100);
        assert_eq!(outbox.poll_batch(), None);
        outbox.push(Bytes::from_static(b"a")).unwrap();
        assert_eq!(outbox.poll_batch().unwrap().len(), 1);
        outbox.push(Bytes::from_static(b"b")).unwrap();
        outbox.push(Bytes::from_static(b"c")).unwrap();
        assert_eq!(outbox.poll_batch(), None);
        outbox.on_written();
        assert_eq!(outbox.poll_batch().unwrap(), ["b", "c"]);
        outbox.push(Bytes::from_static(b"d")).unwrap();
        assert_eq!(outbox.take_all(), ["d"]);
    }

    #[test]
    fn a_peer_should_not_ask_for_more_while_half_the_room_is_taken() {
        let mut outbox = Outbox::new(8, 100);
        outbox.push(Bytes::from(vec![0; 50])).unwrap();
        assert!(!outbox.is_crowded());
        outbox.push(Bytes::from_static(b"a")).unwrap();
        assert!(outbox.is_crowded());
        outbox.poll_batch();
        assert!(!outbox.is_crowded(), "what is being written was paid for");
    }

    #[test]
    fn a_peer_that_does_not_read_is_told_to_resume_instead_of_filling_memory() {
        let mut by_count = Outbox::new(2, 100);
        by_count.push(Bytes::from_static(b"a")).unwrap();
        by_count.push(Bytes::from_static(b"b")).unwrap();
        assert_eq!(by_count.push(Bytes::from_static(b"c")), Err(Lagged));
        let mut by_size = Outbox::new(10, 3);
        by_size.push(Bytes::from_static(b"aa")).unwrap();
        assert_eq!(by_size.push(Bytes::from_static(b"bb")), Err(Lagged));
    }
}
