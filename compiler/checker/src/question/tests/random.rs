//! Conditions by chance: every example is admitted by the engine, and of what is impossible no call of a large pool is admitted.

use super::*;

/// A small generator; the same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const TEXTS: [&str; 9] = ["a", "ab", "aba", "b", "acme.example", "https://acme.example/", "/srv/data", "10.0.0.1", "x@acme.example"];
const ORDER: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

fn text_predicate(dice: &mut Dice, term: &str) -> String {
    let text = dice.one(&TEXTS);
    match dice.roll(8) {
        0 => format!("{term} == \"{text}\""),
        1 => format!("{term} != \"{text}\""),
        2 => format!("{term} starts_with \"{text}\""),
        3 => format!("{term} ends_with \"{text}\""),
        4 => format!("{term} contains \"{text}\""),
        5 => format!("{term} like \"a*{text}\""),
        6 => format!("{term} matches r\"[ab]{{{},3}}\"", dice.roll(3)),
        _ => format!("{term} in [\"{text}\", \"{}\"]", dice.one(&TEXTS)),
    }
}

fn part(dice: &mut Dice) -> String {
    let number = dice.roll(8);
    let order = dice.one(&ORDER);
    match dice.roll(24) {
        0..=2 => {
            let term = dice.one(&["s", "z", "lower(s)", "context.home", "lower(z)"]);
            text_predicate(dice, term)
        }
        3 => format!("s {} z", dice.one(&["==", "!="])),
        4 => format!("n {order} {number}"),
        5 => format!("n * 2 + k {order} {number}"),
        6 => format!("r {order} {number}.5"),
        7 => format!("e {} \"{}\"", dice.one(&["==", "!="]), dice.one(&["dev", "prod", "dr"])),
        8 => format!("email({}).domain {} \"acme.example\"", dice.one(&["to", "s", "cc"]), dice.one(&["==", "!=", "under"])),
        9 => format!("url({}).host {} \"acme.example\"", dice.one(&["u", "s"]), dice.one(&["==", "!=", "under"])),
        10 => format!("url({}).port {order} 443", dice.one(&["u", "s"])),
        11 => format!("path({}) under \"{}\"", dice.one(&["p", "s"]), dice.one(&["/srv", "/srv/data", "/"])),
        12 => format!("{} in \"{}\"", dice.one(&["a", "ip(s)"]), dice.one(&["10.0.0.0/8", "10.0.0.0/9", "::/0"])),
        13 => format!("hour(at) {order} {number}"),
        14 => "b".to_owned(),
        15 => "o is present".to_owned(),
        16 => format!("o is present and {}", text_predicate(dice, "o")),
        17 => format!("{} x in xs : (x {order} {})", dice.one(&["all", "some"]), number.min(5)),
        18 => format!("{} x in many : (email(x).domain {} \"acme.example\")", dice.one(&["all", "some"]), dice.one(&["==", "!="])),
        19 => format!(
            "{} i in items : (i.qty {order} {number} and {} t in i.tags : (t == s))",
            dice.one(&["all", "some"]),
            dice.one(&["all", "some"])
        ),
        20 => format!("size({}) {order} {number}", dice.one(&["xs", "ys", "items"])),
        21 => format!("to {} \"@acme.example\"", dice.one(&["ends_with", "contains"])),
        22 => format!("email({}).domain == email({}).domain", dice.one(&["to", "cc"]), dice.one(&["context.me", "s", "cc"])),
        _ => format!("{} y in ys : ({})", dice.one(&["all", "some"]), text_predicate(dice, "y")),
    }
}

fn condition(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth == 0 { 2 } else { 6 }) {
        0 => part(dice),
        1 => format!("not ({})", part(dice)),
        2..=4 => format!("({}) and ({})", condition(dice, depth - 1), condition(dice, depth - 1)),
        _ => format!("({}) or ({})", condition(dice, depth - 1), condition(dice, depth - 1)),
    }
}

/// How the answers were spread.
#[derive(Debug, Default)]
struct Tally {
    possible: usize,
    impossible: usize,
    unknown: usize,
}

#[test]
fn the_engine_agrees() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut tally = Tally::default();
    let mut pool: Vec<Example> = Vec::new();
    let mut never: Vec<(String, World)> = Vec::new();
    for _ in 0..250 {
        let cond = condition(&mut dice, 3);
        let Some(world) = World::new(&cond) else { continue };
        for (answer, holds) in [(world.holds(), true), (world.does_not_hold(), false)] {
            match answer {
                Answer::Possible(example) => {
                    tally.possible += 1;
                    if holds {
                        world.confirm(&cond, &example)
                    } else {
                        world.confirm_not(&cond, &example)
                    }
                    pool.push(*example);
                }
                Answer::Impossible(_) => {
                    tally.impossible += 1;
                    if holds {
                        never.push((cond.clone(), World::new(&cond).unwrap()));
                    }
                }
                Answer::Unknown(reason) => {
                    tally.unknown += 1;
                    eprintln!("unknown: {cond}: {reason}");
                }
            }
        }
    }
    eprintln!("{tally:?}");
    assert!(tally.possible > 200 && tally.impossible > 8, "{tally:?}");
    assert!(tally.unknown * 20 < tally.possible, "{tally:?}");
    // Arguments of different examples, mixed, are letters nobody made for the condition.
    let calls: Vec<Example> = (0..3_000).map(|_| mixed(&mut dice, &pool)).collect();
    for (cond, world) in &never {
        for call in pool.iter().chain(&calls) {
            assert!(!world.decides(call).0, "{cond} is said to be impossible: {call:?}");
        }
    }
}

fn mixed(dice: &mut Dice, pool: &[Example]) -> Example {
    let mut call = pool[dice.roll(pool.len())].clone();
    for _ in 0..3 {
        let other = &pool[dice.roll(pool.len())];
        let keys: Vec<&String> = other.args.keys().collect();
        let key = keys[dice.roll(keys.len())];
        call.args.insert(key.clone(), other.args[key].clone());
        call.context = other.context.clone();
    }
    call
}
