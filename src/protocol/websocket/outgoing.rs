//! Frames that a server sends: whole, and without a mask.

use super::OpCode;

/// The head of a whole frame, ready to be written. By default there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrameHead {
    bytes: [u8; 10],
    written: u8,
    length: u8,
}

impl FrameHead {
    /// The head of a frame with `payload` bytes.
    #[must_use]
    pub fn new(opcode: OpCode, payload: usize) -> Self {
        let mut bytes = [0x80 | opcode.number(), 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let length = match payload {
            0..126 => {
                bytes[1] = payload as u8;
                2
            }
            126..65_536 => {
                bytes[1] = 126;
                bytes[2..4].copy_from_slice(&(payload as u16).to_be_bytes());
                4
            }
            _ => {
                bytes[1] = 127;
                bytes[2..].copy_from_slice(&(payload as u64).to_be_bytes());
                10
            }
        };
        Self { bytes, written: 0, length }
    }

    /// Leaves out the next `count` bytes, which are written.
    pub fn advance(&mut self, count: usize) {
        self.written = self.length.min(self.written.saturating_add(count.min(10) as u8));
    }
}

impl AsRef<[u8]> for FrameHead {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[usize::from(self.written)..usize::from(self.length)]
    }
}

/// What a close frame carries: nothing, or `code` and `reason`, which is cut to fit.
#[must_use]
pub fn close_payload(code: Option<u16>, reason: &str) -> Vec<u8> {
    let Some(code) = code else { return Vec::new() };
    let reason = &reason[..reason.floor_char_boundary(123)];
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}
