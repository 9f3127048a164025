//! Whether a server keeps what it acknowledges.
//!
//! In: a connection. Out: nothing, or why it may forget. Invariants: what the server does not say counts as what may forget.
//! Left out: what the disk under the server keeps.
//! Source: `runtime/store/README.md`; the documentation of Redis on persistence and eviction.

use redis::{Connection, ConnectionLike, RedisResult, Value};

use crate::redis::door::Failure;

/// The first version of Redis whose scripts say that they write, so that no replica runs them.
const LEAST: u32 = 7;

/// # Errors
/// [`Failure::Forgetful`] where it may forget, or does not say.
pub(crate) fn steady(wire: &mut Connection) -> Result<(), Failure> {
    let mut pipe = redis::pipe();
    pipe.cmd("INFO").cmd("CONFIG").arg("GET").arg("appendfsync").cmd("CONFIG").arg("GET").arg("no-appendfsync-on-rewrite");
    let answers = wire.req_packed_commands(&pipe.get_packed_pipeline(), 0, pipe.len())?;
    let texts: RedisResult<Vec<Vec<String>>> =
        answers.into_iter().map(|answer| answer.extract_error().map(|answer| texts(&answer))).collect();
    let texts = texts.map_err(|error| Failure::Forgetful(format!("it cannot be asked: {error}")))?;
    let [info, fsync, rewrite] = texts.as_slice() else { return Err(Failure::Forgetful("it does not answer".to_owned())) };
    let value = |name: &str| info.iter().flat_map(|text| text.lines()).find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let setting = |found: &[String]| found.get(1).cloned().unwrap_or_default();
    unsteady(&Settings {
        version: value("redis_version").and_then(|version| version.split('.').next()?.parse().ok()),
        file: value("aof_enabled").unwrap_or_default() == "1",
        fsync: &setting(fsync),
        late: setting(rewrite) != "no",
        evicts: value("maxmemory").unwrap_or_default() != "0" && value("maxmemory_policy").unwrap_or_default() != "noeviction",
    })
    .map_or(Ok(()), |why| Err(Failure::Forgetful(why.to_owned())))
}

struct Settings<'s> {
    version: Option<u32>,
    /// Whether there is an append-only file.
    file: bool,
    fsync: &'s str,
    /// Whether the file is not synchronised while it is written anew.
    late: bool,
    evicts: bool,
}

fn unsteady(settings: &Settings<'_>) -> Option<&'static str> {
    if settings.version.is_none_or(|version| version < LEAST) {
        return Some("it is older than Redis 7, or does not say its version");
    }
    if !settings.file {
        return Some("it has no append-only file (appendonly yes)");
    }
    match settings.fsync {
        "always" if settings.late => {
            return Some("it does not synchronise its append-only file while it rewrites it (no-appendfsync-on-rewrite no)");
        }
        "always" | "no" => {}
        _ => {
            return Some(
                "it writes its append-only file up to two seconds late (appendfsync always, or no where only the process may end)",
            );
        }
    }
    settings.evicts.then_some("it evicts keys for want of memory (maxmemory-policy noeviction)")
}

/// The texts of an answer.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::BulkString(bytes) => vec![String::from_utf8_lossy(bytes).into_owned()],
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => vec![text.clone()],
        Value::Array(parts) => parts.iter().flat_map(texts).collect(),
        Value::Map(pairs) => pairs.iter().flat_map(|(name, part)| texts(name).into_iter().chain(texts(part))).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, unsteady};

    #[test]
    fn what_is_not_said_may_forget() {
        let good = || Settings { version: Some(7), file: true, fsync: "always", late: false, evicts: false };
        assert_eq!(unsteady(&good()), None);
        assert_eq!(unsteady(&Settings { fsync: "no", late: true, ..good() }), None);
        for bad in [
            Settings { version: None, ..good() },
            Settings { version: Some(6), ..good() },
            Settings { file: false, ..good() },
            Settings { fsync: "", ..good() },
            Settings { fsync: "everysec", ..good() },
            Settings { late: true, ..good() },
            Settings { evicts: true, ..good() },
        ] {
            assert!(unsteady(&bad).is_some());
        }
    }
}
