//! The engine's calls, as `ts/engine/engine.ts` declares them: handles, JSON and arrays in, the core's functions, the
//! same out.

use crate::control;
use crate::errors::EngineError;
use crate::handles::{self, Filling, Held, ModelHandle, Source, State};
use crate::memory;
use crate::texts::{Copied, Texts, measured_out, ranked_out, texts_out, vectors_out};
use serde_json::{Value, json};
use std::sync::Arc;
use tastespace_data::{
    FeaturesOptions, FeaturesReader, FilterOptions, Interactions, ItemTexts, ItemsOptions, ItemsReader,
    NamesReader, Reader, ReaderOptions, RowBuilder, SplitOptions, Summary, SyntheticOptions, csv, json_lines,
    synthetic,
};
use tastespace_models::contract::explanation::Explanation;
use tastespace_models::contract::tensor::Axis;
use tastespace_models::contract::trainer::Control;
use tastespace_models::evaluate::resampling::{self, RESAMPLING_OPTIONS};
use tastespace_models::evaluate::{self, Beside, EVALUATE_OPTIONS};
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::run::fit::{FIT_OPTIONS, FitOptions};
use tastespace_models::serve::file::{self, WRITE_OPTIONS};
use tastespace_models::serve::fitted::{RECOMMEND_OPTIONS, SIMILAR_OPTIONS, SLOTS_OPTIONS};
use tastespace_models::{Fit, ModelError};
use tastespace_options::OptionSet;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

type Result<T> = std::result::Result<T, EngineError>;

/// Version, format and all registered models as JSON.
#[wasm_bindgen]
pub fn describe() -> String {
    let models: Vec<Value> = REGISTRY.iter().map(Entry::describe).collect();
    json!({ "version": env!("CARGO_PKG_VERSION"), "format": file::FORMAT, "models": models }).to_string()
}

/// Memory and handles as JSON: bytes in use, the most in use since the last time of asking, what the memory has grown to
/// and can grow to, what may still be taken, and the number of handles.
#[wasm_bindgen]
pub fn usage() -> String {
    json!({
        "usedBytes": memory::in_use() as u64, "peakBytes": memory::take_peak(), "heldBytes": memory::held(),
        "limitBytes": memory::limit() as u64, "freeBytes": memory::free(), "handles": handles::count(),
    })
    .to_string()
}

/// Starts a data set: from the bytes of a file, from rows, or from the generator, whose rows are only written.
#[wasm_bindgen(js_name = createDataset)]
pub fn create_dataset(from: &str, options: &str) -> Result<u32> {
    let source = match from {
        "synthetic" => Source::Synthetic(Box::new(synthetic::rows(&SyntheticOptions::from_json(options)?)?)),
        "rows" => Source::Rows(Box::new(RowBuilder::new(ReaderOptions::from_json(options)?.rating_range.map(Into::into)))),
        _ => Source::File(Box::new(Reader::new(ReaderOptions::from_json(options)?))),
    };
    Ok(handles::keep(Held::Filling(Box::new(Filling {
        source,
        items: None,
        features: None,
        feature_names: None,
    }))))
}

/// The next bytes of the file.
#[wasm_bindgen]
pub fn append(dataset: u32, bytes: &[u8]) -> Result<()> {
    handles::with_filling(dataset, |filling| match &mut filling.source {
        Source::File(reader) => Ok(reader.append(bytes)?),
        source => Err(source.is_not("a data set from a file")),
    })
}

/// The next rows, as columns of one length; `ratings` and `times` may be empty.
#[wasm_bindgen(js_name = appendRows)]
pub fn append_rows(dataset: u32, users: &Texts, items: &Texts, ratings: &[f32], times: &[f64]) -> Result<()> {
    let (users, items) = (Copied::new(users)?, Copied::new(items)?);
    let (users, items) = (users.list()?, items.list()?);
    handles::with_filling(dataset, |filling| {
        let Source::Rows(builder) = &mut filling.source else {
            return Err(filling.source.is_not("a data set from rows"));
        };
        for (row, (user, item)) in users.into_iter().zip(items).enumerate() {
            builder.push(user, item, ratings.get(row).copied(), times.get(row).copied())?;
        }
        Ok(())
    })
}

