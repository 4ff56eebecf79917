//! Web origins, as browsers send them in the header `Origin`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use url::{Host, Url};

/// An origin as browsers write it, such as `https://shop.example:8443`: lower case, international names in Punycode, no
/// port that the scheme implies. Every origin that comes from outside (a header, a setting, a request, the command
/// line) is read as one of these, so two spellings of one origin are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// The text is anything else than `http` or `https`, a host without wildcards, and perhaps a port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an origin such as https://shop.example: scheme, host and perhaps a port, no path and no wildcard"
)]
pub struct OriginError(String);

impl Origin {
    /// The origin as browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its pages are loaded over an encrypted connection.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (_, authority) = text.split_once("://")?;
        if text.len() > LONGEST || authority.ends_with(':') || authority.contains(NOT_IN_ORIGINS) {
            return None;
        }
        let url =
            Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.port() != Some(0))?;
        let is_valid = match url.host()? {
            Host::Domain(name) => name.split('.').all(is_label),
            Host::Ipv4(_) | Host::Ipv6(_) => true,
        };
        is_valid.then(|| Self(url.origin().ascii_serialization()))
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| OriginError(text.escape_debug().take(LONGEST).collect()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The URL standard lets more into a host name than can be registered, `*` among it.
fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(allowed) && !label.starts_with('-') && !label.ends_with('-')
}

/// Characters that begin a path, a query, a fragment or a user name, and those that the URL standard would drop or
/// replace.
const NOT_IN_ORIGINS: [char; 9] = ['/', '\\', '?', '#', '@', '%', ' ', '\t', '\n'];

/// Longest origin, in bytes.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_else() {
        for (text, origin) in [
            ("https://Shop.Example", "https://shop.example"),
            (" https://shop.example:443", "https://shop.example"),
            ("http://shop.example:443", "http://shop.example:443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://my_shop.internal", "http://my_shop.internal"),
            ("http://192.0.2.7:8080", "http://192.0.2.7:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[0:0::1]", "http://[::1]"),
            ("https://\u{5e97}.example", "https://xn--hxt.example"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
            ("https://\u{4f8b}\u{5b50}.\u{4e2d}\u{56fd}", "https://xn--fsqu00a.xn--fiqs8s"),
            // As an input method for Chinese writes dots.
            ("https://\u{4f8b}\u{5b50}\u{3002}\u{4e2d}\u{56fd}:443", "https://xn--fsqu00a.xn--fiqs8s"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin, "{text}");
        }
        for text in [
            "",
            "null",
            "*",
            "https://*",
            "https://*.shop.example",
            "shop.example",
            "//shop.example",
            "ftp://shop.example",
            "file://shop.example",
            "https://shop.example/",
            "https://shop.example/path",
            "https://shop.example\\path",
            "https://user@shop.example",
            "https://shop.example:0",
            "https://shop.example:99999",
            "https://shop.example:",
            "https://:443",
            "https://a..b",
            "https://-a.b",
            "https://shop.example?x",
            "https://shop.example#x",
            "https://[::1",
            "https://sh op",
            "https://shop.exam\tple",
            "https://sh%6fp.example",
        ] {
            let refused = text.parse::<Origin>().unwrap_err().to_string();
            assert!(refused.contains("is not an origin") && !refused.contains('\n'), "{text:?}: {refused}");
        }
    }
}
