//! The test harness, system tests, browser tests.
