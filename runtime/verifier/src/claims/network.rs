//! Addresses and networks.
//!
//! In: tests of one address. Out: addresses, of which there is one in each stretch on which no test can tell two of them apart. Invariants: what the tests come to is
//! not decided here but by the reference; IPv4 and IPv6 apart, mapped addresses being IPv4 ones.
//! Source: `lang-spec/certificate.md`, [cert.lemmas]; `lang-spec/domain-types.md`, [domain.ip].

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use leverframe_reference::policy::{Cond, Op};
use leverframe_reference::types::Literal;

use super::lemma::{Decided, literals};

/// The IPv6 address after the last one that maps an IPv4 address.
const AFTER_MAPPED: u128 = 1 << 48;

/// Whether a text is an address as a value of an address spells it.
pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().to_string() == text)
}

/// An address of each stretch; none where a test reads an address as something else.
pub(super) fn candidates(tests: &[Decided<'_>]) -> Option<Vec<Literal>> {
    let mut starts: BTreeSet<(bool, u128)> = [(false, 0), (true, 0), (true, AFTER_MAPPED)].into();
    let mut stretch = |(wide, first, last): (bool, u128, u128)| {
        starts.insert((wide, first));
        starts.extend(last.checked_add(1).map(|next| (wide, next)));
    };
    for (test, _) in tests {
        match test {
            Cond::InCidr(_, network) => stretch(ends(network)?),
            Cond::Compare(Op::Eq | Op::Ne, ..) | Cond::In(..) => {}
            _ => return None,
        }
    }
    for literal in literals(tests) {
        let Literal::String(text) = literal else { return None };
        // A text that is no address is none of the term's values.
        if let Ok(address) = text.parse::<IpAddr>() {
            let (wide, bits) = number(address);
            stretch((wide, bits, bits));
        }
    }
    Some(starts.into_iter().filter_map(spelled).map(Literal::String).collect())
}

/// Whether it is an IPv6 address, and its bits.
fn number(address: IpAddr) -> (bool, u128) {
    match address.to_canonical() {
        IpAddr::V4(address) => (false, u128::from(address.to_bits())),
        IpAddr::V6(address) => (true, address.to_bits()),
    }
}

/// The first and the last address of a network.
fn ends(network: &str) -> Option<(bool, u128, u128)> {
    let (written, length) = network.split_once('/').map_or((network, None), |(written, length)| (written, Some(length)));
    let (wide, first) = number(written.parse().ok()?);
    let (width, mapped) = if wide { (128, 0) } else { (32, if written.contains(':') { 96 } else { 0 }) };
    let length: u32 = length.map_or(Some(width), |length| length.parse::<u32>().ok()?.checked_sub(mapped))?;
    let others = match width.checked_sub(length)? {
        128 => u128::MAX,
        free => (1 << free) - 1,
    };
    Some((wide, first, first | others))
}

/// The address as a value of an address spells it.
fn spelled((wide, bits): (bool, u128)) -> Option<String> {
    let address = if wide { IpAddr::V6(Ipv6Addr::from_bits(bits)) } else { IpAddr::V4(Ipv4Addr::from_bits(bits.try_into().ok()?)) };
    (address.to_canonical() == address).then(|| address.to_string())
}

#[cfg(test)]
mod tests;
