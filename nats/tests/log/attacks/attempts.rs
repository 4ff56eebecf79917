//! Everything that a principal might try.

use async_nats::HeaderMap;
use frontdesk_domain::{InboxId, TenantId};
use uuid::Uuid;

use super::fingerprint::Fingerprint;

type Inbox = (TenantId, InboxId);

/// What it might listen to.
pub(crate) fn subscriptions((tenant, inbox): Inbox, other: &str) -> Vec<String> {
    let fixed = [
        ">",
        "*.>",
        "*.*",
        "desk.>",
        "desk.msg.>",
        "desk.live.>",
        "desk.ack.>",
        "desk.feed.>",
        "desk.notice.>",
        "desk.typing.>",
        "desk.in.>",
        "desk.out.>",
        "desk.ticket.>",
        "desk.dead.>",
        "_INBOX.>",
        "_INBOX.core.>",
        "_INBOX.worker.>",
        "_INBOX_*.>",
        "$JS.>",
        "$JS.API.>",
        "$JS.ACK.>",
        "$JS.EVENT.>",
        "$JS.EVENT.ADVISORY.>",
        "$SYS.>",
        "_R_.>",
    ];
    let named = [
        format!("_INBOX_{other}.>"),
        format!("desk.in.{tenant}.{inbox}"),
        format!("desk.out.{tenant}.{inbox}"),
        format!("desk.ticket.{tenant}.>"),
    ];
    fixed.map(ToOwned::to_owned).into_iter().chain(named).collect()
}

/// What the core says meanwhile.
pub(crate) fn heard_by_nobody((tenant, inbox): Inbox, other: &str) -> Vec<String> {
    vec![
        format!("desk.feed.{tenant}.all"),
        format!("desk.notice.{tenant}.settings"),
        format!("desk.typing.1.{tenant}.{}", Uuid::nil()),
        format!("desk.out.{tenant}.{inbox}"),
        format!("_INBOX_{other}.canary"),
        "_INBOX.core.canary".to_owned(),
    ]
}

/// Where it might publish, or have an answer of the broker's published.
pub(crate) fn publications(ours: Inbox, theirs: Inbox, their_conversation: &str) -> Vec<String> {
    let ((tenant, inbox), (our_tenant, our_inbox)) = (theirs, ours);
    vec![
        their_conversation.to_owned(),
        format!("desk.msg.1.{tenant}.{}", Uuid::new_v4()),
        their_conversation.replace(".msg.", ".live."),
        format!("{}.persisted.log", their_conversation.replace(".msg.", ".ack.")),
        their_conversation.replace(".msg.", ".typing."),
        "desk.ack.probe.node-1".to_owned(),
        format!("desk.feed.{tenant}.all"),
        format!("desk.feed.{our_tenant}.all"),
        format!("desk.notice.{tenant}.settings"),
        format!("desk.notice.{our_tenant}.settings"),
        format!("desk.in.{tenant}.{inbox}"),
        format!("desk.in.{our_tenant}.{inbox}"),
        format!("desk.in.{tenant}.{our_inbox}"),
        format!("desk.in.{our_tenant}.{our_inbox}.more"),
        format!("desk.out.{our_tenant}.{our_inbox}"),
        format!("desk.out.{tenant}.{inbox}"),
        format!("desk.dead.MESSAGES-0.persist.{tenant}.none.1"),
        format!("desk.ticket.{tenant}.t1.closed"),
        format!("desk.ticket.{our_tenant}.t1.closed"),
        "_INBOX.core.x".to_owned(),
        "_INBOX_their-bridge.x".to_owned(),
        "$SYS.REQ.SERVER.PING".to_owned(),
        "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.MESSAGES-0.persist-0".to_owned(),
    ]
}

