//! Layouts that people export, each read like the same rows as CSV.

mod common;

use common::{read, read_with, rows};
use serde_json::json;
use std::io::Write;
use tastespace_data::{DataError, Interactions};

type Rows<'a> = Vec<(&'a str, &'a str, f32, Option<f64>)>;

/// Reads in chunks of several sizes, with the same result.
fn read_in_chunks(options: &str, bytes: &[u8]) -> Result<Interactions, DataError> {
    let whole = read_with(options, bytes, usize::MAX);
    for chunk in [1, 7, 100] {
        let cut = read_with(options, bytes, chunk);
        assert_eq!(cut.as_ref().map(rows).ok(), whole.as_ref().map(rows).ok(), "{chunk}");
        assert_eq!(cut.err(), whole.as_ref().err().cloned());
    }
    whole
}

fn expect(options: &str, text: &str, expected: &Rows) {
    let data = read_in_chunks(options, text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(&rows(&data), expected, "{text}");
}

fn notes(data: &Interactions) -> Vec<&'static str> {
    data.report.as_ref().unwrap().notes.iter().map(|note| note.code).collect()
}

#[test]
fn json_over_lines_or_in_arrays() {
    let expected = vec![("ann", "7", 4.5, Some(86_400.0)), ("bob", "8", 3.0, Some(5.0))];
    for text in [
        r#"[{"user":"ann","item":7,"rating":4.5,"time":86400},{"user":"bob","item":8,"rating":3,"time":5}]"#,
        "[\n  {\n    \"user\": \"ann\",\n    \"item\": 7,\n    \"rating\": 4.5,\n    \"time\": 86400\n  },\n  {\"user\":\"bob\",\"item\":8,\"rating\":3,\"time\":5}\n]\n",
        "{\"user\":\"ann\",\"item\":7,\"rating\":4.5,\"time\":86400}\n{\"user\":\"bob\",\"item\":8,\"rating\":3,\"time\":5}\n",
        "{\n\"user\":\"ann\",\"item\":7,\"rating\":4.5,\"time\":86400\n}\n{\n\"user\":\"bob\",\"item\":8,\"rating\":3,\"time\":5}\n",
        r#"{"page":1,"ratings":[{"user":"ann","item":7,"rating":4.5,"time":86400},{"user":"bob","item":8,"rating":3,"time":5}],"next":null}"#,
    ] {
        expect("{}", text, &expected);
    }
    let nested = r#"[{"user":{"id":"ann"},"show":{"ids":{"trakt":7},"title":"x"},"rating":4},{"rating":3,"show":{"ids":{"trakt":8}},"user":{"id":"bob"}}]"#;
    let columns = r#"{"columns":{"user":"user.id","item":"show.ids.trakt"}}"#;
    expect(columns, nested, &vec![("ann", "7", 4.0, None), ("bob", "8", 3.0, None)]);
    let mongo = r#"[{"userId":{"$oid":"ann"},"item":{"$numberInt":"7"},"rating":4.5,"ts":{"$date":"1970-01-02T00:00:00Z"}}]"#;
    expect("{}", mongo, &vec![("ann", "7", 4.5, Some(86_400.0))]);
    let error = read("[{\"user\":1,\"item\":2},\n{\"user\":1,").unwrap_err();
    assert_eq!((error.code(), &error.details()["line"]), ("data/bad-json", &json!(1)));
    let error = read("[{\"user\":1,\"item\":2},\n{\"user\":1,}]").unwrap_err();
    assert_eq!((error.code(), &error.details()["line"]), ("data/bad-json", &json!(2)));
    // One line longer than a line may be.
    let many: Vec<String> =
        (0..60_000).map(|row| format!("{{\"user\":{row},\"item\":{}}}", row % 7)).collect();
    assert_eq!(read(format!("[{}]", many.join(","))).unwrap().len(), 60_000);
}

