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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::csv;
    use crate::{Reader, ReaderOptions, RowBuilder};
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Interactions {
        let mut reader = Reader::new(ReaderOptions::default());
        reader.append(bytes).unwrap();
        reader.finish().unwrap()
    }

    #[test]
    fn pieces_make_a_file() {
        let mut builder = RowBuilder::new(None);
        builder.push("ann", "a\"b\n", Some(4.5), Some(881_250_949.0)).unwrap();
        builder.push(" bob", "7", Some(3.0), Some(0.25)).unwrap();
        let data = builder.finish();
        let text = [write(&data, 0..1), write(&data, 1..2)].concat();
        let expected = concat!(
            r#"{"user":"ann","item":"a\"b\n","rating":4.5,"timestamp":881250949}"#,
            "\n",
            r#"{"user":" bob","item":"7","rating":3,"timestamp":0.25}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(text).unwrap(), expected);
        assert_eq!(write(&data, 2..2), b"");
    }

    proptest! {
        #[test]
        fn written_rows_read_back(
            rows in prop::collection::vec(("[^\0]{1,4}|[0-9]", "[;:|\t ,\"\n\\\\a]{1,3}", any::<i16>(), -1e9f64..1e9), 1..30),
            rated in any::<bool>(), timed in any::<bool>(),
        ) {
            let mut builder = RowBuilder::new(None);
            for (user, item, rating, time) in &rows {
                let rating = rated.then_some(f32::from(*rating) / 7.0);
                builder.push(user, item, rating, timed.then_some(*time)).unwrap();
            }
            let data = builder.finish();
            let again = read(&write(&data, 0..data.len()));
            prop_assert_eq!(csv::write(&again, 0..again.len()), csv::write(&data, 0..data.len()));
        }
    }
}
