//! A server as a child process: one message a line on its standard input and output.
//!
//! In: messages. Out: the answers to them. Invariants: one task writes, one reads; an answer is handed to whoever waits for its id, once; when the process ends all who
//! wait are told; a line that is too long or no message is passed over and counted.
//! Source: MCP 2026-07-28, stdio.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::codec::FramedRead;

use super::{Answer, Fault};
use crate::lines::{Lines, one_line};
use crate::protocol::{Message, Plain, Response, method_not_found, result};

/// Who waits for which answer.
#[derive(Debug, Default)]
struct Waiting(Mutex<HashMap<u64, oneshot::Sender<Answer>>>);

impl Waiting {
    fn enter(&self, id: u64) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        receiver
    }

    fn take(&self, id: u64) -> Option<oneshot::Sender<Answer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }

    /// All who wait learn that nothing comes any more.
    fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A running child.
#[derive(Debug)]
pub(super) struct Process {
    alias: String,
    lines: mpsc::Sender<String>,
    waiting: Arc<Waiting>,
    next: AtomicU64,
    ended: watch::Receiver<bool>,
    /// Killed when this is dropped.
    _child: Child,
}

impl Process {
    /// Starts it. `changed` is told when it says that its tools have changed.
    ///
    /// # Errors
    /// [`Fault::Gone`].
    pub(super) fn start(alias: &str, command: &mut Command, bytes: usize, changed: (usize, mpsc::Sender<usize>)) -> Result<Self, Fault> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let gone = |words: &str| Fault::Gone(alias.to_owned(), words.to_owned());
        let mut child = command.spawn().map_err(|error| gone(&error.to_string()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Err(gone("it has no input or output")) };
        let (lines, to_write) = mpsc::channel(256);
        let (end, ended) = watch::channel(false);
        let waiting = Arc::new(Waiting::default());
        tokio::spawn(write(input, to_write));
        let reader = Reader { waiting: waiting.clone(), replies: lines.clone(), changed };
        tokio::spawn(async move {
            reader.read(output, bytes).await;
            reader.waiting.end();
            end.send_replace(true);
        });
        Ok(Self { alias: alias.to_owned(), lines, waiting, next: AtomicU64::new(1), ended, _child: child })
    }

    /// Whether it still speaks.
    pub(super) fn is_there(&self) -> bool {
        !*self.ended.borrow()
    }

    /// The id of the next request.
    pub(super) fn id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a request and waits for its answer; whoever stops waiting leaves nothing behind.
    pub(super) async fn request(&self, id: u64, message: String) -> Result<Answer, Fault> {
        let gone = || Fault::Gone(self.alias.clone(), "it has ended".to_owned());
        if !one_line(&message) {
            return Err(Fault::Rubbish(self.alias.clone(), "the request would not be one line".to_owned()));
        }
        let answer = self.waiting.enter(id);
        let _leave = Leave { waiting: &self.waiting, id };
        self.lines.send(message).await.map_err(|_| gone())?;
        if !self.is_there() {
            return Err(gone());
        }
        answer.await.map_err(|_| gone())
    }

    /// Sends a notification.
    pub(super) async fn notify(&self, message: String) {
        // Where it has ended, the next request says so.
        drop(self.lines.send(message).await);
    }
}

struct Leave<'a> {
    waiting: &'a Waiting,
    id: u64,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        drop(self.waiting.take(self.id));
    }
}

async fn write(mut input: ChildStdin, mut lines: mpsc::Receiver<String>) {
    while let Some(mut line) = lines.recv().await {
        // Whatever would be two lines here was refused before; this is the last place to see it.
        if !one_line(&line) {
            continue;
        }
        line.push('\n');
        if input.write_all(line.as_bytes()).await.is_err() || input.flush().await.is_err() {
            return;
        }
    }
}

struct Reader {
    waiting: Arc<Waiting>,
    replies: mpsc::Sender<String>,
    changed: (usize, mpsc::Sender<usize>),
}

impl Reader {
    async fn read(&self, output: ChildStdout, bytes: usize) {
        let mut lines = FramedRead::new(output, Lines::new(bytes));
        while let Some(Ok(line)) = lines.next().await {
            // A line that is too long or no text is passed over.
            if let Some(line) = line {
                self.line(&line).await;
            }
        }
    }

    async fn line(&self, line: &str) {
        let Ok(plain) = Plain::of(line.as_bytes()) else { return };
        match Message::read(&plain) {
            Ok(Message::Response(response)) => self.answer(&response),
            Ok(Message::Request(request)) => match request.id {
                Some(id) => {
                    let reply = if request.method == "ping" { result(id, "{}") } else { method_not_found(id, &request.method) };
                    drop(self.replies.send(reply).await);
                }
                None if request.method == "notifications/tools/list_changed" => drop(self.changed.1.try_send(self.changed.0)),
                None => {}
            },
            Err(_) => {}
        }
    }

    fn answer(&self, response: &Response<'_>) {
        let waiting = response.id.json().parse().ok().and_then(|id| self.waiting.take(id));
        let Some(waiting) = waiting else { return };
        let answer = match response.outcome {
            Ok(result) => Answer::Result(result.get().to_owned()),
            Err(error) => Answer::Error(error.get().to_owned()),
        };
        // Whoever waited may have gone.
        drop(waiting.send(answer));
    }
}
