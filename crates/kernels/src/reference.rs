//! The naive `f64` twin of each kernel: its formula, written directly. For tests and benches.

use crate::contrast::Contrast;
use crate::kernelised::Kernel;
use crate::pairwise_step::PairRate;
use crate::rating_step::Rate;
use crate::translation::{Translation, WITHIN_ROOT};

/// Twin of [`crate::vector::dot`].
pub fn dot(x: &[f32], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
}

/// Twin of [`crate::distance::squared_distance`].
pub fn squared_distance(x: &[f32], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2)).sum()
}

/// Twin of [`crate::quantized::above`] for one user: `(item, product)`.
pub fn products_above(user: &[i16], items: &[Vec<i16>], threshold: i32) -> Vec<(u32, i64)> {
    let product = |item: &Vec<i16>| user.iter().zip(item).map(|(&x, &y)| i64::from(x) * i64::from(y)).sum();
    (0..)
        .zip(items.iter().map(product))
        .filter(|&(_, product): &(u32, i64)| product > threshold.into())
        .collect()
}

/// The derivative of `loss` with respect to coordinate `k` at `point`, by a central difference.
pub fn derivative(point: &[f64], k: usize, loss: &impl Fn(&[f64]) -> f64) -> f64 {
    let shifted = |by: f64| {
        let mut at = point.to_vec();
        at[k] += by;
        loss(&at)
    };
    (shifted(1e-5) - shifted(-1e-5)) / 2e-5
}

/// The triplet hinge `[margin + ‖u − v_i‖² − ‖u − v_k‖²]₊`, with its gradient in [`crate::hinge`].
pub fn triplet(user: &[f64], positive: &[f64], negative: &[f64], margin: f64) -> f64 {
    let distance = |item: &[f64]| user.iter().zip(item).map(|(u, v)| (u - v) * (u - v)).sum::<f64>();
    (margin + distance(positive) - distance(negative)).max(0.0)
}

/// Twin of [`crate::rank_weight::rank_weight`] of [`crate::rank_weight::parallel_rank`].
pub fn parallel_weight(items: u64, impostors: u64, samples: u64) -> f64 {
    ((items as f64 * impostors as f64 / samples as f64).floor() + 1.0).ln()
}

/// Twin of [`crate::rank_weight::rank_weight`] of [`crate::rank_weight::sequential_rank`].
pub fn sequential_weight(items: u64, samples: u64) -> f64 {
    ((items as f64 / samples as f64).floor() + 1.0).ln()
}

/// The loss of [`crate::covariance`], from the rows `y: (n, d)` before centring.
pub fn covariance_loss(y: &[f64], counts: &[f32], d: usize) -> f64 {
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let moment = |value: &dyn Fn(&[f64]) -> f64| {
        let rows = y.chunks_exact(d).zip(counts);
        rows.map(|(y, &count)| f64::from(count) * value(y)).sum::<f64>() / total
    };
    let pairs = (0..d).flat_map(|j| (0..d).map(move |k| (j, k))).filter(|(j, k)| j != k);
    let squares = pairs.map(|(j, k)| {
        let (mean_j, mean_k) = (moment(&|y| y[j]), moment(&|y| y[k]));
        moment(&|y| (y[j] - mean_j) * (y[k] - mean_k)).powi(2)
    });
    squares.sum::<f64>() / total
}

/// Twin of [`crate::matrix::multiply_transposed`].
pub fn multiply_transposed(a: &[f32], b: &[f32], d: usize, rows: usize, columns: usize) -> Vec<f64> {
    let cells = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j)));
    cells.map(|(i, j)| dot(&a[i * d..][..d], &b[j * d..][..d])).collect()
}

/// Twin of [`crate::matrix::add_transposed_product`], from nothing.
pub fn transposed_product(a: &[f32], b: &[f32], p: usize, q: usize) -> Vec<f64> {
    let cells = (0..p).flat_map(|i| (0..q).map(move |j| (i, j)));
    let rows = a.len() / p;
    cells.map(|(i, j)| (0..rows).map(|r| f64::from(a[r * p + i]) * f64::from(b[r * q + j])).sum()).collect()
}

