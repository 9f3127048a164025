//! The reasons why a text has no normal form.
//!
//! In: nothing. Out: one data-only enumeration for all domain types, so that a caller can name the reason without knowing
//! which type failed. The texts complete a sentence that begins with the value.

/// Why a text is not a value of its domain type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DomainError {
    /// There is nothing where something must stand.
    #[error("is empty or has an empty part")]
    Empty,
    /// Longer than the bound of its type.
    #[error("is longer than the bound of its type")]
    TooLong,
    /// A path that does not begin at the root.
    #[error("does not begin with `/`")]
    RelativePath,
    /// `..` where the root has been reached.
    #[error("climbs above the root")]
    AboveRoot,
    /// A control character; in a path only NUL.
    #[error("holds a control character")]
    ControlCharacter,
    /// White space, of any script.
    #[error("holds white space")]
    WhiteSpace,
    /// A character in a host that nobody sees and that mapping removes.
    #[error("holds an invisible character")]
    InvisibleCharacter,
    /// A backslash, which some parsers read as a slash.
    #[error("holds a backslash")]
    Backslash,
    /// A character written as `%XX` where it must stand plainly.
    #[error("holds a percent-encoded character")]
    PercentEncoded,
    /// `.` or `..` beside an encoded slash, which some servers resolve.
    #[error("holds `.` or `..` beside an encoded slash")]
    EncodedDotSegment,
    /// A user name or password before the host.
    #[error("carries user information")]
    UserInfo,
    /// A scheme other than those with a host and a default port.
    #[error("has a scheme other than http, https, ws, wss and ftp")]
    Scheme,
    /// A spelling that is accepted by some parsers only.
    #[error("is not spelled canonically")]
    NotCanonical,
    /// A host that is neither a domain name nor an address.
    #[error("has no valid host")]
    Host,
    /// A port that is not a plain decimal number of 16 bits.
    #[error("has no valid port")]
    Port,
    /// Not a URL at all.
    #[error("is not an absolute URL")]
    NotUrl,
    /// Not one plain e-mail address.
    #[error("is not one plain e-mail address")]
    NotEmail,
    /// Not an IP address or network.
    #[error("is not an IP address or network")]
    NotIp,
    /// A network whose address has bits beyond its prefix.
    #[error("has address bits beyond its prefix")]
    HostBits,
    /// Not an RFC 3339 timestamp.
    #[error("is not an RFC 3339 timestamp with an offset")]
    NotTimestamp,
    /// A date or time of day that does not exist.
    #[error("names a date or time that does not exist")]
    NoSuchTime,
    /// A leap second, which has no place in a count of milliseconds.
    #[error("is a leap second")]
    LeapSecond,
    /// Not a duration.
    #[error("is not a duration")]
    NotDuration,
    /// Not a JSON number.
    #[error("is not a JSON number")]
    NotNumber,
    /// A number with a fraction where an integer is needed.
    #[error("is not an integer")]
    NotInteger,
    /// Beyond 64 bits, or beyond the bound on digits or exponent.
    #[error("is out of range")]
    OutOfRange,
}
