//! Calls that make, cut and write data sets.

use crate::decoders::decoder;
use crate::errors::{EngineError, Result};
use crate::filling::{Filling, Source};
use crate::handles::{self, Held};
use crate::memory;
use crate::rows::{CopiedIds, Rows};
use crate::words::{Format, From, Part, word};
use js_sys::Uint8Array;
use serde_json::json;
use std::sync::Arc;
use tastespace_data::{
    Batch, ConcatOptions, FeaturesOptions, FeaturesReader, FilterOptions, HistoryReader, Interactions,
    ItemsOptions, ItemsReader, NamesReader, Reader, ReaderOptions, RowReader, SplitOptions, SyntheticOptions,
    columns_of, csv, json_lines, synthetic,
};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

/// The columns of a table by meaning, as JSON, from a JSON list of their names and the `file` and `columns` of a file's options.
#[wasm_bindgen(js_name = columnsOf)]
pub fn table_columns(names: &str, options: &str) -> Result<String> {
    let ReaderOptions { file, columns, .. } = ReaderOptions::from_json(options)?;
    let names: Vec<String> = serde_json::from_str(names).map_err(|_| EngineError::bad_texts())?;
    let columns = columns_of(&file, &names, &columns)?;
    Ok(serde_json::to_string(&columns).expect("names are plain data"))
}

/// Bytes that have to be free for the next part of a file: its rows, and the growth of the tables of ids.
const READING: u64 = 64 << 20;

/// Starts a data set, which `finish` ends: from the bytes of a file, from columns, from a table, or from the generator.
#[wasm_bindgen(js_name = createDataset)]
pub fn create_dataset(from: &str, options: &str) -> Result<u32> {
    let source = match word(from)? {
        From::File => {
            Source::File(Box::new(Reader::with_decoders(ReaderOptions::from_json(options)?, decoder)?))
        }
        From::Rows => Source::Rows(Box::new(RowReader::new(ReaderOptions::from_json(options)?))),
        From::Table => {
            let (options, unread) = without_unread(options)?;
            Source::Rows(Box::new(RowReader::of_table(ReaderOptions::from_json(&options)?, unread)))
        }
        From::Synthetic => {
            let options = SyntheticOptions::from_json(options)?;
            Source::Synthetic(Box::new(synthetic::rows(&options)?), options)
        }
    };
    let filling = Filling { source, items: None, features: None, feature_names: None };
    Ok(handles::keep(Held::Filling(Box::new(filling))))
}

/// Appends to a data set: the next bytes of its file or of a side file, or the next rows as columns. The `options` of a side
/// file count with its first bytes.
#[wasm_bindgen]
pub fn append(dataset: u32, part: &str, content: &JsValue, options: &str) -> Result<()> {
    let part = word(part)?;
    memory::check_count("reading more of this data", READING)?;
    if part == Part::Rows {
        return append_rows(dataset, content.unchecked_ref());
    }
    let bytes = content.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default();
    handles::with_filling(dataset, |filling| {
        match part {
            Part::Items => begun(&mut filling.items, || {
                Ok(ItemsReader::with_decoders(ItemsOptions::from_json(options)?, decoder)?)
            })?
            .append(&bytes)?,
            Part::Features => begun(&mut filling.features, || {
                Ok(FeaturesReader::with_decoders(FeaturesOptions::from_json(options)?, decoder)?)
            })?
            .append(&bytes)?,
            Part::FeatureNames => begun(&mut filling.feature_names, || {
                Ok(NamesReader::with_decoders(FeaturesOptions::from_json(options)?, decoder)?)
            })?
            .append(&bytes)?,
            Part::File | Part::Rows => match &mut filling.source {
                Source::File(reader) => reader.append(&bytes)?,
                source => return Err(source.is_not("a data set from a file")),
            },
        }
        Ok(())
    })
}