#[test]
fn tables_of_other_programs() {
    let expected = vec![("ann", "b c", 4.5, Some(1_400_025_600.0)), ("bob", "d", 3.0, Some(1_400_112_000.0))];
    for text in [
        "sep=;\r\nuser;item;rating;date\r\nann;b c;4,5;14.05.2014\r\nbob;d;3,0;15.05.2014\r\n",
        "user;item;rating;date\nann;b c;4,5;14.05.2014 00:00\nbob;d;3;15.05.2014 00:00\n",
        "user,item,rating,date\nann,b c,\"4,5\",05/14/2014\nbob,d,3,05/15/2014\n",
        "user,item,rating,date\rann,b c,4.5,2014-05-14\rbob,d,3,2014-05-15\r",
        "\"user\" \"item\" \"rating\" \"date\"\n\"1\" \"ann\" \"b c\" 4.5 \"2014-05-14\"\n\"2\" \"bob\" \"d\" 3 \"2014-05-15\"\n",
        "\"\",\"user\",\"item\",\"rating\",\"date\"\n\"1\",\"ann\",\"b c\",4.5,\"2014-05-14\"\n\"2\",\"bob\",\"d\",3,\"2014-05-15\"\n",
        "# exported today\n#\n# user\titem\trating\tdate\nann\tb c\t4.5\t14 May 2014\n# a comment\nbob\td\t3\t15 May 2014\n",
        "User ID,Product ID,Star Rating,Review Date\nann,b c,4.5,2014-05-14\nbob,d,3,2014-05-15\n",
        "user,item,rating,date,\nann,b c,4.5,20140514,\nbob,d,3,20140515,\n",
    ] {
        expect("{}", text, &expected);
    }
    let german = "Benutzer;Artikel;Bewertung;Datum\nann;b c;4,5;14.05.2014\nbob;d;3,0;15.05.2014\n";
    let columns = r#"{"columns":{"user":"Benutzer","item":"artikel","rating":"Bewertung","time":"Datum"}}"#;
    expect(columns, german, &expected);
    assert_eq!(read(german).unwrap_err().code(), "data/missing-column");
}

#[test]
fn blocks_and_matrix_market() {
    let blocks = "1:\n7,3,2005-09-06\n8,4,2005-09-07\n2:\n9,1,2005-09-06\n";
    let day = 1_125_964_800.0;
    let expected =
        vec![("7", "1", 3.0, Some(day)), ("8", "1", 4.0, Some(day + 86_400.0)), ("9", "2", 1.0, Some(day))];
    expect("{}", blocks, &expected);
    let matrix = "%%MatrixMarket matrix coordinate real general\n% a comment\n3 9 2\n3 5 4.5\n1 9 2\n";
    expect("{}", matrix, &vec![("3", "5", 4.5, None), ("1", "9", 2.0, None)]);
    let pattern = "%%MatrixMarket matrix coordinate pattern general\n3 9 1\n3 5\n";
    assert_eq!(read(pattern).unwrap().columns().ratings, None);
    let error = read("%%MatrixMarket matrix coordinate real general\n3 9 3\n3 5 4.5\n1 9 2\n").unwrap_err();
    assert_eq!((error.code(), &error.details()["declared"]), ("data/wrong-row-count", &json!(3)));
}

