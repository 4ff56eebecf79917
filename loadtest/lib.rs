//! The load-test harness: scenarios, clients, report.