/// The next bytes of a side file, whose `options` count when it is begun: the items' titles and genres (`items`), their
/// features (`features`) or the features' names.
#[wasm_bindgen(js_name = appendSide)]
pub fn append_side(dataset: u32, side: &str, options: &str, bytes: &[u8]) -> Result<()> {
    handles::with_filling(dataset, |filling| {
        match side {
            "items" => begun(&mut filling.items, || Ok(ItemsReader::new(ItemsOptions::from_json(options)?)))?
                .append(bytes)?,
            "features" => begun(&mut filling.features, || {
                Ok(FeaturesReader::new(FeaturesOptions::from_json(options)?))
            })?
            .append(bytes)?,
            _ => begun(&mut filling.feature_names, || {
                // Names have the same options, of which they need the file's name alone.
                Ok(NamesReader::new(FeaturesOptions::from_json(options)?.file))
            })?
            .append(bytes)?,
        }
        Ok(())
    })
}

/// What is in `place`, begun if nothing is.
fn begun<T>(place: &mut Option<T>, begin: impl FnOnce() -> Result<T>) -> Result<&mut T> {
    Ok(match place {
        Some(begun) => begun,
        none => none.insert(begin()?),
    })
}

/// Ends a data set. If its end shows that it is no data set, the handle is gone.
#[wasm_bindgen]
pub fn finish(dataset: u32) -> Result<()> {
    let filling = handles::take_filling(dataset)?;
    let mut data = match filling.source {
        Source::File(reader) => reader.finish()?,
        Source::Rows(builder) => builder.finish(),
        source => return Err(source.is_not("a data set from a file or from rows")),
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

/// A data set with planted structure.
#[wasm_bindgen]
pub fn synthesise(options: &str) -> Result<u32> {
    let planted = synthetic::generate(&SyntheticOptions::from_json(options)?)?;
    Ok(keep_dataset(planted.data))
}

fn keep_dataset(data: Interactions) -> u32 {
    handles::keep(Held::Dataset(Arc::new(data)))
}

/// A data set of the rows that a filter lets through.
#[wasm_bindgen]
pub fn filter(dataset: u32, options: &str) -> Result<u32> {
    let options = FilterOptions::from_json(options)?;
    Ok(keep_dataset(tastespace_data::filter(&*handles::dataset(dataset)?, &options)?))
}

/// Parts of a data set, as JSON of handles.
#[wasm_bindgen]
pub fn split(dataset: u32, options: &str, test: Option<u32>) -> Result<String> {
    let options = SplitOptions::from_json(options)?;
    let test = test.map(handles::dataset).transpose()?;
    let parts = tastespace_data::split(&*handles::dataset(dataset)?, &options, test.as_deref())?;
    Ok(json!({
        "train": keep_dataset(parts.train),
        "validation": parts.validation.map(keep_dataset),
        "test": parts.test.map(keep_dataset),
        "trainAndValidation": parts.train_and_validation.map(keep_dataset),
        "validationGiven": parts.validation_given.map(keep_dataset),
        "testGiven": parts.test_given.map(keep_dataset),
    })
    .to_string())
}

/// The next generated rows as CSV, with a header at first; nothing at the end.
#[wasm_bindgen(js_name = nextCsv)]
pub fn next_csv(dataset: u32) -> Result<Vec<u8>> {
    handles::with_filling(dataset, |filling| match &mut filling.source {
        Source::Synthetic(rows) => Ok(rows.next_csv()),
        source => Err(source.is_not("a generated data set that is not kept")),
    })
}

/// The rows `from..to` as text: `csv`, with a header where `from` is 0, or `json-lines`.
#[wasm_bindgen(js_name = rowsAs)]
pub fn rows_as(dataset: u32, format: &str, from: usize, to: usize) -> Result<Vec<u8>> {
    let write = if format == "json-lines" { json_lines::write } else { csv::write };
    Ok(write(&*handles::dataset(dataset)?, from..to))
}

/// What is known of the items in words, as CSV.
#[wasm_bindgen(js_name = itemsAsCsv)]
pub fn items_as_csv(dataset: u32) -> Result<Vec<u8>> {
    Ok(csv::write_items(&*handles::dataset(dataset)?))
}

/// A model that is not trained yet.
#[wasm_bindgen(js_name = createModel)]
pub fn create_model(kind: &str, options: &str) -> Result<u32> {
    let entry = Entry::find(kind)?;
    let options = entry.check(options)?;
    Ok(handles::keep(Held::Model(Box::new(ModelHandle { entry, options, state: State::New }))))
}

/// Starts training, from nothing or from what was learnt. People of `validation` whom `train` does not have are placed by
/// their rows in `given`.
#[wasm_bindgen(js_name = beginFit)]
pub fn begin_fit(
    model: u32,
    train: u32,
    validation: Option<u32>,
    given: Option<u32>,
    options: &str,
) -> Result<()> {
    let options: FitOptions = parse("fit", FIT_OPTIONS, options)?;
    let train = handles::dataset(train)?;
    let validation = validation.map(handles::dataset).transpose()?;
    let given = given.map(handles::dataset).transpose()?;
    handles::with_model(model, |model| {
        let (seed, metric) = (options.seed, options.metric(model.entry)?);
        let fit = if options.go_on {
            Fit::go_on(model.fitted()?, &train, validation, seed, &memory::free_for)?
        } else {
            Fit::new(model.entry, model.options.clone(), train, validation, seed, &memory::free_for)?
        };
        model.state = State::Fitting(Box::new(fit.with_given(given).with_metric(metric)));
        Ok(())
    })
}

/// Trains one epoch and returns its report as JSON.
#[wasm_bindgen(js_name = trainEpoch)]
pub fn train_epoch(model: u32) -> Result<String> {
    let control = Control { cancel: control::cancel(), progress: control::progress() };
    handles::with_model(model, |model| match &mut model.state {
        State::Fitting(fit) => {
            let report = fit.train_epoch(control)?;
            Ok(serde_json::to_string(&report).expect("a report is plain data"))
        }
        _ => Err(ModelError::NotFitted { kind: model.entry.kind }.into()),
    })
}

/// Ends training and keeps its best epoch; a model without a whole epoch is as it was when new.
#[wasm_bindgen(js_name = endFit)]
pub fn end_fit(model: u32) -> Result<()> {
    handles::with_model(model, |model| {
        model.state = match std::mem::replace(&mut model.state, State::New) {
            State::Fitting(fit) => fit.finish().map_or(State::New, State::Fitted),
            other => other,
        };
        Ok(())
    })
}

/// Predictions for pairs of outside ids.
#[wasm_bindgen]
pub fn predict(model: u32, users: &Texts, items: &Texts) -> Result<Vec<f32>> {
    let (users, items) = (Copied::new(users)?, Copied::new(items)?);
    let (users, items) = (users.list()?, items.list()?);
    handles::with_model(model, |model| Ok(model.fitted()?.predict(&users, &items)?))
}

/// The best items for each user.
#[wasm_bindgen]
pub fn recommend(model: u32, users: &Texts, options: &str) -> Result<JsValue> {
    let options = parse("recommend", RECOMMEND_OPTIONS, options)?;
    let users = Copied::new(users)?;
    let users = users.list()?;
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        memory::check_room(
            "recommending so many items to so many users",
            fitted.recommend_bytes(users.len(), &options),
        )?;
        Ok(ranked_out(&fitted.recommend(&users, &options)?))
    })
}

