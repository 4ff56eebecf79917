//! When the peer is pinged, when it is given up, and when its presence is renewed. No IO.

use std::time::Duration;

use frontdesk_config::SessionSettings;

use super::moment::Moment;

/// What was heard of a peer, and told about it, by the monotonic clock.
#[derive(Debug)]
pub(super) struct Heartbeat {
    heard_at: Moment,
    /// When the ping was sent that is not answered yet.
    pinged_at: Option<Moment>,
    /// When presence was written last; it expires.
    present_at: Moment,
}

/// The settings of one kind of sessions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intervals {
    /// How long the peer may be silent before it is pinged.
    pub(super) heartbeat: Duration,
    /// How long the answer to a ping may take.
    pub(super) deadline: Duration,
    /// Time between two scans of the deadline list: how exact all of this is.
    pub(super) scan: Duration,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// No deadline has passed.
    Nothing,
    /// Send a ping, and renew presence with it if that is due soon.
    Ping { with_presence: bool },
    /// Close: the last ping was not answered in time.
    Lost,
}

impl Heartbeat {
    /// A peer that was heard at `now`.
    pub(super) fn new(now: Duration) -> Self {
        let now = Moment::at(now);
        Self { heard_at: now, pinged_at: None, present_at: now }
    }

    /// Notes that the peer was heard; whether that answers a ping.
    pub(super) fn on_heard(&mut self, now: Duration) -> bool {
        self.heard_at = Moment::at(now);
        self.pinged_at.take().is_some()
    }

    /// Notes that presence is being written.
    pub(super) fn on_present(&mut self, now: Duration) {
        self.present_at = Moment::at(now);
    }

    /// Whether presence must be renewed now, half-way to its end.
    pub(super) fn is_presence_due(&self, now: Duration, intervals: Intervals) -> bool {
        now >= self.presence_due(intervals)
    }

    /// What is due at `now`. A ping counts as sent from then on.
    pub(super) fn poll(&mut self, now: Duration, intervals: Intervals) -> Due {
        match self.pinged_at {
            Some(at) if at.until(now) >= intervals.deadline => Due::Lost,
            None if now >= self.ping_due(intervals) => {
                self.pinged_at = Some(Moment::at(now));
                Due::Ping { with_presence: self.present_at.until(now) >= intervals.heartbeat / 2 }
            }
            _ => Due::Nothing,
        }
    }

    /// The next moment at which something is due.
    pub(super) fn next(&self, intervals: Intervals) -> Duration {
        let silent = self.pinged_at.map_or_else(|| self.ping_due(intervals), |at| at.time() + intervals.deadline);
        silent.min(self.presence_due(intervals))
    }

    fn ping_due(&self, intervals: Intervals) -> Duration {
        self.heard_at.time() + intervals.silence()
    }

    /// An idle session renews presence with a ping, so that it is woken once for both.
    fn presence_due(&self, Intervals { heartbeat, scan, .. }: Intervals) -> Duration {
        self.present_at.time() + heartbeat + scan
    }
}

impl Intervals {
    /// Of agents' or of contacts' sessions, which differ in how many there are, and in who relies on them.
    pub(super) fn of(settings: &SessionSettings, of_agent: bool) -> Self {
        let heartbeat = if of_agent { settings.agent_heartbeat } else { settings.contact_heartbeat };
        let scan = (settings.heartbeat_deadline / 2).clamp(Duration::from_millis(100), Duration::from_secs(5));
        Self { heartbeat, deadline: settings.heartbeat_deadline, scan }
    }

    /// How long presence lasts unless it is renewed: a little longer than two heartbeats.
    pub(super) fn presence_ttl(self) -> Duration {
        (self.heartbeat + self.deadline) * 2
    }

    /// How long the peer is silent when a ping is due: shorter than a heartbeat, because it is sent up to one scan
    /// late.
    fn silence(self) -> Duration {
        self.heartbeat.saturating_sub(self.scan.min(self.heartbeat / 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn intervals(heartbeat: u32) -> Intervals {
        Intervals { heartbeat: SECOND * heartbeat, deadline: SECOND * 10, scan: SECOND * 5 }
    }

    #[test]
    fn a_ping_leaves_within_a_heartbeat_whenever_the_deadlines_are_scanned() {
        for heartbeat in [25, 55] {
            let silence = intervals(heartbeat).silence();
            let heartbeat = SECOND * heartbeat;
            assert!(silence + SECOND * 5 <= heartbeat && silence * 4 >= heartbeat * 3, "{silence:?} of {heartbeat:?}");
        }
        assert_eq!(intervals(4).silence(), SECOND * 3, "a coarse scan does not make every wake-up a ping");
    }

    #[test]
    fn a_silent_peer_is_pinged_once_and_then_given_up() {
        let (mut heartbeat, intervals) = (Heartbeat::new(Duration::ZERO), intervals(25));
        assert_eq!(heartbeat.next(intervals), SECOND * 20);
        assert_eq!(heartbeat.poll(SECOND * 19, intervals), Due::Nothing);
        assert_eq!(heartbeat.poll(SECOND * 20, intervals), Due::Ping { with_presence: true });
        assert_eq!(heartbeat.poll(SECOND * 29, intervals), Due::Nothing);
        assert_eq!(heartbeat.poll(SECOND * 30, intervals), Due::Lost);
    }

    #[test]
    fn a_peer_that_answers_is_pinged_again_only_when_it_is_silent() {
        let (mut heartbeat, intervals) = (Heartbeat::new(Duration::ZERO), intervals(25));
        heartbeat.poll(SECOND * 20, intervals);
        heartbeat.on_present(SECOND * 20);
        assert!(heartbeat.on_heard(SECOND * 21), "it answers a ping");
        assert!(!heartbeat.on_heard(SECOND * 22), "it answers none");
        assert_eq!(heartbeat.poll(SECOND * 41, intervals), Due::Nothing);
        assert_eq!(heartbeat.next(intervals), SECOND * 42);
    }

    #[test]
    fn presence_of_a_peer_that_is_never_silent_is_renewed() {
        let (mut heartbeat, intervals) = (Heartbeat::new(Duration::ZERO), intervals(25));
        for second in 1..=30 {
            heartbeat.on_heard(SECOND * second);
        }
        assert!(
            !heartbeat.is_presence_due(SECOND * 29, intervals) && heartbeat.is_presence_due(SECOND * 30, intervals)
        );
        heartbeat.on_present(SECOND * 30);
        assert!(!heartbeat.is_presence_due(SECOND * 31, intervals));
    }
}