/// `½(e² + λ_p‖p‖² + λ_q‖q‖² + λ_u b_u² + λ_i b_i²)`: what [`crate::rating_step::rating_step`] descends.
pub fn rating_loss(p: &[f64], q: &[f64], user_bias: f64, item_bias: f64, target: f64, rate: Rate) -> f64 {
    let squares = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let product: f64 = p.iter().zip(q).map(|(p, q)| p * q).sum();
    let error = target - user_bias - item_bias - product;
    let vectors = f64::from(rate.user_penalty) * squares(p) + f64::from(rate.item_penalty) * squares(q);
    let biases = f64::from(rate.user_bias_penalty) * squares(&[user_bias])
        + f64::from(rate.item_bias_penalty) * squares(&[item_bias]);
    0.5 * (error * error + vectors + biases)
}

/// Twin of [`crate::rating_step::rating_step`], with its state.
pub struct RatingStep {
    /// The user's row.
    pub p: Vec<f64>,
    /// The item's row.
    pub q: Vec<f64>,
    /// The user's bias.
    pub user_bias: f64,
    /// The item's bias.
    pub item_bias: f64,
}

impl RatingStep {
    /// The twin's state, from the kernel's.
    pub fn new(p: &[f32], q: &[f32], user_bias: f32, item_bias: f32) -> Self {
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect();
        Self { p: wide(p), q: wide(q), user_bias: f64::from(user_bias), item_bias: f64::from(item_bias) }
    }

    /// One step; returns the error before it.
    pub fn step(&mut self, target: f64, rate: Rate) -> f64 {
        let product: f64 = self.p.iter().zip(&self.q).map(|(p, q)| p * q).sum();
        let error = target - self.user_bias - self.item_bias - product;
        let (learning, vector_learning) = (f64::from(rate.learning), f64::from(rate.vector_learning));
        for (p, q) in self.p.iter_mut().zip(&mut self.q) {
            let (old_p, old_q) = (*p, *q);
            *p += vector_learning * (error * old_q - f64::from(rate.user_penalty) * old_p);
            *q += vector_learning * (error * old_p - f64::from(rate.item_penalty) * old_q);
        }
        self.user_bias += learning * (error - f64::from(rate.user_bias_penalty) * self.user_bias);
        self.item_bias += learning * (error - f64::from(rate.item_bias_penalty) * self.item_bias);
        error
    }
}

