//! Writes numbers of cells as the text a table holds.

/// Numbers from here on have lost digits in a spreadsheet; their text says so with an exponent.
const LOSSY: f64 = 1e15;

/// Whole numbers from here on are not all told apart by a number of single precision.
const LOSSY_SINGLE: f32 = 16_777_216.0;

/// Servers that send six digits of a number of single precision round those from here on.
const ROUNDED_SINGLE: f32 = 1e6;

/// A number of single precision with the digits that tell it from its neighbours, and no more; a large one with an exponent, and
/// so few digits that nobody can take it for the number that was meant.
pub fn write_single(text: &mut String, number: f32) {
    match number.abs() {
        LOSSY_SINGLE.. => push_lossy(text, number),
        _ if number.fract() == 0.0 => write_number(text, f64::from(number)),
        _ => text.push_str(&number.to_string()),
    }
}

/// Writes a number of single precision that a server sends as a text of few digits, as [`write_single`] does; `false` where the
/// text is as good.
pub fn write_rounded_single(text: &mut String, sent: &str) -> bool {
    let large = sent.parse::<f32>().ok().filter(|number| number.is_finite() && number.abs() >= ROUNDED_SINGLE);
    large.map(|number| push_lossy(text, number)).is_some()
}

fn push_lossy(text: &mut String, number: f32) {
    text.push_str(&format!("{number:.4e}").replace('e', "e+"));
}

/// Whole numbers plainly, others with the fifteen digits a spreadsheet shows, so that 0.1 + 0.2 is 0.3.
pub fn write_number(text: &mut String, number: f64) {
    if number.fract() == 0.0 && number.abs() < LOSSY {
        return text.push_str(itoa::Buffer::new().format(number as i64));
    }
    if !number.is_finite() {
        return text.push_str("#NUM!");
    }
    let digits = format!("{number:.14e}");
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    match exponent.parse::<i32>() {
        Ok(exponent) if exponent >= 15 => text.push_str(&format!("{mantissa}e+{exponent}")),
        Ok(exponent) if exponent < -9 => text.push_str(&format!("{mantissa}e{exponent}")),
        _ => text.push_str(&digits.parse::<f64>().unwrap_or(number).to_string()),
    }
}
