//! How a connection to a node is made: with TLS or without, under which name, and only to a server that keeps what it acknowledges.
//!
//! In: options; where a node is. Out: connections with time-outs. Invariants: where one address is with TLS all connections are, also those to nodes that a
//! cluster names; a certificate is always checked; each connection asks the server anew whether it may forget, so that one that was started again with other settings is noticed.
//! Left out: limits on how long the name of a host is looked up.
//! Source: `runtime/store/README.md`.

use std::path::PathBuf;
use std::time::Duration;

use redis::{Client, Connection, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisError};

use crate::error::{OpenError, Unavailable};
use crate::redis::options::RedisOptions;
use crate::redis::steady::steady;

/// Why nothing came of it.
pub(crate) enum Failure {
    /// The server, or the way there.
    Server(RedisError),
    /// It may forget what it acknowledges.
    Forgetful(String),
    /// Something on this side.
    Here(&'static str),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Server(error)
    }
}

impl From<Failure> for Unavailable {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Server(error) => Self::Unreachable(error.to_string()),
            Failure::Forgetful(why) => Self::Forgetful(why),
            Failure::Here(why) => Self::Unreachable(why.to_owned()),
        }
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Server(error) => Self::Unreachable(error.to_string()),
            Failure::Forgetful(why) => Self::Forgetful(why),
            Failure::Here(why) => Self::Unreachable(why.to_owned()),
        }
    }
}

/// What all connections of a store have in common.
pub(crate) struct Door {
    like: ConnectionInfo,
    credentials: Option<PathBuf>,
    timeout: Duration,
    accept_loss: bool,
}

impl Door {
    /// The door, and where the nodes are that the operator names.
    ///
    /// # Errors
    /// [`OpenError::Options`] where an address or a certificate cannot be read, or they contradict each other.
    pub(crate) fn new(options: &RedisOptions) -> Result<(Self, Vec<ConnectionAddr>), OpenError> {
        let said = |words: &str| OpenError::Options(words.to_owned());
        let read = |address: &String| read(address, options);
        let infos: Vec<ConnectionInfo> = options.addresses.iter().map(read).collect::<Result<_, _>>()?;
        let like = infos.first().cloned().ok_or_else(|| said("a store has an address"))?;
        let with_tls = |info: &ConnectionInfo| matches!(info.addr(), ConnectionAddr::TcpTls { .. });
        if infos.iter().any(|info| with_tls(info) != with_tls(&like)) {
            return Err(said("some addresses are with TLS (rediss:) and some are not"));
        }
        if options.tls.is_some() && !with_tls(&like) {
            return Err(said("certificates are given, and the addresses are without TLS (redis: instead of rediss:)"));
        }
        if options.credentials.is_some() && infos.iter().any(|info| info.redis_settings().password().is_some()) {
            return Err(said("the password stands in an address and in a file"));
        }
        let addresses = infos.iter().map(|info| info.addr().clone()).collect();
        let (credentials, timeout, accept_loss) = (options.credentials.clone(), options.timeout, options.accept_loss);
        Ok((Self { like, credentials, timeout, accept_loss }, addresses))
    }

    /// Another node, reached as the others are.
    pub(crate) fn node(&self, host: &str, port: u16) -> ConnectionAddr {
        match self.like.addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                ConnectionAddr::TcpTls { host: host.to_owned(), port, insecure: *insecure, tls_params: tls_params.clone() }
            }
            _ => ConnectionAddr::Tcp(host.to_owned(), port),
        }
    }

    /// # Errors
    /// [`Failure`]: no connection, or to a server that may forget.
    pub(crate) fn connect(&self, address: &ConnectionAddr) -> Result<Connection, Failure> {
        let mut settings = self.like.redis_settings().clone().set_skip_set_lib_name();
        if let Some(path) = &self.credentials {
            let text = std::fs::read_to_string(path).map_err(|_| Failure::Here("the file of the user and password cannot be read"))?;
            let pair = text.lines().next().and_then(|line| line.split_once(':'));
            let (user, password) = pair.ok_or(Failure::Here("the file of the user and password has no line `user:password`"))?;
            settings = if user.is_empty() { settings } else { settings.set_username(user) }.set_password(password);
        }
        let info = self.like.clone().set_addr(address.clone()).set_redis_settings(settings);
        let mut wire = Client::open(info)?.get_connection_with_timeout(self.timeout)?;
        wire.set_read_timeout(Some(self.timeout))?;
        wire.set_write_timeout(Some(self.timeout))?;
        if !self.accept_loss {
            steady(&mut wire)?;
        }
        Ok(wire)
    }
}

/// An address, with the certificates.
fn read(address: &str, options: &RedisOptions) -> Result<ConnectionInfo, OpenError> {
    // What the address is not said to be may hold a password.
    let bad = |error: RedisError| OpenError::Options(format!("an address of the store: {}", error.category()));
    let info = address.into_connection_info().map_err(bad)?;
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    let info = info.set_tcp_settings(tcp);
    match info.addr() {
        ConnectionAddr::TcpTls { insecure: true, .. } => {
            Err(OpenError::Options("an address of the store: certificates are always checked, so there is no `#insecure`".to_owned()))
        }
        ConnectionAddr::TcpTls { .. } => secured(info, options),
        _ => Ok(info),
    }
}

#[cfg(feature = "tls")]
fn secured(info: ConnectionInfo, options: &RedisOptions) -> Result<ConnectionInfo, OpenError> {
    use redis::{ClientTlsConfig, TlsCertificates};

    // Where the program has chosen another one that stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tls = options.tls.clone().unwrap_or_default();
    let root_cert = tls.authorities.as_deref().map(pem).transpose()?;
    if root_cert.as_deref().is_some_and(|text| !text.windows(BEGIN.len()).any(|part| part == BEGIN)) {
        return Err(OpenError::Options("there is no certificate in the file of the authorities".to_owned()));
    }
    let own = |(certificate, key): (PathBuf, PathBuf)| -> Result<_, OpenError> {
        Ok(ClientTlsConfig { client_cert: pem(&certificate)?, client_key: pem(&key)? })
    };
    let client_tls = tls.own.map(own).transpose()?;
    let bad = |error: RedisError| OpenError::Options(format!("certificates of the store: {error}"));
    let client = Client::build_with_tls(info, TlsCertificates { client_tls, root_cert }).map_err(bad)?;
    Ok(client.get_connection_info().clone())
}

#[cfg(feature = "tls")]
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

#[cfg(feature = "tls")]
fn pem(path: &std::path::Path) -> Result<Vec<u8>, OpenError> {
    std::fs::read(path).map_err(|error| OpenError::Options(format!("{}: {error}", path.display())))
}

#[cfg(not(feature = "tls"))]
fn secured(_: ConnectionInfo, _: &RedisOptions) -> Result<ConnectionInfo, OpenError> {
    Err(OpenError::Options("this program was built without TLS (the feature `tls`)".to_owned()))
}
