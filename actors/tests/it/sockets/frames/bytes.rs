//! Encodes WebSocket frames byte by byte.

/// A masked frame, as clients send it.
pub(in crate::sockets) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    masked(first, payload, [0x12, 0x34, 0x56, 0x78])
}

pub(super) fn masked(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let masked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    let mut bytes = head(first, payload.len(), 0x80);
    bytes.extend(mask);
    bytes.extend(masked);
    bytes
}

pub(in crate::sockets) fn head(first: u8, length: usize, mask_bit: u8) -> Vec<u8> {
    match length {
        0..126 => vec![first, mask_bit | length as u8],
        126..65_536 => [&[first, mask_bit | 126][..], &(length as u16).to_be_bytes()].concat(),
        _ => [&[first, mask_bit | 127][..], &(length as u64).to_be_bytes()].concat(),
    }
}
