//! One address of each stretch is enough: what no candidate passes, no address near the ends of the networks passes.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use leverframe_reference::constant;
use leverframe_reference::policy::{Tag, Term};

use super::*;

const NETWORKS: [&str; 14] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.128.0.0/9",
    "10.0.0.7",
    "255.255.255.255",
    "128.0.0.0/1",
    "::/0",
    "::/80",
    "::ffff:10.0.0.0/104",
    "8000::/1",
    "2001:db8::/32",
    "2001:db8::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
];

fn at(test: &Cond, address: &str) -> Option<bool> {
    let value = Term::Literal(Literal::String(address.to_owned()));
    constant(&match test {
        Cond::InCidr(_, network) => Cond::InCidr(value, network.clone()),
        Cond::Compare(op, tag, _, literal) => Cond::Compare(*op, *tag, value, literal.clone()),
        Cond::In(tag, _, literals) => Cond::In(*tag, value, literals.clone()),
        _ => return None,
    })
}

/// Addresses beside the ends of all networks, written by hand where the spelling matters.
fn addresses() -> Vec<String> {
    let mut found = Vec::new();
    for network in NETWORKS {
        let (wide, first, last) = ends(network).expect("a network");
        for bits in [first, last, first.saturating_sub(1), last.saturating_add(1), first / 2 + last / 2] {
            found.extend(spelled((wide, bits)));
        }
    }
    found.extend(["0.0.0.0", "10.127.255.255", "10.128.0.0", "::1", "::1:0:0:0", "::fffe:ffff:ffff"].map(str::to_owned));
    found
}

#[test]
fn candidates_stand_for_all_addresses() {
    let term = Term::Arg(vec!["a".to_owned()]);
    let single = |text: &str| Cond::Compare(Op::Eq, Tag::Ip, term.clone(), Term::Literal(Literal::String(text.to_owned())));
    let mut tests: Vec<Cond> = NETWORKS.iter().map(|network| Cond::InCidr(term.clone(), (*network).to_owned())).collect();
    tests.extend([single("10.0.0.7"), single("::1"), single("nonsense")]);
    let others = ["10.1.2.3", "2001:db8::5"].map(|text| Literal::String(text.to_owned()));
    tests.push(Cond::In(Tag::Ip, term.clone(), others.to_vec()));
    let addresses = addresses();
    let (mut impossible, mut possible) = (0, 0);
    for one in &tests {
        for other in &tests {
            for values in [[true, true], [true, false], [false, true], [false, false]] {
                let decided = [(one, values[0]), (other, values[1])];
                let passes = |address: &str| decided.iter().all(|(test, holds)| at(test, address) == Some(*holds));
                let literals = candidates(&decided).expect("addresses");
                let texts: Vec<&String> = literals
                    .iter()
                    .map(|literal| if let Literal::String(text) = literal { text } else { panic!("{literal} is no address") })
                    .collect();
                assert!(texts.iter().all(|text| is_address(text)));
                let found = texts.iter().any(|text| passes(text));
                let near = addresses.iter().find(|address| passes(address));
                assert!(found || near.is_none(), "{decided:?}: {near:?}");
                impossible += usize::from(!found);
                possible += usize::from(found);
            }
        }
    }
    println!("{impossible} pairs are impossible, {possible} are not");
    assert!(impossible > 200 && possible > 200);
}

#[test]
fn spellings_of_addresses() {
    for text in ["10.0.0.1", "::1", "2001:db8::1"] {
        assert!(is_address(text), "{text}");
    }
    for text in ["::ffff:10.0.0.1", "10.0.0.01", "0:0:0:0:0:0:0:1", "", "10.0.0.0/8", "::FFFE"] {
        assert!(!is_address(text), "{text}");
    }
}

#[test]
fn other_tests_have_no_candidates() {
    let term = Term::Arg(vec!["a".to_owned()]);
    let under = Cond::UnderPath(term.clone(), "/".to_owned());
    assert!(candidates(&[(&under, true)]).is_none());
    let number = Cond::Compare(Op::Eq, Tag::Ip, term, Term::Literal(Literal::Int(1)));
    assert!(candidates(&[(&number, true)]).is_none());
}
