//! Files with faults: every reader returns data or an error with a code, and the parts in which a file comes change nothing.
//! `npm run fuzz` runs them for longer.

mod common;
#[path = "common/random_cases.rs"]
mod random;

use common::{read_with, rows};
use random::{mutate, pick, random_cases};
use tastespace_data::{
    DataError, FeaturesOptions, FeaturesReader, HistoryReader, ItemsOptions, ItemsReader, Rng, csv,
    json_lines,
};

/// Files in every format.
const FILES: [&str; 22] = [
    "196\t242\t3\t881250949\n186\t302\t3\t891717742\n22\t377\t1\t878887116\n",
    "1::1193::5::978300760\r\n1::661::3::978302109\r\n",
    "userId,movieId,rating,timestamp\n1,2,3.5,1112486027\n1,29,4.0,1112484676",
    "\u{feff}Stars,comment,Product ID,DATE,User-Id\n4,fine,b,1970-01-02,ann\n5,\"a, \"\"b\"\"\nc\",d,1970-01-03,bob\n",
    "review_id|stars|asin|timestamp|reviewer\r\n9|4|b|86400|ann\r\n",
    "rating:float\titem_id:token\tuser_id:token\ttimestamp:float\n4\tb\tann\t86400\n",
    "uid;iid;value;ts\nann;b;4,0;86400,0\nbob;c;3,5;86401\n",
    "date item user score\n1970-01-02  b  ann  4\n",
    "ann,b\nbob,c\n",
    "ann: b c d\nbob: c\n",
    "1 2 3 4\n2 1\n0\n",
    "{\"user\":\"ann\",\"item\":\"b\",\"rating\":4}\n{\"user\":\"bob\",\"item\":\"c\",\"rating\":1}\n",
    "[{\"user\":\"ann\",\"item\":7,\"rating\":4.5,\"time\":\"2020-01-02T03:04:05Z\"},{\"user\":\"bob\",\"item\":8,\"rating\":1}]",
    "%%MatrixMarket matrix coordinate real general\n% a comment\n3 4 2\n1 1 5\n3 4 2.5\n",
    "user,i1,i2,i3\nann,1,,99\nbob,,4,5\n",
    "3,7.82,99,-8.79\n2,99,5.1,4.2\n",
    "1:\n1488844,3,2005-09-06\n822109,5,2005-05-13\n2:\n885013,4,2005-10-19\n",
    "Date,Name,Year,Letterboxd URI,Rating\n2021-01-02,Alien,1979,https://boxd.it/2awY,4.5\n",
    "movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n2,\"Heat, (1995)\",(no genres listed)\n",
    "1::Toy Story (1995)::Animation|Comedy\n2::Heat (1995)::Action\n",
    "item,feature\n1,red\n1,blue\n2,red\n",
    "[{\"trackName\":\"A\",\"artistName\":\"B\",\"endTime\":\"2020-01-01 10:00\",\"msPlayed\":1000}]",
];

/// Texts that readers have to think about.
const WORDS: [&[u8]; 40] = [
    b",",
    b";",
    b"\t",
    b"|",
    b"::",
    b"\"",
    b"\"\"",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"%%MatrixMarket matrix coordinate pattern symmetric\n",
    b"-1",
    b"99",
    b"1e309",
    b"-0",
    b"NaN",
    b"null",
    b"1,5",
    b"18446744073709551616",
    b"2020-02-30",
    b"13/13/2014",
    b"9999999999999999",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xf0\x9f\x91\xa9",
    b"user,item,rating,timestamp\n",
    b"rating",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    b"    ",
    b"true",
    b"1970-01-01T00:00:00+25:00",
];

/// Ids that a table cannot have, since programs write them where there is no value. Lists and JSON can.
const MISSING: [&str; 14] =
    ["NULL", "null", "Null", "NA", "N/A", "n/a", "NaN", "nan", "None", "NONE", "<NA>", "#N/A", "#NA", "\\N"];

