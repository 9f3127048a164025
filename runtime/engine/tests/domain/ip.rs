//! Addresses and networks: canonical spellings, mapped addresses, prefixes.

use leverframe_runtime::domain::DomainError as E;
use leverframe_runtime::domain::ip::{Network, normalise, parse};

use super::{becomes, fails, normal};

#[test]
fn canonical_addresses_are_read() {
    becomes(
        normalise,
        &[
            ("0.0.0.0", "0.0.0.0"),
            ("10.0.0.1", "10.0.0.1"),
            ("255.255.255.255", "255.255.255.255"),
            ("::", "::"),
            ("::1", "::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("64:ff9b::a00:1", "64:ff9b::a00:1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:0.0.0.0", "0.0.0.0"),
        ],
    );
}

#[test]
fn everything_else_fails() {
    fails(
        normalise,
        &[
            ("", E::NotIp),
            ("example", E::NotIp),
            ("10.1", E::NotIp),
            ("1.2.3", E::NotIp),
            ("167772161", E::NotIp),
            ("010.0.0.1", E::NotIp),
            ("10.0.0.01", E::NotIp),
            ("00.0.0.0", E::NotIp),
            ("10.0.0.256", E::NotIp),
            ("0x0a.0.0.1", E::NotIp),
            ("0x0a000001", E::NotIp),
            ("10.0.0.1.", E::NotIp),
            (".10.0.0.1", E::NotIp),
            ("10.0.0.1.1", E::NotIp),
            ("10.0.0.1 ", E::NotIp),
            (" 10.0.0.1", E::NotIp),
            ("10.0.0.1\n", E::NotIp),
            ("10.0.0.1\0", E::NotIp),
            ("10.0.0.1/32", E::NotIp),
            ("10.0.0.1:80", E::NotIp),
            ("+10.0.0.1", E::NotIp),
            ("\u{ff11}0.0.0.1", E::NotIp),
            ("\u{661}0.0.0.1", E::NotIp),
            ("[::1]", E::NotIp),
            ("::1%eth0", E::NotIp),
            (":::1", E::NotIp),
            ("1::2::3", E::NotIp),
            ("0:0:0:0:0:0:0:1", E::NotCanonical),
            ("0:0:0:0:0:ffff:10.0.0.1", E::NotCanonical),
            ("::ffff:a00:1", E::NotCanonical),
            ("::10.0.0.1", E::NotCanonical),
            ("2001:DB8::1", E::NotCanonical),
            ("2001:0db8::1", E::NotCanonical),
            ("2001:db8::0:1", E::NotCanonical),
            ("2001:db8::1:1:1:1:1", E::NotCanonical),
            ("::FFFF:10.0.0.1", E::NotCanonical),
        ],
    );
}

#[test]
fn networks_contain_what_their_prefix_covers() {
    for (network, inside, outside) in [
        ("10.0.0.0/8", "10.0.0.0", "9.255.255.255"),
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:11.0.0.1"),
        ("10.0.0.0/8", "10.1.2.3", "::a00:1"),
        ("192.168.0.0/16", "192.168.7.7", "192.169.0.0"),
        ("192.168.1.128/25", "192.168.1.128", "192.168.1.127"),
        ("10.0.0.1/32", "10.0.0.1", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.1", "10.0.0.0"),
        ("0.0.0.0/0", "255.255.255.255", "::1"),
        ("::/0", "::1", "10.0.0.1"),
        ("::/0", "2001:db8::1", "::ffff:10.0.0.1"),
        ("2001:db8::/32", "2001:db8:ffff::", "2001:db9::"),
        ("fe80::/10", "febf::1", "fec0::"),
        ("::1/128", "::1", "::2"),
        ("::1", "::1", "::"),
        ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"),
        ("::ffff:0.0.0.0/96", "10.9.9.9", "::1"),
    ] {
        let parsed = Network::parse(network).unwrap();
        assert!(parsed.contains(parse(inside).unwrap()), "{inside} in {network}");
        assert!(!parsed.contains(parse(outside).unwrap()), "{outside} in {network}");
        assert_eq!(Network::new(parsed.address(), parsed.prefix()), Ok(parsed));
    }
}

#[test]
fn malformed_networks_fail() {
    for (text, reason) in [
        ("", E::NotIp),
        ("10.0.0.0/", E::NotIp),
        ("/8", E::NotIp),
        ("10.0.0.0/08", E::NotIp),
        ("10.0.0.0/+8", E::NotIp),
        ("10.0.0.0/-1", E::NotIp),
        ("10.0.0.0/8 ", E::NotIp),
        ("10.0.0.0/8/8", E::NotIp),
        ("10.0.0.0/255.0.0.0", E::NotIp),
        ("10.0.0.0/256", E::NotIp),
        ("10.0.0/24", E::NotIp),
        ("10.0.0.0/33", E::OutOfRange),
        ("2001:db8::/129", E::OutOfRange),
        ("10.0.0.1/8", E::HostBits),
        ("10.0.0.1/0", E::HostBits),
        ("2001:db8::1/64", E::HostBits),
        ("::ffff:10.0.0.0/90", E::HostBits),
        ("::ffff:10.0.0.1/104", E::HostBits),
        ("2001:DB8::/32", E::NotCanonical),
    ] {
        assert_eq!(Network::parse(text), Err(reason), "{text:?}");
    }
    let mapped = "::ffff:10.0.0.0".parse().unwrap();
    assert_eq!(Network::new(mapped, 128), Err(E::NotCanonical));
}

#[test]
fn mapped_addresses_are_the_addresses_they_map() {
    assert_eq!(parse("::ffff:10.0.0.1"), parse("10.0.0.1"));
    assert_eq!(normal(normalise, "::ffff:10.0.0.1"), normal(normalise, "10.0.0.1"));
    let network = Network::parse("10.0.0.0/8").unwrap();
    assert!(network.contains("::ffff:10.0.0.1".parse().unwrap()));
}
