//! What several tests share.
#![allow(dead_code)]

use std::path::PathBuf;
use tastespace_data::{DataError, Interactions, Reader, ReaderOptions, RowBuilder};

/// Reads `bytes` in chunks of `chunk` bytes with `options` as JSON.
pub(crate) fn read_with(options: &str, bytes: &[u8], chunk: usize) -> Result<Interactions, DataError> {
    let mut reader = Reader::new(ReaderOptions::from_json(options)?)?;
    for bytes in bytes.chunks(chunk.max(1)) {
        reader.append(bytes)?;
    }
    reader.finish()
}

/// Reads `bytes` at once, as `r.csv`.
pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Result<Interactions, DataError> {
    read_with(r#"{"file":"r.csv"}"#, bytes.as_ref(), usize::MAX)
}

/// Rows as (user, item, rating, time).
pub(crate) fn rows(data: &Interactions) -> Vec<(&str, &str, f32, Option<f64>)> {
    let columns = data.columns();
    (0..data.len())
        .map(|row| {
            let time = columns.times.as_ref().map(|times| times[row]);
            (data.users.id(columns.users[row]), data.items.id(columns.items[row]), data.rating(row), time)
        })
        .collect()
}

/// A real file, or `None`, with a message, where the folder of real data is not there.
pub(crate) fn real_file(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("TASTESPACE_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!(
                "skipped: {} is not there ({error}); TASTESPACE_DATA names the folder of real data",
                path.display()
            );
            None
        }
    }
}

/// A data set of rows (user, item, rating, time) of integer ids.
pub(crate) fn made_of(rows: &[(u32, u32, f32, f64)]) -> Interactions {
    let mut builder = RowBuilder::new(None);
    for &(user, item, rating, time) in rows {
        builder.push(&user.to_string(), &item.to_string(), Some(rating), Some(time)).expect("rows are sound");
    }
    builder.finish()
}
