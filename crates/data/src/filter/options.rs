//! Options of the filter.

use crate::core::time;
use crate::error::DataError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tastespace_options::{OptionError, OptionSet, options, shape};

options! {
    /// Options of the filter.
    pub struct FilterOptions {
        /// Earliest time of the rows that are kept, inclusive.
        from: Option<Moment> = None, ((), "no bound");
        /// Latest time of the rows that are kept, exclusive.
        until: Option<Moment> = None, ((), "no bound");
        /// Lowest rating of the rows that are kept. They become implicit feedback, without a rating.
        positive_threshold: Option<f64> = None, (-1e12..=1e12, "all rows with their ratings");
        /// Rows that every user and every item has at least. Users and items with fewer rows are removed, again and again,
        /// until all have enough.
        core: u32 = 0, 0..=4_294_967_295;
    }
}

/// A time: seconds, or an ISO 8601 date such as `2015-03-04` or `2015-03-04T10:11:12Z`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Moment {
    /// Seconds.
    Seconds(f64),
    /// A date, or seconds as text.
    Text(String),
}

shape!(
    Moment,
    "number | string",
    "seconds since 1970, or an ISO 8601 date such as \"2015-03-04\"",
    |moment| moment.seconds().is_some()
);

impl Moment {
    fn seconds(&self) -> Option<f64> {
        match self {
            Self::Seconds(seconds) => Some(*seconds).filter(|seconds| seconds.is_finite()),
            Self::Text(text) => time::parse(text),
        }
    }
}

impl FilterOptions {
    /// Options from a JSON object.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let options = Self::parse("filter", json)?;
        options.bounds()?;
        Ok(options)
    }

    /// The bounds of time in seconds, infinite if there are none.
    pub(super) fn bounds(&self) -> Result<[f64; 2], DataError> {
        let seconds = |moment: &Option<Moment>| moment.as_ref().and_then(Moment::seconds);
        let from = seconds(&self.from).unwrap_or(f64::NEG_INFINITY);
        let until = seconds(&self.until).unwrap_or(f64::INFINITY);
        if from < until {
            return Ok([from, until]);
        }
        let (value, expected) = (json!(self.until), format!("a time after from = {from}"));
        Err(OptionError::BadValue { owner: "filter", key: "until", value, expected, in_type: true }.into())
    }
}
