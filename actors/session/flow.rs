//! Whether a socket may be read further: its peer must take what it asked for, and the log what it says. No IO.

use tokio::sync::oneshot;

/// What is on its way for one socket.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Pages that were asked for and are not sent yet.
    pages: u16,
    /// Commands without an answer.
    commands: u16,
    /// Lets the socket be read again, while it is not.
    paused: Option<Box<oneshot::Sender<()>>>,
}

impl Flow {
    pub(super) const fn on_page_asked(&mut self) {
        self.pages += 1;
    }

    pub(super) const fn on_page_sent(&mut self) {
        self.pages = self.pages.saturating_sub(1);
    }

    pub(super) const fn on_command(&mut self) {
        self.commands += 1;
    }

    pub(super) const fn on_answer(&mut self) {
        self.commands = self.commands.saturating_sub(1);
    }

    /// What to wait for before the socket is read further, if it must wait. `crowded`: half of the outbox is in use.
    pub(super) fn pause(&mut self, crowded: bool) -> Option<oneshot::Receiver<()>> {
        self.is_behind(crowded).then(|| {
            let (resume, resumed) = oneshot::channel();
            self.paused = Some(Box::new(resume));
            resumed
        })
    }

    /// Lets the socket be read if nothing speaks against it any more.
    pub(super) fn resume(&mut self, crowded: bool) {
        if !self.is_behind(crowded)
            && let Some(resume) = self.paused.take()
        {
            let _closing = resume.send(());
        }
    }

    const fn is_behind(&self, crowded: bool) -> bool {
        crowded || self.pages >= PAGES_AT_ONCE || self.commands >= COMMANDS_AT_ONCE
    }
}

/// Pages on their way to one socket at a time. Each fits into a frame, so with half of the outbox in use they fit into
/// the rest.
const PAGES_AT_ONCE: u16 = 2;

/// Commands of one socket that wait for the log at a time.
const COMMANDS_AT_ONCE: u16 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_not_read_while_two_pages_are_on_their_way() {
        let mut flow = Flow::default();
        flow.on_page_asked();
        assert!(flow.pause(false).is_none());
        flow.on_page_asked();
        let mut resumed = flow.pause(false).unwrap();
        flow.resume(false);
        assert!(resumed.try_recv().is_err());
        flow.on_page_sent();
        flow.resume(true);
        assert!(resumed.try_recv().is_err(), "the outbox is crowded");
        flow.resume(false);
        assert!(resumed.try_recv().is_ok());
    }

    #[test]
    fn a_socket_is_not_read_while_sixteen_commands_wait_for_the_log() {
        let mut flow = Flow::default();
        (0..15).for_each(|_| flow.on_command());
        assert!(flow.pause(false).is_none());
        flow.on_command();
        let mut resumed = flow.pause(false).unwrap();
        flow.on_answer();
        flow.resume(false);
        assert!(resumed.try_recv().is_ok());
    }
}
