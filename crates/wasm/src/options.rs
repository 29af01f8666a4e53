//! Calls about models in general: their kinds, and options of all calls.

use crate::errors::Result;
use crate::words::{Checked, word};
use serde_json::{Value, json};
use tastespace_data::{
    FeaturesOptions, FilterOptions, ItemsOptions, ReaderOptions, SplitOptions, SyntheticOptions,
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
