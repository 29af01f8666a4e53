//! Uncertainty of metrics: bootstrap intervals over users, and paired tests between two models.
//!
//! Both work on values of users, `x_u`, and metrics of the form `Σ w_u x_u / Σ w_u`: ranking metrics weight users equally, `mae` and
//! `rmse` by their test interactions, and `rmse` is the root of the metric of `x_u²`. Users are resampled, not interactions,
//! because the interactions of a user are not independent. With several runs (seeds) a user's value is the mean over the
//! runs, of `x_u²` for `rmse`.
//!
//! - *Interval* (Efron 1979, percentiles): resample `b` samples as many users as there are, with replacement, from the stream
//!   (seed, bootstrap, 0, b); the interval of level `1 − α` is between the quantiles `α/2` and `1 − α/2` of the resampled
//!   metrics, interpolated linearly at `(B − 1) q`.
//! - *Paired test* (Fisher's randomization, two-sided): if the two models are equal, swapping their values of any user changes
//!   nothing. With `d_u = w_u (x_u − y_u)`, permutation `b` flips the sign of each `d_u` by a bit of the stream
//!   (seed, signs, 0, b), 32 per number, lowest first, 1 flips. `p = (1 + n)/(1 + B)`, where `n` of the `B` sums are at least as far
//!   from 0 as the observed one, up to a rounding of `10⁻¹² Σ|d_u|`. For `rmse` the `d_u` are of squares, which is the
//!   same test because the root is monotonic.

use super::metric::{Measure, Metric};
use super::{SEEDS, without_repetition};
use crate::contract::error::ModelError;
use crate::contract::kind::Task;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_optim::parallel;
use tastespace_options::options;

options! {
    /// Options of [`intervals`] and [`paired_tests`].
    pub struct ResamplingOptions {
        /// Metrics of the values; all of one task.
        metrics: Vec<String> = Vec::new(), "a list of metric names, all of one task";
        /// Number of runs (seeds). Each user has a value from each.
        runs: u32 = 1, 1..=1 << 20;
        /// Confidence level of the intervals.
        level: f64 = 0.95, 0.01..=0.9999;
        /// Number of resamples, or of permutations. Higher values reduce the Monte Carlo error.
        resamples: u32 = 2000, 100..=1 << 24;
        /// Seed of the resampling.
        seed: u64 = 0, SEEDS;
    }
}

/// A metric with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The metric over all users.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The difference between two models.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The metric of the first model minus that of the second.
    pub difference: f64,
    /// Probability of a difference at least as large under the null hypothesis.
    pub p: f64,
}

/// Values of users, ready for summation.
struct Table {
    metrics: Vec<Metric>,
    users: usize,
    /// `w_u x_u`, of squares for rmse: `(users, metrics)`.
    weighted: Vec<f64>,
    /// `w_u`: `(users)`.
    weights: Vec<f64>,
}

impl Table {
    /// `values: (runs, metrics, users)`, `rows: (users)`.
    fn new(values: &[f64], rows: &[u32], options: &ResamplingOptions) -> Result<Self, ModelError> {
        let read = |task| -> Result<Vec<Metric>, ModelError> {
            options.metrics.iter().map(|name| Metric::parse(name, "an interval", task)).collect()
        };
        let (task, metrics) = match read(Task::Rating) {
            Ok(metrics) => (Task::Rating, metrics),
            Err(_) => (Task::Ranking, read(Task::Ranking)?),
        };
        if let Some(metric) = metrics.iter().find(|metric| !metric.is_per_user()) {
            return Err(ModelError::NotPerUser { metric: metric.to_string() });
        }
        let (users, runs) = (rows.len(), options.runs as usize);
        let expected = runs * metrics.len() * users;
        if values.len() != expected || without_repetition(metrics.clone()).len() < metrics.len() {
            return Err(ModelError::WrongValues { expected, found: values.len() });
        }
        let weights: Vec<f64> =
            rows.iter().map(|&rows| if task == Task::Rating { f64::from(rows) } else { 1.0 }).collect();
        let mut weighted = vec![0.0; users * metrics.len()];
        for run in values.chunks_exact((metrics.len() * users).max(1)) {
            for (column, (metric, values)) in metrics.iter().zip(run.chunks_exact(users.max(1))).enumerate() {
                for (user, &value) in values.iter().enumerate() {
                    let value = if metric.measure == Measure::Rmse { value * value } else { value };
                    weighted[user * metrics.len() + column] += value;
                }
            }
        }
        for (values, weight) in weighted.chunks_exact_mut(metrics.len().max(1)).zip(&weights) {
            for value in values {
                *value *= weight / runs as f64;
            }
        }
        Ok(Self { metrics, users, weighted, weights })
    }

