//! Typical files in every format.

mod common;

use common::{read, read_with, real_file, rows};
use std::io::Write;
use tastespace_data::{SplitOptions, Summary, split};

#[test]
fn movielens_tabs() {
    let data = read("196\t242\t3\t881250949\n186\t302\t3\t891717742\n22\t377\t1\t878887116\n").unwrap();
    assert_eq!(data.users.iter().collect::<Vec<_>>(), ["22", "186", "196"]);
    assert_eq!(rows(&data)[2], ("22", "377", 1.0, Some(878_887_116.0)));
    assert_eq!(data.range(), (1.0, 3.0));
}

#[test]
fn movielens_double_colons() {
    let data = read("1::1193::5::978300760\r\n1::661::3::978302109\r\n").unwrap();
    assert_eq!(rows(&data)[1], ("1", "661", 3.0, Some(978_302_109.0)));
}

#[test]
fn movielens_header() {
    let data = read("userId,movieId,rating,timestamp\n1,2,3.5,1112486027\n1,29,4.0,1112484676").unwrap();
    assert_eq!(
        rows(&data),
        [("1", "2", 3.5, Some(1_112_486_027.0)), ("1", "29", 4.0, Some(1_112_484_676.0))]
    );
}

#[test]
fn headers_name_columns_in_any_order() {
    for text in [
        "\u{feff}Stars,comment,Product ID,DATE,User-Id\n4,fine,b,1970-01-02,ann\n",
        "\n\nreview_id|stars|asin|timestamp|reviewer\r\n9|4|b|86400|ann\r\n\r\n",
        "rating:float\titem_id:token\tuser_id:token\ttimestamp:float\n4\tb\tann\t86400\n",
        "date item user score\n1970-01-02  b  ann  4\n",
        "uid;iid;value;ts\nann;b;4.0;86400.0\n",
    ] {
        assert_eq!(rows(&read(text).unwrap()), [("ann", "b", 4.0, Some(86_400.0))], "{text}");
    }
}

#[test]
fn two_columns_are_implicit_feedback() {
    for text in ["ann,b\nbob,c\n", "user,item\nann,b\nbob,c\n"] {
        let data = read(text).unwrap();
        assert_eq!(data.columns().ratings, None);
        assert_eq!(rows(&data), [("ann", "b", 1.0, None), ("bob", "c", 1.0, None)]);
    }
}

#[test]
fn quoted_fields() {
    let data = read("user,item,rating\n\"Ann, \"\"A\"\"\",\" b\nb \",\"4\"\n bob , c\"d ,3\n").unwrap();
    assert_eq!(rows(&data), [("Ann, \"A\"", " b\nb ", 4.0, None), ("bob", "c\"d", 3.0, None)]);
}

#[test]
fn columns_are_named_or_numbered_by_option() {
    let text = "who,what,how,rating\nann,b,9,4\n";
    let columns = r#"{"columns":{"user":"who","item":"what","rating":"how"}}"#;
    assert_eq!(rows(&read_with(columns, text.as_bytes(), 7).unwrap()), [("ann", "b", 9.0, None)]);
    let numbers = r#"{"columns":{"user":"6","item":"2"},"format":"spaces"}"#;
    assert_eq!(rows(&read_with(numbers, b"x b 3 4 5 ann", 1).unwrap()), [("ann", "b", 1.0, None)]);
}

