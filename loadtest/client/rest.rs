//! Requests that prepare a run.

use anyhow::{Context as _, bail};
use reqwest::{Client, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A program that makes requests.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    http: Client,
    url: String,
    token: Option<String>,
}

impl Rest {
    /// To the server at `url`.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self { http: Client::builder().no_proxy().build()?, url: url.to_owned(), token: None })
    }

    /// Signs in; requests are made in that agent's name from then on. Gives its token.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> anyhow::Result<String> {
        let answer = self.post("auth/login", &json!({"email": email, "password": password})).await?;
        let token = text(&answer["access_token"])?;
        self.token = Some(token.clone());
        Ok(token)
    }

    /// Makes an agent, signs it in and gives its token.
    pub(crate) async fn new_agent(&self, number: usize, run: &str) -> anyhow::Result<String> {
        let (email, password) = (format!("agent{number}.{run}@loadtest.example"), format!("password-{run}-{number}"));
        let agent = json!({"email": email, "name": format!("Agent {number}"), "role": "agent", "password": password});
        self.post("agents", &agent).await?;
        Self { token: None, ..self.clone() }.sign_in(&email, &password).await
    }

    /// Makes a contact and gives its token.
    pub(crate) async fn new_contact(&self, inbox: &str) -> anyhow::Result<String> {
        let nobody = Self { token: None, ..self.clone() };
        text(&nobody.post("widget/session", &json!({"inbox": inbox, "token": null})).await?["token"])
    }

    /// Reads something.
    ///
    /// # Errors
    /// It is refused, or something else than was thought.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let mut request = self.http.get(format!("{}/api/v1/{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.and_then(reqwest::Response::error_for_status).context("a request failed")?;
        answer.json().await.context("an answer cannot be read")
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let mut request =
            self.http.post(format!("{}/api/v1/{path}", self.url)).header(header::ORIGIN, &self.url).json(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.with_context(|| format!("POST {path}"))?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            bail!("POST {path}: {status}: {text}");
        }
        serde_json::from_str(&text).with_context(|| format!("POST {path}: {text}"))
    }
}

fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(ToOwned::to_owned).context("the answer has no token")
}
