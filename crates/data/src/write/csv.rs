//! Writes a data set as CSV.

use crate::core::interactions::Interactions;
use std::io::Write;
use std::ops::Range;

/// The rows `rows` of `data` as CSV (RFC 4180 with line feeds): user, item and, if present, rating and timestamp in
/// seconds. A header precedes row 0. Reading the text gives the same values.
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
    let special = |byte: u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
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

#[cfg(test)]
mod tests {
    use super::*;
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
        builder.push("ann", "a,\"b\"", Some(4.5), Some(881_250_949.0)).unwrap();
        builder.push(" bob", "7", Some(3.0), Some(0.25)).unwrap();
        let data = builder.finish();
        let text = [write(&data, 0..1), write(&data, 1..2)].concat();
        let expected = "user,item,rating,timestamp\nann,\"a,\"\"b\"\"\",4.5,881250949\n\" bob\",7,3,0.25\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
        assert_eq!(write(&data, 2..2), b"");
    }

    #[test]
    fn items_read_back() {
        use crate::{ItemsOptions, ItemsReader};
        use std::sync::Arc;
        let items = |bytes: &[u8]| {
            let mut reader = ItemsReader::new(ItemsOptions::default());
            reader.append(bytes).unwrap();
            Arc::new(reader.finish().unwrap())
        };
        let mut data = read(b"user,item\nann,x\nann,\"y, \"\nann,z\n");
        assert_eq!(write_items(&data), b"item,title,genres\nx,,\n\"y, \",,\nz,,\n");
        let text = b"item,title,genres\nx,\"First, the\",War|Comedy\n\"y, \",Second,\nz,,Drama\n";
        data.item_table = Some(items(text));
        let written = write_items(&data);
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(text));
        data.item_table = Some(items(&written));
        assert_eq!(write_items(&data), text);
    }

    proptest! {
        #[test]
        fn written_rows_read_back(
            rows in prop::collection::vec(("[^\0]{1,4}|[0-9]", "[;:|\t ,\"\n\r\u{feff}a]{1,3}", any::<i16>(), -1e9f64..1e9), 1..30),
            rated in any::<bool>(), timed in any::<bool>(),
        ) {
            let mut builder = RowBuilder::new(None);
            for (user, item, rating, time) in &rows {
                let rating = rated.then_some(f32::from(*rating) / 7.0);
                builder.push(user, item, rating, timed.then_some(*time)).unwrap();
            }
            let data = builder.finish();
            let again = read(&write(&data, 0..data.len()));
            // Numbers of ids may differ where a dropped duplicate held the first appearance; ids and values may not.
            let texts = |data: &Interactions| -> Vec<(String, String)> {
                let id = |ids: &crate::Vocabulary, index: &u32| ids.id(*index).to_owned();
                let columns = data.columns();
                let pairs = columns.users.iter().zip(&columns.items);
                pairs.map(|(user, item)| (id(&data.users, user), id(&data.items, item))).collect()
            };
            prop_assert_eq!(texts(&again), texts(&data));
            prop_assert_eq!(&again.columns().ratings, &data.columns().ratings);
            prop_assert_eq!(&again.columns().times, &data.columns().times);
        }
    }
}