fn append_rows(dataset: u32, rows: &Rows) -> Result<()> {
    let (users, items) = (CopiedIds::new(&rows.users())?, CopiedIds::new(&rows.items())?);
    let (user_texts, item_texts) = (users.texts()?, items.texts()?);
    let (ratings, times) = (rows.ratings().to_vec(), rows.times().to_vec());
    let nulls = rows.nulls().map(|nulls| nulls.to_vec()).unwrap_or_default();
    handles::with_filling(dataset, |filling| {
        let Source::Rows(reader) = &mut filling.source else {
            return Err(filling.source.is_not("a data set from rows"));
        };
        let batch = Batch {
            users: users.ids(&user_texts),
            items: items.ids(&item_texts),
            ratings: &ratings,
            times: &times,
            nulls: &nulls,
        };
        reader.append(&batch, rows.dated() == Some(true))?;
        Ok(())
    })
}

/// The options of a table without its columns that are not read, and these.
fn without_unread(options: &str) -> Result<(String, Vec<String>)> {
    let mut options: serde_json::Value =
        serde_json::from_str(options).map_err(|_| EngineError::bad_texts())?;
    let unread = options.as_object_mut().and_then(|options| options.remove("unread")).unwrap_or_default();
    Ok((options.to_string(), serde_json::from_value(unread).unwrap_or_default()))
}

/// The reader in `slot`, created if there is none yet.
fn begun<T>(slot: &mut Option<T>, begin: impl FnOnce() -> Result<T>) -> Result<&mut T> {
    Ok(match slot {
        Some(begun) => begun,
        none => none.insert(begin()?),
    })
}

/// Ends a data set. Where its content turns out to be invalid, the handle is gone.
#[wasm_bindgen]
pub fn finish(dataset: u32) -> Result<()> {
    let filling = handles::take_filling(dataset)?;
    if let Source::Synthetic(_, options) = &filling.source {
        let rows = u64::from(options.ratings);
        // The columns, their order by user, and ids with titles.
        let ids = 64 * (u64::from(options.users) + u64::from(options.items));
        let sizes = [4 * rows, 4 * rows, 4 * rows, 8 * rows, 4 * rows, ids];
        memory::check_blocks("generating this data", &sizes)?;
    }
    let mut data = match filling.source {
        Source::File(reader) => reader.finish()?,
        Source::Rows(reader) => reader.finish()?,
        Source::Synthetic(_, options) => synthetic::generate(&options)?.data,
    };
    if let Some(items) = filling.items {
        data.item_table = Some(Arc::new(items.finish()?));
    }
    if let Some(features) = filling.features {
        let names = filling.feature_names.map(NamesReader::finish).transpose()?;
        data = data.with_features(features.finish(names)?)?;
    }
    handles::put(dataset, Held::Dataset(Arc::new(data)));
    Ok(())
}

/// Sizes of the columns of a data set.
fn column_sizes(data: &Interactions) -> Vec<u64> {
    let (columns, rows) = (data.columns(), data.len() as u64);
    let ratings = columns.ratings.as_ref().map(|_| 4 * rows);
    let times = columns.times.as_ref().map(|_| 8 * rows);
    [4 * rows; 2].into_iter().chain(ratings).chain(times).collect()
}

fn keep(data: Interactions) -> u32 {
    handles::keep(Held::Dataset(Arc::new(data)))
}

/// A data set of the rows that pass a filter.
#[wasm_bindgen]
pub fn filter(dataset: u32, options: &str) -> Result<u32> {
    let options = FilterOptions::from_json(options)?;
    let data = handles::dataset(dataset)?;
    // The rows that are left, and a mark and a number of each row.
    let sizes = [column_sizes(&data), vec![8 * data.len() as u64]].concat();
    memory::check_blocks("filtering this data", &sizes)?;
    Ok(keep(tastespace_data::filter(&data, &options)?))
}

