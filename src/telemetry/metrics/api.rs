//! Metrics of REST and of the process as a whole.

use super::{Metric, counter, gauge, histogram};

pub(super) const METRICS: [Metric; 6] = [
    histogram("desk_http_request_seconds", &["route", "method"], "Time to answer a request, by route and method"),
    counter(
        "desk_http_requests_total",
        &["route", "method", "status"],
        "Requests answered, by route, method and status code",
    ),
    counter("desk_http_unreadable_total", &[], "Connections closed because what came was no request that can be read"),
    counter("desk_requests_shed_total", &[], "Requests answered with 503 because too many waited for the database"),
    gauge("desk_ready", &[], "1 while /readyz answers 200, 0 otherwise"),
    gauge("desk_process_resident_bytes", &[], "Resident memory of this process, without the broker"),
];
