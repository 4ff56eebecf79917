//! Close frames (sections 5.5.1 and 7.4).

use super::Violation;

/// Whether a peer may give `code` as its reason: one that is defined for the wire, or free for libraries and
/// applications.
#[must_use]
pub const fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The code in the payload of a close frame, if it gives one.
pub(super) fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(Violation::Protocol) };
    };
    let code = u16::from_be_bytes(*code);
    if is_close_code(code) && std::str::from_utf8(reason).is_ok() { Ok(Some(code)) } else { Err(Violation::Protocol) }
}
