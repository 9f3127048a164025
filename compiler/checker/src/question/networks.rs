//! Addresses: the ranges that networks and single addresses cut them into.
//!
//! In: predicates of addresses. Out: addresses of every range, some of each. Invariant: no predicate tells two addresses of one range apart.
//! Source: the runtime's `ip`: an address that maps an IPv4 one is that one, so the mapped range holds none.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use leverframe_runtime::domain::ip::Network;

use super::language::Predicate;

/// The IPv6 addresses that are IPv4 ones.
const MAPPED: (u128, u128) = (0xffff_0000_0000, 0xffff_ffff_ffff);

/// Where every range begins, and `most` addresses from there on; the documentation's own address first, of its range.
pub(crate) fn samples(predicates: &[Predicate], most: usize) -> Vec<String> {
    // An address counts as IPv4 (below) or IPv6.
    let mut v4: Vec<u128> = vec![0];
    let mut v6: Vec<u128> = vec![0, MAPPED.1 + 1];
    for network in predicates.iter().flat_map(networks) {
        let width = if network.address().is_ipv4() { 32 } else { 128 };
        let first = number(network.address());
        let size = 1_u128.checked_shl(width - u32::from(network.prefix()));
        let cuts = if width == 32 { &mut v4 } else { &mut v6 };
        cuts.push(first);
        cuts.extend(size.and_then(|size| first.checked_add(size)));
    }
    let nice = number(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let mut found = vec![Ipv4Addr::new(192, 0, 2, 1).to_string()];
    found.extend(ranges(v4, u128::from(u32::MAX)).flat_map(|range| within(range, most, nice)).filter_map(|bits| {
        let bits = u32::try_from(bits).ok()?;
        Some(Ipv4Addr::from_bits(bits).to_string())
    }));
    let real = |bits: &u128| *bits < MAPPED.0 || *bits > MAPPED.1;
    found.extend(
        ranges(v6, u128::MAX).flat_map(|range| within(range, most, 0)).filter(real).map(|bits| Ipv6Addr::from_bits(bits).to_string()),
    );
    found
}

fn networks(predicate: &Predicate) -> Vec<Network> {
    match predicate {
        Predicate::InCidr(network) => Network::parse(network).into_iter().collect(),
        Predicate::OneOf(all) => all.iter().filter_map(|text| Network::parse(text).ok()).collect(),
        _ => Vec::new(),
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn ranges(mut cuts: Vec<u128>, last: u128) -> impl Iterator<Item = (u128, u128)> {
    cuts.sort_unstable();
    cuts.dedup();
    cuts.retain(|cut| *cut <= last);
    let ends: Vec<u128> = cuts.iter().skip(1).map(|next| next - 1).chain([last]).collect();
    cuts.into_iter().zip(ends)
}

/// Some of the range, from a nice one where it is inside.
fn within((first, last): (u128, u128), most: usize, nice: u128) -> impl Iterator<Item = u128> {
    let from = if first <= nice && nice <= last { Some(nice) } else { None };
    from.into_iter().chain((0..most as u128).filter_map(move |step| first.checked_add(step).filter(|at| *at <= last)))
}
