//! placeholder
use crate::exit::{Exit, Failure};
use crate::options::Graph;
pub(crate) fn graph(_options: &Graph) -> Result<Exit, Failure> { Err(Failure::NotBuilt("`graph`")) }