/// What it might ask of the broker, about every stream and consumer there is but its own: subject and body.
pub(crate) fn requests(there: &Fingerprint, own: &str) -> Vec<(String, String)> {
    let mut requests: Vec<(String, String)> =
        ["INFO", "STREAM.LIST", "STREAM.NAMES", "STREAM.CREATE.EVIL", "ACCOUNT.PURGE.DESK"]
            .map(|request| (format!("$JS.API.{request}"), r#"{"name":"EVIL","subjects":["desk.>"]}"#.to_owned()))
            .into();
    for (stream, consumers) in there.consumers() {
        for request in [
            "STREAM.INFO",
            "STREAM.UPDATE",
            "STREAM.DELETE",
            "STREAM.PURGE",
            "STREAM.MSG.GET",
            "STREAM.MSG.DELETE",
            "STREAM.SNAPSHOT",
            "STREAM.LEADER.STEPDOWN",
            "DIRECT.GET",
            "CONSUMER.CREATE",
            "CONSUMER.LIST",
            "CONSUMER.NAMES",
        ] {
            requests.push((format!("$JS.API.{request}.{stream}"), r#"{"seq":1}"#.to_owned()));
        }
        let config = format!(
            r#"{{"stream_name":"{stream}","config":{{"durable_name":"evil","name":"evil","ack_policy":"none"}}}}"#
        );
        requests.push((format!("$JS.API.CONSUMER.CREATE.{stream}.evil"), config.clone()));
        requests.push((format!("$JS.API.CONSUMER.CREATE.{stream}.evil.desk.>"), config.clone()));
        requests.push((format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.evil"), config));
        requests.push((format!("$JS.API.DIRECT.GET.{stream}.desk.msg.1"), String::new()));
        for consumer in consumers {
            for request in ["INFO", "DELETE", "PAUSE", "LEADER.STEPDOWN", "UNPIN"] {
                requests.push((format!("$JS.API.CONSUMER.{request}.{stream}.{consumer}"), "{}".to_owned()));
            }
            if consumer != own {
                requests.push((format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"), r#"{"batch":9}"#.to_owned()));
                for answer in ["+ACK", "-NAK", "+TERM", "+WPI", "+NXT"] {
                    requests
                        .push((format!("$JS.ACK.{stream}.{consumer}.1.1.1.1700000000000000000.0"), answer.to_owned()));
                }
            }
        }
    }
    requests
}

/// Headers with which a publisher commands a stream.
pub(crate) fn control_headers((tenant, inbox): Inbox, their_conversation: &str) -> Vec<HeaderMap> {
    let theirs = format!("desk.in.{tenant}.{inbox}");
    let sets: Vec<Vec<(&str, &str)>> = vec![
        vec![("Nats-Rollup", "all")],
        vec![("Nats-Rollup", "sub")],
        vec![("Nats-TTL", "1s")],
        vec![("Nats-TTL", "never")],
        vec![("Nats-Expected-Stream", "MESSAGES-0")],
        vec![("Nats-Expected-Last-Sequence", "999999")],
        vec![("Nats-Expected-Last-Msg-Id", "guess")],
        vec![("Nats-Expected-Last-Subject-Sequence", "999999")],
        vec![
            ("Nats-Expected-Last-Subject-Sequence", "999999"),
            ("Nats-Expected-Last-Subject-Sequence-Subject", &theirs),
        ],
        vec![("Nats-Schedule", "@every 1s"), ("Nats-Schedule-Target", their_conversation)],
        vec![("Nats-Schedule", "@at 2020-01-01T00:00:00Z"), ("Nats-Schedule-Target", &theirs)],
        vec![("Nats-Schedule-Next", "purge"), ("Nats-Scheduler", &theirs)],
        vec![("Nats-Incr", "+1")],
        vec![("Nats-Batch-Id", "b1"), ("Nats-Batch-Sequence", "1"), ("Nats-Batch-Commit", "1")],
    ];
    let headers = |set: Vec<(&str, &str)>| {
        let mut headers = HeaderMap::new();
        set.into_iter().for_each(|(name, value)| headers.insert(name, value));
        headers
    };
    sets.into_iter().map(headers).collect()
}
