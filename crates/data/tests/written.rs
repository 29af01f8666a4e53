//! Writers: text in the documented form, which reads back as the same data.

mod common;

use common::read;
use proptest::prelude::*;
use std::sync::Arc;
use tastespace_data::{Interactions, ItemsOptions, ItemsReader, RowBuilder, csv, json_lines};

fn ann_and_bob(item: &str) -> Interactions {
    let mut builder = RowBuilder::new(None);
    builder.push("ann", item, Some(4.5), Some(881_250_949.0)).unwrap();
    builder.push(" bob", "7", Some(3.0), Some(0.25)).unwrap();
    builder.finish()
}

#[test]
fn pieces_make_a_csv_file() {
    let data = ann_and_bob("a,\"b\"");
    let text = [csv::write(&data, 0..1), csv::write(&data, 1..2)].concat();
    let expected = "user,item,rating,timestamp\nann,\"a,\"\"b\"\"\",4.5,881250949\n\" bob\",7,3,0.25\n";
    assert_eq!(String::from_utf8(text).unwrap(), expected);
    assert_eq!(csv::write(&data, 2..2), b"");
}

#[test]
fn pieces_make_a_json_lines_file() {
    let data = ann_and_bob("a\"b\n");
    let text = [json_lines::write(&data, 0..1), json_lines::write(&data, 1..2)].concat();
    let expected = concat!(
        r#"{"user":"ann","item":"a\"b\n","rating":4.5,"timestamp":881250949}"#,
        "\n",
        r#"{"user":" bob","item":"7","rating":3,"timestamp":0.25}"#,
        "\n"
    );
    assert_eq!(String::from_utf8(text).unwrap(), expected);
    assert_eq!(json_lines::write(&data, 2..2), b"");
}

#[test]
fn items_read_back() {
    let items = |bytes: &[u8]| {
        let mut reader = ItemsReader::new(ItemsOptions::default()).unwrap();
        reader.append(bytes).unwrap();
        Arc::new(reader.finish().unwrap())
    };
    let mut data = read("user,item\nann,x\nann,\"y, \"\nann,z\n").unwrap();
    assert_eq!(csv::write_items(&data), b"item,title,genres\nx,,\n\"y, \",,\nz,,\n");
    let text = b"item,title,genres\nx,\"First, the\",War|Comedy\n\"y, \",Second,\nz,,Drama\n";
    data.item_table = Some(items(text));
    let written = csv::write_items(&data);
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(text));
    data.item_table = Some(items(&written));
    assert_eq!(csv::write_items(&data), text);
}

/// Ids and values of a data set. Indices may differ: a dropped duplicate may have been an id's first appearance.
fn content(data: &Interactions) -> (Vec<[&str; 2]>, [Option<Vec<f64>>; 2]) {
    let columns = data.columns();
    let pairs = columns.users.iter().zip(&columns.items);
    let pairs = pairs.map(|(&user, &item)| [data.users.id(user), data.items.id(item)]).collect();
    let ratings =
        columns.ratings.as_ref().map(|ratings| ratings.iter().map(|&rating| rating.into()).collect());
    (pairs, [ratings, columns.times.clone()])
}

proptest! {
    #[test]
    fn written_rows_read_back(
        rows in prop::collection::vec(
            ("(?s).{1,4}|[0-9]|\0[a-z]?", "[;:|\t ,\"\n\r\u{feff}\\\\a]{1,3}", any::<i16>(), -1e9f64..1e9), 1..30),
        rated in any::<bool>(), timed in any::<bool>(),
    ) {
        let mut builder = RowBuilder::new(None);
        for (user, item, rating, time) in &rows {
            let rating = rated.then_some(f32::from(*rating) / 7.0);
            builder.push(user, item, rating, timed.then_some(*time)).unwrap();
        }
        let data = builder.finish();
        for text in [csv::write(&data, 0..data.len()), json_lines::write(&data, 0..data.len())] {
            let read = read(text).unwrap();
            prop_assert_eq!(content(&read), content(&data));
        }
    }
}
