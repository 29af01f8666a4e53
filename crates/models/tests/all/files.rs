//! Bad model files are refused by code and never crash.

use crate::common::{fit, rated};
use crate::forged::Parts;
use proptest::prelude::*;
use std::sync::LazyLock;
use tastespace_models::registry::Entry;
use tastespace_models::serve::file::{self, FORMAT, WriteOptions};
use tastespace_models::serve::recommend::{RecommendOptions, Seen};

static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| write(&WriteOptions::default()));

fn write(options: &WriteOptions) -> Vec<u8> {
    let train = rated(&[("ann", "x", 5.0), ("ann", "y", 3.0), ("bob", "x", 1.0)]);
    let (fitted, _) = fit(Entry::find("biased-mf").unwrap(), r#"{"factors":3}"#, &train, 0, 1).unwrap();
    file::write(&fitted, options)
}

fn code(bytes: &[u8]) -> &'static str {
    file::read("m.safetensors", bytes).err().map_or("sound", |error| error.code())
}

#[test]
fn any_safetensors_reader_opens_it() {
    let tensors = safetensors::SafeTensors::deserialize(&FILE).unwrap();
    assert_eq!(tensors.tensor("user_factors").unwrap().shape(), [2, 3]);
    assert_eq!(tensors.tensor("catalogue.users.text").unwrap().data(), b"annbob");
}

#[test]
fn a_file_of_any_range_and_options_is_read() {
    for tenth in 0..60u32 {
        let (low, high) = (f64::from(tenth) / 10.0, 20.0 + f64::from(tenth) / 1e3);
        let train = rated(&[("ann", "x", low as f32), ("ann", "y", high as f32), ("bob", "x", 7.0)]);
        let options = format!(r#"{{"factors":2,"penalty":{}}}"#, 0.01 + f64::from(tenth) / 7e3);
        let (fitted, _) = fit(Entry::find("biased-mf").unwrap(), &options, &train, 0, 1).unwrap();
        let bytes = file::write(&fitted, &WriteOptions::default());
        let read =
            file::read("m.safetensors", &bytes).unwrap_or_else(|error| panic!("{low} {high}: {error}"));
        assert_eq!(file::write(&read, &WriteOptions::default()), bytes);
    }
}

#[test]
fn parameters_that_are_no_numbers_end_training() {
    let train = rated(&[("ann", "x", 1.0), ("ann", "y", 5.0), ("bob", "x", 3.0)]);
    let options = r#"{"factors":3,"initialDeviation":10,"learningRate":1}"#;
    let error = fit(Entry::find("biased-mf").unwrap(), options, &train, 0, 3).err().unwrap();
    assert_eq!(error.code(), "model/diverged");
}

#[test]
fn every_truncation_is_refused() {
    assert_eq!(code(&FILE), "sound");
    for length in 0..FILE.len() {
        assert_eq!(code(&FILE[..length]), "file/corrupt", "cut to {length} bytes");
    }
}

#[test]
fn every_altered_byte_is_refused() {
    for place in 0..FILE.len() {
        let mut bytes = FILE.clone();
        bytes[place] ^= 1;
        // The format's number may have become a later one.
        assert!(["file/corrupt", "file/newer-version"].contains(&code(&bytes)), "byte {place}");
    }
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let format = br#"\"format\":"#;
    let place =
        FILE.windows(format.len()).position(|bytes| bytes == format).expect("the header names the format");
    let place = place + format.len();
    let mut bytes = FILE.clone();
    bytes[place] = b'9';
    let error = file::read("m.safetensors", &bytes).err().unwrap();
    assert_eq!(error.code(), "file/newer-version");
    assert_eq!(
        error.to_string(),
        format!(
            "m.safetensors has model format 9, but this version of tastespace reads formats up to {FORMAT}: update tastespace"
        )
    );
}

#[test]
fn foreign_files_are_refused() {
    let foreign = safetensors::serialize(
        [("x", safetensors::tensor::TensorView::new(safetensors::Dtype::U8, vec![1], &[7]).unwrap())],
        None,
    );
    let error = file::read("m", &foreign.unwrap()).err().unwrap();
    assert_eq!(error.code(), "file/corrupt");
    assert!(error.to_string().contains("something else"), "{error}");
    for bytes in [&b""[..], b"user,item,rating\n1,2,3\n", &[0; 100], &[255; 100]] {
        assert_eq!(code(bytes), "file/corrupt");
    }
}

/// The file with some bytes of a tensor replaced.
fn altered(tensor: &str, alter: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut parts = Parts::of(&FILE);
    parts.tensors.iter_mut().filter(|part| part.name == tensor).for_each(|part| alter(&mut part.data));
    parts.sealed().unwrap()
}

#[test]
fn a_forged_file_is_refused() {
    let first = |value: u32| move |data: &mut Vec<u8>| data[..4].copy_from_slice(&value.to_le_bytes());
    assert_eq!(code(&altered("none", |_| ())), "sound");
    let forgeries = [
        ("user_factors", f32::NAN.to_bits(), "tensor 'user_factors' has the value NaN"),
        ("item_factors", f32::INFINITY.to_bits(), "tensor 'item_factors' has the value inf"),
        ("history.ratings", f32::INFINITY.to_bits(), "infinite rating"),
        ("catalogue.items.ends", 0, "its items are not a list of ids"),
        ("catalogue.users.ends", u32::MAX, "its users are not a list of ids"),
        ("history.items", 2, "its history names"),
        ("history.offsets", 7, "its history names"),
        ("catalogue.spread", f32::NAN.to_bits(), "its spread of the ratings"),
    ];
    for (tensor, value, reason) in forgeries {
        let error = file::read("m", &altered(tensor, first(value))).err().expect(tensor);
        assert_eq!(error.code(), "file/corrupt", "{tensor}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_file_without_history_says_so_when_it_matters() {
    let fitted =
        file::read("m", &write(&WriteOptions { history: false, ..WriteOptions::default() })).unwrap();
    let seen = fitted.recommend(&["ann"], &RecommendOptions::default()).unwrap_err();
    assert_eq!(seen.code(), "model/no-history");
    let none = RecommendOptions { seen: Seen::Include, ..Default::default() };
    assert_eq!(fitted.recommend(&["ann"], &none).unwrap().items.len(), 2);
}

proptest! {
    #[test]
    fn random_bytes_never_crash(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(code(&bytes), "file/corrupt");
    }
}
