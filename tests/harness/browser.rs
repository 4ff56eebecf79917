//! A browser.

/// A browser.
#[derive(Debug)]
pub struct Browser;
/// A window of it.
#[derive(Debug)]
pub struct Window;
