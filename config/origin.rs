//! Web origins, as browsers send them in the header `Origin`.

use url::{Host, Url};

/// `text` as browsers write an origin, such as `https://shop.example:8443`: lower case, international names in
/// Punycode, no port that the scheme implies. `None` if it is anything else than `http` or `https`, a host without
/// wildcards, and perhaps a port.
#[must_use]
pub fn normalise_origin(text: &str) -> Option<String> {
    let text = text.trim();
    let (_, authority) = text.split_once("://")?;
    if text.len() > LONGEST || authority.ends_with(':') || authority.contains(NOT_IN_ORIGINS) {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.port() != Some(0))?;
    let is_valid = match url.host()? {
        Host::Domain(name) => name.split('.').all(is_label),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    is_valid.then(|| url.origin().ascii_serialization())
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
        ] {
            assert_eq!(normalise_origin(text).as_deref(), Some(origin), "{text}");
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
            assert_eq!(normalise_origin(text), None, "{text}");
        }
    }
}
