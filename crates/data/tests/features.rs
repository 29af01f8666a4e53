//! Files of features.

mod common;

use common::{read, real_file};
use serde_json::json;
use tastespace_data::{
    DataError, FeaturesOptions, FeaturesReader, Interactions, ItemFeatures, NamesReader, SplitOptions, split,
};

fn features(options: &str, text: impl AsRef<[u8]>, names: Option<&str>) -> Result<ItemFeatures, DataError> {
    let mut reader = FeaturesReader::new(FeaturesOptions::from_json(options)?)?;
    for chunk in text.as_ref().chunks(3) {
        reader.append(chunk)?;
    }
    let names = match names {
        None => None,
        Some(names) => {
            let mut reader =
                NamesReader::new(FeaturesOptions { file: "n.txt".into(), ..Default::default() }).unwrap();
            for chunk in names.as_bytes().chunks(3) {
                reader.append(chunk)?;
            }
            Some(reader.finish()?)
        }
    };
    reader.finish(names)
}

/// Names of the features of each item of `data`.
fn named(features: &ItemFeatures, data: &Interactions) -> Vec<Vec<String>> {
    let matrix = features.align(&data.items);
    let of = |item| matrix.of(item).iter().map(|&feature| features.name(feature).to_owned()).collect();
    (0..matrix.items() as u32).map(of).collect()
}

const ITEM_ROWS: &str = r#"{"file":"f.txt"}"#;
const FEATURE_ROWS: &str = r#"{"file":"f.txt","layout":"feature-rows"}"#;

#[test]
fn lines_are_of_items_or_of_features() {
    let data = read("a,1,3\na,0,3\na,7,3\n").unwrap();
    // Counts first, so the lines are items 0, 1 and 2; item 7 is not known, and 2 not in the catalogue.
    let found = features(ITEM_ROWS, "2 9 4\n1 4\n1 9", None).unwrap();
    assert_eq!(named(&found, &data), [vec!["4", "9"], vec!["4"], vec![]]);
    assert_eq!((found.width(), found.known()), (2, 3));
    // No counts, so the first token is the feature.
    let found = features(FEATURE_ROWS, "war 1 7\nlove 7\nnothing\n", None).unwrap();
    assert_eq!(named(&found, &data), [vec![], vec!["war"], vec!["war", "love"]]);
    assert_eq!(found.width(), 3);
}

#[test]
fn names_go_by_number() {
    let data = read("a,0,3\na,1,3\n").unwrap();
    let found = features(FEATURE_ROWS, "1 0\n2 0 1\n1 1\n", Some("war\r\n\nlove story")).unwrap();
    assert_eq!(named(&found, &data), [["war", "1"], ["1", "love story"]]);
    let found = features(ITEM_ROWS, "1 0\n2 0 5\n", Some("war\n")).unwrap();
    assert_eq!(named(&found, &data), [vec!["war"], vec!["war", "5"]]);
}

#[test]
fn features_survive_splits() {
    let data = read("a,0,3\na,1,3\nb,0,2\nb,2,4\n").unwrap();
    let found = features(ITEM_ROWS, "1 5\n1 6\n2 5 6\n", None).unwrap();
    let data = data.with_features(found).unwrap();
    let options = |text: &str| SplitOptions::from_json(&json!(text).to_string()).unwrap();
    let parts = split(&data, &options("random:0.5"), None).unwrap();
    let extra = read("c,1,3\nc,9,1\n").unwrap();
    let of_files = split(&data, &options("file"), Some(&extra)).unwrap();
    for (part, expected) in [
        (&parts.train, &[vec!["5"], vec!["6"], vec!["5", "6"]][..]),
        (parts.test.as_ref().unwrap(), &[vec!["5"], vec!["6"], vec!["5", "6"]]),
        (&of_files.train, &[vec!["5"], vec!["6"], vec!["5", "6"], vec![]]),
        (of_files.test.as_ref().unwrap(), &[vec!["5"], vec!["6"], vec!["5", "6"], vec![]]),
    ] {
        assert_eq!(named(part.item_features.as_ref().unwrap(), part), expected);
    }
}

#[test]
fn wrong_files_are_refused() {
    for (text, code, key, value) in [
        ("", "data/empty", "file", json!("f.txt")),
        ("item,tag\n1,war\n", "data/unrecognised", "accepted", json!(["lists"])),
        ("0\n0\n", "data/unrecognised", "accepted", json!(["lists"])),
    ] {
        let error = features(ITEM_ROWS, text, None).unwrap_err();
        assert_eq!((error.code(), &error.details()[key]), (code, &value), "{error}");
    }
    let error = read("a,x,3\n").unwrap().with_features(features(ITEM_ROWS, "1 5\n1 6\n", None).unwrap());
    let error = error.unwrap_err();
    assert_eq!((error.code(), &error.details()["known"]), ("data/no-match", &json!(2)), "{error}");
    let mut names = NamesReader::new(FeaturesOptions { file: "n.txt".into(), ..Default::default() }).unwrap();
    let faulty = names.append("wär\n".repeat(9).as_bytes()).and_then(|()| names.append(b"l\xf6ve\n"));
    let error = faulty.unwrap_err();
    assert_eq!((error.code(), &error.details()["offset"]), ("data/bad-encoding", &json!(46)));
    let error = FeaturesOptions::from_json(r#"{"layout":"columns"}"#).unwrap_err();
    assert_eq!((error.code(), &error.details()["key"]), ("config/out-of-range", &json!("layout")));
}

#[test]
fn real_tags() {
    let files =
        ["users.dat", "tag-item.dat", "tags.dat"].map(|name| real_file(&format!("citeulike-t/{name}")));
    let [Some(users), Some(tags), Some(names)] = files else { return };
    let found = features(FEATURE_ROWS, tags, Some(&String::from_utf8(names).unwrap())).unwrap();
    assert_eq!((found.width(), found.known()), (52_946, 25_975));
    assert_eq!((found.name(0), found.name(1)), ("webimages", "homomorphism"));
    let data = read(users).unwrap();
    let matrix = found.align(&data.items);
    assert_eq!(matrix.items(), data.items.len());
    // Tags of tag-item.dat's first line: items 15135 and 2058.
    let item = data.items.get("15135").unwrap();
    assert!(matrix.of(item).contains(&0));
}
