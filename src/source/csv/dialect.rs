//! How a text separates and quotes its fields.

/// How fields are separated and quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields that hold delimiters, quotes or line ends.
    pub quote: u8,
    ends: [bool; 256],
}

impl Dialect {
    /// A dialect; both bytes are ASCII and no line end.
    pub fn new(delimiter: u8, quote: u8) -> Self {
        let mut ends = [false; 256];
        for byte in [delimiter, b'\n', b'\r'] {
            ends[usize::from(byte)] = true;
        }
        Self { delimiter, quote, ends }
    }

    /// Whether this byte ends an unquoted field.
    pub fn ends_field(&self, byte: u8) -> bool {
        self.ends[usize::from(byte)]
    }
}
