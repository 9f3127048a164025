//! A server, however it is reached: started or connected when it is needed, asked, and its tools listed.
//!
//! In: a configuration; requests. Out: answers; tools. Invariants: one attempt to reach a server at a time, and none sooner than a second after the last that failed;
//! a request that has been sent is never sent again, since nobody knows what it has done.
//! Source: MCP 2026-07-28 ("Backward compatibility").

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::process::Command;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;

use super::catalog::{Listed, page, unique};
use super::era::{Era, handshake, message, notification};
use super::http::Http;
use super::process::Process;
use super::{Answer, Ask, Fault};
use crate::config::{self, Reach};
use crate::limits;
use crate::protocol::{LEGACY, MODERN, Members, quoted};

#[derive(Debug)]
enum Link {
    Process(Process),
    Http(Http),
}

/// A server that is reached.
#[derive(Debug)]
struct Reached {
    link: Link,
    era: Era,
}

#[derive(Debug, Default)]
struct Now {
    reached: Option<Arc<Reached>>,
    failed: Option<(Instant, Fault)>,
}

/// A server behind the gateway.
#[derive(Debug)]
pub struct Server {
    config: config::Upstream,
    bytes: usize,
    wait: Duration,
    now: Mutex<Now>,
    tools: RwLock<Arc<Vec<Listed>>>,
    changed: (usize, mpsc::Sender<usize>),
    first: watch::Sender<bool>,
}

/// A server that is reached, and whose tools were listed since.
#[derive(Clone, Debug)]
pub struct Ready(Arc<Reached>);

/// All servers, by their aliases' order in the configuration.
pub type Servers = Arc<Vec<Server>>;

impl Server {
    /// Not reached yet. `changed` is told when a server says that its tools have changed.
    #[must_use]
    pub fn new(config: &config::Upstream, limits: &config::Limits, changed: (usize, mpsc::Sender<usize>)) -> Self {
        let wait = Duration::from_millis(limits.upstream_ms);
        Self {
            config: config.clone(),
            bytes: limits.message_bytes,
            wait,
            now: Mutex::default(),
            tools: RwLock::default(),
            changed,
            first: watch::Sender::new(false),
        }
    }

