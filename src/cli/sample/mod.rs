//! `portstatus sample`: writes a realistic port-order export of any size. The same rows and seed give the same bytes.

mod accounts;
mod export_format;
mod orders;
mod rng;
mod sample_data;

use std::io::Write;
use std::path::PathBuf;

use crate::error::{Error, Result};
use export_format::ExportFormat;
pub use export_format::Format;
use orders::SampleOrders;

/// Write sample port orders as CSV: Zipf account sizes, local and toll-free numbers, every detailed status, names in
/// many scripts, quotes and line breaks, and about one faulty row in a hundred.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Number of rows
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub rows: u64,
    /// Seed of the random numbers; the same seed gives the same rows
    #[arg(long, value_name = "S", default_value_t = 7)]
    pub seed: u64,
    /// Number of accounts (default: one for every 50 rows)
    #[arg(long, value_name = "N")]
    pub accounts: Option<u32>,
    /// Whose export it looks like
    #[arg(long, value_enum, default_value_t = Format::Generic)]
    pub format: Format,
    /// File to write (default: standard output)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Writes the sample to `out`, which the caller opened as [`Arguments::out`] says.
///
/// # Errors
/// [`Error::input_output`] when `out` refuses the bytes.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<()> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(1 << 16).from_writer(out);
    let mut orders = SampleOrders::new(arguments.rows, arguments.accounts, arguments.seed);
    let shape = ExportFormat::of(arguments.format);
    let written = csv.write_record(shape.headers()).and_then(|()| match arguments.format {
        Format::Accounts => orders.accounts().try_for_each(|account| csv.write_record([&account.id, &account.partner])),
        Format::Generic | Format::Intermedia => {
            let mut cells = csv::StringRecord::new();
            (0..arguments.rows).try_for_each(|_| {
                shape.fill(&orders.next_row(), &mut cells);
                csv.write_record(&cells)
            })
        }
    });
    written.map_err(|error| refused(&error.to_string()))?;
    csv.flush().map_err(|error| refused(&error.to_string()))
}

fn refused(what: &str) -> Error {
    Error::input_output("sample", what.to_lowercase(), "")
}
