//! Who calls: known from credentials alone, never from what the agent says.
//!
//! In: the configuration; the `Authorization` header. Out: an [`Identity`]. Invariants: without a credential that is known there is none; a token is compared by
//! its SHA-256, so that how long that takes says nothing of it.
//! Source: RFC 6750; RFC 7519; language section 5 ("KEY").

mod crypto;
mod jwt;

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::config::Config;
pub use jwt::JwtFault;
use jwt::Tokens;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Which agent.
    pub agent: String,
    /// Whose rules judge it.
    pub persona: String,
    /// On whose behalf it acts.
    pub principal: Option<String>,
    /// Of which tenant.
    pub tenant: Option<String>,
    /// What the policy's `context` says of it: JSON of an object.
    pub context: String,
}

/// Why nobody is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stranger {
    /// No credential.
    #[error("no bearer token")]
    NoToken,
    /// One that is not known.
    #[error("the token is not known")]
    UnknownToken,
    /// A signed one that does not hold.
    #[error(transparent)]
    Jwt(#[from] JwtFault),
}

/// All who are known.
#[derive(Debug)]
pub struct Identities {
    by_token: HashMap<[u8; 32], Arc<Identity>>,
    by_input: Option<Arc<Identity>>,
    signed: Option<Tokens>,
}

impl Identities {
    /// Those of a configuration.
    ///
    /// # Errors
    /// [`JwtFault`]: the file of keys cannot be used.
    pub fn of(config: &Config) -> Result<Self, JwtFault> {
        let (mut by_token, mut by_input) = (HashMap::new(), None);
        for agent in &config.agents {
            let identity = Arc::new(Identity {
                agent: agent.name.clone(),
                persona: agent.persona.clone(),
                principal: agent.principal.clone(),
                tenant: agent.tenant.clone(),
                context: agent.context.clone(),
            });
            match agent.token {
                Some(token) => {
                    by_token.insert(token, identity);
                }
                None => by_input = Some(identity),
            }
        }
        let signed = config.jwt.as_ref().map(Tokens::of).transpose()?;
        Ok(Self { by_token, by_input, signed })
    }

    /// The one who calls by standard input.
    #[must_use]
    pub fn by_input(&self) -> Option<Arc<Identity>> {
        self.by_input.clone()
    }

    /// The one who sent this `Authorization` header; `now` in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Stranger`].
    pub fn bearer(&self, authorization: Option<&str>, now: i64) -> Result<Arc<Identity>, Stranger> {
        let token = token(authorization).ok_or(Stranger::NoToken)?;
        let hash = hash(token);
        if let Some(identity) = self.by_token.get(&hash) {
            return Ok(identity.clone());
        }
        match &self.signed {
            Some(signed) if token.split('.').count() == 3 => Ok(signed.read(token, hash, now)?),
            _ => Err(Stranger::UnknownToken),
        }
    }
}

/// The token of an `Authorization` header.
#[must_use]
pub fn token(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// The hash by which a token is known.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
