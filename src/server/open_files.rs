//! How many files this process may have open: each socket is one.

use frontdesk_config::SessionSettings;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes as many open files as the system gives, and says how many sockets there is room for, `wanted` at most.
///
/// The soft limit is often 1,024, for the sake of programs that could not do with more; the hard one is what was meant.
pub(crate) fn room_for_sockets(wanted: usize) -> usize {
    let limits = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, maximum: limits.maximum });
    let files = if raised.is_ok() { limits.maximum } else { limits.current };
    let room = files.map_or(wanted, |files| beside_all_else(usize::try_from(files).unwrap_or(usize::MAX)));
    if room < wanted {
        tell(room, wanted);
    }
    wanted.min(room)
}

/// Warns if the setting asks for more than there is room for. The default is more than most need and no reason for a
/// warning.
fn tell(room: usize, wanted: usize) {
    if wanted == SessionSettings::DEFAULT_MAX_OPEN {
        tracing::info!(
            sockets.most = room,
            "this process takes so many sockets; for more, raise LimitNOFILE or `ulimit -Hn`"
        );
    } else {
        tracing::warn!(
            sockets.most = room,
            sockets.wanted = wanted,
            "this process may not open as many files as session.max_open wants; raise LimitNOFILE or `ulimit -Hn`"
        );
    }
}

/// What `files` leave for sockets: REST, the database, the broker and handshakes that are refused take some as well.
fn beside_all_else(files: usize) -> usize {
    files.saturating_sub((files / 16).clamp(64, 1_024)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_bound_rules_and_something_is_left_for_all_else() {
        assert_eq!(beside_all_else(1_024), 960);
        assert_eq!(beside_all_else(20_000), 18_976);
        assert_eq!(beside_all_else(1 << 20), (1 << 20) - 1_024);
        assert_eq!(beside_all_else(10), 1);
        assert_eq!(room_for_sockets(1), 1);
        let files = getrlimit(Resource::Nofile);
        assert_eq!(files.current, files.maximum, "all that may be had is taken");
        let room = files.maximum.map_or(usize::MAX, |files| beside_all_else(files as usize));
        assert_eq!(room_for_sockets(usize::MAX), room);
    }
}
