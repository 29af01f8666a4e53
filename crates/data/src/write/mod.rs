//! Data sets to text.

pub mod csv;
pub mod json_lines;
