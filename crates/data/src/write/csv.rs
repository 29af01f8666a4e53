//! Writes a data set as CSV.

use crate::core::interactions::Interactions;
use std::io::Write;
use std::ops::Range;

/// The rows `rows` of `data` as CSV (RFC 4180 with line feeds): user, item and, if present, rating and timestamp in
/// seconds. A header precedes row 0. Reading the text gives the same values, except for ids that stand for a missing value,
/// such as `NULL`.
///
/// # Panics
/// If `rows` exceeds the data.
pub fn write(data: &Interactions, rows: Range<usize>) -> Vec<u8> {
    let columns = data.columns();
    let mut out = Vec::with_capacity(32 * rows.len());
    if rows.start == 0 {
        out.extend(b"user,item");
        out.extend(columns.ratings.as_ref().map_or(&b""[..], |_| b",rating"));
        out.extend(columns.times.as_ref().map_or(&b""[..], |_| b",timestamp"));
        out.push(b'\n');
    }
    for row in rows {
        field(&mut out, data.users.id(columns.users[row]));
        out.push(b',');
        field(&mut out, data.items.id(columns.items[row]));
        // The shortest decimals that parse to the same numbers.
        if let Some(ratings) = &columns.ratings {
            write!(out, ",{}", ratings[row]).expect("memory takes any bytes");
        }
        if let Some(times) = &columns.times {
            write!(out, ",{}", times[row]).expect("memory takes any bytes");
        }
        out.push(b'\n');
    }
    out
}

/// The catalogue of `data` as CSV of item, title and genres separated by `|`. An item without title and genres has a line
/// too. A genre with `|` in its name does not survive.
pub fn write_items(data: &Interactions) -> Vec<u8> {
    let texts = data.item_table.as_ref().map(|table| table.align(&data.items));
    let mut out = b"item,title,genres\n".to_vec();
    for (index, id) in (0..).zip(data.items.iter()) {
        let title = texts.as_ref().and_then(|texts| texts.title(index));
        let genres: Vec<&str> = texts.as_ref().map_or(Vec::new(), |texts| texts.genres(index).collect());
        field(&mut out, id);
        out.push(b',');
        field(&mut out, title.unwrap_or_default());
        out.push(b',');
        field(&mut out, &genres.join("|"));
        out.push(b'\n');
    }
    out
}

/// Writes `text`, quoted if it would not read back otherwise.
fn field(out: &mut Vec<u8>, text: &str) {
    let special = |byte: u8| matches!(byte, b',' | b'"' | b'\r' | b'\n' | 0);
    let trimmed = text.trim_matches([' ', '\t']);
    // A leading byte order mark would be taken for the file's.
    if !text.bytes().any(special) && trimmed.len() == text.len() && !text.starts_with('\u{feff}') {
        out.extend(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}
