//! Calls that evaluate a trained model and compare results.

use crate::control;
use crate::errors::Result;
use crate::handles;
use crate::rows::measured_out;
use crate::words::{Resampling, word};
use tastespace_models::evaluate::resampling::{self, ResamplingOptions};
use tastespace_models::evaluate::{self, Beside, EvaluateOptions};
use tastespace_options::OptionSet;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Metrics on a data set, and those of its users if asked for. `given` holds interactions that fold in users whom the model
/// does not know; the items of the rows in `exclude` are not ranked for their users.
#[wasm_bindgen]
pub fn evaluate(
    model: u32,
    test: u32,
    given: Option<u32>,
    exclude: Option<u32>,
    options: &str,
) -> Result<JsValue> {
    let options = EvaluateOptions::parse("evaluate", options)?;
    let test = handles::dataset(test)?;
    let given = given.map(handles::dataset).transpose()?;
    let exclude = exclude.map(handles::dataset).transpose()?;
    let beside = Beside { given: given.as_deref(), exclude: exclude.as_deref() };
    handles::with_model(model, |model| {
        Ok(measured_out(&evaluate::evaluate_until(
            model.fitted()?,
            &test,
            beside,
            &options,
            control::watched(),
        )?))
    })
}

/// Resamples evaluation results: intervals give `(estimate, low, high)` of each metric, paired tests of `values` against
/// `others` give `(difference, p)`.
#[wasm_bindgen]
pub fn resample(by: &str, values: &[f64], others: &[f64], rows: &[u32], options: &str) -> Result<Vec<f64>> {
    let by = word(by)?;
    let options = ResamplingOptions::parse("resample", options)?;
    Ok(match by {
        Resampling::Intervals => {
            let intervals = resampling::intervals(values, rows, &options)?;
            intervals.iter().flat_map(|of| [of.estimate, of.low, of.high]).collect()
        }
        Resampling::PairedTests => {
            let tests = resampling::paired_tests(values, others, rows, &options)?;
            tests.iter().flat_map(|of| [of.difference, of.p]).collect()
        }
    })
}
