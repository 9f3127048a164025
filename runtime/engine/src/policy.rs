//! A loaded policy: the validated frame and what is derived from it once, so that a decision only follows indices.
//!
//! In: the bytes of a frame. Out: [`Policy`]. Invariants: after [`Policy::load`] nothing of the frame can fail late; every tool knows its rules.
//! Source: contracts section 5.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::content::Contents;
use crate::frame::{
    self, Body, EventId, Frame, FrameError, Gauge, Invalid, Key, LabelId, LetterKind, Measure, PersonaId, RuleId, Target, ToolId, ToolRules,
};
use crate::limits;
use crate::regex::Regex;
use crate::state::{Shape, State, StateError, key_index};

/// How strict loading is.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions {
    /// Whether a frame whose policy the checker has not proved is accepted.
    pub accept_unproven: bool,
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
            Self::Invalid(_) | Self::Regex | Self::Detector => "LF0607",
            Self::Unproven => "LF0608",
            Self::State(_) => "LF0740",
        }
    }
}

/// A rule's entry for one letter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub(crate) rule: RuleId,
    pub(crate) root: Target,
    pub(crate) named: bool,
}

/// Which rules a tool's letters reach.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolTouches {
    pub(crate) call: Vec<Touch>,
    pub(crate) ok: Vec<Touch>,
    pub(crate) failed: Vec<Touch>,
}

/// Where a rule's state lies in its key's state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) control: usize,
    pub(crate) registers: usize,
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
    pub(crate) touches: Vec<ToolTouches>,
    pub(crate) events: Vec<Vec<Touch>>,
    pub(crate) places: Vec<Place>,
    pub(crate) everyone: Vec<Option<usize>>,
    pub(crate) permissions: Vec<Vec<Option<usize>>>,
    pub(crate) content: Contents,
    shapes: [Shape; 4],
    digest: [u8; 32],
}

impl Policy {
    /// Reads, checks and prepares a frame.
    ///
    /// # Errors
    /// [`LoadError`]: not a frame, corrupt, invalid, or unproven where that was not accepted.
    ///
    /// # Limits
    /// Linear in the frame.
    pub fn load(bytes: &[u8], options: &LoadOptions) -> Result<Self, LoadError> {
        let decoded = frame::read(bytes)?;
        Self::prepare(decoded.frame, decoded.digest, options)
    }

    fn prepare(frame: Frame, digest: [u8; 32], options: &LoadOptions) -> Result<Self, LoadError> {
        frame::validate(&frame)?;
        if frame.unproven && !options.accept_unproven {
            return Err(LoadError::Unproven);
        }
        let regexes = frame.regexes.iter().map(|bytes| Regex::load(bytes)).collect::<Option<Vec<_>>>().ok_or(LoadError::Regex)?;
        let content = Contents::load(&frame).ok_or(LoadError::Detector)?;
        let (places, shapes) = layout(&frame)?;
        let (touches, events) = touches(&frame);
        let everyone = by_tool(&frame.everyone, frame.tools.len());
        let permissions = frame.personas.iter().map(|persona| by_tool(&persona.tools, frame.tools.len())).collect();
        Ok(Self { frame, regexes, touches, events, places, everyone, permissions, content, shapes, digest })
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
        State::new(key, name, self.shape(key))
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

    /// A state as bytes that [`Policy::load_state`] reads back.
    ///
    /// # Errors
    /// [`StateError::Decode`] where it cannot be encoded.
    pub fn save_state(&self, state: &State) -> Result<Vec<u8>, StateError> {
        state.to_bytes(self.digest)
    }

    /// A state that [`Policy::save_state`] wrote under the same frame.
    ///
    /// # Errors
    /// [`StateError`]: the bytes are no state, or belong to another frame.
    pub fn load_state(&self, bytes: &[u8]) -> Result<State, StateError> {
        let state = State::from_bytes(bytes, self.digest)?;
        let fits = self.fits(state.key, &state) && self.controls_in_range(&state);
        if fits { Ok(state) } else { Err(StateError::Decode) }
    }

    /// Whether a state was made by this policy for this kind of key.
    pub(crate) fn fits(&self, key: Key, state: &State) -> bool {
        state.key == key && state.fits(self.shape(key))
    }

    fn controls_in_range(&self, state: &State) -> bool {
        self.frame.rules.iter().zip(&self.places).filter(|(rule, _)| rule.key == state.key).all(|(rule, place)| match &rule.body {
            Body::Automaton(automaton) => state.control.get(place.control).is_some_and(|q| u16::from(*q) < automaton.states),
            Body::Gauge(Gauge { measure: Measure::Count { most }, window_ms: Some(_) }) => {
                (0..i64::from(*most)).contains(&state.register(place.registers).max(0))
            }
            Body::Gauge(_) => true,
        })
    }

    fn shape(&self, key: Key) -> Shape {
        self.shapes.get(key_index(key)).copied().unwrap_or_default()
    }
}

fn position<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> Option<u32> {
    names.position(|known| known == name).and_then(|index| u32::try_from(index).ok())
}

fn by_tool(rules: &[ToolRules], tools: usize) -> Vec<Option<usize>> {
    let mut table = vec![None; tools];
    for (index, rule) in rules.iter().enumerate() {
        if let Some(entry) = table.get_mut(rule.tool.index()) {
            *entry = Some(index);
        }
    }
    table
}

fn layout(frame: &Frame) -> Result<(Vec<Place>, [Shape; 4]), LoadError> {
    let mut shapes = [Shape::default(); 4];
    let mut places = Vec::with_capacity(frame.rules.len());
    for rule in &frame.rules {
        let Some(shape) = shapes.get_mut(key_index(rule.key)) else { continue };
        places.push(Place { control: shape.control, registers: shape.registers });
        match &rule.body {
            Body::Automaton(automaton) => {
                shape.control += 1;
                shape.registers += automaton.registers.len();
            }
            Body::Gauge(Gauge { measure: Measure::Count { most }, window_ms: Some(_) }) => shape.registers += 1 + *most as usize,
            Body::Gauge(_) => shape.registers += 1,
        }
        if shape.bytes() > limits::STATE_BYTES {
            return Err(LoadError::State(shape.bytes()));
        }
    }
    Ok((places, shapes))
}

fn touches(frame: &Frame) -> (Vec<ToolTouches>, Vec<Vec<Touch>>) {
    let mut tools = vec![ToolTouches::default(); frame.tools.len()];
    let mut events = vec![Vec::new(); frame.events.len()];
    for (index, rule) in frame.rules.iter().enumerate() {
        let Ok(index) = u32::try_from(index) else { continue };
        for site in &rule.alphabet.sites {
            let touch = Touch { rule: RuleId(index), root: site.root, named: site.named };
            let subject = site.subject as usize;
            let list = match site.kind {
                LetterKind::Event => events.get_mut(subject),
                LetterKind::Call => tools.get_mut(subject).map(|tool| &mut tool.call),
                LetterKind::Ok => tools.get_mut(subject).map(|tool| &mut tool.ok),
                LetterKind::Failed => tools.get_mut(subject).map(|tool| &mut tool.failed),
                LetterKind::Denied => None,
            };
            if let Some(list) = list {
                list.push(touch);
            }
        }
    }
    (tools, events)
}
