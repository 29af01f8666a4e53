//! The two losses and their gradients.

use super::global::{Convolved, back_to_items, global_kernel};
use super::matrix::Matrix;
use super::network::{Network, Pass};
use super::parameters::{Layout, TAPS};
use super::ratings::Ratings;
use super::{Center, Options};
use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::trainer::Control;
use ndarray::Array2;
use tastespace_kernels::kernelised::Penalties;
use tastespace_kernels::sparse::{self, Sparse};

/// The two losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The autoencoder alone.
    Pretrain,
    /// With the global kernel.
    Finetune,
}

/// Workspace of a loss and its gradient.
pub(super) struct Objective {
    ratings: Ratings,
    network: Network,
    penalties: Penalties,
    scale: f64,
    /// Whether the output has biases of its own.
    has_biases: bool,
    /// The pass over the ratings.
    first: Pass,
    item_means: Vec<f32>,
    /// Workspace of fine-tuning.
    second: Option<Second>,
    errors: Vec<f32>,
    errors_by_user: Vec<f32>,
}

/// The pass over the convolved ratings.
struct Second {
    pass: Pass,
    convolved: Convolved,
    /// The mean prediction of each item in the first pass, and its gradient.
    means: Vec<f32>,
    mean_slopes: Vec<f32>,
    global: [f32; TAPS],
}

/// A loss.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loss {
    /// `½ Σ e²` and penalties.
    pub(super) total: f64,
    /// `Σ e²` over the training ratings.
    pub(super) squares: f64,
}

/// Quantities of the items at fixed parameters.
pub(super) struct Codes {
    /// `(items, h)`
    pub(super) items: Array2<f32>,
    /// The code of an item without ratings: `(h)`.
    pub(super) unknown: Vec<f32>,
    /// The global kernel; zero before fine-tuning.
    pub(super) global: [f32; TAPS],
}

impl Objective {
    /// `item_means` are mean predictions of the base model, which are added to those of the autoencoder.
    pub(super) fn new(options: &Options, layout: Layout, ratings: Ratings, item_means: Vec<f32>) -> Self {
        Self {
            penalties: options.penalties(),
            scale: options.dot_scale,
            has_biases: options.center != Center::Biases,
            first: Pass::new(&layout, ratings.items),
            second: None,
            item_means,
            errors: vec![0.0; ratings.len()],
            errors_by_user: vec![0.0; ratings.len()],
            network: Network::new(layout, options, ratings.items),
            ratings,
        }
    }

    /// Upper bound of the bytes.
    pub(super) fn bytes(layout: &Layout, shape: Shape) -> u64 {
        let own = (shape.rows * 8 + shape.items * 12) as u64;
        Ratings::bytes(shape) + Network::bytes(layout, shape, 2) + Convolved::bytes(shape) + own
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.network.layout
    }

    /// Number of training ratings.
    pub(super) fn rows(&self) -> usize {
        self.ratings.len()
    }

    /// Runs the passes up to the errors. Returns their sum of squares.
    fn forward(&mut self, phase: Phase, parameters: &[f32], control: Control) -> Result<f64, ModelError> {
        let Self { ratings, network, first, second, item_means, errors, .. } = self;
        control.check_cancelled()?;
        network.take(parameters);
        network.forward(parameters, ratings.by_item(), first);
        if phase == Phase::Pretrain {
            return Ok(network.errors(parameters, first, ratings, errors));
        }
        let second = second.get_or_insert_with(|| Second {
            pass: Pass::new(&network.layout, ratings.items),
            convolved: Convolved::new(ratings),
            means: vec![0.0; ratings.items],
            mean_slopes: vec![0.0; ratings.items],
            global: [0.0; TAPS],
        });
        control.check_cancelled()?;
        network.means(parameters, first, &mut second.means);
        second.means.iter_mut().zip(item_means).for_each(|(mean, known)| *mean += *known);
        let kernels = &parameters[network.layout.kernels.clone()];
        second.global = global_kernel(kernels, &second.means, self.scale);
        second.convolved.convolve(ratings, &second.global);
        network.forward(parameters, second.convolved.by_item(), &mut second.pass);
        Ok(network.errors(parameters, &second.pass, ratings, errors))
    }

