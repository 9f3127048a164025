//! IP addresses and networks.
//!
//! Source: `lang-spec/domain-types.md`, [domain.ip]; RFC 5952.

use std::net::IpAddr;

/// The address in its canonical spelling, a mapped one as the IPv4 address that it maps.
pub(crate) fn normal(text: &str) -> Option<String> {
    address(text).map(|address| address.to_string())
}

/// Reads a canonical spelling only.
fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    (address.to_string() == text).then(|| address.to_canonical())
}

/// Whether an address lies in a network; nothing where either is none.
pub(crate) fn contains(network: &str, text: &str) -> Option<bool> {
    let (first, length) = parse_network(network)?;
    let (one, other) = (bits(first), bits(address(text)?));
    Some(one.len() == other.len() && one.iter().zip(&other).take(length).all(|(a, b)| a == b))
}

/// Whether the text is a network.
pub(crate) fn is_network(text: &str) -> bool {
    parse_network(text).is_some()
}

/// The first address of a network and how many bits its addresses share.
fn parse_network(text: &str) -> Option<(IpAddr, usize)> {
    let Some((written, length)) = text.split_once('/') else {
        let address = address(text)?;
        return Some((address, bits(address).len()));
    };
    let plain = length == "0" || (!length.starts_with('0') && length.bytes().all(|byte| byte.is_ascii_digit()));
    let mut length: usize = plain.then(|| length.parse().ok())??;
    let address = address(written)?;
    if written.contains(':') && address.is_ipv4() {
        // A network of mapped addresses is the IPv4 network behind their first 96 bits.
        length = length.checked_sub(96)?;
    }
    let bits = bits(address);
    (length <= bits.len() && bits.iter().skip(length).all(|bit| !bit)).then_some((address, length))
}

fn bits(address: IpAddr) -> Vec<bool> {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    bytes.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1 == 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_spellings_only() {
        for (text, wanted) in [("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("::ffff:10.0.0.1", "10.0.0.1")] {
            assert_eq!(normal(text).as_deref(), Some(wanted));
        }
        for text in ["10.1", "010.0.0.1", "0:0:0:0:0:0:0:1", "::FFFF:10.0.0.1", "1::0", "10.0.0.1 ", "[::1]", "fe80::1%eth0", "10.0.0.1/8"]
        {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        assert_eq!(contains("10.0.0.0/8", "10.255.0.1"), Some(true));
        assert_eq!(contains("10.0.0.0/8", "11.0.0.0"), Some(false));
        assert_eq!(contains("10.0.0.0/8", "::1"), Some(false));
        assert_eq!(contains("::ffff:10.0.0.0/104", "10.1.2.3"), Some(true));
        assert_eq!(contains("192.0.2.7", "192.0.2.7"), Some(true));
        for text in ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/", "::ffff:10.0.0.0/95"] {
            assert!(!is_network(text), "{text}");
        }
    }
}
