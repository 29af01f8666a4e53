//! Files of titles and genres.

mod common;

use common::{read, real_file};
use serde_json::json;
use tastespace_data::{DataError, ItemTexts, ItemsOptions, ItemsReader, Vocabulary};

fn catalogue(ids: &[&str]) -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for id in ids {
        vocabulary.intern(id);
    }
    vocabulary
}

fn items(text: impl AsRef<[u8]>, ids: &[&str]) -> Result<ItemTexts, DataError> {
    let mut reader = ItemsReader::new(ItemsOptions::from_json(r#"{"file":"i.csv"}"#)?)?;
    for chunk in text.as_ref().chunks(5) {
        reader.append(chunk)?;
    }
    Ok(reader.finish()?.align(&catalogue(ids)))
}

fn genres(texts: &ItemTexts, item: u32) -> Vec<&str> {
    texts.genres(item).collect()
}

#[test]
fn movielens_csv() {
    let text = "movieId,title,genres\n1,Toy Story (1995),Adventure|Children\n\
        11,\"American President, The (1995)\",Comedy|Drama\n12,\"So \"\"What\"\"\",(no genres listed)\n";
    let texts = items(text, &["12", "404", "11"]).unwrap();
    assert_eq!(texts.title(0), Some("So \"What\""));
    assert_eq!(texts.title(1), None);
    assert_eq!(texts.title(2), Some("American President, The (1995)"));
    assert_eq!(genres(&texts, 2), ["Comedy", "Drama"]);
    assert_eq!(texts.genres(0).len() + texts.genres(1).len(), 0);
}

#[test]
fn movielens_dat() {
    let text = "1::Toy Story (1995)::Animation|Children's\n2::Jumanji: Part \"1\" (1995)::Fantasy\n";
    let texts = items(text, &["1", "2"]).unwrap();
    assert_eq!(genres(&texts, 0), ["Animation", "Children's"]);
    assert_eq!(texts.title(1), Some("Jumanji: Part \"1\" (1995)"));
}

#[test]
fn movielens_flags() {
    let flags = "0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0";
    let text = format!("1|Toy Story (1995)|01-Jan-1995||http://x.test/?a|{flags}\n");
    assert_eq!(genres(&items(&text, &["1"]).unwrap(), 0), ["Animation", "Children's", "Comedy"]);
    let latin = [
        text.as_bytes(),
        format!("2|Am\u{e9}lie|||x|{flags}\n").chars().map(|c| c as u8).collect::<Vec<u8>>().as_slice(),
    ]
    .concat();
    assert_eq!(items(latin, &["1", "2"]).unwrap().title(1), Some("Amélie"));
}

#[test]
fn headers_in_any_order() {
    let text = "Genre;Year;ID;Name\n\"Pop, Rock\";1999;a;First\n;;b;Second\nJazz;2001;a;Last\n";
    let texts = items(text, &["a", "b"]).unwrap();
    assert_eq!((texts.title(0), genres(&texts, 0)), (Some("Last (2001)"), vec!["Jazz"]));
    assert_eq!((texts.title(1), genres(&texts, 1)), (Some("Second"), vec![]));
    let texts = items("item_id,title,tags\nz,A,\"x, y\"\n", &["z"]).unwrap();
    assert_eq!(genres(&texts, 0), ["x", "y"]);
}

#[test]
fn json_lines() {
    let text = "{\"id\": 7, \"name\": \"One, two\", \"genre\": [\"Jazz\", \"Rock, slow\"], \"year\": 1999}\n{\"id\": \"b\"}\n";
    let texts = items(text, &["7", "b"]).unwrap();
    assert_eq!((texts.title(0), genres(&texts, 0)), (Some("One, two (1999)"), vec!["Jazz", "Rock, slow"]));
    assert_eq!((texts.title(1), genres(&texts, 1)), (None, vec![]));
    let lists = ItemsOptions::from_json(r#"{"format":"lists"}"#).unwrap();
    let error = ItemsReader::new(lists).unwrap().append(b"1 2\n".repeat(50_000).as_slice()).unwrap_err();
    assert_eq!((error.code(), &error.details()["key"]), ("config/conflict", &json!("format")));
}

#[test]
fn wrong_files_are_refused() {
    for (text, code, key, value) in [
        ("foo,title\na,b\n", "data/missing-column", "wanted", json!("item")),
        ("id,colour\na,b\n", "data/missing-column", "wanted", json!("title")),
        ("1,a,b,c\n", "data/bad-row", "found", json!(4)),
        ("id,title\n,b\n", "data/bad-row", "column", json!("id")),
        ("id,title\na,b\nc\n", "data/bad-row", "line", json!(3)),
        ("", "data/empty", "file", json!("i.csv")),
    ] {
        let error = items(text, &[]).unwrap_err();
        assert_eq!((error.code(), &error.details()[key]), (code, &value), "{error}");
    }
    let error = ItemsOptions::from_json(r#"{"columns":{"name":"x"}}"#).unwrap_err();
    assert_eq!((error.code(), &error.details()["key"]), ("config/wrong-type", &json!("columns")));
}

#[test]
fn real_titles() {
    let (Some(ratings), Some(side)) = (real_file("ml-100k/u.data"), real_file("ml-100k/ml-100k.item")) else {
        return;
    };
    let data = read(ratings).unwrap();
    let mut reader = ItemsReader::new(ItemsOptions::default()).unwrap();
    reader.append(&side).unwrap();
    let texts = reader.finish().unwrap().align(&data.items);
    assert_eq!((texts.len(), texts.title(0)), (1682, Some("Toy Story (1995)")));
    assert_eq!(genres(&texts, 0), ["Animation", "Children's", "Comedy"]);
    assert!(texts.titled() > 1670, "{}", texts.titled());
}
