//! One client on standard input and output.
//!
//! In: lines. Out: lines. Invariants: who it is, the configuration says; requests are served side by side and each reply is one whole line; the end of the input
//! waits for calls that are on their way.
//! Source: MCP 2026-07-28 and 2025-11-25, stdio.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_util::codec::FramedRead;
use tokio_util::task::TaskTracker;

use super::{Caller, Mcp, Reply, Way, agreed, greeting};
use crate::identity::Identity;
use crate::lines::{Lines, one_line};
use crate::protocol::{ErrorCode, Id, Message, Plain, Request, result};

/// Serves a client until its input ends.
pub async fn serve(
    mcp: Arc<Mcp>,
    who: Arc<Identity>,
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin + Send + 'static,
    bytes: usize,
) {
    let (replies, to_write) = mpsc::channel(256);
    let writer = tokio::spawn(write(output, to_write));
    let mut lines = FramedRead::new(input, Lines::new(bytes));
    let mut client = Client { mcp, who, version: None, replies, tasks: TaskTracker::new() };
    while let Some(Ok(line)) = lines.next().await {
        match line {
            Some(line) => client.line(&line).await,
            None => client.reply(Reply::fault(None, ErrorCode::Parse, "the line is too long, or no UTF-8", None).text).await,
        }
    }
    client.tasks.close();
    client.tasks.wait().await;
    drop(client);
    // Whatever was still to be written is, or nobody reads any more.
    drop(writer.await);
}

async fn write(mut output: impl AsyncWrite + Unpin, mut lines: mpsc::Receiver<String>) {
    while let Some(mut line) = lines.recv().await {
        if !one_line(&line) {
            continue;
        }
        line.push('\n');
        if output.write_all(line.as_bytes()).await.is_err() || output.flush().await.is_err() {
            return;
        }
    }
}

struct Client {
    mcp: Arc<Mcp>,
    who: Arc<Identity>,
    /// The revision that a handshake agreed on.
    version: Option<String>,
    replies: mpsc::Sender<String>,
    tasks: TaskTracker,
}

impl Client {
    async fn reply(&self, text: String) {
        // A client that reads no more gets no more.
        drop(self.replies.send(text).await);
    }

    async fn line(&mut self, line: &str) {
        let plain = match Plain::of(line.as_bytes()) {
            Ok(plain) => plain,
            Err(fault) => return self.reply(Reply::fault(None, ErrorCode::Parse, &fault.to_string(), None).text).await,
        };
        let way = match Message::read(&plain) {
            Err(fault) => {
                return self.reply(Reply::fault(fault.id(), ErrorCode::InvalidRequest, &fault.to_string(), None).text).await;
            }
            // Nothing was asked of the client.
            Ok(Message::Response(_)) => return,
            Ok(Message::Request(request)) => self.way(&request),
        };
        match way {
            Ok(Some(way)) => self.serve(way, plain),
            Ok(None) => {}
            Err(text) => self.reply(text).await,
        }
    }

    /// How a request is to be served; none: it has been.
    fn way(&mut self, request: &Request<'_>) -> Result<Option<Way>, String> {
        let Some(id) = request.id else { return Ok(None) };
        if request.method == "initialize" {
            return Err(self.handshake(id, request));
        }
        match self.mcp.way(request).map_err(|reply| reply.text)? {
            Some(way) => Ok(Some(way)),
            None => match &self.version {
                Some(version) => Ok(Some(Way::Legacy(version.clone()))),
                None => Err(Reply::fault(
                    Some(id.json()),
                    ErrorCode::InvalidParams,
                    "there was no handshake, and `_meta` names no revision",
                    None,
                )
                .text),
            },
        }
    }

    fn handshake(&mut self, id: Id<'_>, request: &Request<'_>) -> String {
        match request.params.text("protocolVersion") {
            Ok(Some(wanted)) => {
                let version = agreed(&wanted);
                self.version = Some(version.to_owned());
                result(id, &greeting(version))
            }
            _ => Reply::fault(Some(id.json()), ErrorCode::InvalidParams, "`protocolVersion` is missing", None).text,
        }
    }

    fn serve(&self, way: Way, plain: Plain) {
        let (mcp, replies) = (self.mcp.clone(), self.replies.clone());
        let caller = Caller { session: mcp.session_of(&self.who, Some("stdio")), who: self.who.clone(), way };
        self.tasks.spawn(async move {
            // It was read before.
            let Ok(Message::Request(request)) = Message::read(&plain) else { return };
            if let Some(reply) = mcp.serve(caller, &request).await {
                drop(replies.send(reply.text).await);
            }
        });
    }
}