    /// The loss at `parameters` and its gradient. Before fine-tuning the item kernels are not part of it.
    pub(super) fn evaluate(
        &mut self,
        phase: Phase,
        parameters: &[f32],
        gradient: &mut [f32],
        control: Control,
    ) -> Result<Loss, ModelError> {
        let squares = self.forward(phase, parameters, control)?;
        let Self { ratings, network, first, second, errors, errors_by_user, .. } = self;
        ratings.reorder(errors, errors_by_user);
        let errors = (&errors[..], &errors_by_user[..]);
        control.check_cancelled()?;
        match second.as_mut().filter(|_| phase == Phase::Finetune) {
            None => {
                network.back_from_errors(first, ratings, errors, gradient);
                network.back(first, ratings.by_user(), false, gradient);
            }
            Some(Second { pass, convolved, means, mean_slopes, .. }) => {
                network.back_from_errors(pass, ratings, errors, gradient);
                network.back(pass, convolved.by_user(), false, gradient);
                control.check_cancelled()?;
                let (delta, weights) = (&network.deltas[0], &network.weights[0]);
                let slope = convolved.back(ratings, |items, entries: Sparse, out| {
                    let (a, b) =
                        ((&delta.values[..], delta.rows, items.start), (&weights.values[..], weights.rows));
                    sparse::sample(a, b, delta.columns, entries, out);
                });
                let place = network.layout.kernels.clone();
                let kernels = (&parameters[place.clone()], &means[..]);
                back_to_items(&slope, self.scale, kernels, &mut gradient[place], mean_slopes);
                network.back_from_means(first, mean_slopes, gradient);
                network.back(first, ratings.by_user(), true, gradient);
            }
        }
        if !self.has_biases {
            gradient[network.layout.output().biases.clone()].fill(0.0);
        }
        let penalty = network.back_to_parameters(parameters, self.penalties, gradient);
        Ok(Loss { total: 0.5 * squares + penalty, squares })
    }

    /// The codes at the parameters of the last evaluation.
    pub(super) fn codes(&self, phase: Phase, parameters: &[f32]) -> Codes {
        let second = self.second.as_ref().filter(|_| phase == Phase::Finetune);
        let pass = second.map_or(&self.first, |second| &second.pass);
        let mut empty = Pass::new(self.layout(), 1);
        let nothing = Sparse { starts: &[0], ends: &[0], columns: &[], values: &[] };
        self.network.forward(parameters, nothing, &mut empty);
        Codes {
            items: pass.codes().row_major(),
            unknown: empty.codes().row_major().into_raw_vec_and_offset().0,
            global: second.map_or([0.0; TAPS], |second| second.global),
        }
    }

    /// The effective user weights at the parameters of the last evaluation: `(users, h)`.
    pub(super) fn user_weights(&self) -> Array2<f32> {
        self.network.weights.last().map(Matrix::row_major).expect("there is an output layer")
    }
}

