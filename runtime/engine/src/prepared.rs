//! Arguments that were read before their call is decided, perhaps more than once: by a policy in force and one in shadow, or again when a human has answered.
//!
//! In: a tool and its arguments. Out: [`Prepared`], which stands for the arguments in a [`Call`]. Invariant: what was read for another tool or under another
//! policy is not used, but read anew.
//! Source: contracts section 5 ("resolve once, decide by handle").

use crate::Policy;
use crate::arguments::{ArgumentError, Arguments, TokenSink};
use crate::decision::{Call, Scratch};
use crate::extract::{Undeclared, extract};
use crate::frame::ToolId;
use crate::values::{NodeId, Values};

/// Arguments that are read and fit their tool.
pub struct Prepared<'a> {
    source: &'a dyn Arguments,
    policy: [u8; 32],
    tool: ToolId,
    pub(crate) values: Values,
    pub(crate) root: NodeId,
}

impl Arguments for Prepared<'_> {
    fn visit(&self, sink: &mut dyn TokenSink) -> Result<(), ArgumentError> {
        self.source.visit(sink)
    }

    fn json(&self) -> Option<&[u8]> {
        self.source.json()
    }

    fn prepared(&self) -> Option<&Prepared<'_>> {
        Some(self)
    }
}

impl Policy {
    /// Reads the arguments of a call to come; none where the tool is unknown or they do not fit it, so that the call would be denied.
    ///
    /// # Limits
    /// Linear in the arguments. Scans of content still read them when the call is decided.
    #[must_use]
    pub fn prepare<'a>(&self, tool: ToolId, args: &'a dyn Arguments, scratch: &mut Scratch) -> Option<Prepared<'a>> {
        let declared = self.frame.tools.get(tool.index())?;
        let mut values = Values::default();
        let root = extract(&self.frame, declared.args, args, self.undeclared(tool), &mut values, &mut scratch.desk).ok()?;
        Some(Prepared { source: args, policy: *self.digest(), tool, values, root })
    }

    /// What was read of the call's arguments before, if it was read for this tool under this policy.
    #[inline]
    pub(crate) fn prepared<'c>(&self, call: &'c Call<'_>) -> Option<&'c Prepared<'c>> {
        call.args.prepared().filter(|prepared| prepared.tool == call.tool && prepared.policy == *self.digest())
    }

    /// Whether whole calls of the tool are compared.
    pub(crate) fn undeclared(&self, tool: ToolId) -> Undeclared {
        self.reaches.tools.get(tool.index()).map_or(Undeclared::PassOver, |reach| reach.undeclared)
    }
}

/// The values of a call that is read: those that were prepared, or those of the scratch.
pub(crate) fn values<'v>(call: &'v Call<'_>, prepared: bool, read: &'v Values) -> &'v Values {
    let before = if prepared { call.args.prepared() } else { None };
    before.map_or(read, |prepared| &prepared.values)
}
