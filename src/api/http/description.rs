//! The description of the API, as handlers need it: its text, and which addresses there are.

use actix_web::dev::ResourceDef;
use utoipa::openapi::{OpenApi, PathItem};

/// Made once from the routes, and given to handlers as data of the application: handlers are part of the routes, so
/// they cannot name them.
pub(crate) struct Description {
    json: String,
    addresses: Vec<(ResourceDef, String)>,
}

impl Description {
    /// What `openapi` describes.
    pub(crate) fn new(openapi: OpenApi) -> Self {
        let json = openapi.to_json().expect("our own description always encodes");
        let paths = openapi.paths.paths.into_iter();
        // The router takes these words only.
        let address = |path: String| ResourceDef::new(path.replace("{scope}", "{scope:inbox|team}"));
        Self { json, addresses: paths.map(|(path, item)| (address(path), methods(&item))).collect() }
    }

    /// The description as OpenAPI 3.1.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    /// The methods that the address `path` knows, separated by commas; `None` for an address that is not described.
    pub(crate) fn methods(&self, path: &str) -> Option<&str> {
        let known = self.addresses.iter().find(|(address, _)| address.is_match(path));
        known.map(|(_, methods)| methods.as_str())
    }
}

fn methods(item: &PathItem) -> String {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let known = known.iter().filter_map(|(name, operation)| operation.as_ref().map(|_| *name));
    known.collect::<Vec<_>>().join(", ")
}