/// Twin of [`crate::softmax::softmax`].
pub fn softmax(x: &[f32]) -> Vec<f64> {
    let most = x.iter().fold(f64::NEG_INFINITY, |most, &x| most.max(f64::from(x)));
    let powers: Vec<f64> = x.iter().map(|&x| (f64::from(x) - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// Twin of [`Translation::distance`].
pub fn translation(translation: Translation, p: &[f64], r: &[f64], q: &[f64]) -> f64 {
    let steps = (0..p.len()).map(|k| p[k] + r[k] - q[k]);
    match translation {
        Translation::Euclidean => (steps.map(|e| e * e).sum::<f64>() + f64::from(WITHIN_ROOT)).sqrt(),
        Translation::Squared => steps.map(|e| e * e).sum(),
        Translation::Absolute => steps.map(f64::abs).sum(),
    }
}

/// Twin of [`Contrast::loss`].
pub fn contrast(contrast: Contrast, distances: &[f64]) -> f64 {
    let negatives = &distances[1..];
    match contrast {
        Contrast::Hinge { margin } => {
            let terms =
                negatives.iter().map(|negative| (f64::from(margin) + distances[0] - negative).max(0.0));
            terms.sum::<f64>() / negatives.len().max(1) as f64
        }
        Contrast::Softmax { temperature } => {
            let power = |distance: f64| (-distance / f64::from(temperature)).exp();
            -(power(distances[0]) / distances.iter().map(|&distance| power(distance)).sum::<f64>()).ln()
        }
    }
}

/// Twin of [`crate::memory_attention`], one pair, with its relation clipped to a ball.
pub struct MemoryAttention {
    /// `(n)`
    pub weights: Vec<f64>,
    /// `(d)`, clipped.
    pub relation: Vec<f64>,
    keys: Vec<f64>,
    memory: Vec<f64>,
    user: Vec<f64>,
    item: Vec<f64>,
    /// Norm of the relation before it is clipped.
    norm: f64,
    radius: f64,
}

/// Gradients of the inputs of [`MemoryAttention`].
pub struct MemoryAttentionGradients {
    /// Of the user's vector: `(d)`.
    pub user: Vec<f64>,
    /// Of the item's vector: `(d)`.
    pub item: Vec<f64>,
    /// Of the keys: `(n, d)`.
    pub keys: Vec<f64>,
    /// Of the memory: `(n, d)`.
    pub memory: Vec<f64>,
}

impl MemoryAttention {
    /// The forward pass of a pair `user, item: (d)` over slots `keys, memory: (n, d)`.
    pub fn new(keys: &[f32], memory: &[f32], user: &[f32], item: &[f32], radius: f64) -> Self {
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        Self::of(&wide(keys), &wide(memory), &wide(user), &wide(item), radius)
    }

    /// The same from `f64`.
    pub fn of(keys: &[f64], memory: &[f64], user: &[f64], item: &[f64], radius: f64) -> Self {
        let (d, n) = (user.len(), keys.len() / user.len());
        let score = |slot: usize| (0..d).map(|k| keys[slot * d + k] * user[k] * item[k]).sum::<f64>();
        let powers: Vec<f64> = (0..n).map(|slot| score(slot).exp()).collect();
        let weights: Vec<f64> = powers.iter().map(|power| power / powers.iter().sum::<f64>()).collect();
        let mut relation: Vec<f64> =
            (0..d).map(|k| (0..n).map(|slot| weights[slot] * memory[slot * d + k]).sum()).collect();
        let norm = relation.iter().map(|x| x * x).sum::<f64>().sqrt();
        relation.iter_mut().for_each(|x| *x *= (radius / norm).min(1.0));
        let (keys, memory) = (keys.to_vec(), memory.to_vec());
        Self { weights, relation, keys, memory, user: user.to_vec(), item: item.to_vec(), norm, radius }
    }

    /// From the gradient of the clipped relation, `(d)`, those of what went in.
    pub fn backward(&self, gradient: &[f32]) -> MemoryAttentionGradients {
        let (d, n) = (self.user.len(), self.weights.len());
        let along: f64 = self.relation.iter().zip(gradient).map(|(r, &g)| r * f64::from(g)).sum::<f64>()
            / self.radius.powi(2);
        let of_relation: Vec<f64> = (0..d)
            .map(|k| match self.norm > self.radius {
                true => self.radius / self.norm * (f64::from(gradient[k]) - along * self.relation[k]),
                false => f64::from(gradient[k]),
            })
            .collect();
        let (mut keys, mut memory) = (vec![0.0; n * d], vec![0.0; n * d]);
        let (mut user, mut item) = (vec![0.0; d], vec![0.0; d]);
        for slot in 0..n {
            let mut of_score = 0.0;
            // Every weight has its own way to the loss, and moves with every score.
            for other in 0..n {
                let of_weight: f64 = (0..d).map(|k| of_relation[k] * self.memory[other * d + k]).sum();
                let own = if slot == other { 1.0 } else { 0.0 };
                of_score += of_weight * self.weights[other] * (own - self.weights[slot]);
            }
            for k in 0..d {
                memory[slot * d + k] = self.weights[slot] * of_relation[k];
                keys[slot * d + k] = of_score * self.user[k] * self.item[k];
                user[k] += of_score * self.keys[slot * d + k] * self.item[k];
                item[k] += of_score * self.keys[slot * d + k] * self.user[k];
            }
        }
        MemoryAttentionGradients { user, item, keys, memory }
    }
}

/// Twin of [`crate::self_attention::combine`].
pub fn combine(weights: &[f32], rows: &[f32], d: usize) -> Vec<f64> {
    let term = |k: usize| move |(j, &weight): (usize, &f32)| f64::from(weight) * f64::from(rows[j * d + k]);
    (0..d).map(|k| weights.iter().enumerate().map(term(k)).sum()).collect()
}

/// Twin of [`crate::self_attention`]: from the inputs of the ReLUs.
pub struct SelfAttention {
    /// `(l, l)`
    pub map: Vec<f64>,
    /// `(l)`
    pub item_weights: Vec<f64>,
    /// `(d)`
    pub embedding: Vec<f64>,
    queries: Vec<f64>,
    keys: Vec<f64>,
    values: Vec<f64>,
}

/// Gradients of the inputs of [`SelfAttention`]: `(l, d)` each.
pub struct SelfAttentionGradients {
    /// Of the queries before their ReLU.
    pub queries: Vec<f64>,
    /// Of the keys before their ReLU.
    pub keys: Vec<f64>,
    /// Of the values.
    pub values: Vec<f64>,
}

impl SelfAttention {
    /// The forward pass over `l` items of `queries, keys, values: (l, d)`.
    pub fn new(queries: &[f32], keys: &[f32], values: &[f32], l: usize) -> Self {
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let d = values.len() / l;
        let (mut map, mut item_weights, mut embedding) = (vec![0.0; l * l], vec![0.0; l], vec![0.0; d]);
        let (queries, keys, values) = (wide(queries), wide(keys), wide(values));
        for i in 0..l {
            let power = |j: usize| {
                let product = |k: usize| queries[i * d + k].max(0.0) * keys[j * d + k].max(0.0);
                if i == j && l > 1 {
                    0.0
                } else {
                    ((0..d).map(product).sum::<f64>() / (d as f64).sqrt()).exp()
                }
            };
            let sum: f64 = (0..l).map(power).sum();
            for j in 0..l {
                map[i * l + j] = power(j) / sum;
                item_weights[j] += map[i * l + j] / l as f64;
            }
        }
        for j in 0..l {
            for k in 0..d {
                embedding[k] += item_weights[j] * values[j * d + k];
            }
        }
        Self { map, item_weights, embedding, queries, keys, values }
    }

    /// Backpropagates the gradient of the embedding, `(d)`, to the inputs.
    pub fn backward(&self, gradient: &[f32]) -> SelfAttentionGradients {
        let (l, d) = (self.item_weights.len(), self.embedding.len());
        let zeros = || vec![0.0; l * d];
        let mut of = SelfAttentionGradients { queries: zeros(), keys: zeros(), values: zeros() };
        for i in 0..l {
            for j in 0..l {
                // Every weight contributes to the loss, and depends on every score of its row.
                let of_weight: f64 =
                    (0..d).map(|k| f64::from(gradient[k]) * self.values[j * d + k] / l as f64).sum();
                for n in (0..l).filter(|&n| n != i) {
                    let own = if n == j { 1.0 } else { 0.0 };
                    let of_score = of_weight * self.map[i * l + j] * (own - self.map[i * l + n]);
                    for k in 0..d {
                        let (query, key) = (self.queries[i * d + k], self.keys[n * d + k]);
                        if query > 0.0 {
                            of.queries[i * d + k] += of_score * key.max(0.0) / (d as f64).sqrt();
                        }
                        if key > 0.0 {
                            of.keys[n * d + k] += of_score * query.max(0.0) / (d as f64).sqrt();
                        }
                    }
                }
                for (of_value, &g) in of.values[j * d..][..d].iter_mut().zip(gradient) {
                    *of_value += self.map[i * l + j] * f64::from(g) / l as f64;
                }
            }
        }
        of
    }
}

/// Twin of [`crate::time_signal::time_signal`].
pub fn time_signal(position: usize, d: usize) -> Vec<f64> {
    let angle = |k: usize| position as f64 / 10_000f64.powf((k - k % 2) as f64 / d as f64);
    (0..d).map(|k| if k % 2 == 0 { angle(k).sin() } else { angle(k).cos() }).collect()
}

/// `−ln σ(b_i − b_j + p·(q_i − q_j))` with half of each regularization term: the objective of [`crate::pairwise_step::pairwise_step`].
pub fn pairwise_loss(p: &[f64], [q_i, q_j]: [&[f64]; 2], [b_i, b_j]: [f64; 2], rate: PairRate) -> f64 {
    let squares = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let product: f64 = p.iter().zip(q_i.iter().zip(q_j)).map(|(p, (q_i, q_j))| p * (q_i - q_j)).sum();
    let vectors = squares(p) + squares(q_i) + squares(q_j);
    let penalties = f64::from(rate.penalty) * vectors + f64::from(rate.bias_penalty) * squares(&[b_i, b_j]);
    (1.0 + (-(b_i - b_j + product)).exp()).ln() + 0.5 * penalties
}

/// Twin of [`crate::pairwise_step::pairwise_step`], with its state.
pub struct PairwiseStep {
    /// The user's row.
    pub p: Vec<f64>,
    /// The row of the positive.
    pub q_i: Vec<f64>,
    /// The row of the negative.
    pub q_j: Vec<f64>,
    /// The items' biases.
    pub biases: [f64; 2],
}

impl PairwiseStep {
    /// The twin's state, from the kernel's.
    pub fn new(p: &[f32], q_i: &[f32], q_j: &[f32], biases: [f32; 2]) -> Self {
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect();
        Self { p: wide(p), q_i: wide(q_i), q_j: wide(q_j), biases: biases.map(f64::from) }
    }

    /// One step; returns the difference of the scores before it.
    pub fn step(&mut self, rate: PairRate) -> f64 {
        let product = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
        let x = self.biases[0] - self.biases[1] + product(&self.p, &self.q_i) - product(&self.p, &self.q_j);
        let (learning, penalty) = (f64::from(rate.learning), f64::from(rate.penalty));
        let wrong = 1.0 / (1.0 + x.exp());
        for (p, (q_i, q_j)) in self.p.iter_mut().zip(self.q_i.iter_mut().zip(&mut self.q_j)) {
            let (old_p, difference) = (*p, *q_i - *q_j);
            *p += learning * (wrong * difference - penalty * old_p);
            *q_i += learning * (wrong * old_p - penalty * *q_i);
            *q_j += learning * (-wrong * old_p - penalty * *q_j);
        }
        for (bias, sign) in self.biases.iter_mut().zip([1.0, -1.0]) {
            *bias += learning * (sign * wrong - f64::from(rate.bias_penalty) * *bias);
        }
        x
    }
}

/// Twin of a layer of [`crate::kernelised`], in `f64`.
#[derive(Clone)]
pub struct KernelisedLayer {
    /// How nearness falls with the distance.
    pub kernel: Kernel,
    /// Dimensions of the points.
    pub d: usize,
    /// Weights.
    pub w: Vec<f64>,
    /// The rows' points.
    pub u: Vec<f64>,
    /// The columns' points.
    pub v: Vec<f64>,
}

impl KernelisedLayer {
    /// `k(u_i, v_j)`, row by row.
    pub fn kernel(&self) -> Vec<f64> {
        let pairs = self.u.chunks(self.d).flat_map(|u| self.v.chunks(self.d).map(move |v| (u, v)));
        pairs
            .map(|(u, v)| {
                let square: f64 = u.iter().zip(v).map(|(u, v)| (u - v) * (u - v)).sum();
                match self.kernel {
                    Kernel::Finite => (1.0 - square).max(0.0),
                    Kernel::Gaussian => (-square).exp(),
                }
            })
            .collect()
    }

    /// `w_ij k(u_i, v_j)`, row by row.
    pub fn weights(&self) -> Vec<f64> {
        self.kernel().iter().zip(&self.w).map(|(k, w)| k * w).collect()
    }

    /// `½‖w‖²` and `½‖k‖²`.
    pub fn squares(&self) -> (f64, f64) {
        let half = |values: &[f64]| 0.5 * values.iter().map(|x| x * x).sum::<f64>();
        (half(&self.w), half(&self.kernel()))
    }
}

/// Asserts that the step from `point` to `moved` is `−rate` times the gradient of `loss`.
pub fn check_step(point: &[f64], moved: &[f32], rate: f32, loss: &impl Fn(&[f64]) -> f64) {
    for (k, (before, after)) in point.iter().zip(moved).enumerate() {
        let (step, gradient) = (f64::from(*after) - before, derivative(point, k, loss));
        assert!((step + f64::from(rate) * gradient).abs() < 1e-7, "coordinate {k}: {step} {gradient}");
    }
}

/// Compares a gradient with central differences of its loss: `loss(k, step)` has the `k`-th parameter moved by `step`.
/// `tolerance` is absolute where the gradient is small and relative where it is large.
pub fn check_gradient(gradient: &[f32], tolerance: f64, loss: impl Fn(usize, f64) -> f64) {
    for (k, &got) in gradient.iter().enumerate() {
        let step = 1e-5;
        let expected = (loss(k, step) - loss(k, -step)) / (2.0 * step);
        let error = (f64::from(got) - expected).abs();
        assert!(error < tolerance * expected.abs().max(1.0), "parameter {k}: {got} for {expected}");
    }
}

/// Twin of [`crate::layer_norm::layer_norm`]. `x: (n, d)`, `gain, bias: (d)`.
pub fn layer_norm(x: &[f64], gain: &[f64], bias: &[f64]) -> Vec<f64> {
    let d = gain.len();
    let mut out = Vec::with_capacity(x.len());
    for x in x.chunks_exact(d) {
        let mean = x.iter().sum::<f64>() / d as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / d as f64;
        let scale = 1.0 / (variance + f64::from(crate::layer_norm::EPSILON)).sqrt();
        out.extend((0..d).map(|k| gain[k] * (x[k] - mean) * scale + bias[k]));
    }
    out
}

/// Twin of [`crate::causal_attention::causal_attention`]. `qkv: (t, 3d)`; returns `(t, d)`.
pub fn causal_attention(qkv: &[f64], t: usize, d: usize, heads: usize) -> Vec<f64> {
    let width = d / heads;
    let mut out = vec![0.0; t * d];
    for head in 0..heads {
        let at = |position: usize, part: usize, k: usize| qkv[position * 3 * d + part * d + head * width + k];
        for i in 0..t {
            let product = |j: usize| (0..width).map(|k| at(i, 0, k) * at(j, 1, k)).sum::<f64>();
            let weights: Vec<f64> = (0..=i).map(|j| (product(j) / (width as f64).sqrt()).exp()).collect();
            let total: f64 = weights.iter().sum();
            for k in 0..width {
                let sum: f64 = weights.iter().enumerate().map(|(j, weight)| weight * at(j, 2, k)).sum();
                out[i * d + head * width + k] = sum / total;
            }
        }
    }
    out
}

/// Twin of the loss of [`crate::cross_entropy::cross_entropy`].
pub fn cross_entropy(target: f64, logits: &[f64], left_out: Option<usize>, correction: f64) -> f64 {
    let others = logits.iter().enumerate().filter(|&(index, _)| Some(index) != left_out);
    let sum: f64 = others.map(|(_, x)| (x + correction).exp()).sum();
    (target.exp() + sum).ln() - target
}

/// The minimum of `‖Z w − t‖² + ‖w‖²` for `z: (s, d)` and `t: (s)`, by Gaussian elimination.
pub fn unit_ridge(z: &[f32], t: &[f32], d: usize) -> Vec<f64> {
    let rows: Vec<Vec<f64>> =
        z.chunks_exact(d).map(|row| row.iter().map(|&x| f64::from(x)).collect()).collect();
    let mut a = vec![vec![0.0; d + 1]; d];
    for i in 0..d {
        for j in 0..d {
            a[i][j] = rows.iter().map(|row| row[i] * row[j]).sum::<f64>() + f64::from(u8::from(i == j));
        }
        a[i][d] = rows.iter().zip(t).map(|(row, &t)| row[i] * f64::from(t)).sum();
    }
    for pivot in 0..d {
        let own = a[pivot].clone();
        for row in (0..d).filter(|&row| row != pivot) {
            let factor = a[row][pivot] / own[pivot];
            a[row].iter_mut().zip(&own).for_each(|(x, own)| *x -= factor * own);
        }
    }
    (0..d).map(|i| a[i][d] / a[i][i]).collect()
}

/// `w` after some steps of conjugate gradient from `start` toward the minimum of [`unit_ridge`].
pub fn unit_ridge_steps(z: &[f32], t: &[f32], start: &[f32], steps: u32) -> Vec<f64> {
    let d = start.len();
    let product = |row: &[f32], x: &[f64]| -> f64 { row.iter().zip(x).map(|(z, x)| f64::from(*z) * x).sum() };
    let along = |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
    // (I + ZᵀZ) x
    let system = |x: &[f64]| -> Vec<f64> {
        let mut sum = x.to_vec();
        for row in z.chunks_exact(d) {
            let factor = product(row, x);
            sum.iter_mut().zip(row).for_each(|(sum, z)| *sum += factor * f64::from(*z));
        }
        sum
    };
    let mut w: Vec<f64> = start.iter().map(|&x| f64::from(x)).collect();
    let mut residual: Vec<f64> = system(&w).iter().map(|x| -x).collect();
    for (row, &t) in z.chunks_exact(d).zip(t) {
        residual.iter_mut().zip(row).for_each(|(sum, z)| *sum += f64::from(t) * f64::from(*z));
    }
    let mut direction = residual.clone();
    for _ in 0..steps {
        let square = along(&residual, &residual);
        if square < 1e-24 {
            break;
        }
        let image = system(&direction);
        let length = square / along(&direction, &image);
        w.iter_mut().zip(&direction).for_each(|(w, p)| *w += length * p);
        residual.iter_mut().zip(&image).for_each(|(r, q)| *r -= length * q);
        let ratio = along(&residual, &residual) / square;
        direction.iter_mut().zip(&residual).for_each(|(p, r)| *p = r + ratio * *p);
    }
    w
}
