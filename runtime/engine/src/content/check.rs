//! What a match must be beside being one.
//!
//! In: a text and a pair of positions in it. Out: whether the check holds of what stands there. Everything is integers and ASCII, so that two
//! implementations agree to the bit.
//! Invariant: `may_begin` and `may_end` are necessary for `confirms`, and look at the neighbours alone.
//! Source: `lang-spec/content.md`, [content.std] and below.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::{card, iban, secret};
use crate::frame::Check;

/// A piece of a text, in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'a> Place<'a> {
    fn piece(self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or("")
    }

    fn bytes(self) -> &'a [u8] {
        self.text.as_bytes()
    }
}

/// Whether the neighbour on the left lets a find begin here.
pub(super) fn may_begin(check: Check, bytes: &[u8], start: usize) -> bool {
    let left = start.checked_sub(1).and_then(|at| bytes.get(at));
    neighbour(check, left.copied())
}

/// Whether the neighbour on the right lets a find end here.
pub(super) fn may_end(check: Check, bytes: &[u8], end: usize) -> bool {
    neighbour(check, bytes.get(end).copied())
}

fn neighbour(check: Check, byte: Option<u8>) -> bool {
    let touches = match check {
        Check::None => false,
        Check::Entropy => byte.is_some_and(secret::is_token),
        Check::Bounded | Check::Card | Check::Iban | Check::Ip | Check::Ssn => byte.is_some_and(|byte| byte.is_ascii_alphanumeric()),
    };
    !touches
}

/// Whether the check holds, the neighbours having been looked at.
pub(super) fn confirms(check: Check, place: Place<'_>) -> bool {
    match check {
        Check::None | Check::Bounded => true,
        Check::Card => !follows(place, b'.') && card::holds(place.piece()),
        Check::Iban => iban::holds(place.piece()),
        Check::Ssn => social_security(place.piece()),
        Check::Entropy => secret::holds(place.piece()),
        Check::Ip => address(place),
    }
}

/// Whether it follows a mark that follows a digit, so that it is the rest of something: a fraction behind its dot.
fn follows(place: Place<'_>, mark: u8) -> bool {
    let before = place.bytes().get(..place.start).unwrap_or(&[]);
    matches!(before, [.., digit, last] if *last == mark && digit.is_ascii_digit())
}

fn social_security(piece: &str) -> bool {
    let mut groups = piece.split(['-', ' ']).map(str::parse::<u16>);
    match (groups.next(), groups.next(), groups.next()) {
        (Some(Ok(area)), Some(Ok(group)), Some(Ok(serial))) => area != 0 && area != 666 && area < 900 && group != 0 && serial != 0,
        _ => false,
    }
}

fn address(place: Place<'_>) -> bool {
    let piece = place.piece();
    let six = piece.contains(':');
    let valid = if six {
        piece.parse::<Ipv6Addr>().is_ok() && piece.bytes().any(|byte| byte.is_ascii_digit())
    } else {
        piece.parse::<Ipv4Addr>().is_ok()
    };
    let is_rest = follows(place, b'.') || (six && follows(place, b':'));
    let goes_on = match place.bytes().get(place.end..).unwrap_or(&[]) {
        [b'.', next, ..] => next.is_ascii_digit(),
        [b':', next, ..] => six && next.is_ascii_alphanumeric(),
        _ => false,
    };
    valid && !goes_on && !is_rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(check: Check, text: &str) -> bool {
        confirms(check, Place { text, start: 0, end: text.len() })
    }

    #[test]
    fn areas_groups_and_serials_have_rules() {
        assert!(whole(Check::Ssn, "123-45-6789"));
        for text in ["000-45-6789", "666-45-6789", "900-45-6789", "999-45-6789", "123-00-6789", "123-45-0000"] {
            assert!(!whole(Check::Ssn, text), "{text}");
        }
    }

    #[test]
    fn addresses_of_both_kinds() {
        for text in ["10.0.0.1", "255.255.255.255", "fe80::1", "2001:DB8:0:0:0:0:0:1", "::ffff:1.2.3.4", "::1"] {
            assert!(whole(Check::Ip, text), "{text}");
        }
        for text in ["256.0.0.1", "01.2.3.4", "::", "a::b", "12:30:45", "1:2:3:4:5:6:7:8:9"] {
            assert!(!whole(Check::Ip, text), "{text}");
        }
    }

    #[test]
    fn what_goes_on_is_no_address() {
        let at = |text: &str, start, end| confirms(Check::Ip, Place { text, start, end });
        assert!(!at("1.2.3.4.5", 0, 7) && !at("1.2.3.4.5", 2, 9));
        assert!(at("1.2.3.4. ", 0, 7) && at("1.2.3.4:80", 0, 7) && at("fe80::1: no", 0, 7));
        assert!(!at("1:2:3:4:5:6:7:8:9", 0, 15) && !at("1:2:3:4:5:6:7:8:9", 2, 17));
    }
}
