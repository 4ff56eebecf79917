//! Scenarios that this program brings along.

/// Their names and files; each file explains itself.
pub(crate) const SHIPPED: [(&str, &str); 16] = [
    ("steady", include_str!("../scenarios/steady.toml")),
    ("ramp", include_str!("../scenarios/ramp.toml")),
    ("idle", include_str!("../scenarios/idle.toml")),
    ("burst", include_str!("../scenarios/burst.toml")),
    ("storm", include_str!("../scenarios/storm.toml")),
    ("slow-readers", include_str!("../scenarios/slow-readers.toml")),
    ("hot-conversation", include_str!("../scenarios/hot-conversation.toml")),
    ("claim-race", include_str!("../scenarios/claim-race.toml")),
    ("contact-day", include_str!("../scenarios/contact-day.toml")),
    ("rest-flood", include_str!("../scenarios/rest-flood.toml")),
    ("database-outage", include_str!("../scenarios/database-outage.toml")),
    ("rolling-restart", include_str!("../scenarios/rolling-restart.toml")),
    ("smallest", include_str!("../scenarios/smallest.toml")),
    ("start", include_str!("../scenarios/start.toml")),
    ("cost", include_str!("../scenarios/cost.toml")),
    ("scale-out", include_str!("../scenarios/scale-out.toml")),
];
