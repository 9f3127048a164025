//! Pairs of policies, and the word for each.

mod pairs;
mod same;

use std::collections::BTreeMap;
use std::time::Duration;

use leverframe_compiler::pipeline::{self, Built};

use super::{Compared, Difference, Direction, Word, difference};
use crate::check::Options;

fn built(text: &str) -> Built {
    let files: BTreeMap<String, String> = [("policy.lever".to_owned(), format!("language 1\n{text}"))].into();
    pipeline::build("policy.lever", &files).unwrap_or_else(|error| match error {
        pipeline::BuildError::Refused(checked) => panic!("{:?}\n{text}", checked.diagnostics),
        error => panic!("{error}"),
    })
}

fn compared(old: &Built, new: &Built) -> Difference {
    let options = Options { timeout: Duration::from_secs(5), record_queries: false };
    let (old, new) = (Compared { checked: &old.checked, frame: &old.frame }, Compared { checked: &new.checked, frame: &new.frame });
    difference(old, new, &options)
}

/// Compares two policies, and checks that the contrary comparison is the mirror image.
fn diff(old: &str, new: &str) -> Difference {
    let (old, new) = (built(old), built(new));
    let (there, back) = (compared(&old, &new), compared(&new, &old));
    let mirrored = match back.word {
        Word::Stricter => Word::Looser,
        Word::Looser => Word::Stricter,
        word => word,
    };
    assert_eq!(there.word, mirrored, "{there:#?}\n{back:#?}");
    let told = |changes: &[super::Change]| -> Vec<(String, String, Option<String>)> {
        changes.iter().map(|change| (change.persona.clone(), change.tool.clone(), change.rule.clone())).collect()
    };
    assert_eq!((told(&there.allowed), told(&there.denied)), (told(&back.denied), told(&back.allowed)));
    there
}
