//! The letters of a rule: sites, and bits for its tests.
//!
//! In: sites; bits by name. Out: every letter. Invariant: equal numbers of sites and bits give equal letters in equal order.

use leverframe_compiler::core::Core;
use leverframe_runtime::frame::{LetterKind, ToolId};

/// The tool of an attempt on a tool that the policy does not know.
pub const UNKNOWN: u32 = ToolId::UNKNOWN.0;

/// A kind of letter and its tool or host event.
pub type Site = (LetterKind, u32);

/// A site and the bits that hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Letter {
    /// The position of its site.
    pub site: usize,
    /// The bits that hold, the first bit lowest.
    pub bits: u32,
}

/// The letters of a rule.
#[derive(Clone, Debug)]
pub struct Letters {
    /// Every site of the policy.
    pub sites: Vec<Site>,
    /// The tests that the rule makes, by name.
    pub bits: Vec<String>,
}

impl Letters {
    /// The letters of a policy, with these tests.
    #[must_use]
    pub fn new(core: &Core, bits: Vec<String>) -> Self {
        Self { sites: sites(core), bits }
    }

    /// The same, with refused attempts among them: on each tool, and on one that the policy does not know.
    #[must_use]
    pub fn with_attempts(core: &Core, bits: Vec<String>) -> Self {
        let mut letters = Self::new(core, bits);
        let tools = (0_u32..).zip(&core.tools).map(|(tool, _)| tool);
        letters.sites.extend(tools.chain([UNKNOWN]).map(|tool| (LetterKind::Denied, tool)));
        letters
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sites.len() << self.bits.len()
    }

    /// Each of them.
    pub fn all(&self) -> impl Iterator<Item = Letter> + '_ {
        let vectors = 1_u32 << self.bits.len();
        (0..self.sites.len()).flat_map(move |site| (0..vectors).map(move |bits| Letter { site, bits }))
    }

    /// A letter, to be read.
    #[must_use]
    pub fn show(&self, letter: Letter) -> String {
        let (kind, subject) = self.sites[letter.site];
        let bits: Vec<&str> =
            self.bits.iter().enumerate().filter(|(index, _)| letter.bits >> index & 1 == 1).map(|(_, name)| name.as_str()).collect();
        format!("{kind:?} {subject} [{}]", bits.join(" "))
    }
}

/// Every site of a policy.
#[must_use]
pub fn sites(core: &Core) -> Vec<Site> {
    let mut sites = Vec::new();
    for (subject, _) in (0_u32..).zip(&core.tools) {
        sites.extend([LetterKind::Call, LetterKind::Ok, LetterKind::Failed].map(|kind| (kind, subject)));
    }
    sites.extend((0_u32..).zip(&core.events).map(|(subject, _)| (LetterKind::Event, subject)));
    sites
}