/// The nearest items of each item.
#[wasm_bindgen(js_name = similarItems)]
pub fn similar_items(model: u32, items: &Texts, options: &str) -> Result<JsValue> {
    let options = parse("similarItems", SIMILAR_OPTIONS, options)?;
    let items = Copied::new(items)?;
    let items = items.list()?;
    handles::with_model(model, |model| Ok(ranked_out(&model.fitted()?.similar_items(&items, &options)?)))
}

/// The nearest users of each user.
#[wasm_bindgen(js_name = similarUsers)]
pub fn similar_users(model: u32, users: &Texts, options: &str) -> Result<JsValue> {
    let options = parse("similarUsers", SIMILAR_OPTIONS, options)?;
    let users = Copied::new(users)?;
    let users = users.list()?;
    handles::with_model(model, |model| Ok(ranked_out(&model.fitted()?.similar_users(&users, &options)?)))
}

/// The best items for someone who is not in the model, from items and their ratings; NaN counts as the highest.
#[wasm_bindgen(js_name = recommendFor)]
pub fn recommend_for(model: u32, items: &Texts, ratings: &[f32], options: &str) -> Result<JsValue> {
    let options = parse("recommendFor", RECOMMEND_OPTIONS, options)?;
    let items = Copied::new(items)?;
    let items = items.list()?;
    handles::with_model(model, |model| {
        Ok(ranked_out(&model.fitted()?.recommend_for(&items, ratings, &options)?))
    })
}

