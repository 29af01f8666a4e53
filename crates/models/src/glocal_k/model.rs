//! The trained model: parameters, codes, and answers.

use super::Options;
use super::base::Base;
use super::objective::{Codes, Objective, Phase};
use super::parameters::{Layout, TAPS};
use crate::contract::explanation::{Entity, Explanation, Weights};
use crate::contract::kind::Shape;
use crate::contract::model::{Model, Scorer, UNKNOWN};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row, values};
use crate::learn::ridge::{ordered, ridge};
use crate::learn::similarity::sort_by_strength;
use ndarray::Array2;
use std::ops::Range;
use tastespace_kernels::kernelised::{self, Kernel};
use tastespace_kernels::lanes::LANES;
use tastespace_kernels::matrix::multiply_transposed;
use tastespace_kernels::panels::{self, PANEL};
use tastespace_kernels::vector::{add_scaled, dot, norm};

/// Bins of kernel values, each without its lower end.
const BINS: [&str; 6] = ["0", "to .2", "to .4", "to .6", "to .8", "to 1"];

/// Hidden units that an explanation lists one by one.
const NAMED_UNITS: usize = 5;

/// Pseudo-count that shrinks the bias of a new user toward the mean bias, in ratings.
const BIAS_PULL: f64 = 1.0;

/// All parameters, and quantities derived from them and the ratings.
pub(super) struct GLocalModel {
    layout: Layout,
    parameters: Vec<f32>,
    /// The code of each item, the input of the output layer: `(items, h)`.
    item_codes: Array2<f32>,
    /// The code of an item without ratings: `(h)`.
    unknown_code: Vec<f32>,
    /// The output layer's effective weights: `(users, h)`.
    user_weights: Array2<f32>,
    /// The means of the weights and of the biases over all users, for unknown users.
    mean_weights: Vec<f32>,
    mean_bias: f32,
    /// `G`, for explanations.
    global: [f32; TAPS],
    base: Base,
    kernel: Kernel,
    penalty: f64,
}

/// Means of the columns.
fn column_means(matrix: &Array2<f32>) -> Vec<f32> {
    let mut sums = vec![0.0f64; matrix.ncols()];
    for row in values(matrix).chunks_exact(matrix.ncols()) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += f64::from(value);
        }
    }
    sums.iter().map(|sum| (sum / matrix.nrows() as f64) as f32).collect()
}

impl GLocalModel {
    pub(super) fn new(
        options: &Options,
        objective: &Objective,
        phase: Phase,
        parameters: &[f32],
        base: &Base,
    ) -> Self {
        let codes = objective.codes(phase, parameters);
        let (layout, weights) = (objective.layout().clone(), objective.user_weights());
        Self::assemble(options, layout, parameters.to_vec(), codes, weights, base.clone())
    }

    fn assemble(
        options: &Options,
        layout: Layout,
        parameters: Vec<f32>,
        codes: Codes,
        user_weights: Array2<f32>,
        base: Base,
    ) -> Self {
        let biases = &parameters[layout.output().biases.clone()];
        let sum: f64 = biases.iter().map(|&bias| f64::from(bias)).sum();
        Self {
            mean_bias: (sum / biases.len() as f64) as f32,
            mean_weights: column_means(&user_weights),
            item_codes: codes.items,
            unknown_code: codes.unknown,
            global: codes.global,
            kernel: options.kernel.into(),
            penalty: options.weight_penalty.max(1e-6),
            layout,
            parameters,
            user_weights,
            base,
        }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let layout = Layout::new(options, shape.users, shape.items);
        let parameters = layout.load(tensors)?;
        let h = layout.output().columns;
        let codes = Codes {
            items: tensors.take_matrix("item_codes", shape.items, h)?,
            unknown: tensors.take("unknown_code", &[h])?,
            global: tensors.take("global_kernel", &[3, 3])?.try_into().expect("the shape was checked"),
        };
        let base = Base::load(options, tensors, shape)?;
        let weights = effective(&layout, options.kernel.into(), &parameters);
        Ok(Self::assemble(options, layout, parameters, codes, weights, base))
    }

    pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
        let layout = Layout::new(options, shape.users, shape.items);
        let h = layout.output().columns;
        4 * (layout.len() + (shape.items + shape.users + 2) * h) as u64
    }

    fn output_biases(&self) -> &[f32] {
        &self.parameters[self.layout.output().biases.clone()]
    }

    fn code(&self, item: u32) -> &[f32] {
        if item == UNKNOWN { &self.unknown_code } else { row(&self.item_codes, item) }
    }

    /// The global kernel as a table, once there is one.
    fn global_weights(&self) -> Option<Weights> {
        let things = |side: &str| {
            let places = ["before", "itself", "after"];
            places.iter().map(|place| Entity::Name(format!("{side} {place}"))).collect()
        };
        let values = self.global.to_vec();
        let table = Weights { name: "global kernel", rows: things("item"), columns: things("user"), values };
        self.global.iter().any(|&tap| tap != 0.0).then_some(table)
    }

    /// Sparsity of the local kernels: for each layer the fraction of values that are 0, and in each fifth up to 1.
    fn local_weights(&self) -> Weights {
        let d = self.layout.dimensions;
        let layers = &self.layout.layers;
        let mut values = Vec::with_capacity(layers.len() * BINS.len());
        for layer in layers {
            let part = |place: &Range<usize>| &self.parameters[place.clone()];
            let mut columns = vec![0.0; panels::length(d, layer.columns)];
            kernelised::columns_in_panels(part(&layer.column_points), d, &mut columns);
            // With weights of 1 the effective weights are the kernels.
            let ones = vec![1.0; layer.columns];
            let mut counts = [0u32; BINS.len()];
            for u in part(&layer.row_points).chunks_exact(d) {
                for panel in 0..panels::panels(layer.columns) {
                    let mut near = [[0.0; PANEL]];
                    kernelised::weigh(self.kernel, &ones, u, &columns, d, panel, &mut near);
                    let width = (layer.columns - panel * PANEL).min(PANEL);
                    for near in &near[0][..width] {
                        counts[(near * (BINS.len() - 1) as f32).ceil() as usize] += 1;
                    }
                }
            }
            let all = (layer.rows * layer.columns) as f32;
            values.extend(counts.map(|count| count as f32 / all));
        }
        let name = |number: usize| match number {
            0 => "input".to_owned(),
            last if last == layers.len() - 1 => "output".to_owned(),
            between => format!("hidden {between}"),
        };
        Weights {
            name: "local kernels",
            rows: (0..layers.len()).map(|number| Entity::Name(name(number))).collect(),
            columns: BINS.iter().map(|&bin| Entity::Name(bin.to_owned())).collect(),
            values,
        }
    }

    /// Ridge regression of ratings on codes, the objective of the output layer for one user: weights and bias.
    fn regress(&self, rows: &[(u32, f32)], base: impl Fn(u32) -> f32) -> Option<(Vec<f64>, f64)> {
        let codes: Vec<&[f32]> = rows.iter().map(|&(item, _)| row(&self.item_codes, item)).collect();
        let target =
            |&(item, rating): &(u32, f32)| f64::from(self.base.target(rating, base(item)) - self.mean_bias);
        let targets: Vec<f64> = rows.iter().map(target).collect();
        let (weights, bias) = ridge(&codes, &targets, self.penalty, BIAS_PULL)?;
        Some((weights, bias + f64::from(self.mean_bias)))
    }
}

/// The output layer's effective weights, row by row.
fn effective(layout: &Layout, kernel: Kernel, parameters: &[f32]) -> Array2<f32> {
    let (output, d) = (layout.output(), layout.dimensions);
    let part = |place: &Range<usize>| &parameters[place.clone()];
    let mut columns = vec![0.0; panels::length(d, output.columns)];
    kernelised::columns_in_panels(part(&output.column_points), d, &mut columns);
    let mut weights = super::matrix::Matrix::zeros(output.rows, output.columns);
    let (w, u) = (part(&output.weights), part(&output.row_points));
    weights.each_panel(|panel, out| kernelised::weigh(kernel, w, u, &columns, d, panel, out));
    debug_assert_eq!(columns.len() % PANEL, 0);
    weights.row_major()
}

/// Cosine of one row of a table with all rows, after subtracting the mean row.
fn cosines(table: &Array2<f32>, mean: &[f32], query: u32, out: &mut [f32]) {
    let centered = |index: u32| -> Vec<f32> {
        row(table, index).iter().zip(mean).map(|(value, mean)| value - mean).collect()
    };
    let query = centered(query);
    let length = norm(&query);
    for (other, out) in out.iter_mut().enumerate() {
        let other = centered(other as u32);
        let lengths = length * norm(&other);
        *out = if lengths > 0.0 { dot(&query, &other) / lengths } else { 0.0 };
    }
}

/// Inner product in the order of a matrix product, so that one prediction has the same bits as many.
fn in_order(x: &[f32], y: &[f32]) -> f32 {
    x.iter().zip(y).fold(0.0, |sum, (x, y)| sum + x * y)
}

/// Scores items for a few users by a product of matrices.
struct Products<'a> {
    model: &'a GLocalModel,
    /// The users' weights: `(users, h)`.
    weights: Vec<f32>,
    biases: Vec<f32>,
    /// Workspace of the product.
    panel: Vec<f32>,
    base: Option<Box<dyn Scorer + 'a>>,
    base_scores: Vec<f32>,
}

impl Scorer for Products<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        let (codes, count) = (&self.model.item_codes, items.len());
        let h = codes.ncols();
        let rows = &values(codes)[items.start * h..items.end * h];
        multiply_transposed(&self.weights, rows, h, out, &mut self.panel);
        for (scores, bias) in out.chunks_exact_mut(count.max(1)).zip(&self.biases) {
            scores.iter_mut().for_each(|score| *score += bias);
        }
        let scale = self.model.base.scale;
        match &mut self.base {
            Some(base) => {
                self.base_scores.resize(out.len(), 0.0);
                base.score(items, &mut self.base_scores);
                let scores = out.iter_mut().zip(&self.base_scores);
                scores.for_each(|(score, base)| *score = base + *score * scale.factor());
            }
            None => out.iter_mut().for_each(|score| *score = scale.origin() + *score * scale.factor()),
        }
    }
}