#[test]
fn a_declared_range_is_kept() {
    let data = read_with(r#"{"ratingRange":[1,5]}"#, b"a,b,2\na,c,3\n", 1).unwrap();
    assert_eq!(data.range(), (1.0, 5.0));
}

#[test]
fn json_lines() {
    let text = "{\"user_id\": \"ann\", \"item\": 7, \"stars\": 4.5, \"text\": \"fine\", \"date\": \"1970-01-02\"}\n\n\
        {\"stars\": 3, \"date\": 5, \"item\": \"b \\\"c\\\"\", \"user_id\": \"bob\", \"votes\": [1, {}]}\n";
    let expected = [("ann", "7", 4.5, Some(86_400.0)), ("bob", "b \"c\"", 3.0, Some(5.0))];
    assert_eq!(rows(&read(text).unwrap()), expected);
    let columns = r#"{"columns":{"rating":"votes"},"format":"json-lines"}"#;
    let data = read_with(columns, b"{\"user\":1,\"item\":2,\"votes\":3}", 4).unwrap();
    assert_eq!(rows(&data), [("1", "2", 3.0, None)]);
}

#[test]
fn lists_with_counts_are_of_numbered_users() {
    let data = read("2 7 5\n1 7\n0\n3 5 9 7\n").unwrap();
    assert_eq!(data.users.iter().collect::<Vec<_>>(), ["0", "1", "2", "3"]);
    let expected = [("0", "7"), ("0", "5"), ("1", "7"), ("3", "5"), ("3", "9"), ("3", "7")];
    assert_eq!(rows(&data), expected.map(|(user, item)| (user, item, 1.0, None)));
}

#[test]
fn lists_without_counts_begin_with_their_user() {
    let pairs = |text: &str| -> Vec<(String, String)> {
        let data = read(text).unwrap();
        rows(&data).iter().map(|row| (row.0.to_owned(), row.1.to_owned())).collect()
    };
    let expected = [("ann", "7"), ("ann", "5"), ("bob", "7")].map(|(u, i)| (u.to_owned(), i.to_owned()));
    assert_eq!(pairs("ann 7 5\nbob 7\ncleo\n"), expected);
    // Only the last line shows that the first tokens are users, not counts. User 2 has two lines.
    let expected = [("2", "7"), ("2", "5"), ("1", "8"), ("2", "3"), ("2", "4"), ("4", "6")];
    assert_eq!(pairs("2 7 5\n1 8\n2 3 4\n4 6\n"), expected.map(|(u, i)| (u.to_owned(), i.to_owned())));
    // 02 is no count.
    assert_eq!(pairs("02 7 5\n1 8\n")[0].0, "02");
    let forced = read_with(r#"{"format":"lists"}"#, b"x apple pear\ny fig plum\n", 3).unwrap();
    assert_eq!((forced.users.len(), forced.len()), (2, 4));
}

#[test]
fn gzip_is_unpacked() {
    let packed = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    // Several members make one file, as concatenated files and parallel packers write them.
    let bytes = [packed("user,item,rating\nann,b,4\nbo"), packed("b,c,3\n")].concat();
    for chunk in [1, 7, 1000] {
        let data = read_with("{}", &bytes, chunk).unwrap();
        assert_eq!(rows(&data), [("ann", "b", 4.0, None), ("bob", "c", 3.0, None)]);
    }
    let large: String = (0..200_000).map(|row| format!("{row},{},3\n", row % 7)).collect();
    assert_eq!(read_with("{}", &packed(&large), 1 << 16).unwrap().len(), 200_000);
}

#[test]
fn real_files() {
    if let Some(bytes) = real_file("ml-100k/u.data") {
        let data = read(bytes).unwrap();
        assert_eq!((data.users.len(), data.items.len(), data.len()), (943, 1682, 100_000));
        assert_eq!((data.range(), data.duplicates), ((1.0, 5.0), 0));
        assert_eq!(rows(&data)[0], ("196", "242", 3.0, Some(881_250_949.0)));
        assert_eq!((data.users.id(0), data.users.id(942)), ("1", "943"));
    }
    for (name, users, items, len) in [
        ("ml-100k/u1.base", 943, 1650, 80_000),
        ("ml-100k/u1.test", 459, 1410, 20_000),
        ("douban/train.tsv", 2999, 3000, 123_202),
        ("douban/test.tsv", 2882, 2916, 13_689),
    ] {
        if let Some(bytes) = real_file(name) {
            let data = read(bytes).unwrap();
            assert_eq!((data.users.len(), data.items.len(), data.len()), (users, items, len), "{name}");
        }
    }
    if let Some(bytes) = real_file("citeulike-t/users.dat") {
        let data = read(bytes).unwrap();
        assert_eq!((data.users.len(), data.items.len(), data.len()), (7947, 25_584, 134_860));
        assert_eq!((data.duplicates, data.users.id(0), data.users.id(7946)), (0, "0", "7946"));
        assert_eq!(rows(&data)[0], ("0", "193", 1.0, None));
        let options = SplitOptions::from_json(r#""per-user:0.6,0.2,0.2;min=5""#).unwrap();
        let parts = split(&data, &options, None).unwrap();
        let test = Summary::new(parts.test.as_ref().unwrap());
        assert_eq!((test.users, Summary::new(&parts.train).users), (5219, 5219));
    }
}
