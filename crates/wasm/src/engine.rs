//! Calls about the engine as a whole and about any handle.

use crate::errors::{EngineError, Result};
use crate::handles::{self, Held};
use crate::memory;
use crate::texts::texts_out;
use crate::words::{Checked, Names, word};
use serde_json::{Value, json};
use tastespace_data::{
    FeaturesOptions, FilterOptions, ItemFeatures, ItemTexts, ItemsOptions, ReaderOptions, SplitOptions,
    Summary, SyntheticOptions,
};
use tastespace_models::evaluate::EvaluateOptions;
use tastespace_models::evaluate::resampling::ResamplingOptions;
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::run::fit::FitOptions;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::SimilarOptions;
use tastespace_models::serve::recommend::RecommendOptions;
use tastespace_models::serve::slots::SlotsOptions;
use tastespace_models::serve::unknown::PredictOptions;
use tastespace_options::OptionSet;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The engine's version, the version of model files, all registered models, and the options of all calls, as JSON.
#[wasm_bindgen]
pub fn describe() -> String {
    let models: Vec<Value> = REGISTRY.iter().map(Entry::describe).collect();
    let options = json!({
        "fit": FitOptions::describe(), "evaluate": EvaluateOptions::describe(),
        "recommend": RecommendOptions::describe(), "similar": SimilarOptions::describe(),
        "predict": PredictOptions::describe(), "slots": SlotsOptions::describe(), "resample": ResamplingOptions::describe(),
        "save": WriteOptions::describe(), "split": SplitOptions::describe(),
        "filter": FilterOptions::describe(), "read": ReaderOptions::describe(),
        "items": ItemsOptions::describe(), "features": FeaturesOptions::describe(),
        "synthetic": SyntheticOptions::describe(),
    });
    let version = env!("CARGO_PKG_VERSION");
    json!({ "version": version, "format": file::FORMAT, "models": models, "options": options }).to_string()
}

/// Memory and handles as JSON: bytes in use, the peak since the last call, the size that the memory has grown to and its
/// limit, the bytes that may still be allocated, and the number of handles.
#[wasm_bindgen]
pub fn usage() -> String {
    json!({
        "usedBytes": memory::in_use() as u64, "peakBytes": memory::take_peak(), "heldBytes": memory::held(),
        "limitBytes": memory::limit() as u64, "freeBytes": memory::free(), "handles": handles::count(),
    })
    .to_string()
}

/// Validates options without computing anything. Returns them as JSON with their defaults filled in. `kind` is a model
/// kind: required for `model`; for `fit` and `evaluate` it decides which metrics there are.
#[wasm_bindgen]
pub fn check(what: &str, kind: Option<String>, options: &str) -> Result<String> {
    let entry = kind.as_deref().map(Entry::find).transpose()?;
    let checked = match word(what)? {
        Checked::Model => Entry::find(kind.as_deref().unwrap_or_default())?.check(options)?.json(),
        Checked::Fit => {
            let options: FitOptions = FitOptions::parse("fit", options)?;
            if let Some(entry) = entry {
                options.metric(entry)?;
            }
            json!(options)
        }
        Checked::Evaluate => {
            let options: EvaluateOptions = EvaluateOptions::parse("evaluate", options)?;
            if let Some(entry) = entry {
                options.check(entry)?;
            }
            json!(options)
        }
        Checked::Recommend => json!(RecommendOptions::parse("recommend", options)?),
        Checked::Similar => json!(SimilarOptions::parse("similar", options)?),
        Checked::Predict => json!(PredictOptions::parse("predict", options)?),
        Checked::Slots => json!(SlotsOptions::parse("slots", options)?),
        Checked::Resample => json!(ResamplingOptions::parse("resample", options)?),
        Checked::Save => {
            let options: WriteOptions = WriteOptions::parse("save", options)?;
            if let Some(entry) = entry {
                options.check(entry)?;
            }
            json!(options)
        }
        Checked::Split => {
            let split = SplitOptions::from_json(options)?;
            let mut checked = split.json();
            checked["by"] = json!(split.rule());
            checked
        }
        Checked::Filter => FilterOptions::from_json(options)?.json(),
        Checked::Read => ReaderOptions::from_json(options)?.json(),
        Checked::Items => ItemsOptions::from_json(options)?.json(),
        Checked::Features => FeaturesOptions::from_json(options)?.json(),
        Checked::Synthetic => SyntheticOptions::from_json(options)?.json(),
    };
    Ok(checked.to_string())
}

/// What a handle holds, as JSON.
#[wasm_bindgen]
pub fn info(handle: u32) -> Result<String> {
    handles::with(handle, |held| {
        let mut info = match held {
            Held::Filling(_) => return Err(EngineError::wrong_handle("a data set or a model", held.what())),
            Held::Dataset(data) => return Ok(json!(Summary::new(data)).to_string()),
            Held::Model(model) => match model.fitted() {
                Ok(fitted) => fitted.info(),
                Err(_) => {
                    let (kind, task) = (model.entry.kind, model.entry.task);
                    json!({ "kind": kind, "task": task, "options": model.options.json() })
                }
            },
        };
        info["fitted"] = json!(info.get("training").is_some());
        Ok(info.to_string())
    })
}

/// Outside ids of the users or items behind a handle, or the items' titles, genres or (of a model) features, in the order of
/// their indices. The genres of an item are joined by `|`, its features by line feeds. No texts at all where the data came
/// without titles and genres, or without features.
#[wasm_bindgen]
pub fn names(handle: u32, of: &str) -> Result<JsValue> {
    match word(of)? {
        Names::Users => handles::with_catalogue(handle, |users, _| texts_out(users.parts())),
        Names::Items => handles::with_catalogue(handle, |_, items| texts_out(items.parts())),
        Names::Titles => handles::with_item_texts(handle, |texts| {
            texts_out(texts.map_or(("", &[]), |texts| texts.parts().titles))
        }),
        Names::Genres => handles::with_item_texts(handle, |texts| {
            let (joined, ends) = texts.map_or_else(Default::default, genres);
            texts_out((&joined, &ends))
        }),
        Names::Features => handles::with_model(handle, |model| {
            let catalogue = model.fitted()?.catalogue();
            let (joined, ends) = catalogue.features.as_deref().map_or_else(Default::default, features);
            Ok(texts_out((&joined, &ends)))
        }),
    }
}

fn features(features: &ItemFeatures) -> (String, Vec<u32>) {
    let (mut joined, mut ends) = (String::new(), Vec::new());
    for item in 0..features.items().len() as u32 {
        let names: Vec<&str> = features.of(item).iter().map(|&feature| features.name(feature)).collect();
        joined.push_str(&names.join("\n"));
        ends.push(joined.len() as u32);
    }
    (joined, ends)
}

fn genres(texts: &ItemTexts) -> (String, Vec<u32>) {
    let (mut joined, mut ends) = (String::new(), Vec::new());
    for item in 0..texts.len() as u32 {
        joined.push_str(&texts.genres(item).collect::<Vec<_>>().join("|"));
        ends.push(joined.len() as u32);
    }
    (joined, ends)
}

/// Frees what a handle holds. A handle that is gone already is no error.
#[wasm_bindgen]
pub fn dispose(handle: u32) {
    handles::drop_handle(handle);
}
