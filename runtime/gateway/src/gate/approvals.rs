//! Calls that wait for a human.
//!
//! In: asked calls; answers of approvers. Out: whether a call is approved. Invariants: an approval is for one caller, one session, one tool and exactly these
//! arguments; it is used once; it ends; who asked does not approve; where several are asked, each has to.
//! Left out: keeping them over a restart: the call is then asked again.
//! Source: language section 5 ("Asking").

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use leverframe_host::Decided;
use serde::Serialize;

use super::asked::Asked;
use crate::config::Approver;
use crate::identity::Identity;
use crate::limits;

/// A call that waits.
#[derive(Clone, Debug)]
pub struct Pending {
    who: Identity,
    session: String,
    tool: String,
    args: Vec<u8>,
    args_sha256: String,
    rule: Option<String>,
    message: Option<String>,
    /// Who is asked and has not answered; nobody in particular: one empty name.
    open: BTreeSet<String>,
    /// As whom somebody has approved.
    answered: BTreeSet<String>,
    approved_by: BTreeSet<String>,
    ends: i64,
}

/// A call that waits, for whoever is to approve it.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The id of the decision that asked.
    pub id: String,
    /// Which agent.
    pub agent: String,
    /// As which persona.
    pub persona: String,
    /// On whose behalf.
    pub principal: Option<String>,
    /// Of which tenant.
    pub tenant: Option<String>,
    /// The tool.
    pub tool: String,
    /// The arguments as they came, as text.
    pub arguments: String,
    /// The rule that asks.
    pub rule: Option<String>,
    /// The author's words.
    pub message: Option<String>,
    /// Whose answer is missing.
    pub by: Vec<String>,
    /// Who has approved.
    pub approved_by: Vec<String>,
    /// Until when, in milliseconds since 1970.
    pub until: i64,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It counts.
    Taken,
    /// No such call waits any more.
    Unknown,
    /// It is not for this approver to say.
    NotYours,
    /// The call was made on the approver's own behalf.
    OwnRequest,
}

impl Pending {
    pub(super) fn of(asked: &Asked<'_>, decided: &Decided, args_sha256: String) -> Self {
        let open = roles(&decided.who);
        Self {
            who: asked.who.clone(),
            session: asked.session.to_owned(),
            tool: asked.tool.to_owned(),
            args: asked.args.to_vec(),
            args_sha256,
            rule: decided.rule.clone(),
            message: decided.message.clone(),
            open,
            answered: BTreeSet::new(),
            approved_by: BTreeSet::new(),
            ends: i64::MAX,
        }
    }

    /// The call, to be decided again.
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { who: &self.who, session: &self.session, tool: &self.tool, args: &self.args, trace: None, refused_before: None }
    }

    fn is_of(&self, asked: &Asked<'_>, args_sha256: &str) -> bool {
        self.who == *asked.who && self.session == asked.session && self.tool == asked.tool && self.args_sha256 == args_sha256
    }

    /// The roles in which somebody may still answer.
    fn roles<'a>(&'a self, approver: &'a Approver) -> impl Iterator<Item = &'a String> {
        self.open.iter().filter(|role| role.is_empty() || approver.roles.contains(role))
    }

    fn shown(&self, id: &str) -> Shown {
        Shown {
            id: id.to_owned(),
            agent: self.who.agent.clone(),
            persona: self.who.persona.clone(),
            principal: self.who.principal.clone(),
            tenant: self.who.tenant.clone(),
            tool: self.tool.clone(),
            arguments: String::from_utf8_lossy(&self.args).into_owned(),
            rule: self.rule.clone(),
            message: self.message.clone(),
            by: self.open.iter().filter(|role| !role.is_empty()).cloned().collect(),
            approved_by: self.approved_by.iter().cloned().collect(),
            until: self.ends,
        }
    }
}

/// Those who are asked; nobody in particular is one empty name.
fn roles(who: &[String]) -> BTreeSet<String> {
    if who.is_empty() { BTreeSet::from([String::new()]) } else { who.iter().cloned().collect() }
}

