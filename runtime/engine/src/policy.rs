//! A loaded policy: the validated frame and what is derived from it once, so that a decision only follows indices.
//!
//! In: the bytes of a frame. Out: [`Policy`]. Invariants: after [`Policy::load`] nothing of the frame can fail late; every tool knows its rules.
//! Source: contracts section 5.

use alloc::string::String;
use alloc::vec::Vec;

use crate::content::Contents;
use crate::evaluate::Code;
use crate::flat::Cells;
use crate::frame::{
    self, EventId, Frame, FrameError, Invalid, Key, LabelId, PersonaId, Sections, SignatureError, ToolId, TrustedKey, Type,
};
use crate::identity::Identities;
use crate::layout::{Place, Reaches, key_bit, layout, reaches};
use crate::limits;
use crate::permit::Permissions;
use crate::regex::Regex;
use crate::sets;
use crate::state::{KEYS, Shape, Standing, State, States, identity, key_index};
use crate::stored::seals;

/// How strict loading is.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Whether a frame whose policy the checker has not proved is accepted (otherwise `LF0608`).
    pub accept_unproven: bool,
    /// Whether a frame without a certificate of its policy is refused (`LF0610`; `LF0609` where what stands there is none). The certificate is not
    /// checked: that is the verifier's work.
    pub require_certificate: bool,
    /// The keys of which one must have signed the frame: otherwise it is refused (`LF0613` not signed, `LF0614` not signed by one of them, `LF0615` the key
    /// has expired). Where none is given, no signature is asked for and none is looked at. A key that is weak or stands twice refuses every frame (`LF0616`).
    pub keys: Vec<TrustedKey>,
    /// What time it is, in milliseconds of the epoch: needed where a key expires, since the runtime has no clock; without it such a key's signature is refused (`LF0615`).
    pub now_ms: Option<i64>,
    /// The deployment's secret, under which the identities of values are made: without it nobody can look for two values of one identity.
    /// States that hold such identities come back under the same key only.
    pub value_key: [u8; 32],
}

/// Why a frame was not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What they hold is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It is not signed by a key that is trusted.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// It carries no certificate of its policy, and one was asked for.
    #[error("the frame has no certificate of its policy, and one was asked for")]
    NoCertificate,
    /// A regular expression's automaton cannot be read.
    #[error("the frame is not valid: an automaton of a regular expression cannot be read")]
    Regex,
    /// An automaton of a detector cannot be read.
    #[error("the frame is not valid: an automaton of a detector cannot be read")]
    Detector,
    /// The frame is unproven, and unproven frames were not asked for.
    #[error("the frame is unproven: the checker has not proved its policy")]
    Unproven,
    /// A key's state would be larger than [`limits::STATE_BYTES`].
    #[error("a state would take {0} bytes, more than the {max} allowed", max = limits::STATE_BYTES)]
    State(usize),
}

impl LoadError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Frame(error) => error.code(),
            Self::Signature(error) => error.code(),
            Self::NoCertificate => "LF0610",
            Self::Invalid(_) | Self::Regex | Self::Detector => "LF0607",
            Self::Unproven => "LF0608",
            Self::State(_) => "LF0740",
        }
    }
}

/// Bytes of state that the rules of each kind of key take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateBytes {
    /// A session's.
    pub session: usize,
    /// A principal's.
    pub principal: usize,
    /// An agent's.
    pub agent: usize,
    /// A tenant's.
    pub tenant: usize,
}

/// A compiled policy, ready to decide.
#[derive(Debug)]
pub struct Policy {
    pub(crate) frame: Frame,
    pub(crate) regexes: Vec<Regex>,
    pub(crate) reaches: Reaches,
    pub(crate) cells: Cells,
    pub(crate) places: Vec<Place>,
    pub(crate) identities: Identities,
    pub(crate) seals: Vec<[u8; 16]>,
    pub(crate) permissions: Permissions,
    pub(crate) code: Code,
    /// Whether the gateway supplies anything with calls.
    pub(crate) has_context: bool,
    pub(crate) content: Contents,
    shapes: [Shape; 4],
    digest: [u8; 32],
}

impl Policy {
    /// Reads, checks and prepares a frame.
    ///
    /// # Errors
    /// [`LoadError`]: not a frame, corrupt, invalid, or less than the options ask for.
    ///
    /// # Limits
    /// Bounded by the bounds of [`limits`](crate::limits); linear in the frame but for rules with variables, whose sites are each followed through their decision graph.
    pub fn load(bytes: &[u8], options: &LoadOptions) -> Result<Self, LoadError> {
        let sections = Sections::of(bytes)?;
        let digest = sections.digest();
        // Nothing of a policy that nobody trusted has signed is decoded.
        if !options.keys.is_empty() {
            frame::trusted(sections.signature, &digest, &options.keys, options.now_ms)?;
        }
        if options.require_certificate {
            certified(&sections, &digest)?;
        }
        Self::of_frame(sections.frame()?, digest, options)
    }

