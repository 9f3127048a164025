//! Outside names, and which kinds of them a policy keeps histories of.
//!
//! In: names; a policy. Out: [`KeyName`]s, [`Kinds`]. Invariants: a name is kept as its identity only (128 bits of SHA-256), as the engine keeps it; the
//! session's state is always kept, that of another kind where some rule reads it.
//! Source: contracts section 5.

use leverframe_runtime::{Key, Policy, identity};

/// The names that a call comes with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys<'a> {
    /// The session's.
    pub session: &'a str,
    /// On whose behalf it acts.
    pub principal: Option<&'a str>,
    /// Which agent.
    pub agent: Option<&'a str>,
    /// Which tenant.
    pub tenant: Option<&'a str>,
}

/// The kinds in the order in which states are locked.
pub(crate) const ORDER: [Key; 4] = [Key::Session, Key::Principal, Key::Agent, Key::Tenant];

impl Keys<'_> {
    pub(crate) fn names(&self) -> [Option<KeyName>; 4] {
        let names = [Some(self.session), self.principal, self.agent, self.tenant];
        let mut found = [None; 4];
        for ((place, name), kind) in found.iter_mut().zip(names).zip(ORDER) {
            *place = name.map(|name| KeyName { kind, identity: identity(name) });
        }
        found
    }
}

/// Whose state it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyName {
    pub(crate) kind: Key,
    pub(crate) identity: u128,
}

/// A letter for a kind of key, as it is stored.
pub(crate) fn letter(kind: Key) -> char {
    match kind {
        Key::Session => 's',
        Key::Principal => 'p',
        Key::Agent => 'a',
        Key::Tenant => 't',
    }
}

/// Kinds of keys, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    /// Those whose histories the policy reads, and the session.
    pub(crate) fn of(policy: &Policy) -> Self {
        policy.frame().rules.iter().fold(Self(bit(Key::Session)), |kinds, rule| Self(kinds.0 | bit(rule.key)))
    }

    /// All there are.
    pub(crate) const ALL: Self = Self(0b1111);

    pub(crate) fn has(self, kind: Key) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Those of them that are not the session.
    #[cfg(feature = "redis")]
    pub(crate) fn shared(self) -> impl Iterator<Item = Key> {
        ORDER.into_iter().skip(1).filter(move |kind| self.has(*kind))
    }

    /// As text, a letter each.
    pub(crate) fn text(self) -> String {
        ORDER.into_iter().filter(|kind| self.has(*kind)).map(letter).collect()
    }

    /// Those of a text.
    #[cfg(feature = "redis")]
    pub(crate) fn from_text(text: &str) -> Self {
        let named = ORDER.into_iter().filter(|kind| text.contains(letter(*kind)));
        named.fold(Self(bit(Key::Session)), |kinds, kind| Self(kinds.0 | bit(kind)))
    }

    /// The kinds that `kept` lacks, in words; none where it has them all.
    pub(crate) fn beyond(self, kept: &str) -> Option<String> {
        let lacking: Vec<&str> = ORDER.into_iter().filter(|kind| self.has(*kind) && !kept.contains(letter(*kind))).map(plural).collect();
        (!lacking.is_empty()).then(|| lacking.join(", "))
    }
}

fn bit(kind: Key) -> u8 {
    match kind {
        Key::Session => 1,
        Key::Principal => 2,
        Key::Agent => 4,
        Key::Tenant => 8,
    }
}

fn plural(kind: Key) -> &'static str {
    match kind {
        Key::Session => "sessions",
        Key::Principal => "principals",
        Key::Agent => "agents",
        Key::Tenant => "tenants",
    }
}
