//! `portstatus sample`: writes a realistic port-order export of any size. The same rows and seed give the same bytes.

mod accounts;
mod export_format;
mod orders;
mod rng;
mod words;

use std::io::Write;
use std::path::PathBuf;

use crate::error::{Error, Result};
pub use export_format::Format;
use export_format::{GENERIC, INTERMEDIA};
use orders::SampleOrders;

/// Write sample port orders as CSV: Zipf account sizes, local and toll-free numbers, every detailed status, names in
/// many scripts, quotes and line breaks, and about one faulty row in a hundred.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Number of rows
    #[arg(long, value_name = "N", default_value_t = 1000, allow_negative_numbers = true)]
    pub rows: u64,
    /// Seed of the random numbers; the same seed gives the same rows
    #[arg(long, value_name = "S", default_value_t = 7, allow_negative_numbers = true)]
    pub seed: u64,
    /// Number of accounts (default: one for every 50 rows)
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
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
    let orders = SampleOrders::new(arguments.rows, arguments.accounts, arguments.seed)?;
    write(arguments, orders, out).map_err(|error| Error::unwritten("sample", error.into()))
}

fn write(arguments: &Arguments, mut orders: SampleOrders, out: &mut dyn Write) -> csv::Result<()> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(1 << 16).from_writer(out);
    let columns = match arguments.format {
        Format::Generic => GENERIC,
        Format::Intermedia => INTERMEDIA,
        Format::Accounts => {
            csv.write_record(["account_id", "partner"])?;
            orders.accounts().try_for_each(|account| csv.write_record([&account.id, &account.partner]))?;
            return Ok(csv.flush()?);
        }
    };
    csv.write_record(columns.iter().map(|(header, _)| header))?;
    for _ in 0..arguments.rows {
        let row = orders.next_row();
        for (_, cell) in columns {
            csv.write_field(cell(&row).as_ref())?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    Ok(csv.flush()?)
}
