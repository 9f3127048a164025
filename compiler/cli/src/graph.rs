//! `leverframe graph`: the automata of a policy's rules, to look at.
//!
//! In: a policy, perhaps the name of one of its rules. Out: a picture, dot text, or the tables as JSON, made of the frame: what is shown is
//! what is enforced. Several rules are one picture, one under the other.
//! Left out: the HTML page, which is not built yet.

use leverframe_compiler::graph;
use leverframe_runtime::frame::{Frame, RuleId};

use crate::exit::{Exit, Failure};
use crate::options::{Graph, GraphFormat};
use crate::output::{Audience, Output, printable};
use crate::policy;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: a policy that cannot be read, a rule that it does not have, a format that is not built.
pub(crate) fn graph(options: &Graph) -> Result<Exit, Failure> {
    if options.format == GraphFormat::Html {
        return Err(Failure::NotBuilt("`graph --format html`"));
    }
    let compiled = policy::compile(&options.file)?;
    let drawing = compiled.sources().drawing();
    compiled.checked.diagnostics.iter().filter(|finding| finding.is_error()).for_each(|finding| drawing.tell(finding));
    let Some(frame) = &compiled.frame else { return Ok(Exit::Findings) };
    let rules = wanted(frame, options.rule.as_deref())?;
    let mut output = Output::new(Audience::Programs);
    match options.format {
        GraphFormat::Json => {
            let pictures: Vec<_> = rules.iter().filter_map(|rule| graph::describe(frame, *rule)).collect();
            output.json(&graph::json(&pictures))?;
        }
        GraphFormat::Dot => rules.iter().filter_map(|rule| graph::dot(frame, *rule)).try_for_each(|text| output.text(&text))?,
        GraphFormat::Svg | GraphFormat::Html => {
            let pictures: Vec<String> = rules.iter().filter_map(|rule| graph::svg(frame, *rule)).collect();
            output.text(&stacked(&pictures))?;
        }
    }
    output.flush()?;
    Ok(Exit::Clean)
}

/// The rule of that name, or all of them.
fn wanted(frame: &Frame, name: Option<&str>) -> Result<Vec<RuleId>, Failure> {
    let all = frame.rules.iter().zip(0..).map(|(rule, id)| (rule.name.as_str(), RuleId(id)));
    let Some(name) = name else { return Ok(all.map(|(_, id)| id).collect()) };
    let found: Vec<RuleId> = all.filter(|(known, _)| *known == name).map(|(_, id)| id).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names: Vec<&str> = frame.rules.iter().map(|rule| rule.name.as_str()).collect();
    let has = if names.is_empty() { "the policy has none".to_owned() } else { format!("the policy has {}", names.join(", ")) };
    Err(Failure::Usage(format!("there is no rule `{}` over histories: {has}", printable(name))))
}

/// One picture of several, one under the other.
fn stacked(pictures: &[String]) -> String {
    if let [one] = pictures {
        return one.clone();
    }
    let (mut width, mut height, mut inside) = (0, 0, String::new());
    for picture in pictures {
        inside.push_str(&picture.replacen("<svg ", &format!("<svg y=\"{height}\" "), 1));
        width = width.max(size(picture, "width"));
        height += size(picture, "height");
    }
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\">\n{inside}</svg>\n")
}

/// The picture's own width or height, in whole pixels.
fn size(picture: &str, attribute: &str) -> u64 {
    let head = picture.lines().next().unwrap_or_default();
    let value = head.split_once(&format!(" {attribute}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    value.and_then(|(value, _)| value.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::stacked;

    #[test]
    fn pictures_stand_one_under_the_other() {
        let a = "<svg xmlns=\"x\" width=\"10\" height=\"20\">\n</svg>\n".to_owned();
        let b = "<svg xmlns=\"x\" width=\"30\" height=\"5\">\n</svg>\n".to_owned();
        assert_eq!(stacked(std::slice::from_ref(&a)), a);
        let both = stacked(&[a, b]);
        assert!(both.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"30\" height=\"25\">"), "{both}");
        assert!(both.contains("<svg y=\"0\" ") && both.contains("<svg y=\"20\" "), "{both}");
    }
}