    /// Its name in the policy.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.config.alias
    }

    /// What the configuration says of it.
    #[must_use]
    pub fn config(&self) -> &config::Upstream {
        &self.config
    }

    /// Its tools, as they were last listed.
    #[must_use]
    pub fn tools(&self) -> Arc<Vec<Listed>> {
        self.tools.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It was asked for its tools once, whatever came of it.
    pub fn asked_first(&self) {
        self.first.send_replace(true);
    }

    /// Waits until it was asked for its tools once, but not long.
    pub async fn first_asked(&self) {
        let mut first = self.first.subscribe();
        drop(timeout(limits::FIRST_LIST, first.wait_for(|first| *first)).await);
    }

    /// Reaches it, if it is not reached, and lists its tools then: what it offered before it ended says nothing of what it offers now.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn ready(&self) -> Result<Ready, Fault> {
        self.timed(self.reached()).await.map(Ready)
    }

    /// Asks it, once, on a connection that may have ended.
    ///
    /// # Errors
    /// [`Fault`]: there is no answer; whether anything was done nobody knows.
    pub async fn ask_on(&self, Ready(reached): &Ready, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let answer = self.timed(reached.ask(ask)).await;
        if matches!(answer, Err(Fault::Gone(..))) {
            self.lost(reached).await;
        }
        answer
    }

    /// A server that does not know its session any more, or has ended, is reached anew by the next request.
    async fn lost(&self, gone: &Arc<Reached>) {
        let mut now = self.now.lock().await;
        if now.reached.as_ref().is_some_and(|reached| Arc::ptr_eq(reached, gone)) {
            now.reached = None;
        }
    }

    /// Lists its tools anew.
    ///
    /// # Errors
    /// [`Fault`]; then the tools stay what they were.
    pub async fn list(&self) -> Result<(), Fault> {
        let ready = self.ready().await?;
        self.timed(self.list_on(&ready)).await
    }

    async fn list_on(&self, ready: &Ready) -> Result<(), Fault> {
        let (mut tools, mut cursor) = (Vec::new(), None);
        for _ in 0..limits::PAGES {
            let from = cursor.as_deref().map(quoted);
            let params: Vec<(&str, &str)> = from.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
            let answer = ready.0.ask(&Ask { params: &params, ..Ask::plain("tools/list") }).await?;
            let rubbish = |words: String| Fault::Rubbish(self.alias().to_owned(), words);
            let Answer::Result(result) = answer else { return Err(rubbish("it does not list its tools".to_owned())) };
            let (more, next) = page(&result).map_err(|error| rubbish(error.to_string()))?;
            tools.extend(more);
            cursor = next;
            if cursor.is_none() {
                *self.tools.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(unique(tools));
                return Ok(());
            }
        }
        Err(Fault::Rubbish(self.alias().to_owned(), format!("its tools take more than {} pages", limits::PAGES)))
    }

    async fn timed<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        timeout(self.wait, work).await.unwrap_or_else(|_| Err(Fault::Late(self.alias().to_owned())))
    }

    async fn reached(&self) -> Result<Arc<Reached>, Fault> {
        let mut now = self.now.lock().await;
        if let Some(reached) = now.reached.as_ref().filter(|reached| reached.is_there()) {
            return Ok(reached.clone());
        }
        if let Some((_, fault)) = now.failed.as_ref().filter(|(when, _)| when.elapsed() < limits::AGAIN) {
            return Err(fault.clone());
        }
        *self.tools.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        match self.reach_and_list().await {
            Ok(reached) => {
                *now = Now { reached: Some(reached.clone()), failed: None };
                Ok(reached)
            }
            Err(fault) => {
                *now = Now { reached: None, failed: Some((Instant::now(), fault.clone())) };
                Err(fault)
            }
        }
    }

    async fn reach_and_list(&self) -> Result<Arc<Reached>, Fault> {
        let ready = Ready(Arc::new(self.reach().await?));
        self.list_on(&ready).await?;
        Ok(ready.0)
    }

    async fn reach(&self) -> Result<Reached, Fault> {
        let link = match &self.config.reach {
            Reach::Process { command, environment, folder } => {
                let mut command = process(command, environment);
                if let Some(folder) = folder {
                    command.current_dir(folder);
                }
                Link::Process(Process::start(self.alias(), &mut command, self.bytes, self.changed.clone())?)
            }
            Reach::Http { url, headers } => Link::Http(Http::new(self.alias(), url, headers, self.bytes)?),
        };
        let modern = Reached { link, era: Era::Modern };
        let probe = timeout(limits::PROBE, modern.ask(&Ask::plain("server/discover"))).await;
        match probe {
            Ok(Ok(Answer::Result(result))) if speaks_modern(&result) => Ok(modern),
            Ok(Err(fault)) if matches!(modern.link, Link::Process(_)) => Err(fault),
            _ => self.legacy(modern.link).await,
        }
    }

    /// The handshake of earlier revisions.
    async fn legacy(&self, link: Link) -> Result<Reached, Fault> {
        let [newest, ..] = LEGACY;
        let reached = Reached { link, era: Era::Legacy(newest.to_owned()) };
        let params = handshake(newest);
        let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = reached.ask(&Ask { params: &params, ..Ask::plain("initialize") }).await?;
        let rubbish = |words: &str| Fault::Rubbish(self.alias().to_owned(), words.to_owned());
        let Answer::Result(result) = answer else { return Err(rubbish("it refuses the handshake")) };
        let version = Members::of(&result).and_then(|members| members.text("protocolVersion")).ok().flatten();
        let version = version.ok_or_else(|| rubbish("its handshake names no revision"))?;
        if !LEGACY.contains(&version.as_str()) && version != "2024-11-05" {
            return Err(rubbish("it speaks no revision that is spoken here"));
        }
        let reached = Reached { era: Era::Legacy(version), ..reached };
        reached.notify("notifications/initialized").await;
        Ok(reached)
    }
}

impl Reached {
    fn is_there(&self) -> bool {
        match &self.link {
            Link::Process(process) => process.is_there(),
            Link::Http(_) => true,
        }
    }

    async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        match &self.link {
            Link::Process(process) => {
                let id = process.id();
                process.request(id, message(id, ask, &self.era)).await
            }
            Link::Http(http) => http.request(ask, &self.era).await,
        }
    }

    async fn notify(&self, method: &str) {
        match &self.link {
            Link::Process(process) => process.notify(notification(method)).await,
            Link::Http(http) => http.notify(notification(method), method, &self.era).await,
        }
    }
}

/// A child has none of this program's environment but where programs and its home are: its secrets are not the servers'.
fn process(command: &[String], environment: &[(String, String)]) -> Command {
    let (program, arguments) = command.split_first().map_or(("", &[][..]), |(program, arguments)| (program.as_str(), arguments));
    let mut process = Command::new(program);
    process.args(arguments).env_clear();
    process.envs(["PATH", "HOME", "LANG"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    process.envs(environment.iter().map(|(name, value)| (name, value)));
    process
}

fn speaks_modern(result: &str) -> bool {
    let versions = Members::of(result).and_then(|members| members.get("supportedVersions")).ok().flatten();
    let versions: Option<Vec<String>> = versions.and_then(|versions| serde_json::from_str(versions.get()).ok());
    versions.is_some_and(|versions| versions.iter().any(|version| version == MODERN))
}
