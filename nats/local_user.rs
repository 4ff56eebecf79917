//! A user of the local broker.

use secrecy::SecretString;

/// Name, password and reply subjects of a user of the local broker.
#[derive(Debug, Clone)]
pub struct LocalUser {
    /// Name of the user at the broker.
    pub name: String,
    /// Password of the user, in clear text.
    pub password: SecretString,
    /// First tokens of the only reply subjects that this user may subscribe to. A client must be configured with it
    /// (`ConnectOptions::custom_inbox_prefix`), or it receives no reply.
    pub inbox_prefix: String,
}