#[test]
fn matrices() {
    let pivot = "customer,i0,i1,i2,i3,i4\nann,2,3,,1,\nbob,,,5,,4\n";
    let wide = r#"{"format":"wide"}"#;
    let expected = vec![
        ("ann", "i0", 2.0, None),
        ("ann", "i1", 3.0, None),
        ("ann", "i3", 1.0, None),
        ("bob", "i2", 5.0, None),
        ("bob", "i4", 4.0, None),
    ];
    expect(wide, pivot, &expected);
    let error = read(pivot).unwrap_err();
    assert_eq!(error.code(), "data/perhaps-wide");
    assert!(error.to_string().contains("--format wide"), "{error}");
    // Jester: the first column counts the ratings, 99 is none.
    let jester = "2,-6.05,99,99,4.02,99\n3,-7.96,1.5,99,-0.57,99\n";
    let error = read(jester).unwrap_err().to_string();
    assert!(error.contains("--format wide --missing 99") && error.contains("1=2, 2=-6.05"), "{error}");
    let expected = vec![
        ("0", "1", -6.05, None),
        ("0", "4", 4.02, None),
        ("1", "1", -7.96, None),
        ("1", "2", 1.5, None),
        ("1", "4", -0.57, None),
    ];
    expect(r#"{"format":"wide","missing":[99]}"#, jester, &expected);
    let named = "who;318;858\nann;4,5;\nbob;;3\n";
    expect(wide, named, &vec![("ann", "318", 4.5, None), ("bob", "858", 3.0, None)]);
    let plain = vec![
        ("ann", "1", 5.0, None),
        ("ann", "3", 3.0, None),
        ("bob", "2", 2.0, None),
        ("bob", "3", 1.0, None),
    ];
    expect(wide, "ann,5,,3\nbob,,2,1\n", &plain);
    expect(wide, "userId,1,2\nann,5,\nbob,,2\n", &vec![("ann", "1", 5.0, None), ("bob", "2", 2.0, None)]);
    expect(
        r#"{"format":"wide","columns":{"user":"none"}}"#,
        "5,0\n3,1\n",
        &vec![("0", "1", 5.0, None), ("0", "2", 0.0, None), ("1", "1", 3.0, None), ("1", "2", 1.0, None)],
    );
}

#[test]
fn options_without_a_meaning_are_refused() {
    let blocks = "1:\n7,3,2005-09-06\n8,4,2005-09-07\n";
    for (options, text, key) in [
        (r#"{"format":"wide","columns":{"rating":"x"}}"#, "user,a,b\nann,1,2\n", "columns"),
        (r#"{"format":"wide","oneUser":"me"}"#, "user,a,b\nann,1,2\n", "oneUser"),
        (r#"{"oneUser":"me"}"#, "2 7 5\n1 8\n", "oneUser"),
        (r#"{"oneUser":"me"}"#, blocks, "oneUser"),
        (r#"{"oneUser":"me"}"#, "user,item\na,b\n", "oneUser"),
        (r#"{"columns":{"user":"user","item":"user"}}"#, "user,item\na,b\n", "columns"),
        (r#"{"duplicates":"sum","ratingRange":[1,5]}"#, "user,item\na,b\n", "ratingRange"),
    ] {
        let error = read_in_chunks(options, text.as_bytes()).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), ("config/conflict", &json!(key)), "{error}");
    }
    let data = read_in_chunks(r#"{"columns":{"time":"none"}}"#, blocks.as_bytes()).unwrap();
    assert_eq!(rows(&data)[0], ("7", "1", 3.0, None));
    // A column has one meaning.
    let data = read_in_chunks(r#"{"columns":{"rating":"4"}}"#, b"a,b,5,3\n").unwrap();
    assert_eq!(rows(&data), [("a", "b", 3.0, None)]);
}

#[test]
fn matrices_without_a_column_of_users() {
    let expected =
        vec![("0", "1", 5.0, None), ("0", "3", 2.0, None), ("1", "1", 5.0, None), ("2", "2", 1.0, None)];
    expect(r#"{"format":"wide","missing":[0]}"#, "5\t0\t2\n5\t0\t0\n0\t1\t0\n", &expected);
}

#[test]
fn columns_without_names() {
    let steam = "1,The Golden Letter,purchase,1.0,0\n1,The Golden Letter,play,11.7,0\n";
    let error = read(steam).unwrap_err();
    assert!(error.to_string().contains("1=1, 2=The Golden Letter, 3=purchase"), "{error}");
    assert!(error.to_string().contains("--columns user=1,item=2"), "{error}");
    let data = read_with(r#"{"columns":{"user":"1","item":"2","rating":"4"}}"#, steam.as_bytes(), 9).unwrap();
    assert_eq!(rows(&data), [("1", "The Golden Letter", 11.7, None)]);
    assert_eq!(data.report.as_ref().unwrap().unread, ["3", "5"]);
}

#[test]
fn encodings() {
    let expected = vec![("ann", "Amélie", 4.0, None)];
    let text = "user,item,rating\nann,Amélie,4\n";
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let data = read_in_chunks("{}", &latin).unwrap();
    assert_eq!((rows(&data), notes(&data)), (expected.clone(), vec!["data/windows-1252"]));
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(rows(&read_in_chunks("{}", &wide).unwrap()), expected);
    let data = read_in_chunks(r#"{"encoding":"windows-1252"}"#, &latin).unwrap();
    assert_eq!((rows(&data), notes(&data)), (expected, vec![]));
}

fn zipped(files: &[(&str, &[u8])], streamed: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Default::default());
        encoder.write_all(bytes).unwrap();
        let packed = encoder.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let sums = [crc.sum(), packed.len() as u32, bytes.len() as u32];
        let mut header = b"PK\x03\x04\x14\0".to_vec();
        header.extend([if streamed { 8 } else { 0 }, 0, 8, 0, 0, 0, 0, 0]);
        header.extend(sums.iter().flat_map(|sum| if streamed { [0; 4] } else { sum.to_le_bytes() }));
        header.extend((name.len() as u16).to_le_bytes());
        header.extend([0, 0]);
        out.extend(header);
        out.extend(name.as_bytes());
        out.extend(packed);
        if streamed {
            out.extend(b"PK\x07\x08");
            out.extend(sums.iter().flat_map(|sum| sum.to_le_bytes()));
        }
    }
    out.extend(b"PK\x01\x02 the directory is not read, however long it is");
    out
}

#[test]
fn zip_archives_of_one_file() {
    let text: String = (0..20_000).map(|row| format!("u{row},i{},3\n", row % 7)).collect();
    for streamed in [false, true] {
        let one = zipped(&[("data/ratings.csv", text.as_bytes())], streamed);
        for chunk in [1, 1000, usize::MAX] {
            assert_eq!(read_with("{}", &one, chunk).unwrap().len(), 20_000);
        }
        let with_folder = zipped(&[("__MACOSX/._ratings.csv", b"x"), ("ratings.csv", b"a,b,3\n")], streamed);
        assert_eq!(rows(&read(with_folder).unwrap()), [("a", "b", 3.0, None)]);
        let two =
            read(zipped(&[("ratings.csv", b"a,b,3\n"), ("movies.csv", b"b,B\n")], streamed)).unwrap_err();
        assert_eq!(
            (two.code(), &two.details()["files"]),
            ("data/several-files", &json!(["ratings.csv", "movies.csv"]))
        );
        for end in [10, 40, one.len() / 2] {
            assert_eq!(read(&one[..end]).unwrap_err().code(), "data/bad-zip", "{end}");
        }
    }
    let workbook = read(zipped(&[("[Content_Types].xml", b"<x/>")], false)).unwrap_err();
    assert!(workbook.to_string().contains("an Excel workbook"), "{workbook}");
}

#[test]
fn rows_that_cannot_be_used() {
    let text = "user,item,rating,time\na,1,3,5\nb,2,NaN,5\nc,3,,5\nd,4,NULL,5\n,5,3,5\nNULL,6,3,5\nshort,7\ne,8,99,5\nf,9,4,soon\n";
    let error = read(text).unwrap_err();
    assert_eq!((error.code(), &error.details()["line"]), ("data/bad-number", &json!(3)));
    assert!(error.to_string().contains("--bad-rows skip"), "{error}");
    let data =
        read_in_chunks(r#"{"file":"r.csv","badRows":"skip","missing":[99]}"#, text.as_bytes()).unwrap();
    assert_eq!(rows(&data), [("a", "1", 3.0, Some(5.0))]);
    let report = data.report.as_ref().unwrap();
    assert_eq!((report.skipped.rows, report.not_rated), (6, 1));
    assert!(
        report.skipped.examples[0].starts_with("r.csv, line 3, column \"rating\": \"NaN\""),
        "{report:?}"
    );
    assert_eq!(notes(&data), ["data/not-rated", "data/null-ids", "data/skipped-rows"]);
    let error = read_with(r#"{"badRows":"skip"}"#, b"a,b,x\nc,d,w\ne,f,z\n", 9).unwrap_err();
    assert_eq!(error.code(), "data/no-rows");
}

#[test]
fn ratings_may_be_truth_values_and_counts() {
    expect(
        "{}",
        "user,item,liked\na,b,True\na,c,False\n",
        &vec![("a", "b", 1.0, None), ("a", "c", 0.0, None)],
    );
    expect("{}", "user,artist,plays\na,b,153035\n", &vec![("a", "b", 153_035.0, None)]);
}

#[test]
fn times_have_units_and_orders() {
    let data = read("user,item,rating,timestamp\na,b,3,1400031310123\n").unwrap();
    assert_eq!((rows(&data)[0].3, notes(&data)), (Some(1_400_031_310.123), vec!["data/times"]));
    assert_eq!(data.report.as_ref().unwrap().times, Some("milliseconds"));
    let data = read_with(r#"{"timeUnit":"s"}"#, b"a,b,3,1400031310123\n", 9).unwrap();
    assert_eq!((rows(&data)[0].3, notes(&data)), (Some(1_400_031_310_123.0), vec!["data/odd-times"]));
    let data = read("user,item,rating,date\na,b,3,42657.5\n").unwrap();
    assert_eq!((rows(&data)[0].3, notes(&data)), (Some(42_657.5), vec!["data/odd-times"]));
    // The last row shows the order of all.
    let text = format!("user,item,rating,date\n{}a,z,3,13/3/2015\n", "a,b,3,4/3/2015\n".repeat(20_000));
    assert_eq!(rows(&read(text).unwrap())[0].3, Some(1_425_427_200.0));
    let unclear = b"user,item,date\na,b,4/3/2015\n";
    let error = read(unclear).unwrap_err();
    assert_eq!(error.code(), "data/ambiguous-dates");
    assert!(error.to_string().contains("--date-order dmy"), "{error}");
    for (order, seconds) in [("dmy", 1_425_427_200.0), ("mdy", 1_428_019_200.0)] {
        let data = read_with(&format!(r#"{{"dateOrder":"{order}"}}"#), unclear, 9).unwrap();
        assert_eq!(rows(&data)[0].3, Some(seconds));
    }
    let data = read_with(r#"{"columns":{"time":"none"}}"#, unclear, 9).unwrap();
    assert_eq!(
        (rows(&data)[0].3, &data.report.as_ref().unwrap().unread[..]),
        (None, &["date".to_owned()][..])
    );
}

#[test]
fn ids_are_what_people_mean() {
    let data = read("user_id,item_id,rating\n20.0,2.0,3.0\n19.0,5.0,5.0\n").unwrap();
    assert_eq!(rows(&data), [("20", "2", 3.0, None), ("19", "5", 5.0, None)]);
    assert_eq!(notes(&data), ["data/integral-ids", "data/integral-ids"]);
    let mixed = read("user,item,rating\n20.5,2.0,3\n19.0,5.0,5\n").unwrap();
    assert_eq!(rows(&mixed)[1], ("19.0", "5", 5.0, None));
    let one = "Name,Year,Letterboxd URI,Rating,Date\nA,1980,x,4,2020-01-01\n";
    let error = read(one).unwrap_err();
    assert_eq!(error.code(), "data/one-person");
    assert!(error.to_string().contains("recommend MODEL --history @FILE"), "{error}");
    let data = read_with(r#"{"oneUser":"me","columns":{"item":"Name"}}"#, one.as_bytes(), 9).unwrap();
    assert_eq!(rows(&data), [("me", "A", 4.0, Some(1_577_836_800.0))]);
}

#[test]
fn columns_that_are_not_read_are_named() {
    let data = read_with("{}", b"user,item,rating,comment,helpful votes\na,b,3,x,9\n", 9).unwrap();
    let report = data.report.as_ref().unwrap();
    assert_eq!(report.unread, ["comment", "helpful votes"]);
    assert_eq!(report.notes[0].text, "data: columns are not read: \"comment\", \"helpful votes\"");
    // The words of events are values, not a header.
    assert_eq!(
        rows(
            &read_with(
                r#"{"columns":{"user":"1","item":"2","time":"4"}}"#,
                b"u1,x,like,2014-05-14\nu2,y,view,2014-05-15\n",
                9
            )
            .unwrap()
        )
        .len(),
        2
    );
}
