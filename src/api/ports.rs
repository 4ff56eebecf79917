//! What the server implements for the API: the ledger, its readiness, and the sockets.

mod ledger;
mod readiness;
mod sockets;

pub use ledger::{
    CheckRefused, CheckState, Ledger, LedgerAway, LedgerCheck, LedgerFigures, LedgerFinding, LedgerRepairs, LookedAt,
};
pub use readiness::{Readiness, ReadinessReport};
pub use sockets::{Sockets, UpgradeRequest};