/// A data set of the rows of several, one after the other.
#[wasm_bindgen]
pub fn concat(datasets: &[u32], options: &str) -> Result<u32> {
    let options = ConcatOptions::from_json(options)?;
    let parts = datasets.iter().map(|&handle| handles::dataset(handle)).collect::<Result<Vec<_>>>()?;
    // The columns, and a number and a mark of each row.
    let sum = |column: usize| {
        parts.iter().map(|part| column_sizes(part).get(column).copied().unwrap_or(0)).sum::<u64>()
    };
    let rows: u64 = parts.iter().map(|part| part.len() as u64).sum();
    memory::check_blocks("joining these data sets", &[sum(0), sum(1), sum(2), sum(3), 9 * rows])?;
    let parts: Vec<&Interactions> = parts.iter().map(|part| &**part).collect();
    Ok(keep(tastespace_data::concat(&parts, &options)?))
}

/// Parts of a data set, as JSON of handles. `test` holds the test rows where the split is by file.
#[wasm_bindgen]
pub fn split(dataset: u32, options: &str, test: Option<u32>) -> Result<String> {
    let options = SplitOptions::from_json(options)?;
    let test = test.map(handles::dataset).transpose()?;
    let data = handles::dataset(dataset)?;
    // The parts, those of training and validation once more, and a part and a number of each row.
    let parts = column_sizes(&data);
    let again = if has_validation(&options) { parts.clone() } else { Vec::new() };
    let sizes = [parts, again, vec![8 * data.len() as u64]].concat();
    memory::check_blocks("splitting this data", &sizes)?;
    let parts = tastespace_data::split(&data, &options, test.as_deref())?;
    Ok(json!({
        "train": keep(parts.train),
        "validation": parts.validation.map(keep),
        "test": parts.test.map(keep),
        "trainAndValidation": parts.train_and_validation.map(keep),
        "validationGiven": parts.validation_given.map(keep),
        "testGiven": parts.test_given.map(keep),
    })
    .to_string())
}

/// Whether a split may have a validation part.
fn has_validation(options: &SplitOptions) -> bool {
    // By user, it is among the fractions.
    let wanted = &options.json()["validation"];
    options.rule() == "per-user" || *wanted != json!(false)
}

/// One person's history in the bytes of an export, as JSON `{ service, scale, rows }`.
#[wasm_bindgen(js_name = readHistory)]
pub fn read_history(file: &str, bytes: &[u8]) -> Result<String> {
    let mut reader = HistoryReader::with_decoders(file.to_owned(), decoder)?;
    reader.append(bytes)?;
    Ok(json!(reader.finish()?).to_string())
}

/// A data set as bytes for another engine, where it has the same indices; without titles and genres.
#[wasm_bindgen]
pub fn pack(dataset: u32) -> Result<Vec<u8>> {
    let data = handles::dataset(dataset)?;
    memory::check_blocks("copying this data", &[data.packed_bytes() as u64])?;
    Ok(data.packed())
}

/// The data set in the bytes of `pack`.
#[wasm_bindgen]
pub fn unpack(bytes: &[u8]) -> Result<u32> {
    // The columns, and the tables of ids.
    memory::check_room("copying this data", 2 * bytes.len() as u64)?;
    Ok(keep(Interactions::unpacked(bytes).ok_or_else(EngineError::bad_texts)?))
}

/// The rows `from..to` of a data set as text; CSV has a header where `from` is 0. Of a synthetic data set that is not
/// finished, the next rows as CSV, whatever the numbers; empty at the end.
#[wasm_bindgen]
pub fn write(dataset: u32, format: &str, from: usize, to: usize) -> Result<Vec<u8>> {
    let format = word(format)?;
    handles::with(dataset, |held| match (held, format) {
        (Held::Dataset(data), Format::Csv) => Ok(csv::write(data, from..to)),
        (Held::Dataset(data), Format::JsonLines) => Ok(json_lines::write(data, from..to)),
        (Held::Dataset(data), Format::Items) => Ok(csv::write_items(data)),
        (Held::Filling(filling), Format::Csv) => match &mut filling.source {
            Source::Synthetic(rows, _) => Ok(rows.next_csv()),
            source => Err(source.is_not("a synthetic data set that is not finished")),
        },
        (held, _) => Err(EngineError::wrong_handle("a data set", held.what())),
    })
}
