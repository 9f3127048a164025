//! A server over streamable HTTP.
//!
//! In: messages. Out: the answers to them. Invariants: an answer is read from the one response to its request, as JSON or as a stream of events; no more than the
//! bound is read; redirects are not followed, since a token would go with them.
//! Source: MCP 2026-07-28 and 2025-11-25, Streamable HTTP.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use sse_stream::SseStream;

use super::era::{Era, message};
use super::{Answer, Ask, Fault};
use crate::protocol::{MODERN, Message, Plain};

/// A server over HTTP.
#[derive(Debug)]
pub(super) struct Http {
    alias: String,
    url: String,
    client: Client,
    bytes: usize,
    session: Mutex<Option<HeaderValue>>,
    next: AtomicU64,
}

impl Http {
    /// A client for it.
    ///
    /// # Errors
    /// [`Fault::Gone`]: a header's variable is not set, or holds what no header can.
    pub(super) fn new(alias: &str, url: &str, headers: &[(String, String)], bytes: usize) -> Result<Self, Fault> {
        let gone = |words: String| Fault::Gone(alias.to_owned(), words);
        let mut fixed = HeaderMap::new();
        for (name, variable) in headers {
            let value = std::env::var(variable).map_err(|_| gone(format!("the variable `{variable}` of the environment is not set")))?;
            let name = HeaderName::try_from(name.as_str()).map_err(|_| gone(format!("`{name}` is no header")))?;
            let mut value = HeaderValue::try_from(value).map_err(|_| gone(format!("`{variable}` holds what no header can")))?;
            value.set_sensitive(true);
            fixed.insert(name, value);
        }
        let builder = Client::builder().default_headers(fixed).redirect(redirect::Policy::none()).no_proxy();
        let client = builder.connect_timeout(Duration::from_secs(10)).build().map_err(|error| gone(error.to_string()))?;
        let (alias, url) = (alias.to_owned(), url.to_owned());
        Ok(Self { alias, url, client, bytes, session: Mutex::default(), next: AtomicU64::new(1) })
    }

    /// Sends a request and reads its answer.
    pub(super) async fn request(&self, ask: &Ask<'_>, era: &Era) -> Result<Answer, Fault> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let response = self.post(message(id, ask, era), ask, era).await?;
        if ask.method == "initialize" {
            let session = response.headers().get("mcp-session-id").cloned();
            *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
        }
        self.answer(id, response).await
    }

    /// Sends a notification.
    pub(super) async fn notify(&self, message: String, method: &str, era: &Era) {
        // Nothing depends on its being taken.
        drop(self.post(message, &Ask::plain(method), era).await);
    }

    fn gone(&self, error: impl ToString) -> Fault {
        Fault::Gone(self.alias.clone(), error.to_string())
    }

    fn rubbish(&self, error: impl ToString) -> Fault {
        Fault::Rubbish(self.alias.clone(), error.to_string())
    }

    async fn post(&self, body: String, ask: &Ask<'_>, era: &Era) -> Result<Response, Fault> {
        let mut request = self.client.post(&self.url).header(CONTENT_TYPE, "application/json").body(body);
        request = request.header(ACCEPT, "application/json, text/event-stream");
        request = match era {
            Era::Modern => {
                let mut request = request.header("MCP-Protocol-Version", MODERN).header("Mcp-Method", ask.method);
                if let Some(name) = ask.name {
                    request = request.header("Mcp-Name", encoded(name));
                }
                ask.headers.iter().fold(request, |request, (name, value)| request.header(format!("Mcp-Param-{name}"), encoded(value)))
            }
            Era::Legacy(version) => {
                let request = if ask.method == "initialize" { request } else { request.header("MCP-Protocol-Version", version) };
                match self.session.lock().unwrap_or_else(PoisonError::into_inner).clone() {
                    Some(session) if ask.method != "initialize" => request.header("Mcp-Session-Id", session),
                    _ => request,
                }
            }
        };
        request.send().await.map_err(|error| self.gone(without_url(error)))
    }

    async fn answer(&self, id: u64, response: Response) -> Result<Answer, Fault> {
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("text/event-stream") && status.is_success() {
            return self.events(id, response).await;
        }
        let body = self.body(response).await?;
        match self.read(id, &body) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(self.rubbish("it is not the answer to what was asked")),
            Err(_) if !status.is_success() => Err(self.gone(described(status))),
            Err(error) => Err(error),
        }
    }

    /// The answer among events; what a server asks or tells on the way is passed over.
    async fn events(&self, id: u64, response: Response) -> Result<Answer, Fault> {
        let mut left = self.bytes;
        let mut events = SseStream::from_bytes_stream(response.bytes_stream());
        while let Some(event) = events.next().await {
            let event = event.map_err(|error| self.gone(error))?;
            let Some(data) = event.data.filter(|data| !data.is_empty()) else { continue };
            left = left.checked_sub(data.len()).ok_or_else(|| self.rubbish("it is too long"))?;
            if let Some(answer) = self.read(id, data.as_bytes())? {
                return Ok(answer);
            }
        }
        Err(self.gone("it has ended its answer before the end"))
    }

    async fn body(&self, response: Response) -> Result<Vec<u8>, Fault> {
        let (mut body, mut chunks) = (Vec::new(), response.bytes_stream());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| self.gone(without_url(error)))?;
            if body.len().saturating_add(chunk.len()) > self.bytes {
                return Err(self.rubbish("it is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// The answer, if this is the one.
    fn read(&self, id: u64, bytes: &[u8]) -> Result<Option<Answer>, Fault> {
        let plain = Plain::of(bytes).map_err(|error| self.rubbish(error))?;
        let message = Message::read(&plain).map_err(|error| self.rubbish(error))?;
        Ok(match message {
            Message::Response(response) if response.id.json() == id.to_string() => Some(match response.outcome {
                Ok(result) => Answer::Result(result.get().to_owned()),
                Err(error) => Answer::Error(error.get().to_owned()),
            }),
            Message::Response(_) | Message::Request(_) => None,
        })
    }
}

/// A value as a header writes it.
fn encoded(value: &str) -> String {
    let plain = value.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) && value.trim() == value;
    let looks_encoded = value.starts_with("=?base64?") && value.ends_with("?=");
    if plain && !looks_encoded { value.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(value)) }
}

fn described(status: StatusCode) -> String {
    format!("it has answered with status {}", status.as_u16())
}

/// Addresses may hold secrets.
fn without_url(error: reqwest::Error) -> reqwest::Error {
    error.without_url()
}
