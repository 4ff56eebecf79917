//! Traces that leave the desk.

use frontdesk_tests::harness::{Collector, System, Talk, until};

/// A request that names a trace is exported as part of it, whatever share of its own traces the desk records.
pub(crate) async fn a_request_is_exported_in_the_trace_that_it_names() {
    let collector = Collector::start().await;
    let system = System::up_with(&[
        ("FRONTDESK__TELEMETRY__OTLP_ENDPOINT", &collector.endpoint),
        ("FRONTDESK__TELEMETRY__TRACE_SHARE", "0"),
    ]);
    let trace: [u8; 16] =
        [0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36];
    let other: [u8; 16] =
        [0x5b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36];
    let request = async |trace: [u8; 16], flags: &str| {
        let trace: String = trace.iter().map(|byte| format!("{byte:02x}")).collect();
        let request = reqwest::Client::new()
            .get(format!("{}/api/v1/openapi.json", system.gateway(0).origin()))
            .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-{flags}"));
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    };
    request(other, "00").await;
    request(trace, "01").await;
    until("the trace is exported", async || collector.has(&trace).then_some(())).await;
    assert!(collector.has(b"frontdesk") && collector.has(b"http.method"));
    assert!(!collector.has(&other), "a trace that its caller does not record is not exported");
}

/// A message leaves a span at each step of its way, from the socket to the database.
pub(crate) async fn a_message_is_traced_from_the_socket_to_the_database() {
    let collector = Collector::start().await;
    let system = System::up_with(&[
        ("FRONTDESK__TELEMETRY__OTLP_ENDPOINT", &collector.endpoint),
        ("FRONTDESK__TELEMETRY__TRACE_SHARE", "1"),
    ]);
    let talk = Talk::begin(&system).await;
    talk.contact_says("Where is my order?").await;
    for span in ["socket", "decide", "append", "persist"] {
        // A name in protobuf: field 5, its length, its bytes.
        let name: Vec<u8> = [0x2a, span.len() as u8].into_iter().chain(span.bytes()).collect();
        until(&format!("the span {span} is exported"), async || collector.has(&name).then_some(())).await;
    }
}
