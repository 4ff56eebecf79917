//! A user of the local broker.

use secrecy::SecretString;

/// Name, password and reply subjects of a user of the local broker.
#[derive(Debug, Clone)]
pub struct LocalUser {
    /// The user name.
    pub name: String,
    /// The password.
    pub password: SecretString,
    /// First tokens of the only reply subjects that this user may subscribe to. A client must be configured with it
    /// (`ConnectOptions::custom_inbox_prefix`), or it receives no reply.
    pub inbox_prefix: String,
}
