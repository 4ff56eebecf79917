//! The systems that are compared.

/// A server of sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Frontdesk as it comes: each message is synced to disk.
    FrontdeskDisk,
    /// Frontdesk with a broker that syncs once a second: the operating system holds what was accepted last.
    FrontdeskOs,
    Ws,
    SocketIo,
    Nchan,
}

impl System {
    pub(crate) const ALL: [Self; 5] = [Self::FrontdeskDisk, Self::FrontdeskOs, Self::Ws, Self::SocketIo, Self::Nchan];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FrontdeskDisk => "frontdesk, disk",
            Self::FrontdeskOs => "frontdesk, os",
            Self::Ws => "node ws",
            Self::SocketIo => "socket.io",
            Self::Nchan => "nchan",
        }
    }

    /// What becomes of a message before its receiver has it.
    pub(crate) const fn keeps(self) -> &'static str {
        match self {
            Self::FrontdeskDisk => "ordered, synced to disk, then told; a database holds it later",
            Self::FrontdeskOs => {
                "ordered, written to a file (synced each second), then told; a database holds it later"
            }
            Self::Ws | Self::SocketIo | Self::Nchan => "nothing",
        }
    }

    pub(crate) const fn is_frontdesk(self) -> bool {
        matches!(self, Self::FrontdeskDisk | Self::FrontdeskOs)
    }
}
