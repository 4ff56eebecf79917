//! Frames on their way to a socket: bounded, written in batches, one batch at a time.

use std::collections::VecDeque;

use bytes::Bytes;

/// How much may be queued. The same for all sessions, so none of them keeps it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) frames: usize,
    pub(super) bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    frames: VecDeque<Bytes>,
    queued_bytes: u32,
    in_flight: bool,
    /// Whether the peer did not keep up, so that frames are missing.
    overflowed: bool,
}

impl Outbox {
    /// Queues `frame`, or empties the queue where it would be more than `limits` allow: the peer must close and resume.
    pub(super) fn push(&mut self, frame: Bytes, limits: Limits) {
        let queued_bytes = self.queued_bytes as usize + frame.len();
        match u32::try_from(queued_bytes) {
            Ok(queued) if self.frames.len() < limits.frames && queued_bytes <= limits.bytes => {
                self.queued_bytes = queued;
            }
            _ => {
                self.take_all();
                self.overflowed = true;
                return;
            }
        }
        metrics::gauge!("desk_outbox_bytes").increment(frame.len() as f64);
        self.frames.push_back(frame);
    }

    /// Whether it overflowed since the last call.
    pub(super) const fn take_overflowed(&mut self) -> bool {
        std::mem::replace(&mut self.overflowed, false)
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
    pub(super) fn is_crowded(&self, limits: Limits) -> bool {
        2 * self.frames.len() > limits.frames || 2 * self.queued_bytes as usize > limits.bytes
    }

    /// Whatever is still queued, to be written before the end.
    pub(super) fn take_all(&mut self) -> Vec<Bytes> {
        metrics::gauge!("desk_outbox_bytes").decrement(f64::from(std::mem::take(&mut self.queued_bytes)));
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

    const LIMITS: Limits = Limits { frames: 8, bytes: 100 };

    #[test]
    fn one_batch_is_under_way_at_a_time_and_holds_all_that_waited() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.poll_batch(), None);
        outbox.push(Bytes::from_static(b"a"), LIMITS);
        assert_eq!(outbox.poll_batch().unwrap().len(), 1);
        outbox.push(Bytes::from_static(b"b"), LIMITS);
        outbox.push(Bytes::from_static(b"c"), LIMITS);
        assert_eq!(outbox.poll_batch(), None);
        outbox.on_written();
        assert_eq!(outbox.poll_batch().unwrap(), ["b", "c"]);
        outbox.push(Bytes::from_static(b"d"), LIMITS);
        assert_eq!(outbox.take_all(), ["d"]);
    }

    #[test]
    fn a_peer_should_not_ask_for_more_while_half_the_room_is_taken() {
        let mut outbox = Outbox::default();
        outbox.push(Bytes::from(vec![0; 50]), LIMITS);
        assert!(!outbox.is_crowded(LIMITS));
        outbox.push(Bytes::from_static(b"a"), LIMITS);
        assert!(outbox.is_crowded(LIMITS));
        outbox.poll_batch();
        assert!(!outbox.is_crowded(LIMITS), "what is being written was paid for");
    }

    #[test]
    fn a_peer_that_does_not_read_is_told_to_resume_instead_of_filling_memory() {
        let two = Limits { frames: 2, bytes: 100 };
        let mut by_count = Outbox::default();
        by_count.push(Bytes::from_static(b"a"), two);
        by_count.push(Bytes::from_static(b"b"), two);
        assert!(!by_count.take_overflowed());
        by_count.push(Bytes::from_static(b"c"), two);
        assert!(by_count.take_overflowed() && by_count.poll_batch().is_none());
        let three_bytes = Limits { frames: 10, bytes: 3 };
        let mut by_size = Outbox::default();
        by_size.push(Bytes::from_static(b"aa"), three_bytes);
        by_size.push(Bytes::from_static(b"bb"), three_bytes);
        assert!(by_size.take_overflowed() && by_size.poll_batch().is_none());
    }
}
