//! Files without users, for models that leave the house.

use crate::common::{fit, generated, rated};
use std::sync::Arc;
use tastespace_models::Fitted;
use tastespace_models::registry::REGISTRY;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::recommend::RecommendOptions;

fn bare(fitted: &Fitted) -> Vec<u8> {
    file::write(fitted, &WriteOptions { users: false, ..WriteOptions::default() })
}

#[test]
fn new_users_get_the_same_lists_and_nobody_is_known() {
    let train = Arc::new(generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#));
    for entry in REGISTRY {
        let (fitted, _) = fit(entry, "{}", &train, 1, 3).unwrap();
        let options = WriteOptions { users: false, ..WriteOptions::default() };
        if entry.kind == "glocal-k" {
            assert_eq!(options.check(entry).map_err(|error| error.code()), Err("model/unsupported"));
            assert_eq!(file::read("m", &bare(&fitted)).err().map(|error| error.code()), Some("file/corrupt"));
            continue;
        }
        options.check(entry).unwrap();
        let bytes = bare(&fitted);
        let after = file::read("m", &bytes).unwrap();
        assert_eq!(after.catalogue().users.len(), 0);
        assert_eq!(file::write(&after, &WriteOptions::default()), bytes, "{}", entry.kind);
        let scores = |fitted: &Fitted, rows: &[(u32, f32)]| {
            let mut scores = vec![0.0; 40];
            fitted.new_user_scores(rows, &mut scores).map(|()| scores).map_err(|error| error.code())
        };
        let rows = [(3, 4.0), (17, 5.0), (30, 3.0)];
        assert_eq!(scores(&fitted, &rows), scores(&after, &rows), "{}", entry.kind);
        // Without a history, some start from the mean of the users that they know.
        assert!(scores(&after, &[]).unwrap().iter().all(|score| score.is_finite()), "{}", entry.kind);
        let asked = after.recommend(&["1"], &RecommendOptions::default()).map_err(|error| error.code());
        assert_eq!(asked, Err("model/unknown-user"), "{}", entry.kind);
    }
}

#[test]
fn nothing_of_a_user_is_in_the_file() {
    let train =
        rated(&[("anna-lena", "x", 5.0), ("anna-lena", "y", 3.0), ("bob", "x", 1.0), ("bob", "z", 2.0)]);
    for entry in REGISTRY {
        let (fitted, _) = fit(entry, "{}", &train, 0, 1).unwrap();
        let bytes = bare(&fitted);
        assert!(!bytes.windows(9).any(|part| part == b"anna-lena"), "{}", entry.kind);
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        for (name, tensor) in file.tensors() {
            assert!(!name.starts_with("history"), "{}", entry.kind);
            assert!(!name.contains("user") || tensor.data().is_empty(), "{name}");
        }
    }
}
