//! A script that is sent to a node, and the replicas that are waited for, in one round trip on one connection.
//!
//! In: keys and arguments. Out: what the script answered, and how many replicas have received all there was on the node at that moment. Invariants: `WAIT` goes over the connection that
//! the script went over, and so to the node that ran it, whatever the nodes of a cluster become meanwhile.
//! Source: `runtime/store/README.md`; the documentation of Redis on EVALSHA, WAIT and ASKING.

use std::time::Duration;

use redis::{Connection, ConnectionLike, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind, Value};

/// A script's text, and the name that servers know it by.
pub(crate) struct Code {
    text: &'static str,
    hash: String,
}

impl Code {
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text, hash: Script::new(text).get_hash().to_owned() }
    }
}

/// What a script is run with.
pub(crate) struct Order {
    keys: Vec<String>,
    arguments: Vec<Vec<u8>>,
    /// How many replicas are waited for; 0: none.
    replicas: u32,
    wait: Duration,
}

/// What came of it.
pub(crate) struct Obeyed<T> {
    pub(crate) answer: T,
    /// The replicas that have received it.
    pub(crate) replicas: u32,
}

impl Order {
    pub(crate) fn new(replicas: u32, wait: Duration) -> Self {
        Self { keys: Vec::new(), arguments: Vec::new(), replicas, wait }
    }

    pub(crate) fn key(&mut self, key: String) -> &mut Self {
        self.keys.push(key);
        self
    }

    pub(crate) fn arg(&mut self, argument: impl Into<Vec<u8>>) -> &mut Self {
        self.arguments.push(argument.into());
        self
    }

    /// Runs a script; `asking`: on a node that is about to get its keys.
    pub(crate) fn send<T: FromRedisValue>(&self, wire: &mut Connection, code: &Code, asking: bool) -> RedisResult<Obeyed<T>> {
        match self.once(wire, ("EVALSHA", &code.hash), asking) {
            // The text goes where the keys lie and nowhere else: after a node was started again, or another took over.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => self.once(wire, ("EVAL", code.text), asking),
            other => other,
        }
    }

    fn once<T: FromRedisValue>(&self, wire: &mut Connection, (word, code): (&str, &str), asking: bool) -> RedisResult<Obeyed<T>> {
        let mut pipe = redis::pipe();
        if asking {
            pipe.cmd("ASKING");
        }
        pipe.cmd(word).arg(code).arg(self.keys.len()).arg(&self.keys).arg(&self.arguments);
        if self.replicas > 0 {
            pipe.cmd("WAIT").arg(self.replicas).arg(self.wait.as_millis().max(1).to_string());
        }
        let answers = wire.req_packed_commands(&pipe.get_packed_pipeline(), 0, pipe.len())?;
        let mut answers = answers.into_iter().skip(usize::from(asking)).map(Value::extract_error);
        let short = || RedisError::from((ErrorKind::Parse, "an answer is missing"));
        let answer = answers.next().ok_or_else(short)??;
        let replicas = if self.replicas > 0 { redis::from_redis_value(answers.next().ok_or_else(short)??)? } else { 0 };
        Ok(Obeyed { answer: redis::from_redis_value(answer)?, replicas })
    }
}