#[cfg(test)]
mod tests {
    use super::super::base::Base;
    use super::super::scale::Scale;
    use super::*;
    use crate::contract::trainer::Problem;
    use serde_json::Value;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, AtomicU32};
    use tastespace_data::rng::Purpose;
    use tastespace_data::{Columns, Interactions, Rng, Vocabulary};
    use tastespace_options::OptionSet;

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    }

    fn vocabulary(length: &Value) -> Arc<Vocabulary> {
        let mut ids = Vocabulary::default();
        (0..length.as_u64().unwrap()).for_each(|id| {
            ids.intern(&id.to_string());
        });
        Arc::new(ids)
    }

    /// Both losses and all their gradients equal those of autograd on the dense formulas (`test/fixtures/make/glocal_k.py`).
    #[test]
    fn losses_and_gradients_are_those_of_the_dense_program() {
        let golden: Value =
            serde_json::from_str(include_str!("../../../../test/fixtures/glocal_k.json")).unwrap();
        let rows: Vec<Vec<f64>> = golden["rows"].as_array().unwrap().iter().map(numbers).collect();
        let columns = Columns {
            users: rows.iter().map(|row| row[0] as u32).collect(),
            items: rows.iter().map(|row| row[1] as u32).collect(),
            ratings: Some(rows.iter().map(|row| row[2] as f32).collect()),
            times: None,
        };
        let train = Arc::new(Interactions::new(
            vocabulary(&golden["users"]),
            vocabulary(&golden["items"]),
            columns,
            None,
        ));
        let seed = golden["seed"].as_u64().unwrap();
        let (go_on, progress) = (AtomicI32::new(0), AtomicU32::new(0));
        let control = Control { cancel: &go_on, progress: &progress };
        for case in golden["cases"].as_array().unwrap() {
            let mut text = case["options"].clone();
            text["center"] = "none".into();
            let options = Options::parse("glocal-k", &text.to_string()).unwrap();
            let layout = Layout::new(&options, train.users.len(), train.items.len());
            let mut rng = Rng::stream(seed, Purpose::Order, 0, 0);
            let parameters: Vec<f32> =
                (0..layout.len()).map(|_| (0.9 * (2.0 * rng.uniform() - 1.0)) as f32).collect();
            let values = train.columns().ratings.as_deref().unwrap();
            let problem = Problem { train: train.clone(), seed, start: None };
            let base = Base::new(&options, &problem, Scale::of(&[1.0, 5.0, 5.0]));
            let ratings = Ratings::new(&train, values, &base);
            let kernels = layout.kernels.start;
            let item_means = vec![0.0; train.items.len()];
            let mut objective = Objective::new(&options, layout, ratings, item_means);
            // Twice: an evaluation does not depend on the one before.
            for (name, phase) in [("finetune", Phase::Finetune), ("pretrain", Phase::Pretrain)].repeat(2) {
                let expected = &case["losses"][name];
                let length = if phase == Phase::Pretrain { kernels } else { parameters.len() };
                let mut gradient = vec![f32::NAN; length];
                let loss = objective.evaluate(phase, &parameters[..length], &mut gradient, control).unwrap();
                let total = expected["loss"].as_f64().unwrap();
                assert!((loss.total / total - 1.0).abs() < 1e-6, "{name}: {loss:?} for {total}");
                let expected = numbers(&expected["gradient"]);
                assert_eq!(gradient.len(), expected.len());
                let largest = expected.iter().fold(0.0f64, |largest, g| largest.max(g.abs()));
                for (place, (got, expected)) in gradient.iter().zip(expected).enumerate() {
                    // f32: sums of a few dozen terms that partly cancel.
                    let tolerance = 2e-5 * expected.abs() + 2e-6 * largest;
                    let error = (f64::from(*got) - expected).abs();
                    assert!(error < tolerance, "{} {name} {place}: {got} for {expected}", case["name"]);
                }
            }
        }
    }

    /// With `center` codes are shifted, and the output has biases only with `mean`.
    #[test]
    fn gradients_above_a_center_are_the_slopes() {
        let rows: Vec<(u32, u32, f32)> =
            (0..40).map(|row| (row * 7 % 9, row * 5 % 8, (row * row % 5 + 1) as f32)).collect();
        let columns = Columns {
            users: rows.iter().map(|row| row.0).collect(),
            items: rows.iter().map(|row| row.1).collect(),
            ratings: Some(rows.iter().map(|row| row.2).collect()),
            times: None,
        };
        let values = columns.ratings.clone().unwrap();
        let train = Arc::new(Interactions::new(vocabulary(&9.into()), vocabulary(&8.into()), columns, None));
        let (go_on, progress) = (AtomicI32::new(0), AtomicU32::new(0));
        let control = Control { cancel: &go_on, progress: &progress };
        for (center, phase) in ["biases", "mean"].into_iter().zip([Phase::Finetune, Phase::Pretrain]) {
            let text =
                format!(r#"{{"center":"{center}","hidden":[5,4],"weightPenalty":0.5,"dotScale":0.1}}"#);
            let options = Options::parse("glocal-k", &text).unwrap();
            let problem = Problem { train: train.clone(), seed: 1, start: None };
            let base = Base::new(&options, &problem, Scale::of(&values));
            let layout = Layout::new(&options, 9, 8);
            let length = if phase == Phase::Pretrain { layout.kernels.start } else { layout.len() };
            let frozen = layout.output().biases.clone();
            let mut rng = Rng::stream(1, Purpose::Order, 0, 0);
            let parameters: Vec<f32> = (0..length).map(|_| (0.8 * rng.uniform() - 0.3) as f32).collect();
            let means = (0..8).map(|item| base.item_mean(item)).collect();
            let mut objective = Objective::new(&options, layout, Ratings::new(&train, &values, &base), means);
            let mut gradient = vec![0.0; length];
            objective.evaluate(phase, &parameters, &mut gradient, control).unwrap();
            let mut loss = |place: usize, by: f32| {
                let mut moved = parameters.clone();
                moved[place] += by;
                objective.evaluate(phase, &moved, &mut vec![0.0; length], control).unwrap().total
            };
            for place in (0..length).step_by(3) {
                let slope = (loss(place, 1e-2) - loss(place, -1e-2)) / 2e-2;
                let expected = if center == "biases" && frozen.contains(&place) { 0.0 } else { slope };
                let error = (f64::from(gradient[place]) - expected).abs();
                assert!(
                    error < 2e-2 + 1e-2 * expected.abs(),
                    "{center} {place}: {} for {expected}",
                    gradient[place]
                );
            }
        }
    }
}
