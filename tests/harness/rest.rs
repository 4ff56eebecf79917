//! The REST interface, as a program uses it.

use reqwest::{
    Client, Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, ORIGIN},
};
use serde_json::Value;

use super::{node::Node, wait::DEADLINE};

/// A program that makes requests to one node.
#[derive(Debug, Clone)]
pub struct Rest {
    http: Client,
    base: String,
    origin: Option<String>,
    token: Option<String>,
}

/// An answer of the REST API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers of the answer.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// The cookie that was set under this name, as it goes into a `Cookie` header.
    ///
    /// # Panics
    /// When none was set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> String {
        let mut set = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let cookie = set.find(|cookie| cookie.starts_with(&format!("{name}=")));
        let cookie = cookie.unwrap_or_else(|| panic!("no cookie {name} was set"));
        cookie.split(';').next().unwrap_or_default().to_owned()
    }
}

impl Rest {
    /// To `node`, with no token.
    ///
    /// # Panics
    /// Never, unless the system has no randomness.
    #[must_use]
    pub fn new(node: &Node) -> Self {
        Self::at(node.origin()).from_origin(&node.origin())
    }

    /// To any address, with no token and no origin.
    ///
    /// # Panics
    /// Never, unless the system has no randomness.
    #[must_use]
    pub fn at(base: String) -> Self {
        let http = Client::builder().timeout(DEADLINE).no_proxy().build().expect("a plain client can be built");
        Self { http, base, origin: None, token: None }
    }

    /// The same client with this bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// As a page of this origin.
    #[must_use]
    pub fn from_origin(&self, origin: &str) -> Self {
        Self { origin: Some(origin.to_owned()), ..self.clone() }
    }

    /// GET.
    ///
    /// # Panics
    /// When there is no answer, or it is a failure of the server.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, &[], None).await
    }

    /// GET, of something that is there.
    ///
    /// # Panics
    /// When the answer is not 200 and JSON.
    pub async fn get_ok(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text);
        answer.body
    }

    /// POST.
    ///
    /// # Panics
    /// When there is no answer, or it is a failure of the server.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let bytes = body.to_string();
        self.request(Method::POST, path, &[(CONTENT_TYPE.as_str(), "application/json")], Some(bytes.into())).await
    }

    /// POST, of something that will be done.
    ///
    /// # Panics
    /// When the answer is no success.
    pub async fn post_ok(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).await;
        assert!((200..300).contains(&answer.status), "POST {path}: {} {}", answer.status, answer.text);
        answer.body
    }

    /// Any request.
    ///
    /// # Panics
    /// When there is no answer, or it is a failure of the server: no input may cause one.
    pub async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Answer {
        let described = format!("{method} {path}");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(origin) = &self.origin {
            request = request.header(ORIGIN, origin);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{described}: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{described}: {error:?}"));
        assert!(status < 500 || status == 503 || status == 504, "{described} made the server fail: {status} {text}");
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
}
