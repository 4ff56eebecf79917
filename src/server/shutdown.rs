//! The signals that ask the process to stop.

use std::{io, time::Duration};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and SIGINT, kept from the moment that this is made. The kernel does not deliver a signal to process 1 of a
/// container that listens to none, so this is made before anything else.
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

/// A signal that asked the process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopSignal {
    Terminate,
    Interrupt,
}

/// A command was stopped before it had ended.
#[derive(Debug, thiserror::Error)]
#[error("stopped by {}", .0.name())]
pub(crate) struct Stopped(pub(crate) StopSignal);

impl StopSignals {
    /// Begins to listen. To be called within a runtime.
    ///
    /// # Errors
    /// The process may not listen to signals.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the first signal; gives at once one that came meanwhile.
    pub(crate) async fn received(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.terminate.recv() => StopSignal::Terminate,
            _ = self.interrupt.recv() => StopSignal::Interrupt,
        }
    }
}

impl StopSignal {
    /// Name of the signal, as in logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        }
    }

    /// What a shell makes of a process that the signal ended: 128 and the signal's number.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Terminate => 128 + 15,
            Self::Interrupt => 128 + 2,
        }
    }
}

/// Ends the process with `code` should it still be there after two seconds. Work that was given up may be waiting on a
/// thread of its own for something that cannot be cancelled, such as the address of a host, and the runtime would wait
/// for it.
pub(crate) fn end_soon(code: u8) {
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(2));
        std::process::exit(code.into());
    });
}
