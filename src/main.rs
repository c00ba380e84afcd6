//! The portstatus command: hands its arguments to the library and exits with its code.

fn main() -> std::process::ExitCode {
    portstatus::cli::main()
}
