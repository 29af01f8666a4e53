//! What a filter can be asked for.

use crate::core::time;
use crate::error::{DataError, Scope};
use crate::options::{self, bad};
use serde::Deserialize;
use serde_json::json;

/// Which rows are let through.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct FilterOptions {
    /// The first moment of the rows let through. Default: no bound.
    pub from: Option<Moment>,
    /// The moment that all of them come before. Default: no bound.
    pub until: Option<Moment>,
    /// The least rating of the rows let through, which become choices without a rating. Default: none, ratings stay.
    pub positive_threshold: Option<f32>,
    /// Rows that every user and every item has at least: those with fewer are removed, and those that have fewer then, and
    /// so on. Default 0.
    pub core: u32,
}

/// A moment: seconds as the data has them, or an ISO 8601 date such as `2015-03-04` or `2015-03-04T10:11:12Z`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected seconds since 1970, or an ISO 8601 date such as \"2015-03-04\"")]
pub enum Moment {
    /// Seconds.
    Seconds(f64),
    /// A date, or seconds as text.
    Text(String),
}

impl FilterOptions {
    /// Options from a JSON object; `data/bad-option` names what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let options: Self = options::from_json(Scope::Data, json)?;
        options.check()?;
        Ok(options)
    }

    /// The bounds of time in seconds, infinite where there is none.
    pub(super) fn check(&self) -> Result<[f64; 2], DataError> {
        let seconds = |key, moment: &Option<Moment>, absent| match moment {
            None => Ok(absent),
            Some(Moment::Seconds(seconds)) if seconds.is_finite() => Ok(*seconds),
            Some(Moment::Seconds(seconds)) => Err(bad(Scope::Data, key, &json!(seconds), ACCEPTED)),
            Some(Moment::Text(text)) => {
                time::parse(text).ok_or_else(|| bad(Scope::Data, key, &json!(text), ACCEPTED))
            }
        };
        let from = seconds("from", &self.from, f64::NEG_INFINITY)?;
        let until = seconds("until", &self.until, f64::INFINITY)?;
        if from >= until {
            let accepted = format!("expected a moment after from = {from}");
            return Err(bad(Scope::Data, "until", &json!(until), accepted));
        }
        match self.positive_threshold {
            Some(threshold) if !threshold.is_finite() => {
                let value = json!(threshold.to_string());
                Err(bad(Scope::Data, "positiveThreshold", &value, "expected a finite number, a rating"))
            }
            _ => Ok([from, until]),
        }
    }
}

const ACCEPTED: &str = "expected seconds since 1970, or an ISO 8601 date such as \"2015-03-04\"";