/// Why an item has its score for a user, as JSON: `{ parts: [[name, value]], items: [[item index, value]],
/// nearest: [[item index, distance]], features: [[name, value]], weights: [{ name, rows, columns, values }] }`, where rows and
/// columns of weights are `{ item: index }` or `{ name }`.
#[wasm_bindgen]
pub fn explain(model: u32, user: &str, item: &str) -> Result<String> {
    handles::with_model(model, |model| {
        let explanation = model.fitted()?.explain(user, item)?;
        let Explanation { parts, items, nearest, features, weights } = explanation;
        let document = json!({
            "parts": parts, "items": items, "nearest": nearest, "features": features, "weights": weights,
        });
        Ok(document.to_string())
    })
}

/// The slots of its memory as JSON, those with the most attention first: `[{ slot, share, items: [[item index, attention]],
/// words: [[name, times the usual]], pairs: [[user index, item index, attention]] }]`.
#[wasm_bindgen]
pub fn slots(model: u32, options: &str) -> Result<String> {
    let options = parse("slots", SLOTS_OPTIONS, options)?;
    handles::with_model(model, |model| Ok(json!(model.fitted()?.slots(&options)?).to_string()))
}

/// Metrics on a data set, and those of its users if asked for. Users whom the model does not know are placed by their
/// rows in `given`; the items of the rows in `exclude` are not ranked for their users.
#[wasm_bindgen]
pub fn evaluate(
    model: u32,
    test: u32,
    given: Option<u32>,
    exclude: Option<u32>,
    options: &str,
) -> Result<JsValue> {
    let options = parse("evaluate", EVALUATE_OPTIONS, options)?;
    let test = handles::dataset(test)?;
    let given = given.map(handles::dataset).transpose()?;
    let exclude = exclude.map(handles::dataset).transpose()?;
    let beside = Beside { given: given.as_deref(), exclude: exclude.as_deref() };
    handles::with_model(model, |model| {
        Ok(measured_out(&evaluate::evaluate(model.fitted()?, &test, beside, &options)?))
    })
}

/// Figures with their intervals, from values of users: `(estimate, low, high)` of each metric.
#[wasm_bindgen]
pub fn intervals(values: &[f64], rows: &[u32], options: &str) -> Result<Vec<f64>> {
    let options = parse("intervals", RESAMPLING_OPTIONS, options)?;
    let intervals = resampling::intervals(values, rows, &options)?;
    Ok(intervals.iter().flat_map(|of| [of.estimate, of.low, of.high]).collect())
}