    fn of_frame(mut frame: Frame, digest: [u8; 32], options: &LoadOptions) -> Result<Self, LoadError> {
        frame::validate(&frame)?;
        if frame.unproven && !options.accept_unproven {
            return Err(LoadError::Unproven);
        }
        sets::sort(&mut frame);
        let regexes = frame.regexes.iter().map(|bytes| Regex::load(bytes)).collect::<Option<Vec<_>>>().ok_or(LoadError::Regex)?;
        let content = Contents::load(&frame).ok_or(LoadError::Detector)?;
        let (places, shapes) = layout(&frame);
        if let Some(shape) = shapes.iter().find(|shape| shape.bytes() > limits::STATE_BYTES) {
            return Err(LoadError::State(shape.bytes()));
        }
        let (reaches, cells) = reaches(&frame, &places);
        let identities = Identities::new(&options.value_key);
        let seals = seals(&frame, &identities);
        let (permissions, code) = (Permissions::of(&frame), Code::of(&frame));
        let has_context = !matches!(frame.types.get(frame.context.index()), Some(Type::Record { fields, .. }) if fields.is_empty());
        Ok(Self { has_context, frame, regexes, reaches, cells, places, identities, seals, permissions, code, content, shapes, digest })
    }

    /// The handle of a persona.
    #[must_use]
    pub fn persona(&self, name: &str) -> Option<PersonaId> {
        position(self.frame.personas.iter().map(|persona| &persona.name), name).map(PersonaId)
    }

    /// The handle of a tool.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<ToolId> {
        let index = self.frame.tools.binary_search_by(|tool| tool.name.as_str().cmp(name)).ok()?;
        u32::try_from(index).ok().map(ToolId)
    }

    /// The handle of a host event.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<EventId> {
        position(self.frame.events.iter().map(|event| &event.name), name).map(EventId)
    }

    /// The handle of a label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<LabelId> {
        position(self.frame.labels.iter(), name).map(LabelId)
    }

    /// The frame.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// SHA-256 of the policy, without its certificate.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether the checker has not proved the policy.
    #[must_use]
    pub fn unproven(&self) -> bool {
        self.frame.unproven
    }

    /// A session without history.
    #[must_use]
    pub fn new_session(&self, name: &str) -> State {
        self.new_state(Key::Session, name)
    }

    /// A key without history; `name` identifies it against a session that remembers who it belongs to.
    #[must_use]
    pub fn new_state(&self, key: Key, name: &str) -> State {
        self.state_of(key, identity(name))
    }

    /// The same by what the name comes to ([`identity`](crate::identity)), for a caller that keeps no names.
    #[must_use]
    pub fn state_of(&self, key: Key, identity: u128) -> State {
        State::new(key, identity, self.shape(key))
    }

    /// Bytes of state by kind of key.
    #[must_use]
    pub fn state_bytes(&self) -> StateBytes {
        StateBytes {
            session: self.shape(Key::Session).bytes(),
            principal: self.shape(Key::Principal).bytes(),
            agent: self.shape(Key::Agent).bytes(),
            tenant: self.shape(Key::Tenant).bytes(),
        }
    }

    /// What the states are to this policy.
    pub(crate) fn standing(&self, states: &States) -> Standing {
        let mut standing = Standing { given: 0, strange: false, stale: false, latest: i64::MIN };
        for key in KEYS {
            if let Some(state) = states.get(key) {
                standing.given |= key_bit(key);
                standing.strange |= !self.fits(key, state);
                standing.stale |= state.has_stale();
                standing.latest = standing.latest.max(state.latest);
            }
        }
        standing
    }

    /// Whether a state was made by this policy for this kind of key.
    pub(crate) fn fits(&self, key: Key, state: &State) -> bool {
        state.key == key && state.fits(self.shape(key))
    }

    fn shape(&self, key: Key) -> Shape {
        self.shapes.get(key_index(key)).copied().unwrap_or_default()
    }
}

/// Whether the frame carries a certificate that says it is of this policy.
fn certified(sections: &Sections<'_>, digest: &[u8; 32]) -> Result<(), LoadError> {
    let certificate = frame::certificate(sections.certificate.ok_or(LoadError::NoCertificate)?)?;
    if certificate.policy == *digest { Ok(()) } else { Err(LoadError::NoCertificate) }
}

fn position<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> Option<u32> {
    names.position(|known| known == name).and_then(|index| u32::try_from(index).ok())
}
