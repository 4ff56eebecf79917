//! How far an agent's session is with catching up on its feed. No IO.

use frontdesk_ports::FeedCursor;

/// The state between the `feed` frames of one session.
#[derive(Debug, Default)]
pub(super) struct CatchingUp {
    /// Whether an answer is still to come.
    asked: bool,
    /// Whether everything that was logged before some moment of this session has been sent. What was logged later is
    /// sent live, so asking again only finds what was lost on that way; nothing is waited for, and the broker is not
    /// asked.
    settled: bool,
    /// Whether something live may have been missed since the question.
    missed: bool,
    /// Whether this session was told to read its lists anew, and has missed nothing live since. Then what it may not
    /// see any more was hidden from it live, and changes beyond its reach can be passed over.
    relisted: bool,
    /// Where the next page begins, if there is one, and whether the first one was behind: what was logged before the
    /// first page need not be waited for again.
    next: Option<(FeedCursor, bool)>,
}

/// What is known when a `feed` frame is answered.
#[derive(Debug)]
pub(super) struct Known {
    /// Whether everything logged before has been sent; see [`CatchingUp`].
    pub(super) settled: bool,
    /// Whether its lists hold nothing beyond its reach; see [`CatchingUp`].
    pub(super) relisted: bool,
    /// The page that was announced by the answer before.
    pub(super) next: Option<(FeedCursor, bool)>,
}

impl CatchingUp {
    /// Begins a question, unless the last one is not answered yet.
    pub(super) const fn on_asked(&mut self) -> Option<Known> {
        if self.asked {
            return None;
        }
        (self.asked, self.missed) = (true, false);
        Some(Known { settled: self.settled, relisted: self.relisted, next: self.next.take() })
    }

    /// Ends a question. `complete`: the answer waited for everything that was logged before it. `relisted`: it had the
    /// lists read anew. `next`: where another page begins, and whether this one was behind.
    pub(super) fn on_answered(&mut self, complete: bool, relisted: bool, next: Option<(FeedCursor, bool)>) {
        self.asked = false;
        self.relisted |= relisted && !self.missed;
        self.settled |= complete && !self.missed;
        self.next = next;
    }

    /// Something live may have been missed.
    pub(super) const fn on_missed(&mut self) {
        (self.settled, self.relisted, self.missed) = (false, false, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_is_open_at_a_time() {
        let mut catching_up = CatchingUp::default();
        assert!(catching_up.on_asked().is_some_and(|known| !known.settled));
        assert!(catching_up.on_asked().is_none());
        catching_up.on_answered(true, false, None);
        assert!(catching_up.on_asked().is_some_and(|known| known.settled));
    }

    #[test]
    fn lists_are_read_anew_once_until_something_may_have_been_missed() {
        let mut catching_up = CatchingUp::default();
        assert!(catching_up.on_asked().is_some_and(|known| !known.relisted));
        catching_up.on_answered(false, true, None);
        assert!(catching_up.on_asked().is_some_and(|known| known.relisted));
        catching_up.on_answered(true, false, None);
        catching_up.on_missed();
        assert!(catching_up.on_asked().is_some_and(|known| !known.relisted));
    }

    #[test]
    fn what_may_have_been_missed_during_a_question_is_waited_for_at_the_next() {
        let mut catching_up = CatchingUp::default();
        catching_up.on_asked();
        catching_up.on_missed();
        catching_up.on_answered(true, false, None);
        assert!(catching_up.on_asked().is_some_and(|known| !known.settled));
        catching_up.on_answered(false, false, None);
        assert!(catching_up.on_asked().is_some_and(|known| !known.settled), "an incomplete answer settles nothing");
    }
}