/// What sets two models apart, from values of the same users: `(difference, p)` of each metric.
#[wasm_bindgen(js_name = pairedTests)]
pub fn paired_tests(a: &[f64], b: &[f64], rows: &[u32], options: &str) -> Result<Vec<f64>> {
    let options = parse("pairedTests", RESAMPLING_OPTIONS, options)?;
    let tests = resampling::paired_tests(a, b, rows, &options)?;
    Ok(tests.iter().flat_map(|of| [of.difference, of.p]).collect())
}

/// Where the `users` or `items` of a model lie.
#[wasm_bindgen]
pub fn vectors(model: u32, of: &str) -> Result<JsValue> {
    let along = if of == "users" { Axis::Users } else { Axis::Items };
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        let catalogue = fitted.catalogue();
        let rows = if along == Axis::Users { &catalogue.user_rows } else { &catalogue.item_rows };
        Ok(vectors_out(&fitted.embeddings(along)?, rows))
    })
}

/// The model as the bytes of a file.
#[wasm_bindgen]
pub fn save(model: u32, options: &str) -> Result<Vec<u8>> {
    let options = parse("save", WRITE_OPTIONS, options)?;
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        memory::check_room("saving this model", file::bytes(fitted, &options))?;
        Ok(file::write(fitted, &options))
    })
}

/// The model in the bytes of the file `name`.
#[wasm_bindgen]
pub fn load(name: &str, bytes: &[u8]) -> Result<u32> {
    memory::check_room("loading this model", bytes.len() as u64)?;
    let fitted = file::read(name, bytes)?;
    let (entry, options) = (fitted.entry(), fitted.options().clone());
    Ok(handles::keep(Held::Model(Box::new(ModelHandle { entry, options, state: State::Fitted(fitted) }))))
}

/// What a handle holds, as JSON.
#[wasm_bindgen]
pub fn info(handle: u32) -> Result<String> {
    handles::with(handle, |held| {
        let info = match held {
            Held::Filling(_) => json!({ "finished": false }),
            Held::Dataset(data) => json!(Summary::new(data)),
            Held::Model(model) => match model.fitted() {
                Ok(fitted) => fitted.info(),
                Err(_) => json!({ "kind": model.entry.kind, "options": model.options.json() }),
            },
        };
        Ok(info.to_string())
    })
}

/// The outside ids of the `users` or `items` behind a handle, in the order of their indices.
#[wasm_bindgen]
pub fn ids(handle: u32, of: &str) -> Result<JsValue> {
    handles::with_catalogue(handle, |users, items| {
        texts_out(if of == "users" { users.parts() } else { items.parts() })
    })
}

/// The titles of the items behind a data set or a trained model, in the order of their indices; no texts at all where there
/// are none.
#[wasm_bindgen]
pub fn titles(handle: u32) -> Result<JsValue> {
    handles::with_item_texts(handle, |texts| texts_out(texts.map_or(("", &[]), |texts| texts.parts().titles)))
}

/// The genres of the items behind a data set or a trained model, those of an item joined by `|`, in the order of their
/// indices; no texts at all where there are none.
#[wasm_bindgen]
pub fn genres(handle: u32) -> Result<JsValue> {
    handles::with_item_texts(handle, |texts| {
        let (mut joined, mut ends) = (String::new(), Vec::new());
        for item in 0..texts.map_or(0, ItemTexts::len) as u32 {
            let genres: Vec<&str> = texts.map_or_else(Vec::new, |texts| texts.genres(item).collect());
            joined.push_str(&genres.join("|"));
            ends.push(joined.len() as u32);
        }
        texts_out((&joined, &ends))
    })
}

/// Frees what a handle holds.
#[wasm_bindgen]
pub fn dispose(handle: u32) {
    handles::drop_handle(handle);
}
