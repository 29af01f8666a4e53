//! Writes a data set as JSON lines.

use crate::core::interactions::Interactions;
use std::io::Write;
use std::ops::Range;

/// The rows `rows` of `data` as JSON lines: an object per row with user and item as strings and, if present, rating and
/// timestamp in seconds as numbers. Reading the text gives the same values.
///
/// # Panics
/// If `rows` exceeds the data.
pub fn write(data: &Interactions, rows: Range<usize>) -> Vec<u8> {
    let columns = data.columns();
    let mut out = Vec::with_capacity(64 * rows.len());
    for row in rows {
        out.extend(br#"{"user":"#);
        text(&mut out, data.users.id(columns.users[row]));
        out.extend(br#","item":"#);
        text(&mut out, data.items.id(columns.items[row]));
        // The shortest decimals that parse to the same numbers, which are finite.
        if let Some(ratings) = &columns.ratings {
            write!(out, r#","rating":{}"#, ratings[row]).expect("memory takes any bytes");
        }
        if let Some(times) = &columns.times {
            write!(out, r#","timestamp":{}"#, times[row]).expect("memory takes any bytes");
        }
        out.extend(b"}\n");
    }
    out
}

fn text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("memory takes any text");
}
