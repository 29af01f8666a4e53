//! Any bytes give a data set or an error, independent of how they are cut.

mod common;

use common::{read_with, rows};
use proptest::prelude::*;
use tastespace_data::{FeaturesOptions, FeaturesReader, ItemsOptions, ItemsReader, NamesReader};

/// Bytes: random ones, or sequences of typical tokens of files.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        &b"user"[..],
        b"item",
        b"rating",
        b"time",
        b",",
        b",",
        b",",
        b"\n",
        b"\n",
        b"\n",
        b"\r\n",
        b"\"",
        b"\"",
        b"\"\"",
        b"::",
        b"\t",
        b";",
        b"|",
        b" ",
        b"1",
        b"2",
        b"4.5",
        b"-7",
        b"2015-03-04",
        b"\xc3\xa9",
        b"\xc3",
        b"\0",
        b"nan",
        b"\xef\xbb\xbf",
        b"\x1f\x8b",
        b"{\"user\":",
        b",\"item\":",
        b"}\n",
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b"#",
        b"%%MatrixMarket matrix coordinate real general\n",
        b"sep=;\n",
        b"\r",
        b"\xe9",
        b"\xff\xfe",
        b"PK\x03\x04",
        b"13/4/2015",
        b"3/4/2015",
        b"NULL",
        b"99",
    ]);
    let made = prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat());
    prop_oneof![made, prop::collection::vec(any::<u8>(), 0..200)]
}

/// The rows or the error of reading `bytes`, as text.
fn outcome(options: &str, bytes: &[u8], chunk: usize) -> String {
    match read_with(options, bytes, chunk) {
        Ok(data) => format!("{:?} {:?} {}", rows(&data), data.range(), data.duplicates),
        Err(error) => format!("{} {error} {}", error.code(), error.details()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn cuts_do_not_matter(bytes in bytes(), chunk in 1usize..9, options in 0..8usize) {
        let options = [
            "{}",
            r#"{"format":"csv","ratingRange":[0,5]}"#,
            r#"{"format":"lists"}"#,
            r#"{"format":"json-lines"}"#,
            r#"{"format":"json"}"#,
            r#"{"format":"wide","missing":[99]}"#,
            r#"{"format":"blocks","badRows":"skip"}"#,
            r#"{"badRows":"skip","oneUser":"me"}"#,
        ][options];
        prop_assert_eq!(outcome(options, &bytes, chunk), outcome(options, &bytes, usize::MAX));
    }

    #[test]
    fn side_files_are_read_or_refused(bytes in bytes(), chunk in 1usize..9) {
        let mut items = ItemsReader::new(ItemsOptions::default()).unwrap();
        let mut features = FeaturesReader::new(FeaturesOptions::default()).unwrap();
        let mut names = NamesReader::new(FeaturesOptions::default()).unwrap();
        // Each either reads or refuses the file, and does not panic.
        let _ = bytes.chunks(chunk).try_for_each(|bytes| items.append(bytes)).and_then(|()| items.finish());
        let names = bytes.chunks(chunk).try_for_each(|bytes| names.append(bytes)).and_then(|()| names.finish());
        let read = bytes.chunks(chunk).try_for_each(|bytes| features.append(bytes));
        if let Ok(features) = read.and_then(|()| features.finish(names.ok())) {
            prop_assert!((0..features.width() as u32).all(|feature| !features.name(feature).is_empty()));
        }
    }

    #[test]
    fn written_rows_are_read(ids in prop::collection::vec(("[^\r]{1,9}|\0", 0..9u8), 1..20)) {
        // A row with a word for nothing as its id is left out.
        prop_assume!(!ids.iter().any(|(id, _)| id.len() <= 4 && id.starts_with(['N', 'n', '<', '#', '\\'])));
        let quote = |id: &str| format!("\"{}\"", id.replace('"', "\"\""));
        let mut text = String::from("user,item\n");
        let mut expected = Vec::new();
        for (id, item) in &ids {
            text += &format!("{},{item}\n", quote(id));
            expected.retain(|pair| pair != &(id.clone(), item.to_string()));
            expected.push((id.clone(), item.to_string()));
        }
        let data = read_with("{}", text.as_bytes(), 5).unwrap();
        let found: Vec<_> = rows(&data).iter().map(|row| (row.0.to_string(), row.1.to_string())).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn cuts_do_not_matter_past_the_sample() {
    let mut text: String =
        (0..9000).map(|row| format!("{},{},{}\r\n", row % 700, row % 901, row % 5 + 1)).collect();
    for end in ["", "5,\"6\n7\",1", "5,6\n", "5,6,x\n", "\"5,6,1\n", "5,\u{0},1"] {
        let whole = text.len();
        text += end;
        let expected = outcome("{}", text.as_bytes(), usize::MAX);
        for chunk in [1, 13, 65_535, 65_536, 65_537] {
            assert_eq!(outcome("{}", text.as_bytes(), chunk), expected);
        }
        text.truncate(whole);
    }
}
