//! Every diagnostic code there is, in one table.
//!
//! In: the table at the end of this file. Out: [`Code`], with the default severity and the page of each code.
//! Invariants: a code without a page in `lang-spec/codes/` does not compile; a code is never used again for something
//! else. To add a code: one line in the table, and its page.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Nothing is built.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($code:ident $severity:ident)*) => {
        /// The stable name of a kind of finding.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $(#[doc = concat!("Its page is `lang-spec/codes/", stringify!($code), ".md`.")] $code,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Code] = &[$(Code::$code),*];

            /// The code as it is printed, `LF0001`.
            pub fn text(self) -> &'static str {
                match self { $(Code::$code => stringify!($code)),* }
            }

            /// What it weighs unless somebody says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Code::$code => Severity::$severity),* }
            }

            /// Its page: meaning, a bad example, a good one; Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$code => include_str!(concat!("../../../lang-spec/codes/", stringify!($code), ".md"))),*
                }
            }
        }
    };
}

impl Code {
    /// The code of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.text() == text)
    }

    /// What the first line of its page says after the code.
    pub fn title(self) -> &'static str {
        let line = self.page().lines().next().unwrap_or_default();
        line.trim_start_matches('#').trim_start().strip_prefix(self.text()).unwrap_or(line).trim()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

codes! {
    // Syntax
    LF0001 Error
    LF0002 Error
    LF0003 Error
    LF0004 Error
    LF0005 Error
    LF0006 Error
    LF0007 Error
    LF0008 Error
    LF0009 Error
    LF0010 Error
    LF0011 Error
    LF0012 Error
    LF0013 Error
    LF0014 Error
    LF0015 Error
    LF0016 Error
    LF0017 Error
    LF0018 Error
    // Names and imports
    LF0101 Error
    LF0102 Error
    LF0103 Error
    LF0104 Error
    LF0105 Error
    LF0106 Error
    LF0107 Error
    LF0108 Error
    LF0109 Error
    LF0110 Error
    LF0111 Error
    LF0112 Error
    LF0113 Error
    LF0114 Error
    LF0115 Error
    LF0116 Error
    LF0117 Error
    LF0118 Error
    LF0119 Error
    LF0120 Error
    LF0121 Error
    LF0122 Error
    LF0123 Error
    LF0124 Error
    LF0125 Error
    LF0126 Error
    LF0127 Error
    // Types and the shape of rules
    LF0201 Error
    LF0202 Error
    LF0203 Error
    LF0204 Error
    LF0205 Error
    LF0206 Error
    LF0207 Error
    LF0208 Error
    LF0209 Error
    LF0210 Error
    LF0211 Error
    LF0212 Error
    LF0213 Error
    LF0214 Error
    LF0215 Error
    LF0216 Error
    LF0217 Error
    LF0220 Error
    LF0230 Error
    LF0231 Error
    LF0232 Error
    LF0233 Error
    LF0234 Error
    LF0235 Error
    LF0236 Error
    LF0237 Error
    LF0238 Error
    LF0239 Error
    LF0240 Error
    LF0241 Error
    LF0242 Error
    LF0243 Error
    LF0244 Error
    LF0245 Error
    LF0246 Error
    LF0247 Error
    LF0248 Error
    LF0249 Error
    LF0250 Error
    LF0251 Error
    LF0252 Error
    LF0253 Error
    LF0254 Error
    LF0255 Error
    // Permissions: what the checker finds
    LF0301 Error
    LF0302 Error
    LF0303 Warning
    LF0304 Warning
    LF0305 Note
    LF0306 Error
    LF0307 Note
    LF0308 Warning
    LF0309 Warning
    LF0310 Error
    // Sessions: what the checker finds
    LF0401 Warning
    LF0402 Error
    LF0403 Error
    LF0404 Warning
    LF0405 Warning
    LF0406 Warning
    LF0407 Error
    LF0408 Warning
    LF0409 Warning
    LF0410 Note
    LF0411 Warning
    // Assertions: what the checker finds
    LF0501 Error
    LF0502 Error
    LF0503 Error
    LF0504 Warning
    // Frames
    LF0601 Error
    LF0602 Error
    LF0603 Error
    LF0604 Error
    LF0605 Error
    LF0606 Error
    LF0607 Error
    LF0608 Error
    LF0609 Error
    LF0610 Error
    LF0611 Error
    LF0612 Error
    LF0613 Error
    LF0614 Error
    LF0615 Error
    LF0616 Error
    // Limits of a file
    LF0701 Error
    LF0702 Error
    LF0703 Error
    LF0704 Error
    LF0705 Error
    LF0706 Error
    // Limits of conditions and rules
    LF0707 Error
    LF0708 Error
    LF0709 Error
    // Bounds of the runtime
    LF0710 Error
    LF0711 Error
    LF0712 Error
    LF0713 Error
    LF0714 Error
    LF0715 Error
    LF0716 Error
    LF0717 Error
    LF0718 Error
    LF0719 Error
    // Limits of catalogs and modules
    LF0720 Error
    LF0721 Error
    LF0722 Error
    LF0740 Error
    LF0741 Error
    // Bounds of the runtime, continued
    LF0742 Error
    LF0743 Error
    LF0744 Error
    LF0745 Error
    LF0746 Error
    LF0747 Error
    LF0748 Error
    LF0749 Error
    LF0750 Error
    LF0751 Error
    LF0752 Error
    LF0753 Error
}
