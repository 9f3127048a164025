//! TLS on the way to the server, and users with passwords. The certificates are made with openssl.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use leverframe_store::{OpenError, Options, RedisOptions, Sessions, Tls, create_in_redis};
use redis::cmd;

use crate::policy::{HALVES, admitted, compile, open};
use crate::servers::{Folder, Kind, Server, free_port};

/// An authority, and a certificate of it for 127.0.0.1.
struct Certificates(Folder);

impl Certificates {
    fn new() -> Self {
        let folder = Folder::new();
        fs::write(folder.0.join("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for command in [
            format!("req -x509 {key} -days 2 -subj /CN=authority -keyout authority.key -out authority.pem"),
            format!("req {key} -subj /CN=server -keyout server.key -out server.csr"),
            "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.pem"
                .to_owned(),
        ] {
            let mut openssl = Command::new("openssl");
            openssl.args(command.split(' ')).current_dir(&folder.0).stdout(Stdio::null()).stderr(Stdio::null());
            assert!(openssl.status().expect("openssl is missing: bash tests/setup.sh tests").success(), "{command}");
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.0.join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A server that speaks TLS at the port that is given back (and without it at its own).
    fn server(&self, more: &[&str]) -> (Server, u16) {
        let port = free_port();
        let (at, certificate, key, authority) =
            (port.to_string(), self.text("server.pem"), self.text("server.key"), self.text("authority.pem"));
        let tls = ["--tls-port", &at, "--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &authority];
        (Server::start(Kind::Redis, Some("no"), &[&tls, more].concat()), port)
    }

    fn trusted(&self) -> Tls {
        Tls { authorities: Some(self.path("authority.pem")), own: None }
    }
}

const ANYBODY: [&str; 2] = ["--tls-auth-clients", "no"];

fn at(address: String, tls: Option<Tls>) -> RedisOptions {
    RedisOptions { addresses: vec![address], tls, timeout: Duration::from_secs(3), ..RedisOptions::default() }
}

fn works(redis: &RedisOptions) {
    let policy = compile(HALVES);
    create_in_redis(redis, &policy).unwrap();
    let sessions = Sessions::in_redis(policy, Options::default(), redis).unwrap();
    let handle = open(&sessions, "one", Some("u"), 0).unwrap();
    assert!(admitted(&sessions, &handle, "s.a", 0) && !admitted(&sessions, &handle, "s.b", 0));
}

fn refused(redis: &RedisOptions) -> OpenError {
    create_in_redis(redis, &compile(HALVES)).unwrap_err()
}

#[test]
fn a_certificate_is_always_checked() {
    let (certificates, others) = (Certificates::new(), Certificates::new());
    let (server, port) = certificates.server(&ANYBODY);
    let address = format!("rediss://127.0.0.1:{port}");
    works(&at(address.clone(), Some(certificates.trusted())));
    let away = |redis: RedisOptions| assert!(matches!(refused(&redis), OpenError::Unreachable(_)), "{redis:?}");
    away(at(address.clone(), Some(others.trusted())));
    away(at(address, None));
    away(at(format!("rediss://localhost:{port}"), Some(certificates.trusted())));
    // The server listens there, too, without TLS: it is not spoken to so.
    away(at(server.address().replace("redis:", "rediss:"), Some(certificates.trusted())));
    away(at(format!("redis://127.0.0.1:{port}"), None));
    let written: usize = server.ask(&cmd("DBSIZE")).unwrap();
    assert!(written > 0);
}

#[test]
fn what_would_be_without_tls_is_refused() {
    let certificates = Certificates::new();
    let trusted = || Some(certificates.trusted());
    let plain = "redis://127.0.0.1:1".to_owned();
    let secure = "rediss://127.0.0.1:1".to_owned();
    let mixed = RedisOptions { addresses: vec![secure.clone(), plain.clone()], cluster: true, ..RedisOptions::default() };
    let key = Tls { authorities: Some(certificates.path("server.key")), own: None };
    let gone = Tls { authorities: Some(Path::new("/nowhere").to_owned()), own: None };
    for redis in
        [at(plain, trusted()), mixed, at(format!("{secure}/#insecure"), trusted()), at(secure.clone(), Some(key)), at(secure, Some(gone))]
    {
        assert!(matches!(refused(&redis), OpenError::Options(_)), "{redis:?}");
    }
}

#[test]
fn a_server_may_ask_for_a_certificate() {
    let certificates = Certificates::new();
    let (_server, port) = certificates.server(&[]);
    let address = format!("rediss://127.0.0.1:{port}");
    assert!(matches!(refused(&at(address.clone(), Some(certificates.trusted()))), OpenError::Unreachable(_)));
    let own = Some((certificates.path("server.pem"), certificates.path("server.key")));
    works(&at(address, Some(Tls { own, ..certificates.trusted() })));
}

#[test]
fn the_nodes_that_a_cluster_names_are_reached_with_tls() {
    let certificates = Certificates::new();
    let bus = free_port().to_string();
    let (server, port) =
        certificates.server(&[&ANYBODY[..], &["--tls-cluster", "yes", "--cluster-enabled", "yes", "--cluster-port", &bus]].concat());
    server.ask::<()>(cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383)).unwrap();
    crate::servers::until("the cluster is whole", || {
        server.ask::<String>(cmd("CLUSTER").arg("INFO")).unwrap_or_default().contains("cluster_state:ok")
    });
    let redis = RedisOptions { cluster: true, ..at(format!("rediss://127.0.0.1:{port}"), Some(certificates.trusted())) };
    works(&redis);
    let clients: String = server.ask(cmd("CLIENT").arg("LIST")).unwrap();
    let plain = format!("laddr=127.0.0.1:{}", server.address().rsplit(':').next().unwrap());
    assert_eq!(clients.matches(&plain).count(), 1, "no connection is without TLS but the one that asks");
}

#[test]
fn a_user_with_a_password() {
    let folder = Folder::new();
    let file = folder.0.join("credentials");
    let server = Server::start(Kind::Redis, Some("no"), &[]);
    // What the store needs, as the documentation says it.
    let rights = "on >s3cret-word ~lf:* +@read +@write +@scripting +@transaction +wait +info +config|get +cluster|slots +asking";
    server.ask::<()>(cmd("ACL").arg("SETUSER").arg("gate").arg(rights.split(' ').collect::<Vec<_>>())).unwrap();
    server.ask::<()>(cmd("ACL").arg("SETUSER").arg("default").arg("-@all").arg("+ping").arg("+dbsize").arg("~*")).unwrap();
    let options = |credentials| RedisOptions { credentials, ..at(server.address(), None) };
    assert!(matches!(refused(&options(None)), OpenError::Unreachable(_) | OpenError::Forgetful(_)));
    fs::write(&file, "gate:wrong-word\n").unwrap();
    let shown = format!("{:?} {:?}", refused(&options(Some(file.clone()))), options(Some(file.clone())));
    assert!(!shown.contains("wrong-word"), "{shown}");
    fs::write(&file, "gate:s3cret-word\n").unwrap();
    works(&options(Some(file.clone())));
    let inside = |word: &str| server.address().replace("://", &format!("://gate:{word}@"));
    let named = RedisOptions { space: "named".to_owned(), ..at(inside("s3cret-word"), None) };
    works(&named);
    let wrong = at(inside("wrong-word"), None);
    let shown = format!("{:?} {:?}", refused(&wrong), wrong);
    assert!(!shown.contains("wrong-word"), "{shown}");
    let odd = at("redis://gate:wrong-word@[odd".to_owned(), None);
    assert!(!format!("{:?} {}", refused(&odd), refused(&odd)).contains("wrong-word"));
    let both = RedisOptions { credentials: Some(file.clone()), ..named };
    assert!(matches!(refused(&both), OpenError::Options(_)));
    fs::write(&file, "nothing of the kind").unwrap();
    assert!(matches!(refused(&options(Some(file))), OpenError::Unreachable(_)));
}