const OPTIONS: [&str; 12] = [
    r#"{}"#,
    r#"{}"#,
    r#"{"badRows":"skip"}"#,
    r#"{"format":"csv"}"#,
    r#"{"format":"lists"}"#,
    r#"{"format":"json-lines"}"#,
    r#"{"format":"wide","missing":[99]}"#,
    r#"{"format":"blocks"}"#,
    r#"{"columns":{"user":"1","item":"2","rating":"3"}}"#,
    r#"{"duplicates":"sum","oneUser":"me"}"#,
    r#"{"ratingRange":[0,5],"dateOrder":"dmy","timeUnit":"ms"}"#,
    r#"{"encoding":"shift_jis","badRows":"skip","duplicates":"count"}"#,
];

fn file(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = pick(&FILES, rng).as_bytes().to_vec();
    mutate(&mut bytes, &WORDS, rng);
    bytes
}

/// User, item, bits of the rating and of the time.
type OwnedRow = (String, String, u32, Option<u64>);

/// What a reading came to: rows, or a code and a message.
fn outcome(options: &str, bytes: &[u8], chunk: usize) -> Result<Vec<OwnedRow>, (String, String)> {
    let data = read_with(options, bytes, chunk).map_err(|error| described(&error))?;
    let owned = |(user, item, rating, time): (&str, &str, f32, Option<f64>)| {
        assert!(rating.is_finite() && time.is_none_or(f64::is_finite), "{user} {item} {rating} {time:?}");
        (user.to_owned(), item.to_owned(), rating.to_bits(), time.map(f64::to_bits))
    };
    Ok(rows(&data).into_iter().map(owned).collect())
}

fn described(error: &DataError) -> (String, String) {
    let (code, message) = (error.code().to_owned(), error.to_string());
    assert!(code.contains('/') && !message.is_empty(), "{error:?}");
    (code, message)
}

#[test]
fn interactions_are_read_or_refused_in_any_parts() {
    random_cases(|rng| {
        let (bytes, options) = (file(rng), pick(&OPTIONS, rng));
        let whole = outcome(options, &bytes, usize::MAX);
        let parts = outcome(options, &bytes, 1 + rng.below(16) as usize);
        assert_eq!(whole, parts, "{options} {:?}", String::from_utf8_lossy(&bytes));
    });
}

#[test]
fn written_files_are_read_as_the_same_rows() {
    random_cases(|rng| {
        let bytes = file(rng);
        let Ok(data) = read_with("{}", &bytes, usize::MAX) else { return };
        let before = rows(&data);
        if before.iter().any(|(user, item, ..)| [user, item].iter().any(|id| MISSING.contains(id))) {
            return;
        }
        let (written, options) = match rng.below(2) {
            0 => (csv::write(&data, 0..data.len()), r#"{"format":"csv","timeUnit":"s"}"#),
            _ => (json_lines::write(&data, 0..data.len()), r#"{"format":"json-lines","timeUnit":"s"}"#),
        };
        let again = read_with(options, &written, usize::MAX).unwrap_or_else(|error| {
            panic!(
                "{error}: {:?} became {:?}",
                String::from_utf8_lossy(&bytes),
                String::from_utf8_lossy(&written)
            )
        });
        assert_eq!(rows(&again), before, "{:?}", String::from_utf8_lossy(&written));
    });
}

#[test]
fn items_features_and_histories_are_read_or_refused() {
    random_cases(|rng| {
        let bytes = file(rng);
        let chunk = 1 + rng.below(64) as usize;
        let error = match rng.below(3) {
            0 => {
                let mut reader = ItemsReader::new(ItemsOptions::default()).unwrap();
                bytes
                    .chunks(chunk)
                    .try_for_each(|part| reader.append(part))
                    .and_then(|()| reader.finish().map(drop))
            }
            1 => {
                let mut reader = FeaturesReader::new(FeaturesOptions::default()).unwrap();
                bytes
                    .chunks(chunk)
                    .try_for_each(|part| reader.append(part))
                    .and_then(|()| reader.finish(None).map(drop))
            }
            _ => {
                let mut reader = HistoryReader::new("history.csv".to_owned()).unwrap();
                bytes
                    .chunks(chunk)
                    .try_for_each(|part| reader.append(part))
                    .and_then(|()| reader.finish().map(drop))
            }
        };
        let _ = error.map_err(|error| described(&error));
    });
}