/// Whether an approver may answer a call that waits.
fn fits(pending: Option<&Pending>, approver: &Approver, now: i64) -> Answered {
    match pending {
        Some(pending) if pending.ends > now => {
            if pending.who.principal.as_ref() == Some(&approver.name) || pending.who.agent == approver.name {
                Answered::OwnRequest
            } else if pending.roles(approver).next().is_none() {
                Answered::NotYours
            } else {
                Answered::Taken
            }
        }
        _ => Answered::Unknown,
    }
}

/// An approval that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// The id of the decision that asked.
    pub(super) of: String,
    /// Who has given it.
    pub(super) by: Vec<String>,
}

/// All calls that wait.
#[derive(Debug)]
pub struct Approvals {
    waits: Mutex<HashMap<String, Pending>>,
    ms: i64,
}

impl Approvals {
    pub(super) fn new(ms: u64) -> Self {
        Self { waits: Mutex::default(), ms: i64::try_from(ms).unwrap_or(i64::MAX) }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Pending>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call wait; the same one waits once. None: there is no room.
    pub(super) fn add(&self, id: &str, pending: Pending, now: i64) -> Option<String> {
        let mut waits = self.all();
        let asked = pending.asked();
        if let Some((id, _)) = waits.iter().find(|(_, other)| other.is_of(&asked, &pending.args_sha256) && other.ends > now) {
            return Some(id.clone());
        }
        if waits.len() >= limits::PENDING || pending.args.len() > limits::PENDING_BYTES {
            return None;
        }
        waits.insert(id.to_owned(), Pending { ends: now.saturating_add(self.ms), ..pending });
        Some(id.to_owned())
    }

    /// Takes the approval of a call that is asked of these people, if all of them have given it: it is used up. Where others are asked now than were, it waits
    /// for those that are missing.
    pub(super) fn take(&self, asked: &Asked<'_>, args_sha256: &str, who: &[String], now: i64) -> Option<Given> {
        let mut waits = self.all();
        let (id, pending) = waits.iter_mut().find(|(_, pending)| pending.ends > now && pending.is_of(asked, args_sha256))?;
        let wanted = roles(who);
        pending.open = wanted.difference(&pending.answered).cloned().collect();
        // Somebody has answered an ask of nobody in particular, whoever that was.
        if !pending.answered.is_empty() {
            pending.open.remove("");
        }
        if !pending.open.is_empty() {
            return None;
        }
        let id = id.clone();
        waits.remove(&id).map(|pending| Given { of: id, by: pending.approved_by.into_iter().collect() })
    }

    /// Whether an approver may answer.
    #[must_use]
    pub fn fits(&self, id: &str, approver: &Approver, now: i64) -> Answered {
        fits(self.all().get(id), approver, now)
    }

    /// Takes an answer; a call that is refused is given back.
    pub(super) fn answer(&self, id: &str, approver: &Approver, given: bool, now: i64) -> (Answered, Option<Pending>) {
        let mut waits = self.all();
        let fit = fits(waits.get(id), approver, now);
        if fit != Answered::Taken {
            return (fit, None);
        }
        if !given {
            return (fit, waits.remove(id));
        }
        if let Some(pending) = waits.get_mut(id) {
            let roles: Vec<String> = pending.roles(approver).cloned().collect();
            pending.open.retain(|role| !roles.contains(role));
            pending.answered.extend(roles);
            pending.approved_by.insert(approver.name.clone());
            pending.ends = now.saturating_add(self.ms);
        }
        (fit, None)
    }

    /// How many wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// Takes a call out that waits: it has to be asked about again.
    pub(super) fn withdraw(&self, id: &str) {
        self.all().remove(id);
    }

    /// What waits for an approver's answer.
    #[must_use]
    pub fn list(&self, approver: &Approver, now: i64) -> Vec<Shown> {
        let waits = self.all();
        let theirs = waits.iter().filter(|(_, pending)| pending.ends > now && pending.roles(approver).next().is_some());
        let mut shown: Vec<Shown> = theirs.map(|(id, pending)| pending.shown(id)).collect();
        shown.sort_by(|one, other| (one.until, &one.id).cmp(&(other.until, &other.id)));
        shown
    }

    pub(super) fn sweep(&self, now: i64) {
        self.all().retain(|_, pending| pending.ends > now);
    }
}
