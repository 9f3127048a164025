//! Runs MONA, and reads the whole automaton that it prints.
//!
//! In: a program. Out: [`Automaton`]: states, transitions over cubes of bits, acceptance. Invariant: an automaton that is returned is complete.
//! Source: Klarlund and Møller, "MONA Version 1.4 User Manual" (2001), sections 3 and 7.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::alphabet::{Letter, Letters};

/// What a printed program accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Words at whose last letter the rule judges.
    Last,
    /// Words at one of whose letters the rule judges.
    Ever,
}

/// How to get MONA.
pub const INSTALL: &str = "MONA is missing: run `bash tests/setup.sh tests`, or `apt-get install mona`";

/// MONA, with a folder for its input.
#[derive(Clone, Debug)]
pub struct Mona {
    input: PathBuf,
}

impl Mona {
    /// # Panics
    /// Where MONA cannot be run: a test that needs it must not pass without it.
    #[must_use]
    pub fn new(folder: &Path, name: &str) -> Self {
        assert!(Command::new("mona").arg("-h").output().is_ok(), "{INSTALL}");
        Self { input: folder.join(format!("{name}.mona")) }
    }

    /// The minimal automaton of a program.
    ///
    /// # Panics
    /// Where MONA refuses the program, or what it prints is no complete automaton.
    #[must_use]
    pub fn automaton(&self, program: &str) -> Automaton {
        std::fs::write(&self.input, program).expect("a folder for files of the test");
        // `-u`: states are accepting or not, and never neither.
        let ran = Command::new("mona").args(["-q", "-w", "-u"]).arg(&self.input).output().expect(INSTALL);
        let text = String::from_utf8(ran.stdout).expect("MONA prints ASCII");
        Automaton::parse(&text).unwrap_or_else(|reason| panic!("{reason}\n{program}\n{text}{}", String::from_utf8_lossy(&ran.stderr)))
    }
}

/// A complete automaton over vectors of bits.
#[derive(Clone, Debug)]
pub struct Automaton {
    /// How many states MONA counts, its state 0 and those of malformed words included.
    pub states: usize,
    initial: usize,
    accepting: BTreeSet<usize>,
    /// By state: cubes, and where they lead.
    transitions: Vec<Vec<(Cube, usize)>>,
}

/// Bits that must hold and bits that must not, the first variable lowest.
#[derive(Clone, Copy, Debug)]
struct Cube {
    ones: u64,
    zeros: u64,
}

impl Cube {
    fn parse(text: &str) -> Option<Self> {
        let mut cube = Self { ones: 0, zeros: 0 };
        for (index, sign) in text.chars().enumerate() {
            match sign {
                '1' => cube.ones |= 1 << index,
                '0' => cube.zeros |= 1 << index,
                'X' => {}
                _ => return None,
            }
        }
        Some(cube)
    }

    fn holds(self, vector: u64) -> bool {
        vector & self.ones == self.ones && vector & self.zeros == 0
    }
}

impl Automaton {
    fn parse(text: &str) -> Result<Self, String> {
        let after = |label: &str| text.lines().find_map(|line| line.strip_prefix(label)).ok_or(format!("MONA printed no `{label}`"));
        let number = |word: &str| word.parse::<usize>().map_err(|_| format!("`{word}` is no state"));
        let initial = number(after("Initial state:")?.trim())?;
        let accepting = after("Accepting states:")?.split_whitespace().map(number).collect::<Result<_, _>>()?;
        let counted = after("Automaton has ")?;
        let states = number(counted.split(' ').next().unwrap_or_default())?;
        let mut transitions = vec![Vec::new(); states];
        for line in text.lines().filter_map(|line| line.strip_prefix("State ")) {
            let parts = line.split_once(": ").and_then(|(from, rest)| Some((from, rest.split_once(" -> state ")?)));
            let (from, (cube, to)) = parts.ok_or(format!("`{line}` is no transition"))?;
            let cube = Cube::parse(cube).ok_or(format!("`{cube}` is no cube"))?;
            transitions.get_mut(number(from)?).ok_or(format!("`{from}` is no state"))?.push((cube, number(to)?));
        }
        Ok(Self { states, initial, accepting, transitions })
    }

    fn step(&self, state: usize, vector: u64) -> usize {
        only(self.transitions[state].iter().filter(|(cube, _)| cube.holds(vector)))
    }

    /// The automaton as a table over letters.
    #[must_use]
    pub fn over(&self, letters: &Letters) -> Stepped {
        let (sites, vectors) = (letters.sites.len(), 1_u64 << letters.bits.len());
        let mut rows = Vec::with_capacity(self.states);
        for cubes in &self.transitions {
            let mut row = Vec::new();
            for site in 0..sites {
                let here = (1_u64 << sites) - 1;
                let entered = |cube: &Cube| Cube { ones: cube.ones & here, zeros: cube.zeros & here }.holds(1 << site);
                let left: Vec<&(Cube, usize)> = cubes.iter().filter(|(cube, _)| entered(cube)).collect();
                row.extend((0..vectors).map(|bits| {
                    let vector = 1 << site | bits << sites;
                    only(left.iter().copied().filter(|(cube, _)| cube.holds(vector)))
                }));
            }
            rows.push(row);
        }
        // State 0 reads the variables that are no sets, of which there are none; the next letter is the mark.
        let beginning = self.step(self.step(self.initial, 0), 0);
        Stepped { beginning, rows, accepting: self.accepting.clone(), width: letters.bits.len() }
    }
}

/// Where a complete, deterministic automaton goes.
fn only<'a>(mut matching: impl Iterator<Item = &'a (Cube, usize)>) -> usize {
    let (_, first) = matching.next().expect("MONA's automata are complete");
    assert!(matching.all(|(_, other)| other == first), "MONA's automata are deterministic");
    *first
}

/// An automaton over letters.
#[derive(Clone, Debug)]
pub struct Stepped {
    /// The state after the mark, where histories begin.
    pub beginning: usize,
    rows: Vec<Vec<usize>>,
    accepting: BTreeSet<usize>,
    width: usize,
}

impl Stepped {
    /// The state after a letter.
    #[must_use]
    pub fn after(&self, state: usize, letter: Letter) -> usize {
        self.rows[state][(letter.site << self.width) + letter.bits as usize]
    }

    /// Whether words that lead here are accepted.
    #[must_use]
    pub fn accepts(&self, state: usize) -> bool {
        self.accepting.contains(&state)
    }
}
