//! Free ports that stay the same over a restart.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::Mutex,
};

/// Takes a port that no program listens on. Lies below the range from which the system takes ports for outgoing
/// connections, so none of those can sit on it while its server restarts.
pub(super) fn free() -> u16 {
    static NEXT: Mutex<Option<u16>> = Mutex::new(None);
    let mut next = NEXT.lock().expect("no thread panics while it holds this lock");
    for _ in FIRST..LAST {
        let port = next.unwrap_or_else(|| FIRST + (std::process::id() * 97 % u32::from(LAST - FIRST)) as u16);
        *next = Some(if port + 1 < LAST { port + 1 } else { FIRST });
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port between {FIRST} and {LAST} is free");
}

const FIRST: u16 = 21_000;
const LAST: u16 = 32_000;
