//! The text of personas, of `everyone`, and of what stands at the head of a rule.
//!
//! In: a persona's or a rule's parts. Out: their forms, a member and an arm on a line of its own.
//! Source: `lang-spec/core-form.md`, [core.file] and [core.rule].

use std::fmt::{self, Write};

use super::{Printer, Quoted};
use crate::core::{Action, Answer, Key, Member, Persona, Rule, Scope, ToolRules, Verdict};

impl Printer<'_> {
    pub(super) fn everyone(&mut self, tools: &[ToolRules]) -> fmt::Result {
        if tools.is_empty() {
            return Ok(());
        }
        self.raw("(everyone")?;
        self.tools(tools)?;
        self.raw(")\n")
    }

    pub(super) fn persona(&mut self, persona: &Persona) -> fmt::Result {
        write!(self.out, "(persona {} (otherwise ", Quoted(&persona.name))?;
        match &persona.otherwise {
            None => self.raw("none")?,
            Some(answer) => {
                write!(self.out, "{} {}", verdict_name(answer.verdict), Quoted(&answer.name))?;
                self.who_and_why(answer.who.as_deref(), answer.why.as_deref())?;
            }
        }
        self.raw(")")?;
        self.tools(&persona.tools)?;
        self.raw(")\n")
    }

    fn tools(&mut self, tools: &[ToolRules]) -> fmt::Result {
        for rules in tools {
            self.raw("\n  (tool ")?;
            self.tool_name(rules.tool)?;
            for member in &rules.members {
                self.member(member)?;
            }
            self.raw(")")?;
        }
        Ok(())
    }

    fn member(&mut self, member: &Member) -> fmt::Result {
        match member {
            Member::Rule(answer) => {
                write!(self.out, "\n    ({} ", verdict_name(answer.verdict))?;
                self.answer(answer)
            }
            Member::On(arms) => {
                self.raw("\n    (on")?;
                for arm in arms {
                    write!(self.out, "\n      (arm {} ", verdict_name(arm.verdict))?;
                    self.answer(arm)?;
                }
                self.raw(")")
            }
        }
    }

    /// The name, the condition and what follows, up to the closing parenthesis.
    fn answer(&mut self, answer: &Answer) -> fmt::Result {
        write!(self.out, "{} ", Quoted(&answer.name))?;
        self.cond(&answer.cond)?;
        self.who_and_why(answer.who.as_deref(), answer.why.as_deref())?;
        self.raw(")")
    }

    fn who_and_why(&mut self, who: Option<&str>, why: Option<&str>) -> fmt::Result {
        if let Some(who) = who {
            write!(self.out, " (who {})", Quoted(who))?;
        }
        if let Some(why) = why {
            write!(self.out, " (why {})", Quoted(why))?;
        }
        Ok(())
    }

    /// Key, scope, action and reason of a rule.
    pub(super) fn rule_head(&mut self, rule: &Rule) -> fmt::Result {
        write!(self.out, "(key {}) ", key_name(rule.key))?;
        self.scope(&rule.scope)?;
        self.raw(" (action ")?;
        match &rule.action {
            Action::Deny => self.raw("deny")?,
            Action::Ask(who) => {
                self.raw("ask")?;
                self.who_and_why(who.as_deref(), None)?;
            }
            Action::EndSession => self.raw("end_session")?,
            Action::Observe => self.raw("observe")?,
        }
        self.raw(")")?;
        self.who_and_why(None, rule.why.as_deref())?;
        self.capacity(rule)
    }

    pub(super) fn scope(&mut self, scope: &Scope) -> fmt::Result {
        match scope {
            Scope::All => self.raw("(scope all)"),
            Scope::Personas(ids) => self.list("scope", ids, |printer, id| printer.persona_name(*id)),
        }
    }

    pub(super) fn key(&mut self, key: Key) -> fmt::Result {
        self.raw(key_name(key))
    }

    pub(super) fn capacity(&mut self, rule: &Rule) -> fmt::Result {
        rule.capacity.map_or(Ok(()), |capacity| write!(self.out, " (capacity {capacity})"))
    }
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}

fn key_name(key: Key) -> &'static str {
    match key {
        Key::Session => "session",
        Key::Principal => "principal",
        Key::Agent => "agent",
        Key::Tenant => "tenant",
    }
}
