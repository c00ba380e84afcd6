//! Lays a table out on pages: column widths, lines of cells, page breaks. Knows points and glyph widths, but no file format.

pub mod cell_text;
pub mod column_measure;
pub mod column_widths;
pub mod columns;
mod complex_text;
mod face;
pub mod fonts;
pub mod given_fonts;
mod glyph_info;
pub mod pages;
pub mod paragraph;
pub mod row_lines;
pub mod table_rows;
mod units;
pub mod wrap;
