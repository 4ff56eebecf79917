//! Why a socket is closed (RFC 6455, section 7.4).

/// Close codes that this desk sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The client said `bye`.
    Normal = 1000,
    /// The server goes away for good.
    Away = 1001,
    /// The frame broke the WebSocket protocol.
    Protocol = 1002,
    /// A text frame where binary was agreed, or the reverse.
    Unsupported = 1003,
    /// A text frame that is not UTF-8.
    InvalidText = 1007,
    /// No or a wrong token, revoked access, too many sockets.
    Policy = 1008,
    /// A frame above the limit.
    TooLarge = 1009,
    /// The server restarts; come back after the time in `bye`.
    Restart = 1012,
    /// The peer does not keep up; come back and resume.
    Lagging = 1013,
    /// No `hello` within its time.
    HelloTimeout = 4001,
    /// The token is not valid, or no longer.
    Unauthorised = 4003,
    /// No answer to a `ping` in time.
    HeartbeatTimeout = 4008,
}