    /// The metrics of a resample, given by the number of times that each user occurs.
    fn figures(&self, users: impl Iterator<Item = usize>) -> Vec<f64> {
        let count = self.metrics.len();
        let (mut sums, mut weight) = (vec![0.0; count], 0.0);
        for user in users {
            weight += self.weights[user];
            for (sum, value) in sums.iter_mut().zip(&self.weighted[user * count..][..count]) {
                *sum += value;
            }
        }
        for (sum, metric) in sums.iter_mut().zip(&self.metrics) {
            *sum /= if weight > 0.0 { weight } else { 1.0 };
            if metric.measure == Measure::Rmse {
                *sum = sum.sqrt();
            }
        }
        sums
    }
}

/// Each metric with its interval. `values: (runs, metrics, users)`; `rows: (users)`, the test interactions of each user.
pub fn intervals(
    values: &[f64],
    rows: &[u32],
    options: &ResamplingOptions,
) -> Result<Vec<Interval>, ModelError> {
    let table = Table::new(values, rows, options)?;
    let estimates = table.figures(0..table.users);
    let resampled = parallel::map(0..options.resamples, |resample| {
        let mut rng = Rng::stream(options.seed, Purpose::Bootstrap, 0, u64::from(resample));
        table.figures((0..table.users).map(|_| rng.below(table.users as u32) as usize))
    });
    let interval = |(metric, &estimate): (usize, &f64)| {
        let mut sorted: Vec<f64> = resampled.iter().map(|figures| figures[metric]).collect();
        sorted.sort_by(f64::total_cmp);
        let tail = (1.0 - options.level) / 2.0;
        Interval { estimate, low: quantile(&sorted, tail), high: quantile(&sorted, 1.0 - tail) }
    };
    Ok(estimates.iter().enumerate().map(interval).collect())
}

/// Linear interpolation between the two ascending values nearest to the quantile `part`.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * part;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// Permutations that are summed at once, side by side.
const LANES: usize = 8;

/// The sums of the `differences: (users, metrics)`, with the signs of permutations from `first` on: `(metrics, LANES)`.
fn permuted(differences: &[f64], count: usize, seed: u64, first: u32) -> Vec<[f64; LANES]> {
    let mut streams: [Rng; LANES] =
        std::array::from_fn(|lane| Rng::stream(seed, Purpose::Signs, 0, u64::from(first) + lane as u64));
    let mut sums = vec![[0.0; LANES]; count];
    for users in differences.chunks((32 * count).max(1)) {
        let mut bits = streams.each_mut().map(Rng::next_u32);
        for values in users.chunks_exact(count.max(1)) {
            let signs = bits.map(|bits| u64::from(bits & 1) << 63);
            bits = bits.map(|bits| bits >> 1);
            for (sums, value) in sums.iter_mut().zip(values) {
                for (sum, sign) in sums.iter_mut().zip(&signs) {
                    *sum += f64::from_bits(value.to_bits() ^ sign);
                }
            }
        }
    }
    sums
}

/// For each metric the difference between two models on the same users, and its p value.
/// `a`, `b`: `(runs, metrics, users)`; `rows: (users)`, the test interactions of each user.
pub fn paired_tests(
    a: &[f64],
    b: &[f64],
    rows: &[u32],
    options: &ResamplingOptions,
) -> Result<Vec<Paired>, ModelError> {
    let (a, b) = (Table::new(a, rows, options)?, Table::new(b, rows, options)?);
    let (users, count) = (a.users, a.metrics.len());
    let differences: Vec<f64> = a.weighted.iter().zip(&b.weighted).map(|(a, b)| a - b).collect();
    let rows_of = || differences.chunks_exact(count.max(1));
    let (mut observed, mut slack) = (vec![0.0; count], vec![0.0; count]);
    for values in rows_of() {
        for ((sum, slack), value) in observed.iter_mut().zip(&mut slack).zip(values) {
            *sum += value;
            *slack += 1e-12 * value.abs();
        }
    }
    let batches = options.resamples.div_ceil(LANES as u32);
    let far = parallel::map(0..batches, |batch| {
        let permutations = batch * LANES as u32..options.resamples.min((batch + 1) * LANES as u32);
        let sums = permuted(&differences, count, options.seed, permutations.start);
        let far = |((sums, observed), slack): ((&[f64; LANES], &f64), &f64)| {
            let sums = &sums[..permutations.len()];
            sums.iter().filter(|sum| sum.abs() >= observed.abs() - slack).count() as u32
        };
        sums.iter().zip(&observed).zip(&slack).map(far).collect::<Vec<u32>>()
    });
    let mut as_far = vec![0; count];
    for far in far {
        as_far.iter_mut().zip(far).for_each(|(sum, far)| *sum += far);
    }
    let (a, b) = (a.figures(0..users), b.figures(0..users));
    let paired = |((a, b), far): ((f64, f64), u32)| Paired {
        difference: a - b,
        p: (1.0 + f64::from(far)) / (1.0 + f64::from(options.resamples)),
    };
    Ok(a.into_iter().zip(b).zip(as_far).map(paired).collect())
}
