//! The command `rotative`: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    rotative::cli::main()
}
