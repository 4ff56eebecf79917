//! E-mail addresses of agents and contacts.

use std::{fmt, str::FromStr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::text::clean_line;

/// An e-mail address in lower case, with international domains in Punycode, as browsers send the value of a field for
/// addresses. Nothing but a message to it proves that it exists; this keeps out what is certainly none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct EmailAddress(String);

/// The text is certainly no e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address such as ada@shop.example is needed")]
pub struct EmailAddressError;

impl EmailAddress {
    /// Longest address (RFC 5321), in bytes.
    pub const MAX_BYTES: usize = 254;

    /// The address as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with an international domain in its own script, as older versions stored what was typed so.
    #[must_use]
    pub fn in_unicode(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        let (domain, _) = idna::domain_to_unicode(domain);
        format!("{local}@{domain}")
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = clean_line(text);
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressError)?;
        let domain = Uts46::new()
            .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
            .map_err(|_| EmailAddressError)?;
        let local = local.to_lowercase();
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
        let address = format!("{local}@{domain}");
        let fits = !local.is_empty() && address.len() <= Self::MAX_BYTES;
        if fits && local.chars().all(plain) { Ok(Self(address)) } else { Err(EmailAddressError) }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lower_case_with_the_domain_as_browsers_send_it() {
        for (text, address) in [
            (" Ada\0@Desk.Example ", "ada@desk.example"),
            ("Rene\u{301}e@desk.example", "ren\u{e9}e@desk.example"),
            ("ada@localhost", "ada@localhost"),
            ("Ada.O'Neil+desk@desk.example", "ada.o'neil+desk@desk.example"),
            ("ada@B\u{fc}cher.example", "ada@xn--bcher-kva.example"),
            ("\u{7528}\u{6237}@\u{4f8b}\u{5b50}\u{3002}\u{4e2d}\u{56fd}", "\u{7528}\u{6237}@xn--fsqu00a.xn--fiqs8s"),
        ] {
            assert_eq!(text.parse::<EmailAddress>().unwrap().as_str(), address, "{text}");
        }
        let stored = "ada@xn--bcher-kva.example".parse::<EmailAddress>().unwrap();
        assert_eq!(stored.in_unicode(), "ada@b\u{fc}cher.example");
    }

    #[test]
    fn what_is_certainly_no_address_is_refused() {
        let long = format!("{}@desk.example", "a".repeat(250));
        for text in [
            "",
            "@",
            "a@",
            "x@",
            "@b",
            "a b@c",
            "a@b\r\nBcc: x",
            "<a@b>",
            "a@b@c",
            "a@b,c@d",
            "a@.b",
            "a@b.",
            "a@b..c",
            "a@-b.c",
            "a@b_c",
            "a@b c",
            "a@[1.2.3.4]",
            "none",
            &long,
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(EmailAddressError), "{text:?}");
        }
    }
}
