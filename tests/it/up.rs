//! The suite on one process with everything embedded.

mod suite;

use std::sync::OnceLock;

use frontdesk_tests::harness::System;

suite::suite!();

/// The system that all tests of the suite share; each makes its own contacts and conversations.
fn shared() -> &'static System {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    SYSTEM.get_or_init(System::up)
}
