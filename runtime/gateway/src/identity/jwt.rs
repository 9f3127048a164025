//! Agents that are known by signed tokens.
//!
//! In: a file of public keys; tokens. Out: identities. Invariants: the algorithm is the key's, never the token's choice; keys that are secrets are refused; issuer,
//! audience and expiry are always asked; a claim that says who it is and is absent or no text is a fault.
//! Source: RFC 7515, 7517, 7519, 8725.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::Identity;
use crate::config::{Claims, Jwt};
use crate::limits;

/// Why a signed token, or the file of keys, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtFault {
    /// The file of keys.
    #[error("the keys of signed tokens cannot be used: {0}")]
    Keys(String),
    /// The token.
    #[error("the signed token does not hold: {0}")]
    Token(String),
    /// A claim.
    #[error("the signed token has no claim `{0}` that is a text")]
    Claim(String),
}

/// What reads signed tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    keys: Vec<Key>,
    issuer: String,
    audience: String,
    claims: Claims,
    /// Those that held, by their hash.
    known: Mutex<HashMap<[u8; 32], Known>>,
}

/// A token that held.
#[derive(Clone, Debug)]
struct Known {
    /// The end of its time, in seconds.
    ends: u64,
    identity: Arc<Identity>,
}

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Key").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Key {
    fn of(jwk: &Jwk) -> Result<Self, JwtFault> {
        let id = jwk.common.key_id.clone();
        let fault = |words: &str| JwtFault::Keys(format!("key {}: {words}", id.as_deref().unwrap_or("without `kid`")));
        let stated = jwk.common.key_algorithm.and_then(|algorithm| algorithm.to_string().parse::<Algorithm>().ok());
        let algorithm = match (&jwk.algorithm, stated) {
            (AlgorithmParameters::OctetKey(_), _) => return Err(fault("a shared secret is no key for this")),
            (_, Some(Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)) => return Err(fault("a shared secret is no key for this")),
            (_, Some(algorithm)) => algorithm,
            (AlgorithmParameters::OctetKeyPair(_), None) => Algorithm::EdDSA,
            (_, None) => return Err(fault("it does not say its `alg`")),
        };
        let key = DecodingKey::from_jwk(jwk).map_err(|error| fault(&error.to_string()))?;
        Ok(Self { id, algorithm, key })
    }
}

impl Tokens {
    pub(super) fn of(config: &Jwt) -> Result<Self, JwtFault> {
        super::crypto::install();
        let fault = |error: String| JwtFault::Keys(format!("{}: {error}", config.keys.display()));
        let text = std::fs::read(&config.keys).map_err(|error| fault(error.to_string()))?;
        let set: JwkSet = serde_json::from_slice(&text).map_err(|error| fault(error.to_string()))?;
        let keys = set.keys.iter().map(Key::of).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(fault("it holds no key".to_owned()));
        }
        let (issuer, audience, claims) = (config.issuer.clone(), config.audience.clone(), config.claims.clone());
        Ok(Self { keys, issuer, audience, claims, known: Mutex::default() })
    }

    pub(super) fn read(&self, token: &str, hash: [u8; 32], now: i64) -> Result<Arc<Identity>, JwtFault> {
        let seconds = u64::try_from(now / 1_000).unwrap_or(0);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        if let Some(known) = known.filter(|known| seconds < known.ends) {
            return Ok(known.identity);
        }
        let claims = self.verified(token)?;
        let identity = Arc::new(self.identity(&claims)?);
        let ends = claims.get("exp").and_then(Value::as_u64).unwrap_or(0);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= limits::TOKENS {
            known.clear();
        }
        known.insert(hash, Known { ends, identity: identity.clone() });
        Ok(identity)
    }

    fn verified(&self, token: &str) -> Result<Map<String, Value>, JwtFault> {
        let fault = |error: jsonwebtoken::errors::Error| JwtFault::Token(error.to_string());
        let header = decode_header(token).map_err(fault)?;
        let fits = |key: &&Key| header.kid.is_none() || key.id == header.kid;
        let mut last = JwtFault::Token("no key has its `kid`".to_owned());
        for key in self.keys.iter().filter(fits) {
            let mut wanted = Validation::new(key.algorithm);
            wanted.set_issuer(&[&self.issuer]);
            wanted.set_audience(&[&self.audience]);
            wanted.set_required_spec_claims(&["exp", "iss", "aud"]);
            wanted.validate_nbf = true;
            wanted.leeway = 0;
            match decode::<Map<String, Value>>(token, &key.key, &wanted) {
                Ok(read) => return Ok(read.claims),
                Err(error) => last = fault(error),
            }
        }
        Err(last)
    }

    fn identity(&self, claims: &Map<String, Value>) -> Result<Identity, JwtFault> {
        let optional = |name: &str| match claims.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(JwtFault::Claim(name.to_owned())),
        };
        let needed = |name: &str| optional(name)?.ok_or_else(|| JwtFault::Claim(name.to_owned()));
        let context = self.claims.context.iter().filter_map(|name| Some((name.clone(), claims.get(name)?.clone())));
        Ok(Identity {
            agent: needed(&self.claims.agent)?,
            persona: needed(&self.claims.persona)?,
            principal: optional(&self.claims.principal)?,
            tenant: optional(&self.claims.tenant)?,
            context: Value::Object(context.collect()).to_string(),
        })
    }
}
