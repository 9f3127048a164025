//! A cursor over the text of a plain line.
//!
//! In: text. Out: names, words and values, each a slice of it; nothing where the text is no JSON, or JSON that is not plain.
//! Invariant: no recursion, and no more than [`DEEPEST`] arrays and objects inside one another.
//! Source: RFC 8259, sections 2 to 7.

/// Arrays and objects inside one another; what lies deeper is not plain.
const DEEPEST: u32 = 60;

/// A cursor.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

/// Arrays and objects that are open, the innermost in the lowest bit, below a first bit that marks their end.
#[derive(Clone, Copy)]
struct Open(u64);

impl Open {
    const NOTHING: Self = Self(1);

    fn with(self, object: bool) -> Option<Self> {
        (self.0 >> DEEPEST == 0).then_some(Self(self.0 << 1 | u64::from(object)))
    }

    fn in_object(self) -> bool {
        self.0 & 1 == 1
    }
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The opening of an object that has members.
    pub(super) fn open(&mut self) -> Option<()> {
        self.eat(b'{')
    }

    /// A member's name and the colon behind it.
    pub(super) fn key(&mut self) -> Option<&'a str> {
        let name = self.text()?;
        self.eat(b':')?;
        Some(name)
    }

    /// Whether another member comes, or the object ends.
    pub(super) fn more(&mut self) -> Option<bool> {
        self.either(b',', b'}')
    }

    /// The opening of a list; whether it is closed at once.
    pub(super) fn empty_list(&mut self) -> Option<bool> {
        self.eat(b'[')?;
        let empty = self.next()? == b']';
        self.at += usize::from(empty);
        Some(empty)
    }

    /// Whether another element comes, or the list ends.
    pub(super) fn more_in_list(&mut self) -> Option<bool> {
        self.either(b',', b']')
    }

    /// A text without escapes.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        self.eat(b'"')?;
        let start = self.at;
        self.at += plain_length(self.rest());
        let end = self.at;
        self.here(b'"')?;
        self.text.get(start..end)
    }

    /// Any value, as its text.
    pub(super) fn value(&mut self) -> Option<&'a str> {
        self.next()?;
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at)
    }

    /// Any value but `null`.
    pub(super) fn something(&mut self) -> Option<&'a str> {
        if self.next()? == b'n' { None } else { self.value() }
    }

    /// An object, as its text.
    pub(super) fn object(&mut self) -> Option<&'a str> {
        if self.next()? == b'{' { self.value() } else { None }
    }

    /// `true` or `false`.
    pub(super) fn truth(&mut self) -> Option<bool> {
        let truth = self.next()? == b't';
        self.word(if truth { "true" } else { "false" })?;
        Some(truth)
    }

    /// The end of the text.
    pub(super) fn end(&mut self) -> Option<()> {
        if self.next().is_none() { Some(()) } else { None }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space; the cursor stands on it.
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = self.byte()?;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn eat(&mut self, wanted: u8) -> Option<()> {
        self.next()?;
        self.here(wanted)
    }

    fn here(&mut self, wanted: u8) -> Option<()> {
        (self.byte()? == wanted).then(|| self.at += 1)
    }

    fn either(&mut self, one: u8, other: u8) -> Option<bool> {
        let byte = self.next()?;
        (byte == one || byte == other).then(|| {
            self.at += 1;
            byte == one
        })
    }

    /// Passes over a value.
    fn skip(&mut self) -> Option<()> {
        let mut open = Open::NOTHING;
        loop {
            match self.next()? {
                b'"' => self.skip_text()?,
                b'-' | b'0'..=b'9' => self.skip_number()?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                bracket @ (b'{' | b'[') => {
                    self.at += 1;
                    let object = bracket == b'{';
                    if self.next()? != closing(object) {
                        open = open.with(object)?;
                        self.element(object)?;
                        continue;
                    }
                    self.at += 1;
                }
                _ => return None,
            }
            // What ends with this value: it alone, or containers about it.
            loop {
                if open.0 == Open::NOTHING.0 {
                    return Some(());
                }
                let object = open.in_object();
                if self.either(b',', closing(object))? {
                    self.element(object)?;
                    break;
                }
                open = Open(open.0 >> 1);
            }
        }
    }

    /// What stands before a value of a container: of an object, a name.
    fn element(&mut self, object: bool) -> Option<()> {
        if object {
            self.next()?;
            self.skip_text()?;
            self.eat(b':')?;
        }
        Some(())
    }

    fn skip_text(&mut self) -> Option<()> {
        self.here(b'"')?;
        loop {
            self.at += plain_length(self.rest());
            match self.byte()? {
                b'"' => return self.here(b'"'),
                b'\\' => self.skip_escape()?,
                _ => return None,
            }
        }
    }

    fn skip_escape(&mut self) -> Option<()> {
        let rest = self.rest();
        let length = match rest.get(1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' if rest.get(2..6)?.iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    fn skip_number(&mut self) -> Option<()> {
        if self.byte()? == b'-' {
            self.at += 1;
        }
        match self.byte()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.rest().starts_with(word.as_bytes()).then(|| self.at += word.len())
    }
}

fn closing(object: bool) -> u8 {
    if object { b'}' } else { b']' }
}

/// How many bytes come before a quote, a backslash or a control character; eight bytes are looked at together.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return index * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let marked = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..b' ');
    words.len() * 8 + rest.iter().position(marked).unwrap_or(rest.len())
}

/// The top bit of each byte that is a quote, a backslash or a control character; above the lowest such byte, also of others.
fn marks(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * b' ' as u64) & !word;
    (zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64)) | control) & TOPS
}
