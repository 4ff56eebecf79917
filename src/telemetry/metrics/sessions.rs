//! Metrics of sockets and the sessions behind them.

use super::{Metric, counter, gauge, histogram};

pub(super) const METRICS: [Metric; 15] = [
    gauge("desk_sessions_open", &[], "Sessions that have a connected socket on this node"),
    counter("desk_sessions_total", &["kind"], "Sessions that finished the handshake, by kind: contact or agent"),
    counter("desk_sessions_closed_total", &["reason"], "Sessions that ended, by close reason"),
    counter(
        "desk_sessions_evicted_total",
        &["reason"],
        "Sessions that the server closed because the peer read too slowly or sent malformed frames",
    ),
    gauge("desk_sockets_open", &[], "Open WebSocket connections, authenticated or not"),
    gauge("desk_sockets_limit", &[], "Most WebSocket connections that this process accepts"),
    counter(
        "desk_sockets_refused_total",
        &["full"],
        "Handshakes refused because a connection limit was reached, by limit",
    ),
    counter("desk_frames_refused_total", &[], "Frames from clients that could not be decoded or broke a rule"),
    gauge("desk_outbox_bytes", &[], "Bytes queued for all sockets of this node and not written yet"),
    gauge("desk_watchers", &[], "Subscriptions of sessions to conversations on this node"),
    counter("desk_watchers_dropped_total", &[], "Subscriptions ended because the session took no more messages"),
    histogram("desk_feed_wait_seconds", &[], "Time that a page of the change feed waited for the database to catch up"),
    counter("desk_feed_answers_total", &["outcome"], "Pages of the change feed, by outcome: page, reset or behind"),
    counter("desk_feed_rows_total", &[], "Rows sent in pages of the change feed"),
    counter("desk_feed_dropped_total", &[], "List rows not delivered to a session because its mailbox was full"),
];
