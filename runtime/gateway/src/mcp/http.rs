//! Clients over streamable HTTP.
//!
//! In: HTTP requests. Out: HTTP responses. Invariants: nobody without a known token gets further than 401, nobody of another persona further than 403, no page of
//! another origin further than 403; headers that repeat the body are held against it before anything is decided.
//! Source: MCP 2026-07-28 and 2025-11-25, Streamable HTTP and Authorization.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request as HttpRequest, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::{Caller, Mcp, Reply, Way, agreed, greeting};
use crate::clock;
use crate::identity::Identity;
use crate::protocol::{ErrorCode, Headers, Members, Message, Plain, Request, result};

/// What every request needs.
#[derive(Clone, Debug)]
pub struct Served {
    /// The server.
    pub mcp: Arc<Mcp>,
    /// Origins of pages that may use it.
    pub origins: Arc<[String]>,
    /// Bytes of one message.
    pub bytes: usize,
}

/// `/mcp` for whatever persona a token has, `/mcp/PERSONA` for one.
pub fn routes(served: Served) -> Router {
    let any = post(|State(served): State<Served>, request: HttpRequest| async move { served.post(None, request).await });
    let one = post(|State(served): State<Served>, Path(persona): Path<String>, request: HttpRequest| async move {
        served.post(Some(persona), request).await
    });
    let close = |State(served): State<Served>, headers: HeaderMap| async move { served.delete(&headers) };
    let get = || async { (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST, DELETE")]) };
    let router = Router::new().route("/mcp", any.delete(close).get(get)).route("/mcp/{persona}", one.delete(close).get(get));
    router.with_state(served)
}

impl Served {
    async fn post(&self, persona: Option<String>, request: HttpRequest) -> Response {
        let (parts, body) = request.into_parts();
        let who = match self.known(&parts.headers, persona.as_deref()) {
            Ok(who) => who,
            Err(response) => return *response,
        };
        let body = match self.body(&parts.headers, body).await {
            Ok(body) => body,
            Err(response) => return *response,
        };
        let plain = match Plain::of(&body) {
            Ok(plain) => plain,
            Err(fault) => return json(StatusCode::BAD_REQUEST, Reply::fault(None, ErrorCode::Parse, &fault.to_string(), None).text),
        };
        match Message::read(&plain) {
            Err(fault) => json(StatusCode::BAD_REQUEST, Reply::fault(fault.id(), ErrorCode::InvalidRequest, &fault.to_string(), None).text),
            // Nothing was asked of the client.
            Ok(Message::Response(_)) => StatusCode::ACCEPTED.into_response(),
            Ok(Message::Request(request)) => self.request(who, &parts.headers, &request).await,
        }
    }

    /// Who sends a request.
    fn known(&self, headers: &HeaderMap, persona: Option<&str>) -> Result<Arc<Identity>, Box<Response>> {
        if headers.get(ORIGIN).is_some_and(|origin| !self.origins.iter().any(|known| known.as_bytes() == origin.as_bytes())) {
            return Err(Box::new((StatusCode::FORBIDDEN, "the origin is not known here\n").into_response()));
        }
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let authorization = given.next().and_then(|value| value.to_str().ok()).filter(|_| given.next().is_none());
        let who = self.mcp.identities.bearer(authorization, clock::now()).map_err(|stranger| {
            let challenge = [(WWW_AUTHENTICATE, "Bearer realm=\"leverframe\"")];
            Box::new((StatusCode::UNAUTHORIZED, challenge, format!("{stranger}\n")).into_response())
        })?;
        match persona {
            Some(persona) if persona != who.persona => {
                Err(Box::new((StatusCode::FORBIDDEN, "the token is of another persona\n").into_response()))
            }
            _ => Ok(who),
        }
    }

    async fn body(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Box<Response>> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            return Err(Box::new((StatusCode::UNSUPPORTED_MEDIA_TYPE, "a message is application/json\n").into_response()));
        }
        to_bytes(body, self.bytes).await.map_err(|_| {
            let words = format!("the message is longer than {} bytes, or breaks off\n", self.bytes);
            Box::new((StatusCode::PAYLOAD_TOO_LARGE, words).into_response())
        })
    }

    async fn request(&self, who: Arc<Identity>, headers: &HeaderMap, request: &Request<'_>) -> Response {
        if request.method == "initialize" {
            return self.handshake(who, request);
        }
        let caller = match self.caller(who, headers, request) {
            Ok(caller) => caller,
            Err(response) => return *response,
        };
        let modern = matches!(caller.way, Way::Modern(_));
        match self.mcp.serve(caller, request).await {
            None => StatusCode::ACCEPTED.into_response(),
            Some(reply) => json(status(modern, reply.fault), reply.text),
        }
    }

    fn handshake(&self, who: Arc<Identity>, request: &Request<'_>) -> Response {
        let Some(id) = request.id else { return StatusCode::BAD_REQUEST.into_response() };
        let fault = |code, words: &str| Reply::fault(Some(id.json()), code, words, None).text;
        let Ok(Some(wanted)) = request.params.text("protocolVersion") else {
            return json(StatusCode::BAD_REQUEST, fault(ErrorCode::InvalidParams, "`protocolVersion` is missing"));
        };
        let version = agreed(&wanted);
        match self.mcp.legacy.open(who, version) {
            Some(session) => ([("mcp-session-id", session)], json(StatusCode::OK, result(id, &greeting(version)))).into_response(),
            None => json(StatusCode::SERVICE_UNAVAILABLE, fault(ErrorCode::Internal, "there is no room for another session")),
        }
    }

    /// Whose request it is, and how it speaks.
    fn caller(&self, who: Arc<Identity>, headers: &HeaderMap, request: &Request<'_>) -> Result<Caller, Box<Response>> {
        if let Some(way) = self.mcp.way(request).map_err(|reply| Box::new(json(StatusCode::BAD_REQUEST, reply.text)))? {
            self.agree(headers, request).map_err(|words| {
                let id = request.id.map(crate::protocol::Id::json);
                Box::new(json(StatusCode::BAD_REQUEST, Reply::fault(id, ErrorCode::HeaderMismatch, &words, None).text))
            })?;
            let session = self.mcp.session_of(&who, Some("stateless"));
            return Ok(Caller { session, who, way });
        }
        let mut ids = headers.get_all("mcp-session-id").iter();
        let id = ids.next().and_then(|value| value.to_str().ok()).filter(|_| ids.next().is_none());
        let Some(id) = id else {
            let words = "there is neither a session nor a revision in `_meta`";
            let id = request.id.map(crate::protocol::Id::json);
            return Err(Box::new(json(StatusCode::BAD_REQUEST, Reply::fault(id, ErrorCode::InvalidRequest, words, None).text)));
        };
        match self.mcp.legacy.get(id, &who) {
            Some(session) => Ok(Caller { session: self.mcp.session_of(&who, Some(id)), who, way: Way::Legacy(session.version.clone()) }),
            None => Err(Box::new(StatusCode::NOT_FOUND.into_response())),
        }
    }

    /// Holds the headers against the body.
    fn agree(&self, headers: &HeaderMap, request: &Request<'_>) -> Result<(), String> {
        let all: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let headers = Headers(&all);
        let meta = request.params.object("_meta").map_err(|error| error.to_string())?;
        headers.check(request, &meta).map_err(|fault| fault.to_string())?;
        if request.method != "tools/call" {
            return Ok(());
        }
        let args = request.params.get("arguments").map_err(|error| error.to_string())?.map_or("{}", serde_json::value::RawValue::get);
        let name = request.params.text("name").map_err(|error| error.to_string())?.unwrap_or_default();
        let marked = self.mcp.exposed.marked(&self.mcp.servers, &name);
        let marked = marked.iter().map(|mark| (mark.header.as_str(), mark.way.as_slice()));
        Members::of(args).map_err(|error| error.to_string())?;
        headers.check_arguments(marked, args).map_err(|fault| fault.to_string())
    }

    fn delete(&self, headers: &HeaderMap) -> Response {
        let who = match self.known(headers, None) {
            Ok(who) => who,
            Err(response) => return *response,
        };
        match headers.get("mcp-session-id").and_then(|value| value.to_str().ok()) {
            Some(id) if self.mcp.legacy.get(id, &who).is_some() => {
                self.mcp.legacy.close(id);
                StatusCode::NO_CONTENT.into_response()
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

fn json(status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], text).into_response()
}

/// The status of a reply. Before 2026-07-28 a fault of the request was told in the body alone.
fn status(modern: bool, fault: Option<ErrorCode>) -> StatusCode {
    match fault {
        Some(ErrorCode::MethodNotFound) if modern => StatusCode::NOT_FOUND,
        Some(ErrorCode::Internal) => StatusCode::INTERNAL_SERVER_ERROR,
        Some(_) if modern => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}
