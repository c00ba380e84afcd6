//! The portstatus command: hands its arguments to the library and exits with its code.

/// Memory that is freed goes back to the system: the system's own allocator keeps what small columns leave behind, up to as
/// much again as the rows take.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    portstatus::cli::main()
}
