//! A broken statement costs one finding and no neighbour.

use super::TEXTS;
use super::mutation::Random;
use crate::codes::Code;
use crate::cut::{Piece, Words};
use crate::read::{Parsed, parse};
use crate::span::FileId;
use crate::token::tokens;
use crate::tree::DeclKind;

fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

fn codes(text: &str) -> Vec<Code> {
    read(text).diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn two_mistakes_are_two_findings() {
    let text = "language 1\ntool a.b(x int)\ntool c.d()\nforbid f { a.b then }\ngroup g = c.d\n";
    let parsed = read(text);
    let found: Vec<(&str, &str)> = parsed.diagnostics.iter().map(|d| (d.span().text(text), d.message.as_str())).collect();
    assert_eq!(found, [("int", "expected `:`, found `int`"), ("}", "expected a sequence or `[`, found `}`")]);
    assert_eq!(parsed.tree.declarations.len(), 2);
}

#[test]
fn items_of_a_persona_are_neighbours_too() {
    let text = "language 1\npersona p {\n  allow\n  allow a.b when x ==\n  ask c.d by\n  deny e.f\n  otherwise\n}\ntool x()\n";
    let parsed = read(text);
    assert_eq!(parsed.diagnostics.len(), 4, "{:?}", parsed.diagnostics);
    let [persona, tool] = parsed.tree.declarations.as_slice() else { panic!("{:?}", parsed.tree) };
    let DeclKind::Persona(persona) = &persona.kind else { panic!() };
    assert_eq!(persona.items.len(), 1);
    assert!(matches!(tool.kind, DeclKind::Tool(_)));
}

#[test]
fn an_open_brace_costs_its_statement() {
    let text = "language 1\npersona p {\n  allow a.b\n\ntool x()\nforbid f { a.b then c.d\nforbid g { a.b then c.d }\n}\ntool y()\n";
    let parsed = read(text);
    let found: Vec<Code> = parsed.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(found, [Code::LF0004, Code::LF0004, Code::LF0004]);
    assert_eq!(parsed.tree.declarations.len(), 4);
}

#[test]
fn misplaced_statements_say_where_they_belong() {
    assert_eq!(codes("language 1\nallow a.b\n"), [Code::LF0014]);
    assert_eq!(codes("language 1\npersona p {\n  tool x()\n  allow x\n}\n"), [Code::LF0014]);
    assert_eq!(codes("language 1\neveryone { allow x\n on y { otherwise => deny } }\n"), [Code::LF0014, Code::LF0014]);
    assert_eq!(codes("language 1\ntool x()\nlanguage 1\n"), [Code::LF0006]);
    assert_eq!(codes(""), [Code::LF0006]);
    assert_eq!(codes("// nothing\n"), [Code::LF0006]);
    assert_eq!(codes("language 1\nlanguage 1\n"), [Code::LF0006]);
}

#[test]
fn common_mistakes_have_their_codes() {
    let persona = |item: &str| codes(&format!("language 1\npersona p {{\n  {item}\n}}\n"));
    assert_eq!(persona("allow *"), [Code::LF0013]);
    assert_eq!(persona("on crm.* { otherwise => deny }"), [Code::LF0013]);
    assert_eq!(persona("allow a.b when context == 1"), [Code::LF0005]);
    assert_eq!(persona("allow a.b when session == 1"), [Code::LF0005]);
    assert_eq!(persona("allow label"), [Code::LF0005]);
    assert_eq!(persona("allow a.b when x in [1] in [2]"), [Code::LF0009]);
    assert_eq!(persona("allow a.b when (x < 1 == y)"), [Code::LF0009]);
    assert_eq!(persona("on a.b {\n x => allow\n y => deny\n}"), [Code::LF0017]);
    let rule = |body: &str| codes(&format!("language 1\nforbid f {{ {body} }}\n"));
    assert_eq!(rule("a.b and c.d or e.f"), [Code::LF0008]);
    assert_eq!(rule("a.b then c.d or e.f"), [Code::LF0008]);
    assert_eq!(rule("(a.b then c.d and e.f) then g.h"), [Code::LF0008]);
    assert_eq!(rule("a.b then c.d unless e.f"), [Code::LF0012]);
    assert_eq!(rule("a.b then limit then c.d"), [Code::LF0005]);
    assert_eq!(rule("a.* then c.d"), [Code::LF0013]);
    assert_eq!(rule("a.b when x then c.d"), [Code::LF0018]);
    assert_eq!(codes("language 1\nprotocol p { a.b or c.d then e.f }"), [Code::LF0008]);
    assert_eq!(codes("language 1\nlimit 99999999999999999999 a.b per 1h"), [Code::LF0015]);
    assert_eq!(codes("language 1\nconst X = 99999999999999d"), [Code::LF0015]);
    assert_eq!(codes("language 1\nconst X = 5x"), [Code::LF0015]);
    assert_eq!(codes("language 1\nconst X = \"\\ud800\""), [Code::LF0003]);
    assert_eq!(codes("language 1\nconst X = \"a\ntool y()"), [Code::LF0003]);
}

/// Breaks two statements of a good text in their middle, each so that no reading could accept it.
#[test]
fn two_broken_statements_of_any_text_are_two_findings() {
    for (name, text) in TEXTS {
        let all = tokens(FileId(0), text);
        let words = Words::new(&all, text);
        let spans: Vec<_> = words
            .cut()
            .iter()
            .flat_map(|piece| match piece {
                Piece::Statement(stretch) => vec![*stretch],
                Piece::Block { items, .. } => items.clone(),
                Piece::Stray(_) => vec![],
            })
            .map(|stretch| words.get((stretch.first + stretch.last).div_ceil(2)).unwrap().span)
            .collect();
        let total = read(text).tree.declarations.len();
        for seed in 1..60 {
            let mut random = Random::new(seed);
            let (one, other) = (spans[random.below(spans.len())], spans[random.below(spans.len())]);
            let (one, other) = (one.min(other), one.max(other));
            if one == other {
                continue;
            }
            let (a, b, end) = (one.start as usize, other.start as usize, text.len());
            let broken = format!("{} <= = {} <= = {}", &text[..a], &text[a..b], &text[b..end]);
            let parsed = read(&broken);
            assert_eq!(parsed.diagnostics.len(), 2, "{name} {seed}: {:?}\n{broken}", parsed.diagnostics);
            assert!(parsed.tree.declarations.len() + 2 >= total, "{name} {seed}: a neighbour was lost");
        }
    }
}
