//! Stateless workers: persist, push, receipts, trim.
