//! Calls that make, train and write models.

use crate::control;
use crate::errors::{EngineError, Result};
use crate::handles::{self, State, keep_model};
use crate::memory;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::FitOptions;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::{Fit, ModelError};
use tastespace_options::OptionSet;
use wasm_bindgen::prelude::wasm_bindgen;

/// A model of a kind with its options, not yet fitted.
#[wasm_bindgen(js_name = createModel)]
pub fn create_model(kind: &str, options: &str) -> Result<u32> {
    let entry = Entry::find(kind)?;
    let options = entry.check(options)?;
    Ok(keep_model(entry, options, State::New))
}

/// Starts training, from scratch or, with `resume`, from the trained parameters. `given` holds interactions of users of `validation` whom
/// `train` does not have, used to fold them in. A model that was fitted before answers as before until an epoch is done.
#[wasm_bindgen(js_name = beginFit)]
pub fn begin_fit(
    model: u32,
    train: u32,
    validation: Option<u32>,
    given: Option<u32>,
    resume: bool,
    options: &str,
) -> Result<()> {
    let options: FitOptions = FitOptions::parse("fit", options)?;
    let train = handles::dataset(train)?;
    let validation = validation.map(handles::dataset).transpose()?;
    let given = given.map(handles::dataset).transpose()?;
    handles::with_model(model, |model| {
        if matches!(model.state, State::Fitting { .. }) {
            return Err(EngineError::busy(model.entry.kind));
        }
        let (seed, metric) = (options.seed, options.metric(model.entry)?);
        let fit = if resume {
            Fit::resume(model.fitted()?, &train, validation, seed, &memory::free_for)?
        } else {
            Fit::new(model.entry, model.options.clone(), train, validation, seed, &memory::free_for)?
        };
        let fit = Box::new(
            fit.with_given(given).with_metric(metric).with_validation_users(options.validation_users),
        );
        let before = match std::mem::replace(&mut model.state, State::New) {
            State::Fitted(fitted) => Some(fitted),
            _ => None,
        };
        model.state = State::Fitting { fit, before };
        Ok(())
    })
}

/// Trains one epoch and returns its report as JSON. The model answers from it at once.
#[wasm_bindgen(js_name = trainEpoch)]
pub fn train_epoch(model: u32) -> Result<String> {
    handles::with_model(model, |model| match &mut model.state {
        State::Fitting { fit, .. } => {
            let report = fit.train_epoch(control::watched())?;
            Ok(serde_json::to_string(&report).expect("a report is plain data"))
        }
        _ => Err(ModelError::NotFitted { kind: model.entry.kind }.into()),
    })
}

/// Ends training. With `keep` the model is that of the best epoch; without it, or without a whole epoch, the model is
/// restored as it was before training.
#[wasm_bindgen(js_name = endFit)]
pub fn end_fit(model: u32, keep: bool) -> Result<()> {
    handles::with_model(model, |model| {
        model.state = match std::mem::replace(&mut model.state, State::New) {
            State::Fitting { fit, before } => {
                let trained = if keep { fit.finish() } else { None };
                trained.or(before).map_or(State::New, State::Fitted)
            }
            other => other,
        };
        Ok(())
    })
}

/// The model as the bytes of a file.
#[wasm_bindgen]
pub fn save(model: u32, options: &str) -> Result<Vec<u8>> {
    let options = WriteOptions::parse("save", options)?;
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        options.check(fitted.entry())?;
        memory::check_blocks("saving this model", &[file::bytes(fitted, &options)])?;
        Ok(file::write(fitted, &options))
    })
}
