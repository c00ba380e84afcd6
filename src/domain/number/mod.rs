//! Telephone numbers: every shape an export writes them in becomes E.164, with its number type; lost digits are not guessed.

mod e164;
mod international;
mod mask;
mod parse;
mod pieces;
mod range;
mod several;
mod single;

pub use crate::domain::number::e164::{DefaultNumbering, InvalidNumber, Number, Repair};
pub use crate::domain::number::international::country;
pub use crate::domain::number::mask::{mask, mask_sentence, mask_sentence_but};
pub use crate::domain::number::parse::{meant, parse};
pub use crate::domain::number::range::range;
