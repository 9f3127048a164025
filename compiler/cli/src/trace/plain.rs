//! Lines that hold nothing unusual, read in one pass.
//!
//! In: text. Out: a [`Line`] that borrows from it, or nothing where the line is not plain: an escape where a name stands, `null`, a member given twice, deep
//! nesting, whatever is wrong. What is not plain is read by `serde_json`, which alone says what a line means; here is only its speed.
//! Invariant: what is read here, `serde_json` reads alike (tested on mutated lines).
//! Source: `lang-spec/traces.md`, [trace.line]; RFC 8259.

mod scan;

use std::borrow::Cow;

use super::line::{Kind, Line, NO_ARGUMENTS, Outcome};
use super::time::Times;
use scan::Scan;

/// The members that a line has had, as bits.
type Seen = u32;

const SESSION: Seen = 1;
const PERSONA: Seen = 1 << 1;
const TOOL: Seen = 1 << 2;
const ARGS: Seen = 1 << 3;
const AT: Seen = 1 << 4;
const RESULT: Seen = 1 << 5;
const ID: Seen = 1 << 6;
const OF: Seen = 1 << 7;
const EVENT: Seen = 1 << 8;
const PRINCIPAL: Seen = 1 << 9;
const AGENT: Seen = 1 << 10;
const TENANT: Seen = 1 << 11;
const CONTEXT: Seen = 1 << 12;
const APPROVED: Seen = 1 << 13;
const EXPECT: Seen = 1 << 14;
const EXPECT_RULE: Seen = 1 << 15;
const EXPECT_CODE: Seen = 1 << 16;
const AUDIT: Seen = 1 << 17;
/// The members that say of which kind a line is.
const KINDS: Seen = TOOL | OF | EVENT;

/// Reads a plain line into `line`, which says nothing yet. Where it is not plain, `line` is half read.
pub(super) fn read<'a>(text: &'a str, times: &mut Times, line: &mut Line<'a>) -> Option<()> {
    let mut scan = Scan::new(text);
    let mut seen = 0;
    scan.open()?;
    loop {
        let name = scan.key()?;
        let member = member(name, &mut scan, times, line)?;
        if seen & member != 0 {
            return None;
        }
        seen |= member;
        if !scan.more()? {
            break;
        }
    }
    scan.end()?;
    // What means nothing on a line of its kind is read all the same by `serde_json`, to see that it is what it should be.
    let fits = |needed: Seen, may: Seen| seen & needed == needed && seen & !(needed | may) == 0;
    let fits = match seen & KINDS {
        TOOL => fits(TOOL | SESSION | PERSONA | ARGS, !KINDS),
        OF => fits(OF | RESULT, AT | AUDIT),
        EVENT => fits(EVENT | SESSION, ARGS | AT | PRINCIPAL | AGENT | TENANT),
        _ => false,
    };
    line.kind = match seen & KINDS {
        OF => Kind::Result,
        EVENT => Kind::Event,
        _ => Kind::Call,
    };
    if line.kind == Kind::Event && seen & ARGS == 0 {
        line.args = NO_ARGUMENTS;
    }
    fits.then_some(())
}

/// Reads a member's value and says which member it is; no bit stands for one that means nothing.
fn member<'a>(name: &str, scan: &mut Scan<'a>, times: &mut Times, line: &mut Line<'a>) -> Option<Seen> {
    Some(match name {
        "session" => text(&mut line.session, scan, SESSION)?,
        "persona" => text(&mut line.persona, scan, PERSONA)?,
        "tool" => text(&mut line.tool, scan, TOOL)?,
        "args" => {
            line.args = scan.value()?;
            ARGS
        }
        "at" => {
            line.at = Some(times.read(scan.something()?)?);
            AT
        }
        "result" => {
            line.result = Some(outcome(scan)?);
            RESULT
        }
        "id" => name_of(&mut line.id, scan, ID)?,
        "result_of" => text(&mut line.of, scan, OF)?,
        "event" => text(&mut line.event, scan, EVENT)?,
        "principal" => name_of(&mut line.keys.principal, scan, PRINCIPAL)?,
        "agent" => name_of(&mut line.keys.agent, scan, AGENT)?,
        "tenant" => name_of(&mut line.keys.tenant, scan, TENANT)?,
        "context" => raw(&mut line.context, scan.object(), CONTEXT)?,
        "approved" => {
            line.approved = Some(scan.truth()?);
            APPROVED
        }
        "expect" => raw(&mut line.expect.verdict, scan.something(), EXPECT)?,
        "expect_rule" => raw(&mut line.expect.rule, scan.value(), EXPECT_RULE)?,
        "expect_code" => raw(&mut line.expect.code, scan.something(), EXPECT_CODE)?,
        // The other lines of a gateway's log say nothing of a call.
        "audit" => matches!(scan.text()?, "decision" | "result").then_some(AUDIT)?,
        _ => {
            scan.value()?;
            0
        }
    })
}

fn text<'a>(place: &mut Cow<'a, str>, scan: &mut Scan<'a>, member: Seen) -> Option<Seen> {
    *place = Cow::Borrowed(scan.text()?);
    Some(member)
}

fn name_of<'a>(place: &mut Option<Cow<'a, str>>, scan: &mut Scan<'a>, member: Seen) -> Option<Seen> {
    *place = Some(Cow::Borrowed(scan.text()?));
    Some(member)
}

fn raw<'a>(place: &mut Option<&'a str>, value: Option<&'a str>, member: Seen) -> Option<Seen> {
    *place = Some(value?);
    Some(member)
}

/// A result with `ok`, each member once.
fn outcome<'a>(scan: &mut Scan<'a>) -> Option<Outcome<'a>> {
    let (mut ok, mut labels, mut content, mut structured) = (None, None, None, None);
    scan.open()?;
    loop {
        let again = match scan.key()? {
            "ok" => ok.replace(scan.truth()?).is_some(),
            "labels" => labels.replace(list(scan)?).is_some(),
            "content" => content.replace(scan.something()?).is_some(),
            "structured" => structured.replace(scan.something()?).is_some(),
            _ => {
                scan.value()?;
                false
            }
        };
        if again {
            return None;
        }
        if !scan.more()? {
            return Some(Outcome::new(ok?, labels.unwrap_or_default(), content, structured));
        }
    }
}

/// A list of texts.
fn list<'a>(scan: &mut Scan<'a>) -> Option<Vec<Cow<'a, str>>> {
    let mut texts = Vec::new();
    if scan.empty_list()? {
        return Some(texts);
    }
    loop {
        texts.push(Cow::Borrowed(scan.text()?));
        if !scan.more_in_list()? {
            return Some(texts);
        }
    }
}
