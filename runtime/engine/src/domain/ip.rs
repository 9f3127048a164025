//! IP addresses and networks.
//!
//! In: any text. Out: an address, an IPv6 address that maps an IPv4 address as that IPv4 address.
//! Invariants: only the canonical spelling is read: four decimal numbers without leading zeros, or RFC 5952 (lower-case, the
//! longest run of zeros shortened, a mapped address with its last part in dots). Everything else fails: octal, hexadecimal,
//! fewer parts, zones, brackets, prefixes on an address.
//! A network is an address, `/` and a prefix length, without bits beyond the prefix; an address alone is the network of
//! itself. A network of mapped addresses is the IPv4 network, and `::/0` holds no IPv4 address.
//! Left out on purpose: addresses that carry another in other ways (6to4, NAT64), which are plain IPv6 addresses here.
//! Source: clauses 3 and 4 of the language; RFC 5952.

use alloc::string::String;
use core::fmt::{self, Write};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{DomainError, fill};

/// How many bits of an IPv6 address come before a mapped IPv4 address.
const MAPPED_PREFIX: u8 = 96;

/// Reads an address in its canonical spelling.
///
/// # Errors
/// [`DomainError::NotIp`], or [`DomainError::NotCanonical`] where the address is valid but spelled otherwise.
pub fn parse(text: &str) -> Result<IpAddr, DomainError> {
    let address: IpAddr = text.parse().map_err(|_| DomainError::NotIp)?;
    let mut rest = Rest(text);
    if write!(rest, "{address}").is_err() || !rest.0.is_empty() {
        return Err(DomainError::NotCanonical);
    }
    Ok(address.to_canonical())
}

/// Writes the normal form of `text` to `out`.
///
/// # Errors
/// Those of [`parse`].
pub fn normalise(text: &str, out: &mut String) -> Result<(), DomainError> {
    fill(out, |out| {
        let address = parse(text)?;
        write!(out, "{address}").map_err(|_| DomainError::NotIp)
    })
}

/// A range of addresses that share a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Makes the network of `address` and `prefix`.
    ///
    /// # Errors
    /// [`DomainError::OutOfRange`] where the prefix is longer than the address, [`DomainError::HostBits`] where the address
    /// has bits beyond it, [`DomainError::NotCanonical`] where the address is a mapped one.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, DomainError> {
        let width = width(address);
        if prefix > width {
            return Err(DomainError::OutOfRange);
        }
        if address != address.to_canonical() {
            return Err(DomainError::NotCanonical);
        }
        let network = Self { address, prefix };
        if bits(address) & !network.mask() != 0 {
            return Err(DomainError::HostBits);
        }
        Ok(network)
    }

    /// Reads a literal such as `10.0.0.0/8`.
    ///
    /// # Errors
    /// Those of [`parse`] and [`Network::new`].
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let Some((address, prefix)) = text.split_once('/') else {
            let address = parse(text)?;
            return Self::new(address, width(address));
        };
        let mut prefix = parse_prefix(prefix)?;
        let mapped = address.contains(':');
        let address = parse(address)?;
        if mapped && address.is_ipv4() {
            prefix = prefix.checked_sub(MAPPED_PREFIX).ok_or(DomainError::HostBits)?;
        }
        Self::new(address, prefix)
    }

    /// The first address of the network.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// How many leading bits its addresses share.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether `address` lies in the network; addresses of the other family never do.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && bits(address) & self.mask() == bits(self.address)
    }

    /// The bits that the prefix covers, aligned as [`bits`] aligns an address.
    fn mask(&self) -> u128 {
        u128::MAX.checked_shl(u32::BITS * 4 - u32::from(self.prefix)).unwrap_or(0)
    }
}

/// The address's bits, the first of them the highest of the 128.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << MAPPED_PREFIX,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn width(address: IpAddr) -> u8 {
    let bits = match address {
        IpAddr::V4(_) => Ipv4Addr::BITS,
        IpAddr::V6(_) => Ipv6Addr::BITS,
    };
    u8::try_from(bits).unwrap_or(u8::MAX)
}

fn parse_prefix(text: &str) -> Result<u8, DomainError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !plain {
        return Err(DomainError::NotIp);
    }
    text.parse().map_err(|_| DomainError::NotIp)
}

/// What is left of a text after everything that was written has matched its beginning.
struct Rest<'a>(&'a str);

impl Write for Rest<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(piece).ok_or(fmt::Error)?;
        Ok(())
    }
}
