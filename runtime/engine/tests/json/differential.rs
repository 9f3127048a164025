//! Mutated JSON texts, read here and by `serde_json`: the same ones are accepted, and they mean the same.

use leverframe_runtime::arguments::{Arguments, Stop, Token, TokenSink};
use leverframe_runtime::json::RawJson;
use serde_json::{Map, Value};

/// How many mutated texts one run tries.
const TEXTS: usize = 40_000;

const SEEDS: [&str; 8] = [
    r#"{"order":"o1","amount":5000,"reason":null}"#,
    r#"{"to":["bob@acme.example","eve@evil.example"],"body":"a\n\"b\"\\ \u00e9","cc":[]}"#,
    r#"[0,-0,1.5,-2.25e-3,1E+2,12345678901234567890,0.1]"#,
    r#"{"a":{"b":{"c":[[[{"d":true}],false],null]}}}"#,
    "\"\\ud83e\\uddf1 \u{1f9f1} \u{e9} \\u0000 \\/\"",
    " \t\r\n[ true , false , null ] \n",
    r#"{"n":1,"n":2,"N":3,"":""}"#,
    r#"[[],{},[{}],{"x":[]},"",0]"#,
];

const PIECES: [&[u8]; 26] = [
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud83e",
    b"\\uddf1",
    b"\\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"0",
    b"-",
    b".",
    b"e",
    b"E+",
    b"null",
    b"true",
    b" ",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"/",
];

/// A linear congruential generator, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).unwrap_or(0)
    }

    fn piece(&mut self) -> &'static [u8] {
        let at = self.below(PIECES.len());
        PIECES.get(at).copied().unwrap_or_default()
    }

    fn mutate(&mut self, text: &mut Vec<u8>) {
        let at = self.below(text.len() + 1);
        let end = (at + self.below(4)).min(text.len());
        match self.below(5) {
            0 => drop(text.drain(at..end)),
            1 => drop(text.splice(at..end, self.piece().iter().copied())),
            2 => drop(text.splice(at..at, self.piece().iter().copied())),
            3 => {
                let copied = text.get(at..end).unwrap_or_default().to_vec();
                let to = self.below(text.len() + 1);
                text.splice(to..to, copied);
            }
            _ => {
                if let Some(byte) = text.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
        }
    }
}

/// Builds the tree that `serde_json` would build; the last of equal keys wins there, too.
#[derive(Default)]
struct Tree {
    open: Vec<(Value, Option<String>)>,
    done: Option<Value>,
    out_of_range: bool,
}

impl Tree {
    fn put(&mut self, value: Value) -> Result<(), Stop> {
        match self.open.last_mut() {
            None => {
                assert!(self.done.replace(value).is_none(), "two values");
            }
            Some((Value::Array(items), _)) => items.push(value),
            Some((Value::Object(members), key)) => {
                members.insert(key.take().ok_or(Stop)?, value);
            }
            Some(_) => return Err(Stop),
        }
        Ok(())
    }
}

impl TokenSink for Tree {
    fn token(&mut self, token: Token<'_>) -> Result<(), Stop> {
        match token {
            Token::Null => self.put(Value::Null),
            Token::Bool(value) => self.put(Value::Bool(value)),
            Token::Number(text) => {
                let value = serde_json::from_str(text);
                self.out_of_range |= value.is_err();
                self.put(value.unwrap_or(Value::Null))
            }
            Token::String(text) => self.put(Value::String(text.into())),
            Token::Key(name) => {
                let (_, key) = self.open.last_mut().ok_or(Stop)?;
                assert!(key.replace(name.into()).is_none(), "two keys");
                Ok(())
            }
            Token::BeginArray => {
                self.open.push((Value::Array(Vec::new()), None));
                Ok(())
            }
            Token::BeginObject => {
                self.open.push((Value::Object(Map::new()), None));
                Ok(())
            }
            Token::EndArray | Token::EndObject => {
                let (value, key) = self.open.pop().ok_or(Stop)?;
                assert_eq!(key, None, "a key without a value");
                assert_eq!(value.is_array(), token == Token::EndArray);
                self.put(value)
            }
        }
    }
}

#[test]
fn mutated_texts_are_accepted_alike_and_mean_the_same() {
    let mut random = Random(20_261_122);
    let (mut accepted, mut refused, mut too_large) = (0, 0, 0);
    for _ in 0..TEXTS {
        let mut text = SEEDS[random.below(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..random.below(4) {
            random.mutate(&mut text);
        }
        let mut tree = Tree::default();
        let ours = RawJson(&text).visit(&mut tree);
        let theirs: Result<Value, _> = serde_json::from_slice(&text);
        let shown = String::from_utf8_lossy(&text);
        match theirs {
            Ok(value) => {
                assert_eq!(ours, Ok(()), "{shown}");
                assert_eq!(tree.done, Some(value), "{shown}");
                accepted += 1;
            }
            // A double cannot hold the number; its text is a number all the same.
            Err(error) if error.to_string().starts_with("number out of range") => too_large += 1,
            Err(error) => {
                assert!(ours.is_err(), "{error}: {shown}");
                refused += 1;
            }
        }
    }
    assert!(accepted > TEXTS / 5, "{accepted} accepted");
    assert!(refused > TEXTS / 5, "{refused} refused");
    assert!(too_large < TEXTS / 100, "{too_large} too large");
}

#[test]
fn every_prefix_and_every_single_byte_change_is_accepted_alike() {
    for seed in SEEDS {
        let seed = seed.as_bytes();
        for end in 0..seed.len() {
            alike(&seed[..end]);
            let mut changed = seed.to_vec();
            for byte in 0..=255 {
                changed[end] = byte;
                alike(&changed);
            }
        }
    }
}

fn alike(text: &[u8]) {
    let mut tree = Tree::default();
    let ours = RawJson(text).visit(&mut tree);
    let theirs: Result<Value, _> = serde_json::from_slice(text);
    if !tree.out_of_range {
        let shown = String::from_utf8_lossy(text);
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{shown} {ours:?}");
    }
}
