//! Which pages may do what: rules about the `Origin` header.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{HttpRequest, http::header};
use frontdesk_domain::Inbox;
use frontdesk_ports::StoreError;

use crate::{
    problem::{Code, Problem},
    state::ApiState,
};

/// The origin that the browser names, unless there is none, more than one, or `null`.
pub(crate) fn origin_of(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::ORIGIN);
    let origin = values.next()?.to_str().ok()?;
    (values.next().is_none() && !origin.is_empty() && origin != "null").then_some(origin)
}

/// Whether the page is one of this server.
fn is_own(origin: &str, request: &HttpRequest, state: &ApiState) -> bool {
    let server = &state.settings.server;
    if origin.eq_ignore_ascii_case(&server.public_url()) {
        return true;
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    // Where people come through https, a page that came through http may be anybody's.
    let scheme_fits = match &server.public_url {
        Some(url) if url.starts_with("https://") => scheme.eq_ignore_ascii_case("https"),
        _ => scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"),
    };
    scheme_fits && host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

/// Whether the request comes from a page that agents may work in.
pub(crate) fn may_use_console(request: &HttpRequest, state: &ApiState) -> bool {
    origin_of(request).is_some_and(|origin| {
        let listed = state.settings.server.console_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin));
        listed || is_own(origin, request, state)
    })
}

/// Whether the request comes from a page that may show the widget of `inbox`.
pub(crate) fn may_use_widget(request: &HttpRequest, state: &ApiState, inbox: &Inbox) -> bool {
    origin_of(request).is_some_and(|origin| inbox.allows_origin(origin) || is_own(origin, request, state))
}

/// The same answer for an inbox that does not exist and a page that may not use it.
pub(crate) fn refused() -> Problem {
    Problem::new(Code::ForbiddenOrigin, "pages of this origin may not use this inbox")
}

/// Whether the request comes from a page that may show the widget of some inbox: all that can be said of a preflight, which
/// does not name the inbox.
pub(crate) async fn may_use_some_widget(request: &HttpRequest, state: &ApiState) -> bool {
    let Some(origin) = origin_of(request) else { return false };
    is_own(origin, request, state) || state.widget_origins.contains(origin, state).await
}

/// The origins of all inboxes, as read a while ago. Only what browsers show to pages depends on it, never what is done.
#[derive(Default)]
pub(crate) struct WidgetOrigins {
    known: Mutex<Option<Known>>,
    reading: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Known {
    at: Duration,
    origins: Arc<HashSet<String>>,
}

impl WidgetOrigins {
    /// An origin that was there is believed for this long.
    const PRESENT: Duration = Duration::from_secs(60);
    /// An origin that was not there is looked for again after this time.
    const ABSENT: Duration = Duration::from_secs(5);

    async fn contains(&self, origin: &str, state: &ApiState) -> bool {
        let origin = origin.to_ascii_lowercase();
        if let Some(answer) = self.answer(&origin, state.clock.monotonic()) {
            return answer;
        }
        let _one_reads_for_all = self.reading.lock().await;
        let now = state.clock.monotonic();
        if let Some(answer) = self.answer(&origin, now) {
            return answer;
        }
        match read(state).await {
            Ok(origins) => {
                let present = origins.contains(&origin);
                *self.lock() = Some(Known { at: now, origins: Arc::new(origins) });
                present
            }
            // What was true a while ago is the best guess.
            Err(_) => self.lock().as_ref().is_some_and(|known| known.origins.contains(&origin)),
        }
    }

    fn answer(&self, origin: &str, now: Duration) -> Option<bool> {
        let known = self.lock().clone()?;
        let present = known.origins.contains(origin);
        let believed = if present { Self::PRESENT } else { Self::ABSENT };
        (now.saturating_sub(known.at) < believed).then_some(present)
    }

    /// Reads again next time.
    pub(crate) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(state: &ApiState) -> Result<HashSet<String>, StoreError> {
    let mut origins = HashSet::new();
    for tenant in state.directory.tenants().await? {
        for inbox in state.directory.inboxes(tenant.id).await? {
            origins.extend(inbox.origins.iter().map(|origin| origin.to_ascii_lowercase()));
        }
    }
    origins.remove("null");
    Ok(origins)
}

/// `text` as browsers write an origin, or `None` if it is none: `scheme://host[:port]`, nothing else, no wildcard.
pub(crate) fn normalise(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().ok().filter(|port| *port > 0)?)),
        _ => (authority, None),
    };
    let port = match (scheme, port) {
        ("http", Some(80)) | ("https", Some(443)) => None,
        ("http" | "https", port) => port,
        _ => return None,
    };
    let valid = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host_name(host),
    };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    (valid && text.len() <= 255).then(|| format!("{scheme}://{host}{port}"))
}

fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        let inner = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    host.split('.').all(label)
}

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
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(normalise(text).as_deref(), Some(origin), "{text}");
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
            "https://shop.example/",
            "https://shop.example/path",
            "https://user@shop.example",
            "https://shop.example:0",
            "https://shop.example:99999",
            "https://shop.example:",
            "https://a..b",
            "https://shop.example?x",
            "https://[::1",
            "https://sh op",
        ] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }
}
