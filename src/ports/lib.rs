//! The traits that actors and workers need, their in-memory fakes and contract tests.
