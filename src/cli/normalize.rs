//! `portstatus normalize`: writes what was made of the inputs as one table, for warehouses and other engines.

use serde_json::json;

use crate::classify::record_file;
use crate::cli::args::NormalizeArgs;
use crate::cli::exit::{code_of, rejected_line};
use crate::cli::progress::Bar;
use crate::cli::terminal::plain;
use crate::cli::{options, terminal};
use crate::deliver::{Delivery, RunFiles, name, standard};
use crate::domain::text::counted;
use crate::error::Result;
use crate::job::context::ClassificationContext;
use crate::job::load::{input_files, read_record};
use crate::job::stages::StageTimer;

/// Reads the inputs and writes the record; returns the exit code, which says whether rows were rejected.
///
/// # Errors
/// Whatever keeps the inputs from being read or the file from being written.
pub fn run(args: &NormalizeArgs, files: &RunFiles) -> Result<u8> {
    let spec = options::load(&args.inputs, &args.read, &args.classification)?;
    let (folder, name) = name::split(&args.out)?;
    let mut delivery = Delivery::new(files, input_files(&spec, None));
    let mut staged = delivery.stage(&folder, &name)?;
    let bar = Bar::new(!args.messages.quiet);
    let orders = read_record(&spec, &ClassificationContext::read(&spec)?, &mut StageTimer::start(&bar))?;
    record_file::write(&orders.frame, &mut staged.writer).map_err(|error| staged.writer.cause(error))?;
    let file = staged.finish()?;
    let bytes = file.bytes;
    delivery.publish(vec![file], None, None)?;
    let (rows, rejected) = (orders.frame.height() as u64, orders.rejected_rows());
    let last = rejected_line(rejected, orders.read, args.rejects_ok);
    let place = args.out.display().to_string();
    if args.messages.json {
        let told = json!({
            "schema": 1, "file": place, "rows": rows, "bytes": bytes, "read": orders.read, "rejected": rejected,
            "superseded": orders.superseded.len(),
        });
        standard::print(&format!("{told}\n"))?;
    } else if args.messages.quiet {
        terminal::eprint(if args.rejects_ok { "" } else { &last });
    } else {
        standard::print(&format!("Wrote {}: {}\n{last}", plain(&place), counted(rows, "row")))?;
    }
    Ok(code_of(rejected, args.rejects_ok))
}
