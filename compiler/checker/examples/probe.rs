use std::time::{Duration, Instant};
struct Disk;
impl leverframe_compiler::modules::Loader for Disk {
    fn load(&self, path: &str) -> Result<String, leverframe_compiler::modules::LoadError> {
        std::fs::read_to_string(path).map_err(|e| leverframe_compiler::modules::LoadError { path: path.to_owned(), reason: e.to_string() })
    }
}
fn main() {
    for path in std::env::args().skip(1) {
        let begin = Instant::now();
        let checked = leverframe_compiler::pipeline::check(&path, &Disk).unwrap();
        for d in &checked.diagnostics { println!("   compiler {} {}", d.code, d.message); }
        let report = leverframe_checker::check::check(&checked, &leverframe_checker::check::Options { timeout: Duration::from_secs(5) });
        println!("{path} {:?}", begin.elapsed());
        for f in &report.findings {
            let text = &checked.sources[0].text;
            let line = text[..f.diagnostic.span().range().start].matches('\n').count() + 1;
            println!("   {} line {line} {:?} {:?} {:?} {} {:?}", f.diagnostic.code, f.persona, f.tool, f.rules, f.diagnostic.message, f.diagnostic.notes);
            for w in &f.witness { println!("        {}", serde_json::to_string(w).unwrap()); }
        }
        for p in &report.proofs { println!("   {p:?}"); }
    }
}
