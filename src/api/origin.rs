//! Which pages may do what: rules about the `Origin` header.

use std::{collections::HashSet, sync::Arc, time::Duration};

use actix_web::{HttpRequest, http::header};
pub(crate) use frontdesk_config::normalise_origin as normalise;
use frontdesk_domain::Inbox;
use frontdesk_ports::{Clock, Directory, StoreError};

use crate::{
    problem::{Code, Problem},
    state::ApiState,
    timed_cache::TimedCache,
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
    is_own(origin, request, state) || state.widget_origins.contains(origin).await
}

/// The origins of all inboxes, as read a while ago. Only what browsers show to pages depends on it, never what is done.
pub(crate) struct WidgetOrigins {
    directory: Arc<dyn Directory>,
    clock: Arc<dyn Clock>,
    known: TimedCache<(), Arc<HashSet<String>>>,
    reading: tokio::sync::Mutex<()>,
}

impl WidgetOrigins {
    pub(crate) fn new(directory: Arc<dyn Directory>, clock: Arc<dyn Clock>) -> Self {
        let known = TimedCache::new(Arc::clone(&clock), PRESENT, 1);
        Self { directory, clock, known, reading: tokio::sync::Mutex::default() }
    }

    async fn contains(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        if let Some(answer) = self.answer(&origin) {
            return answer;
        }
        let _one_reads_for_all = self.reading.lock().await;
        if let Some(answer) = self.answer(&origin) {
            return answer;
        }
        let now = self.clock.monotonic();
        match self.read().await {
            Ok(origins) => {
                let present = origins.contains(&origin);
                self.known.put((), now, Arc::new(origins));
                present
            }
            // What was true a while ago is the best guess.
            Err(_) => self.known.last_known(&()).is_some_and(|(_, origins)| origins.contains(&origin)),
        }
    }

    fn answer(&self, origin: &str) -> Option<bool> {
        let (age, origins) = self.known.last_known(&())?;
        let present = origins.contains(origin);
        let believed = if present { PRESENT } else { ABSENT };
        (age < believed).then_some(present)
    }

    async fn read(&self) -> Result<HashSet<String>, StoreError> {
        let mut origins = HashSet::new();
        for tenant in self.directory.tenants().await? {
            for inbox in self.directory.inboxes(tenant.id).await? {
                origins.extend(inbox.origins.iter().map(|origin| origin.to_ascii_lowercase()));
            }
        }
        origins.remove("null");
        Ok(origins)
    }

    /// Reads again next time.
    pub(crate) fn forget(&self) {
        self.known.clear();
    }
}

/// An origin that was there is believed for this long.
const PRESENT: Duration = Duration::from_secs(60);

/// An origin that was not there is looked for again after this time.
const ABSENT: Duration = Duration::from_secs(5);
