//! Random detectors and scans.
//!
//! In: the world. Out: text; each scan's name with the constructs it is made of.

use super::writer::{Owner, Writer};
use crate::tree::{Tree, list, seq, word};

impl Writer {
    /// The detectors of the policy.
    pub(super) fn detectors(&mut self) -> Vec<Tree> {
        if self.world.detectors.is_empty() {
            return Vec::new();
        }
        let token = *self.dice.pick(&["[Aa]bc", "ab+", "(abc|ABC)", "x[0-9a-c]*"]);
        let either = *self.dice.pick(&["token, std.email", "std.credit_card, token", "std.ip, matches r\"draft\", std.email"]);
        vec![word(format!("detector token = matches r\"{token}\"")), word(format!("detector either = {either}"))]
    }

    /// One scan.
    pub(super) fn scan(&mut self, owner: Owner) -> Tree {
        self.begin();
        let name = self.count_scan(owner);
        let wanted = self.dice.between(1, 2);
        let tools = list(", ", 1, (0..wanted).map(|_| self.tool_set().0).collect());
        let arguments = self.dice.chance(60);
        // What a scan of results does no verdict shows; what it found is told beside.
        if arguments {
            self.tag("scan arguments");
        }
        let wanted = self.dice.between(1, 2);
        let detectors = self.dice.some(&["token", "either", "std.email", "std.credit_card"], wanted);
        let detectors = detectors.into_iter().map(word).collect();
        let actions = match self.dice.weighted(&[20, 30, 30, 20]) {
            0 => vec![word("deny")],
            1 => vec![word("redact")],
            2 => vec![self.label_action()],
            _ => vec![self.label_action(), word("redact")],
        };
        self.finish(&name, Vec::new());
        let place = if arguments { " arguments" } else { " results" };
        let head = seq(vec![word("scan "), tools, word(format!("{place} for "))]);
        seq(vec![head, list(", ", 1, detectors), word(" => "), list(", ", 1, actions)])
    }

    fn label_action(&mut self) -> Tree {
        word(format!("label {}", self.dice.pick(&self.world.labels)))
    }
}
