//! Limits: templates, whose parameters and letters are compared.
//!
//! In: a limit of the policy and of the frame. Out: whether they count the same of the same letters and judge the same calls. What the template itself does is
//! proved once.
//! Proof: `Templates.v`, `counter_exact`; `Templates.v`, `ring_exact`; `Templates.v`, `sum_never_undercounts`; `Distinct.v`, `distinct_exact`.
//! Source: `lang-spec/limits.md`; `lang-spec/certificate.md`, [cert.limits].

use leverframe_reference::policy::{Body, Measure, Pattern, Rule};
use leverframe_reference::step::Values;
use leverframe_runtime::frame::{self, Gauge, Test, gauge_class};

use crate::asked::{Value, measured};
use crate::letter::{Question, Site, sites};
use crate::paths::Known;
use crate::{Checked, Checker, as_many, equal, require};

/// What makes bits of a letter's class.
struct Bits {
    bits: u16,
    known: Known,
}

impl<'a> Checker<'a> {
    pub(crate) fn limit(&mut self, rule: &'a Rule, other: &'a frame::Rule, gauge: &Gauge) -> Checked {
        self.report.templates += 1;
        let Body::Limit { measure, window, event, judged } = &rule.body else { return Err("it is no limit".to_owned()) };
        equal("what it counts", &template(measure)?, &gauge.measure)?;
        equal("its window", &window.map(i64::cast_unsigned), &gauge.window_ms)?;
        equal("the number of its classes", &gauge_class::CLASSES, &other.alphabet.classes)?;
        self.overflow(rule, other)?;
        let patterns = [event].into_iter().chain(judged);
        let expected = sites(self.subjects, rule.key, patterns, false);
        as_many("letters that it reads", expected.len(), other.alphabet.sites.len())?;
        for ((at, named), place) in expected.into_iter().zip(&other.alphabet.sites) {
            equal("a letter that it reads", &at, &(place.kind, place.subject))?;
            let mut site = Site::new(self.subjects, at);
            let bits = if matches!(measure, Measure::Identical(_)) {
                identical(&mut site, event)?
            } else {
                counted(&mut site, event, judged.as_ref())?
            };
            let amount = measured(&rule.body).filter(|value| !matches!(value, Value::Whole) && !site.is_unknown());
            equal("what it measures", &amount.map(|value| site.value(value)).transpose()?, &place.measure)?;
            let asks = bits.iter().map(|bits| bits.known.clone()).collect();
            for (class, answers) in self.at_site(&site, place, named, &other.alphabet, asks)? {
                let wanted =
                    bits.iter().zip(&answers).filter(|(_, answer)| **answer == Some(true)).fold(0, |class, (bits, _)| class | bits.bits);
                require(class == wanted, || {
                    format!("letters of {at:?} are counted or judged as {class} in the frame and {wanted} in the policy")
                })?;
            }
        }
        Ok(())
    }
}

fn template(measure: &Measure) -> Checked<frame::Measure> {
    let most = |count: &u64| u32::try_from(*count).map_err(|_| "it counts too far".to_owned());
    Ok(match measure {
        Measure::Count(count) | Measure::Identical(count) => frame::Measure::Count { most: most(count)? },
        Measure::Distinct(count, _, _) => frame::Measure::Distinct { most: most(count)? },
        Measure::Sum(most, _) => frame::Measure::Sum { most: i64::try_from(*most).map_err(|_| "it sums too far".to_owned())? },
    })
}

/// The value of a letter is all of it, so that it is always there.
fn identical<'a>(site: &mut Site<'a>, event: &'a Pattern) -> Checked<Vec<Bits>> {
    let mut cubes = site.cubes(Question { pattern: event, doubt: true, of: None })?;
    let whole = site.value(Value::Whole)?;
    let binding = site.binding(vec![whole])?;
    cubes.iter_mut().for_each(|cube| cube.push(Test::Binds { binding }));
    Ok(vec![Bits { bits: gauge_class::COUNTS | gauge_class::JUDGED, known: Known::of(cubes) }])
}

fn counted<'a>(site: &mut Site<'a>, event: &'a Pattern, judged: Option<&'a Pattern>) -> Checked<Vec<Bits>> {
    let (counts, judges, refuses) = (gauge_class::COUNTS, gauge_class::JUDGED, gauge_class::REFUSED);
    let questions = match judged {
        None => vec![(counts | judges, event, Values::Bound), (refuses, event, Values::Lacking)],
        Some(judged) => vec![
            (counts, event, Values::Bound),
            (refuses, judged, Values::Lacking),
            (judges, judged, Values::Bound),
            (refuses, event, Values::Broken),
        ],
    };
    let bits = |(bits, pattern, of)| Ok(Bits { bits, known: Known::of(site.cubes(Question { pattern, doubt: true, of: Some(of) })?) });
    questions.into_iter().map(bits).collect()
}
