use super::TEXTS;
use super::mutation::{Random, mutate};
use crate::read::parse;
use crate::span::FileId;
#[test]
fn slowest() {
    let mut all = vec![];
    for (name, text) in TEXTS { for seed in 0..400 { 
        let t = mutate(text, &mut Random::new(seed + 7_000));
        let s = std::time::Instant::now(); let p = parse(FileId(0), &t); all.push((s.elapsed(), name, seed, p.diagnostics.len()));
    } }
    all.sort();
    let total: std::time::Duration = all.iter().map(|a| a.0).sum();
    println!("{total:?} {:?}", &all[all.len() - 8..]);
    let worst = all.last().unwrap();
    let t = mutate(TEXTS.iter().find(|t| t.0 == worst.1).unwrap().1, &mut Random::new(worst.2 + 7000));
    println!("{:?}", parse(FileId(0), &t).diagnostics);
}
