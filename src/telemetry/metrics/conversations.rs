//! Metrics of conversations and the shards that host them.

use super::{Metric, counter, gauge, histogram};

pub(super) const METRICS: [Metric; 12] = [
    gauge("desk_conversations_live", &[], "Conversations that have an actor in memory on this node"),
    histogram("desk_conversation_load_seconds", &[], "Time to rebuild a conversation from database and log"),
    gauge("desk_conversation_queue", &[], "Commands that wait in conversations for the one being written"),
    counter("desk_conversation_mailbox_full_total", &[], "Commands refused because a conversation's mailbox was full"),
    counter("desk_conversation_deaths_total", &[], "Conversation actors that ended without being asked to"),
    counter("desk_shard_mailbox_full_total", &[], "Commands refused because a shard's mailbox was full"),
    counter("desk_commands_total", &["outcome"], "Commands answered, by outcome"),
    gauge("desk_commands_in_hand", &[], "Commands admitted on this node and not answered yet"),
    counter("desk_shed_total", &["priority"], "Commands refused by admission control, by priority"),
    histogram("desk_hop_seconds", &["hop"], "Time from receiving a command to the end of each hop, by hop"),
    counter("desk_receipts_repeated_total", &[], "Receipts that raised nothing and were therefore not published"),
    counter(
        "desk_heartbeat_lost_total",
        &["channel"],
        "Subscriptions renewed because their heartbeats stopped on a living connection, by channel",
    ),
];
