//! Writes what the fuzzer begins with: the policy sections and whole frames of small policies, with certificates, and the fixed policy's own section.
//!
//! In: a folder and policies. Out: `load/NAME` and `verify/NAME` in the folder; policies whose frames are not small are passed over.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use leverframe_runtime::frame;
use leverframe_tests::certified::Certified;
use leverframe_tests::engine::{Disk, compile_at};
use leverframe_tests::specimen;

/// Bytes of a frame that is still small.
const SMALL: usize = 6 * 1024;

/// Writes seeds for the fuzzer
#[derive(Parser)]
struct Options {
    /// Where they go
    #[arg(long, value_name = "DIR", required_unless_present = "section")]
    into: Option<PathBuf>,
    /// Writes the policy section of one policy into this file, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with = "into")]
    section: Option<PathBuf>,
    /// Policies
    #[arg(required = true, value_name = "POLICY")]
    policies: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match write(&Options::parse()) {
        Ok(count) => {
            println!("{count} seeds");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(options: &Options) -> std::io::Result<usize> {
    let mut count = 0;
    for path in &options.policies {
        let Ok(compiled) = compile_at(&path.to_string_lossy(), &Disk) else { continue };
        let frame = compiled.policy().frame();
        let section = specimen::section(frame);
        if let Some(file) = &options.section {
            std::fs::write(file, section)?;
            return Ok(1);
        }
        if let Some(into) = options.into.as_ref().filter(|_| section.len() <= SMALL) {
            let name = path.parent().and_then(Path::file_name).unwrap_or_default();
            // One certificate that has a part of every kind, and the true one.
            let invented = specimen::certificate(frame, &compiled.core);
            let whole = frame::write(frame, Some(&invented)).map_err(std::io::Error::other)?;
            seed(&into.join("load").join(name), &section)?;
            seed(&into.join("verify").join(name), &whole)?;
            if let Some(certified) = Certified::of(&path.to_string_lossy(), &Disk, &leverframe_reference::Disk) {
                let mut name = name.to_os_string();
                name.push("-true");
                seed(&into.join("verify").join(name), &certified.bytes())?;
                count += 1;
            }
            count += 2;
        }
    }
    Ok(count)
}

fn seed(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    std::fs::write(file, bytes)
}
