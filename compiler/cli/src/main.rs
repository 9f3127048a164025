//! The `leverframe` binary: hands its arguments to the library and leaves with the exit code that comes back.

use std::process::ExitCode;

fn main() -> ExitCode {
    leverframe_cli::main(std::env::args_os())
}
