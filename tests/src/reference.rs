//! The other side.
#[derive(Debug)]
pub struct Elaborated { pub core: String }
pub fn elaborate(text: &str) -> Result<Elaborated, String> { Ok(Elaborated { core: crate::engine::compile(text).map(|c| c.core).map_err(|e| e.join(";"))? }) }
pub fn run(e: &Elaborated, events: &[crate::trace::Event]) -> crate::decided::Story { let _ = e; let _ = events; crate::decided::Story::default() }
