//! Requests: those that prepare a run, those that write as a program does, and those that read what is kept in the end.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Client, RequestBuilder, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

/// A program that makes requests.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    http: Client,
    url: String,
    token: Option<String>,
}

/// How a message was answered that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Posted {
    /// Accepted, as the entry of this number.
    Accepted(u64),
    /// Refused for good, with this code.
    Refused(String),
    /// The outcome is unknown, or it was refused for now, and why: again after this time.
    Later(Duration, String),
}

/// Entries of a conversation, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Page {
    entries: Vec<Kept>,
    more: bool,
}

#[derive(Debug, Deserialize)]
struct Kept {
    seq: u64,
    client_id: Uuid,
}

impl Rest {
    /// To the server at `url`.
    ///
    /// # Errors
    /// The system gives no means for requests.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let http = Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { http, url: url.to_owned(), token: None })
    }

    /// A client of another server, without a token.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { http: self.http.clone(), url: url.to_owned(), token: None }
    }

    /// Signs in; requests are made in that agent's name from then on. Gives its token.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> anyhow::Result<String> {
        let answer = self.post("auth/login", &json!({"email": email, "password": password})).await?;
        let token = text(&answer["access_token"])?;
        self.token = Some(token.clone());
        Ok(token)
    }

    /// Makes an agent and signs it in; gives requests in its name, and its token.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) async fn new_agent(&self, name: &str, run: &str) -> anyhow::Result<(Self, String)> {
        let (email, password) = (format!("{name}.{run}@loadtest.example"), format!("password-{run}-{name}"));
        let agent = json!({"email": email, "name": name, "role": "agent", "password": password});
        self.post("agents", &agent).await?;
        let mut its_own = Self { token: None, ..self.clone() };
        let token = its_own.sign_in(&email, &password).await?;
        Ok((its_own, token))
    }

    /// Makes a contact and gives its token.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) async fn new_contact(&self, inbox: &str) -> anyhow::Result<String> {
        let anonymous = Self { token: None, ..self.clone() };
        text(&anonymous.post("widget/session", &json!({"inbox": inbox, "token": null})).await?["token"])
    }

    /// Claims a conversation.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) async fn claim(&self, conversation: Uuid) -> anyhow::Result<u64> {
        let body = json!({"client_id": Uuid::now_v7()});
        let answer = self.post(&format!("conversations/{conversation}/claim"), &body).await?;
        answer["seq"].as_u64().context("the answer has no number")
    }

    /// Says something once, and gives whatever came of it.
    pub(crate) async fn say(&self, conversation: Uuid, name: Uuid, words: &str, repeat: bool) -> Posted {
        let body = json!({"client_id": name, "text": words, "repeat": repeat});
        let request = self.http.post(self.address(&format!("conversations/{conversation}/messages"))).json(&body);
        let Ok(response) = self.with_token(request).send().await else {
            return Posted::Later(SOON, UNKNOWN.to_owned());
        };
        let wait = response.headers().get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        let status = response.status();
        let Ok(answer) = response.json::<Value>().await else { return Posted::Later(SOON, UNKNOWN.to_owned()) };
        match answer["seq"].as_u64() {
            Some(seq) if status.is_success() => Posted::Accepted(seq),
            _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                let asked = answer["retry_after_ms"].as_u64().map(Duration::from_millis);
                let code = answer["code"].as_str().unwrap_or(UNKNOWN).to_owned();
                Posted::Later(asked.or_else(|| wait.map(Duration::from_secs)).unwrap_or(SOON), code)
            }
            _ => Posted::Refused(answer.to_string()),
        }
    }

    /// Everything that is kept of a conversation after a number: each entry's number and its sender's name for it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn history(&self, conversation: Uuid, after: u64) -> anyhow::Result<Vec<(u64, Uuid)>> {
        let (mut all, mut last) = (Vec::new(), after);
        loop {
            let path = format!("conversations/{conversation}/messages?after_seq={last}&limit=100");
            let page: Page = self.get(&path).await?;
            all.extend(page.entries.iter().map(|entry| (entry.seq, entry.client_id)));
            let Some(newest) = page.entries.last().filter(|_| page.more) else { return Ok(all) };
            last = newest.seq;
        }
    }

    /// Reads something.
    ///
    /// # Errors
    /// It is refused, or something else than was thought.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let answer = self.send(path, |http, url| http.get(url)).await?;
        serde_json::from_value(answer).with_context(|| format!("{path}: the answer cannot be read"))
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(path, |http, url| http.post(url).json(body)).await
    }

    /// Makes a request until it is answered with something else than "later".
    async fn send(&self, path: &str, make: impl Fn(&Client, String) -> RequestBuilder) -> anyhow::Result<Value> {
        for _ in 0..TRIES {
            let request = make(&self.http, self.address(path)).header(header::ORIGIN, &self.url);
            let response = self.with_token(request).send().await.with_context(|| format!("request {path}"))?;
            let status = response.status();
            let text = response.text().await?;
            if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
                sleep(SOON).await;
                continue;
            }
            if !status.is_success() {
                bail!("{path}: {status}: {text}");
            }
            return serde_json::from_str(&text).with_context(|| format!("{path}: {text}"));
        }
        bail!("{path}: refused {TRIES} times")
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.url)
    }

    fn with_token(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(ToOwned::to_owned).context("the answer has no token")
}

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// After a refusal for now, and after silence.
const SOON: Duration = Duration::from_millis(250);

/// Why something is to be tried again that got no answer.
const UNKNOWN: &str = "no answer";

/// How often something is asked for.
const TRIES: u32 = 40;
