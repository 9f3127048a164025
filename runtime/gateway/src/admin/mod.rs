//! What operators and approvers use: health, metrics, approvals, stopping.
//!
//! In: HTTP requests. Out: HTTP responses. Invariants: whatever changes anything needs a token of its own, and an agent's token is none; metrics name no agent, no
//! argument and no content.
//! Source: `runtime/gateway/README.md` ("Operation").

mod metrics;

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::clock;
use crate::config::Approver;
use crate::gate::{Answered, Kind, SharedGate};
use crate::identity::{hash, token};
pub use metrics::Metrics;

/// What these requests need.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Where calls are decided.
    pub gate: SharedGate,
    /// Who may approve.
    pub approvers: Arc<[Approver]>,
    /// The hash of the operator's token.
    pub operator: Option<[u8; 32]>,
}

/// The routes.
pub fn routes(admin: Admin) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(|State(admin): State<Admin>| async move { admin.ready() }))
        .route("/metrics", get(|State(admin): State<Admin>| async move { admin.metrics() }))
        .route("/v1/approvals", get(|State(admin): State<Admin>, headers: HeaderMap| async move { admin.list(&headers) }))
        .route("/v1/approvals/{id}/{answer}", post(answer))
        .route("/v1/stops", get(|State(admin): State<Admin>, headers: HeaderMap| async move { admin.stops(&headers) }).post(stop))
        .with_state(admin)
}

async fn answer(State(admin): State<Admin>, Path((id, answer)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let given = match answer.as_str() {
        "approve" => true,
        "refuse" => false,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Some(approver) = admin.approver(&headers) else { return stranger() };
    let gate = admin.gate.clone();
    let answered = tokio::task::spawn_blocking(move || gate.answer(&id, &approver, given)).await;
    match answered {
        Ok(Ok(Answered::Taken)) => StatusCode::NO_CONTENT.into_response(),
        Ok(Ok(Answered::Unknown)) => (StatusCode::NOT_FOUND, "no such call waits\n").into_response(),
        Ok(Ok(Answered::NotYours)) => (StatusCode::FORBIDDEN, "it is not for you to say\n").into_response(),
        Ok(Ok(Answered::OwnRequest)) => (StatusCode::FORBIDDEN, "who asks does not approve\n").into_response(),
        Ok(Err(error)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stop {
    kind: Kind,
    name: String,
    stopped: bool,
}

async fn stop(State(admin): State<Admin>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !admin.is_operator(&parts.headers) {
        return stranger();
    }
    let body = to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let Ok(stop) = serde_json::from_slice::<Stop>(&body) else {
        return (StatusCode::BAD_REQUEST, "write {\"kind\":\"persona|principal|agent\",\"name\":\"…\",\"stopped\":true}\n").into_response();
    };
    match admin.gate.stop(stop.kind, &stop.name, stop.stopped) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

impl Admin {
    fn approver(&self, headers: &HeaderMap) -> Option<Approver> {
        let hash = given(headers)?;
        self.approvers.iter().find(|approver| approver.token == hash).cloned()
    }

    fn is_operator(&self, headers: &HeaderMap) -> bool {
        self.operator.is_some() && given(headers) == self.operator
    }

    fn list(&self, headers: &HeaderMap) -> Response {
        let Some(approver) = self.approver(headers) else { return stranger() };
        let shown = self.gate.approvals().list(&approver, clock::now());
        json(serde_json::to_string(&shown).unwrap_or_else(|_| "[]".to_owned()))
    }

    fn stops(&self, headers: &HeaderMap) -> Response {
        if self.is_operator(headers) { json(self.gate.stops().json()) } else { stranger() }
    }

    fn ready(&self) -> Response {
        if self.gate.log().is_ready() {
            "ready\n".into_response()
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "the log cannot be written\n").into_response()
        }
    }

    fn metrics(&self) -> Response {
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        ([(CONTENT_TYPE, kind)], self.gate.metrics().text(&self.gate)).into_response()
    }
}

fn given(headers: &HeaderMap) -> Option<[u8; 32]> {
    token(headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok())).map(hash)
}

fn stranger() -> Response {
    (StatusCode::UNAUTHORIZED, "the token is not known\n").into_response()
}

fn json(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}
