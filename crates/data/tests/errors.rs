//! Errors of reading: code, location, column and value.

mod common;

use common::{read, read_with};
use serde_json::{Value, json};
use tastespace_data::DataError;

fn refused(text: impl AsRef<[u8]>) -> DataError {
    read(text).expect_err("it should be refused")
}

/// Checks code and details of reading `text`; `expected` need not name every field.
fn check(text: impl AsRef<[u8]>, code: &str, expected: Value) {
    let error = refused(text);
    assert_eq!(error.code(), code, "{error}");
    let details = error.details();
    assert_eq!(details["file"], "r.csv", "{details}");
    for (key, value) in expected.as_object().expect("an object") {
        assert_eq!(&details[key], value, "{key} in {details}");
        // The message contains the detail too.
        let shown = value.as_str().map_or_else(|| value.to_string(), Into::into);
        assert!(
            !matches!(key.as_str(), "line" | "column" | "value") || error.to_string().contains(&shown),
            "{error}"
        );
    }
}

#[test]
fn no_rows() {
    for text in ["", "\n \r\n\n", "\u{feff}", "\u{feff}\n", "  "] {
        check(text, "data/empty", json!({}));
    }
    check("user,item,rating\n\n", "data/no-rows", json!({}));
}

#[test]
fn missing_columns() {
    check(
        "who,item,rating\na,b,3\n",
        "data/missing-column",
        json!({"line": 1, "wanted": "user", "found": ["who", "item", "rating"]}),
    );
    check("\nfoo,bar,baz\n1,2,3\n", "data/missing-column", json!({"line": 2, "wanted": "user"}));
    check("user,rating\na,3\n", "data/missing-column", json!({"line": 1, "wanted": "item"}));
    let columns = r#"{"file":"r.csv","columns":{"rating":"points"}}"#;
    let error = read_with(columns, b"user,item,stars\na,b,3\n", 3).unwrap_err();
    assert_eq!(error.details()["chosen"], json!("points"));
    assert_eq!(
        error.to_string(),
        "r.csv, line 1: there is no column \"points\" for rating; the columns are user, item, stars; say which it is \
         with the option columns (--columns rating=NAME)"
    );
    let error = refused("who,movie,stars\na,b,3\n").to_string();
    assert!(error.contains("no column has a name for user; the columns are who, movie, stars"), "{error}");
    assert!(error.contains("--columns user=NAME") && error.contains("--one-user ID"), "{error}");
    let error = read_with(r#"{"columns":{"user":"7"}}"#, b"a,b,3\n", 3).unwrap_err();
    assert_eq!((error.code(), &error.details()["found"]), ("data/missing-column", &json!(["1", "2", "3"])));
}

#[test]
fn bad_rows() {
    let rest = "a,b,3\n".repeat(9);
    check(
        format!("{rest}a,b\n"),
        "data/bad-row",
        json!({"line": 10, "found": 2, "expected": 3, "value": "a,b"}),
    );
    check("user,item\na,b\nc,d\ne,f,g\n", "data/bad-row", json!({"line": 4, "found": 3, "header": true}));
    check("1,2,3,4,5\n", "data/bad-row", json!({"line": 1, "found": 5}));
    check("a,b,3\n,b,3\n", "data/bad-row", json!({"line": 2, "column": 1, "wanted": "user"}));
    check(
        "user,movie\na,\"\nb\"\na,\"\"\n",
        "data/bad-row",
        json!({"line": 4, "column": "movie", "wanted": "item"}),
    );
}

#[test]
fn bad_numbers() {
    for value in ["x", "NaN", "inf", "-Infinity", "1e400", "", "3,500", "4 stars"] {
        let text = format!("user;item;stars\na;b;3\na;b;{value}\n");
        check(text, "data/bad-number", json!({"line": 3, "column": "stars", "value": value}));
    }
    check("a\tb\t3\tsoon\n", "data/bad-number", json!({"line": 1, "column": 4, "value": "soon"}));
    check(
        "user,item,date\na,b,2015-02-29\n",
        "data/bad-number",
        json!({"column": "date", "value": "2015-02-29"}),
    );
    let long =
        refused(format!("a,b,\u{7}{}\n", "9x".repeat(500))).details()["value"].as_str().unwrap().to_owned();
    assert!(long.starts_with("\\u{7}9x9x") && long.ends_with('…') && long.len() < 80, "{long}");
}

#[test]
fn ratings_out_of_range() {
    let options = r#"{"file":"r.csv","ratingRange":[1,5]}"#;
    let error = read_with(options, b"a,b,5\na,c,5.5\n", 4).unwrap_err();
    assert_eq!(error.code(), "data/rating-out-of-range");
    assert_eq!(error.details(), json!({"file":"r.csv","line":2,"column":3,"value":5.5,"low":1.0,"high":5.0}));
    assert_eq!(
        error.to_string(),
        "r.csv, line 2, column 3: rating 5.5 is outside the declared range 1 to 5; to leave out such rows, give the \
         option badRows: \"skip\" (--bad-rows skip)"
    );
}

#[test]
fn long_lines_are_refused_before_they_are_held() {
    let mut reader = tastespace_data::Reader::new(Default::default()).unwrap();
    let chunk = [b'x'; 1 << 16];
    let taken = (0..160).find_map(|count| reader.append(&chunk).err().map(|error| (count, error)));
    let (count, error) = taken.expect("10 MB without a line end are refused");
    assert_eq!((count, error.code()), (16, "data/line-too-long"));
    let long = "9".repeat(2 << 20);
    check(format!("\na,b,3\n{long},b,3\n"), "data/line-too-long", json!({"line": 3, "limit": 1 << 20}));
}

#[test]
fn bad_encodings() {
    // Text that is UTF-8 up to a faulty byte.
    let text = b"user,item\na,\xc3\xa9\nb,caf\xe9\n";
    check(text, "data/bad-encoding", json!({"line": 3, "byte": 0xe9, "offset": 20}));
    check(b"\xef\xbb\xbfuser,item\na,\"b\n\xff\"\n", "data/bad-encoding", json!({"line": 3, "offset": 15}));
    check(b"\xff\xfeu\0s\0e\0r\0,\0\0\xd8i\0\n\0", "data/bad-encoding", json!({}));
    let error = read_with(r#"{"encoding":"shift_jis"}"#, b"a,b\n", 9).unwrap_err();
    assert_eq!((error.code(), &error.details()["encoding"]), ("config/out-of-range", &json!("shift_jis")));
}

#[test]
fn files_without_rows_say_what_they_are() {
    for (start, part) in [
        (&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"[..], "an Excel workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\x9d", "a PNG picture"),
        (b"PAR1\x15\x04\x15\x10\x15\x14\x4c\x15\x02\x15\0\x12", "a Parquet file"),
        (b"<?xml version=\"1.0\"?>\n<rows/>\n", "XML"),
        (b"<!DOCTYPE html>\n<html></html>\n", "an HTML page"),
        (b"{\"user\":{\"0\":19,\"1\":18},\"item\":{\"0\":1,\"1\":4}}", "orient=\"records\""),
        (b"[[1,2,3],[4,5,6]]", "an array of objects"),
        (b"[\"ann\", 7]\n[\"bob\", 8]\n", "an array of objects"),
        (b"%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n", "a dense MatrixMarket file"),
    ] {
        check(start, "data/not-read", json!({}));
        let message = refused(start).to_string();
        assert!(message.contains(part), "{message}");
    }
    let tar = [&b"ratings.csv\0\0"[..], &[0; 244], b"ustar", &[0; 600]].concat();
    check(&tar, "data/not-read", json!({}));
    check(b"PK\x03\x04\x14\0\0\0", "data/bad-zip", json!({}));
    check(b"a,b,3\na,\0,3\n", "data/not-text", json!({"offset": 8}));
    let mut late = b"a,b,3\n".repeat(20_000);
    late.extend(b"a,\0,3\n");
    check(late, "data/not-text", json!({"offset": 120_002}));
    check(vec![0u8; 2 << 20], "data/not-text", json!({"offset": 0}));
}

#[test]
fn no_columns() {
    check("\none\ntwo\n", "data/unrecognised", json!({"line": 2, "value": "one"}));
    let error = read_with(r#"{"format":"tsv"}"#, b"a,b\n", 9).unwrap_err();
    assert_eq!((error.code(), &error.details()["accepted"]), ("data/unrecognised", &json!(["tsv"])));
}

#[test]
fn unclosed_quotes() {
    check(
        "a,b,3\na,\"c,3\na,d,3\n",
        "data/unclosed-quote",
        json!({"line": 2, "value": "a,\"c,3\\na,d,3\\n"}),
    );
    check("\"a,b,3\n", "data/unclosed-quote", json!({"line": 1}));
}

#[test]
fn wrong_json_lines() {
    let first = "{\"user\":1,\"item\":2,\"rating\":3}\n";
    for (line, code, part) in [
        ("{\"user\":1,", "data/bad-json", "EOF"),
        ("[1,2,3]", "data/bad-json", "expected an object"),
        ("{\"user\":{\"id\":1},\"item\":2,\"rating\":3}", "data/bad-row", "user id is empty"),
        ("{\"user\":1,\"rating\":3}", "data/bad-row", "item id is empty"),
        ("{\"user\":1,\"item\":2}", "data/bad-number", "\"rating\""),
        ("{\"user\":1,\"item\":2,\"rating\":\"x\"}", "data/bad-number", "\"x\""),
    ] {
        let text = format!("{first}{line}\n");
        check(&text, code, json!({"line": 2}));
        let message = refused(&text).to_string();
        assert!(message.contains(part), "{message}");
    }
    check("{\"user\":1}\n", "data/missing-column", json!({"wanted": "item", "found": ["user"]}));
}

#[test]
fn damaged_gzip_files() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    std::io::Write::write_all(&mut encoder, &b"a,b,3\n".repeat(5000)).unwrap();
    let packed = encoder.finish().unwrap();
    let mut broken = packed.clone();
    // The first block is of a kind that does not exist.
    broken[10] = 0xff;
    let mut summed = packed.clone();
    let at = summed.len() - 6;
    summed[at] ^= 1;
    for (bytes, part) in [
        (&packed[..packed.len() / 2], "it ends too early"),
        (&packed[..packed.len() - 3], "it ends too early"),
        (&broken, "corrupt deflate stream"),
        (&summed, "checksum"),
    ] {
        for chunk in [1, 1000] {
            let error = read_with(r#"{"file":"r.csv"}"#, bytes, chunk).unwrap_err();
            assert_eq!(error.code(), "data/bad-gzip", "{error}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }
    assert_eq!(refused(b"\x1f").code(), "data/unrecognised");
}

#[test]
fn lists_have_no_columns() {
    let error = read_with(r#"{"columns":{"user":"1"}}"#, b"2 7 5\n1 8\n", 9).unwrap_err();
    assert_eq!((error.code(), &error.details()["key"]), ("config/conflict", &json!("columns")));
}

#[test]
fn bad_options() {
    for (options, code, key, value) in [
        (r#"{"ratingRange":[5,1]}"#, "config/wrong-type", "ratingRange", json!([5, 1])),
        (r#"{"ratingRange":[1,1e300]}"#, "config/wrong-type", "ratingRange", json!([1, 1e300])),
        (r#"{"ratingRange":[1]}"#, "config/wrong-type", "ratingRange", json!([1])),
        (r#"{"format":"xml"}"#, "config/out-of-range", "format", json!("xml")),
        (r#"{"colums":{"user":"a"}}"#, "config/unknown-key", "colums", Value::Null),
        (r#"{"columns":{"usr":"a"}}"#, "config/wrong-type", "columns", json!({"usr": "a"})),
        ("[]", "config/wrong-type", "", json!("[]")),
    ] {
        let error = read_with(options, b"", 1).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        let details = error.details();
        assert_eq!((details["key"].as_str().unwrap_or(""), &details["value"]), (key, &value), "{error}");
    }
    let error = read_with(r#"{"format":"xml"}"#, b"", 1).unwrap_err().to_string();
    assert!(error.contains("double-colon") && error.contains("xml"), "{error}");
    assert!(read_with(r#"{"format":null,"ratingRange":null}"#, b"a,b,3\n", 9).is_ok());
}

#[test]
fn a_column_by_number_is_one_of_the_header() {
    let options = r#"{"columns":{"user":"1","item":"2","rating":"3"}}"#;
    let error = read_with(options, b"movieId,title\ne,genres\n1,x,red\n2,y,blue\n", usize::MAX).unwrap_err();
    assert_eq!(error.code(), "data/missing-column");
}
