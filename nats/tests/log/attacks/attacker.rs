//! A program with the credentials of a principal, and no good intentions.

use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, HeaderMap, Message};
use frontdesk_nats::Principal;
use futures_util::StreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::{
    sync::{Mutex, mpsc},
    time::timeout,
};

use crate::support::Server;

pub(crate) struct Attacker {
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) client: Client,
    principal: Principal,
    password: SecretString,
    errors: Mutex<mpsc::UnboundedReceiver<String>>,
}

impl Attacker {
    pub(crate) async fn connect(server: &Server, principal: &Principal, password: &SecretString) -> Self {
        Self::try_connect(server, principal, password).await.expect("fresh credentials are good")
    }

    async fn try_connect(server: &Server, principal: &Principal, password: &SecretString) -> Option<Self> {
        let (tell, errors) = mpsc::unbounded_channel();
        let options = ConnectOptions::new()
            .user_and_password(principal.name().to_owned(), password.expose_secret().to_owned())
            .custom_inbox_prefix(principal.inbox_prefix())
            .max_reconnects(1)
            .request_timeout(Some(Duration::from_secs(5)))
            .event_callback(move |event| {
                if let Event::ServerError(error) = event {
                    let _ = tell.send(error.to_string());
                }
                std::future::ready(())
            });
        let client = options.connect(server.url()).await.ok()?;
        Some(Self {
            name: principal.name().to_owned(),
            prefix: principal.inbox_prefix(),
            client,
            principal: principal.clone(),
            password: password.clone(),
            errors: Mutex::new(errors),
        })
    }

    /// Another connection with the same credentials.
    pub(crate) async fn again(&self, server: &Server) -> Option<Self> {
        Self::try_connect(server, &self.principal, &self.password).await
    }

    /// Whether neither its connection nor a new one works.
    pub(crate) async fn is_shut_out(&self, server: &Server) -> bool {
        let gone = timeout(Duration::from_secs(1), self.client.flush()).await;
        let is_gone =
            !matches!(gone, Ok(Ok(()))) || self.client.connection_state() != async_nats::connection::State::Connected;
        is_gone && self.again(server).await.is_none()
    }

    /// Waits for the broker's word that it may not do `what` with `subject`.
    pub(crate) async fn is_denied(&self, what: &str, subject: &str) {
        self.client.flush().await.unwrap();
        let denied = async {
            while let Some(error) = self.errors.lock().await.recv().await {
                let error = error.to_lowercase();
                if error.contains("permissions violation") && error.contains(&what.to_lowercase()) {
                    assert!(error.contains(&format!("\"{}\"", subject.to_lowercase())), "{error}");
                    return;
                }
            }
            panic!("{} was cut off at {subject}", self.name);
        };
        let told = timeout(Duration::from_secs(5), denied).await;
        assert!(told.is_ok(), "{} may {what} {subject}", self.name);
    }

    /// Publishes and gives the stream's answer, its error as `Err`.
    pub(crate) async fn publish_stored(&self, subject: &str, headers: HeaderMap) -> Result<Value, String> {
        self.publish_bytes(subject, headers, b"hello".to_vec()).await
    }

    pub(crate) async fn publish_bytes(
        &self,
        subject: &str,
        headers: HeaderMap,
        bytes: Vec<u8>,
    ) -> Result<Value, String> {
        let request = async_nats::Request::new().headers(headers).payload(bytes.into());
        let answer = self.client.send_request(subject.to_owned(), request).await.map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_slice(&answer.payload).map_err(|error| error.to_string())?;
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer),
        }
    }

    /// Where it asks for its next record.
    pub(crate) fn next_subject(&self, stream: &str) -> String {
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{}", self.name)
    }

    /// Its next record, if there is one.
    pub(crate) async fn next(&self, stream: &str) -> Option<Message> {
        // A record comes under its own subject, so a subscription of its own must wait for it.
        let reply = format!("{}.{}", self.prefix, uuid::Uuid::new_v4());
        let mut answers = self.client.subscribe(reply.clone()).await.unwrap();
        let ask = r#"{"batch":1,"no_wait":true}"#;
        self.client.publish_with_reply(self.next_subject(stream), reply, ask.into()).await.unwrap();
        let answer = timeout(Duration::from_secs(5), answers.next()).await.expect("the broker answers").unwrap();
        answer.status.is_none().then_some(answer)
    }
}
