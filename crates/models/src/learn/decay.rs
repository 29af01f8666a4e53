//! Weights of interactions that halve with their age.

use crate::contract::error::ModelError;
use crate::contract::trainer::Problem;
use tastespace_data::DataError;
use tastespace_kernels::math::pow;
use tastespace_options::options;

const SECONDS_PER_DAY: f64 = 86_400.0;

options! {
    /// Options of kinds whose interactions can lose weight with age.
    pub struct Decay {
        /// Age in days at which an interaction has half the weight: `2^(−age / halfLife)`, where age is the time before the latest training interaction. Needs times. A model with this option is not continued, because it keeps no times.
        half_life: Option<f64> = None, (0.001..=1e6, "equal weights");
    }
}

impl Decay {
    /// The weight of each training interaction of `problem` by row; none without a half-life.
    pub fn weights<'a>(
        &self,
        kind: &'static str,
        problem: &'a Problem,
    ) -> Result<Option<impl Fn(usize) -> f64 + use<'a>>, ModelError> {
        let Some(half_life) = self.half_life else { return Ok(None) };
        if problem.start.is_some() {
            let reason = "the model keeps no times; call fit with the earlier and the new interactions, or on the command line train";
            return Err(ModelError::Unsupported { kind, what: "continue training with halfLife", reason });
        }
        let Some(times) = &problem.train.columns().times else {
            return Err(ModelError::Data(DataError::NeedsTimestamps {
                purpose: "halfLife",
                instead: "leave out the option halfLife",
                unread: problem.train.unread(),
            }));
        };
        let latest = times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(Some(move |row: usize| pow(2.0, (times[row] - latest) / (half_life * SECONDS_PER_DAY))))
    }
}