impl Model for GLocalModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = self.layout.tensors(&self.parameters);
        tensors.push(Tensor::matrix("item_codes", Axis::Items, &self.item_codes));
        tensors.push(Tensor::vector("unknown_code", Axis::Whole, &self.unknown_code));
        tensors.push(Tensor {
            name: "global_kernel".into(),
            shape: vec![3, 3],
            values: &self.global,
            axis: Axis::Whole,
        });
        tensors.extend(self.base.tensors());
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        self.base.predict(users, items, out);
        let factor = self.base.scale.factor();
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            let (weights, bias) = match user {
                UNKNOWN => (&self.mean_weights[..], self.mean_bias),
                user => (row(&self.user_weights, user), self.output_biases()[user as usize]),
            };
            *out += (in_order(weights, self.code(item)) + bias) * factor;
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        Box::new(Products {
            model: self,
            weights: users.iter().flat_map(|&user| row(&self.user_weights, user)).copied().collect(),
            biases: users.iter().map(|&user| self.output_biases()[user as usize]).collect(),
            panel: vec![0.0; self.user_weights.ncols() * LANES],
            base: self.base.scorer(users),
            base_scores: Vec::new(),
        })
    }

    /// Cosine of the item codes, after subtracting the mean code.
    fn item_similarity(&self, item: u32, _: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.item_codes, &column_means(&self.item_codes), item, out);
        Ok(())
    }

    /// Cosine of the user weights, after subtracting the mean weights.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.user_weights, &self.mean_weights, user, out);
        Ok(())
    }

    /// A new column of the output layer: ridge regression of the ratings on the item codes. Weights, bias, and with `center` the
    /// bias of the base model: `(h + 1)` or `(h + 2)`.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let rows = ordered(rows);
        let base = self.base.fold_in(&rows)?;
        let below = |item: u32| self.base.of(UNKNOWN, item) + base.first().unwrap_or(&0.0);
        let solved = if rows.is_empty() { None } else { self.regress(&rows, below) };
        let mut folded = match solved {
            Some((weights, bias)) => weights.iter().chain([&bias]).map(|&value| value as f32).collect(),
            None => {
                let mut nobody = self.mean_weights.clone();
                nobody.push(self.mean_bias);
                nobody
            }
        };
        folded.extend(base);
        Ok(folded)
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        let (weights, rest) = folded.split_at(self.item_codes.ncols());
        self.base.score_new_user(&rest[1..], out);
        let factor = self.base.scale.factor();
        for (item, out) in out.iter_mut().enumerate() {
            *out += (in_order(weights, row(&self.item_codes, item as u32)) + rest[0]) * factor;
        }
    }

    /// The user's output for the average item, and the contributions of the strongest hidden units for this one; the
    /// contribution of each rated item through the user's weights, as if those were fitted with the codes fixed: the residual at
    /// the item, times the product of the codes, over the penalty. The tables are the global kernel and the sparsity of the local
    /// kernels.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (mut parts, factor) = (self.base.parts(user, item)?, self.base.scale.factor());
        let (weights, code) = (row(&self.user_weights, user), self.code(item));
        let mean = column_means(&self.item_codes);
        let average = self.output_biases()[user as usize] + dot(weights, &mean);
        parts.push(("average item".to_owned(), average * factor));
        let mut products: Vec<(usize, f32)> =
            (0..mean.len()).map(|unit| (unit, weights[unit] * (code[unit] - mean[unit]) * factor)).collect();
        sort_by_strength(&mut products);
        let (named, rest) = products.split_at(NAMED_UNITS.min(products.len()));
        parts.extend(named.iter().map(|&(unit, product)| (format!("hidden unit {}", unit + 1), product)));
        if !rest.is_empty() {
            parts.push(("other hidden units".to_owned(), rest.iter().map(|&(_, product)| product).sum()));
        }

        let rows = ordered(rows);
        let below = |item: u32| self.base.of(user, item);
        let mut items = Vec::new();
        if let Some((fitted, bias)) = self.regress(&rows, below) {
            let fitted: Vec<f32> = fitted.iter().map(|&weight| weight as f32).collect();
            // Minus the mean code: contributions common to all items would dominate otherwise.
            let mut apart = code.to_vec();
            add_scaled(&mut apart, -1.0, &mean);
            items.extend(rows.iter().map(|&(rated, rating)| {
                let other = row(&self.item_codes, rated);
                let error = self.base.target(rating, below(rated)) - dot(&fitted, other) - bias as f32;
                (rated, factor * error * dot(&apart, other) / self.penalty as f32)
            }));
        }
        sort_by_strength(&mut items);
        let weights = self.global_weights().into_iter().chain([self.local_weights()]).collect();
        Ok(Explanation { parts, items, weights, ..Explanation::default() })
    }
}
