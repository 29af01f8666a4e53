//! Self-attention of a short sequence, and its gradient (Zhang, Tay, Yao, Sun 2018, *Next Item Recommendation with
//! Self-Attention*).
//!
//! A sequence of `l` items has values `x: (l, d)`, queries `q: (l, d)` and keys `k: (l, d)`. Queries and keys are outputs of a
//! ReLU.
//!
//! ```text
//! s_ij = q_i·k_j / √d        for j ≠ i: an item does not attend to itself
//! a_i  = softmax_j(s_ij)     (l, l), the map
//! c_j  = (1/l) Σ_i a_ij      (l), the weights: they add up to 1
//! m    = Σ_j c_j x_j         (d), the embedding of the sequence
//! ```
//!
//! A sequence of one item is that item: `a = c = 1`, `m = x`.
//!
//! **Backward.** Let `g = ∂loss/∂m`. Since `∂m/∂x_j = c_j`, each value has the gradient `c_j g`, which the
//! caller adds. The map has `∂loss/∂a_ij = (g·x_j)/l =: e_j`, the same for every `i`. The softmax of row `i` has the
//! Jacobian `diag(a_i) − a_i a_iᵀ`, so that
//!
//! ```text
//! ∂loss/∂s_ij = a_ij (e_j − Σ_n a_in e_n) =: t_ij        0 on the diagonal, where a_ii = 0
//! ∂loss/∂q_i  = Σ_j t_ij k_j / √d,    ∂loss/∂k_j = Σ_i t_ij q_i / √d
//! ```
//!
//! Through the ReLU, and a dropout that multiplies kept values by `gain`, these pass times `gain` where the query or key is
//! above 0.

use crate::lanes::{LANES, Lanes};
use crate::softmax::softmax;
use crate::vector::dot;

/// `out = Σ_j weights_j · rows_j` for `weights: (l)`, `rows: (l, d)`, `out: (d)`, summed in the order of `j`.
#[inline]
pub fn combine(weights: &[f32], rows: &[f32], out: &mut [f32]) {
    let d = out.len();
    assert_eq!(rows.len(), weights.len() * d);
    let (whole, rest) = out.as_chunks_mut::<LANES>();
    let mut first = 0;
    // Two chunks at a time: four independent sums.
    let (pairs, last) = whole.as_chunks_mut::<2>();
    for pair in pairs {
        let mut sums = [Lanes::zero(); 2];
        let mut at = first;
        for &weight in weights {
            let weight = Lanes::splat(weight);
            let (row, _) = rows[at..at + 2 * LANES].as_chunks::<LANES>();
            sums = [
                sums[0].plus_product(weight, Lanes::load(&row[0])),
                sums[1].plus_product(weight, Lanes::load(&row[1])),
            ];
            at += d;
        }
        *pair = sums.map(Lanes::store);
        first += 2 * LANES;
    }
    for out in last {
        let mut sum = Lanes::zero();
        for (&weight, row) in weights.iter().zip(rows.chunks_exact(d)) {
            sum = sum.plus_product(Lanes::splat(weight), Lanes::load_padded(&row[first..first + LANES]));
        }
        *out = sum.store();
    }
    let from = d - rest.len();
    for (k, out) in rest.iter_mut().enumerate() {
        *out = weights
            .iter()
            .zip(rows.chunks_exact(d))
            .fold(0.0, |sum, (&weight, row)| sum + weight * row[from + k]);
    }
}

/// Computes the map, the weights and the embedding of a sequence from `queries, keys, values: (l, d)`. `map: (l, l)`,
/// `item_weights: (l)`, `embedding: (d)`.
#[inline]
pub fn attend(
    queries: &[f32],
    keys: &[f32],
    values: &[f32],
    map: &mut [f32],
    item_weights: &mut [f32],
    embedding: &mut [f32],
) {
    let (l, d) = (item_weights.len(), embedding.len());
    assert!(queries.len() == l * d && keys.len() == l * d && values.len() == l * d && map.len() == l * l);
    if l == 1 {
        (map[0], item_weights[0]) = (1.0, 1.0);
        return embedding.copy_from_slice(values);
    }
    let scale = 1.0 / (d as f32).sqrt();
    let each = 1.0 / l as f32;
    item_weights.fill(0.0);
    for (i, (row, query)) in map.chunks_exact_mut(l).zip(queries.chunks_exact(d)).enumerate() {
        for (j, (score, key)) in row.iter_mut().zip(keys.chunks_exact(d)).enumerate() {
            *score = if i == j { f32::NEG_INFINITY } else { scale * dot(query, key) };
        }
        softmax(row);
        row[i] = 0.0;
        for (item_weight, weight) in item_weights.iter_mut().zip(&*row) {
            *item_weight += each * weight;
        }
    }
    combine(item_weights, values, embedding);
}

/// Scratch of [`attend_backward`].
pub struct Workspace<'a> {
    /// `(l)`
    pub weight_gradients: &'a mut [f32],
    /// `(l, l)`
    pub score_gradients: &'a mut [f32],
    /// `(l)`
    pub column: &'a mut [f32],
}

/// Backpropagates the gradient of the embedding, `gradient: (d)`, to the inputs of the ReLUs: `query_gradients, key_gradients: (l, d)`.
/// `gain` is the factor of dropout, 1 without.
#[inline]
#[allow(clippy::too_many_arguments, reason = "inputs and results of the forward pass, and gradients")]
pub fn attend_backward(
    queries: &[f32],
    keys: &[f32],
    values: &[f32],
    map: &[f32],
    gradient: &[f32],
    gain: f32,
    workspace: Workspace,
    query_gradients: &mut [f32],
    key_gradients: &mut [f32],
) {
    let Workspace { weight_gradients, score_gradients, column } = workspace;
    let (l, d) = (weight_gradients.len(), gradient.len());
    assert!(queries.len() == l * d && keys.len() == l * d && values.len() == l * d);
    assert!(query_gradients.len() == l * d && key_gradients.len() == l * d);
    assert!(map.len() == l * l && score_gradients.len() == l * l && column.len() == l);
    let each = 1.0 / l as f32;
    for (weight_gradient, value) in weight_gradients.iter_mut().zip(values.chunks_exact(d)) {
        *weight_gradient = each * dot(gradient, value);
    }
    let scale = gain / (d as f32).sqrt();
    for (i, (score_gradients, weights)) in
        score_gradients.chunks_exact_mut(l).zip(map.chunks_exact(l)).enumerate()
    {
        let mean = weights
            .iter()
            .zip(&*weight_gradients)
            .fold(0.0, |sum, (weight, weight_gradient)| sum + weight * weight_gradient);
        for (score_gradient, (weight, weight_gradient)) in
            score_gradients.iter_mut().zip(weights.iter().zip(&*weight_gradients))
        {
            *score_gradient = scale * weight * (weight_gradient - mean);
        }
        let query_gradient = &mut query_gradients[i * d..][..d];
        combine(score_gradients, keys, query_gradient);
        through_relu(query_gradient, &queries[i * d..][..d]);
    }
    for (j, key_gradient) in key_gradients.chunks_exact_mut(d).enumerate() {
        for (score_gradient, scores) in column.iter_mut().zip(score_gradients.chunks_exact(l)) {
            *score_gradient = scores[j];
        }
        combine(column, queries, key_gradient);
        through_relu(key_gradient, &keys[j * d..][..d]);
    }
}

/// Backpropagates through a ReLU: zeroes the gradient where its output is 0.
#[inline]
fn through_relu(gradient: &mut [f32], out: &[f32]) {
    for (gradient, &out) in gradient.iter_mut().zip(out) {
        *gradient = if out > 0.0 { *gradient } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{self, SelfAttention};
    use proptest::prelude::*;

    /// Reproducible values between −1 and 1.
    fn values(seed: usize, count: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + 13 * seed) * 2_654_435_761) % 1999) as f32 / 999.5 - 1.0).collect()
    }

    struct Case {
        l: usize,
        d: usize,
        /// Inputs of the ReLUs: `(l, d)` each.
        queries: Vec<f32>,
        keys: Vec<f32>,
        values: Vec<f32>,
        gradient: Vec<f32>,
    }

    impl Case {
        fn new(l: usize, d: usize, seed: usize) -> Self {
            let wide = |seed| values(seed, l * d).into_iter().map(|x| 2.0 * x).collect();
            Self {
                l,
                d,
                queries: wide(seed),
                keys: wide(seed + 1),
                values: values(seed + 2, l * d),
                gradient: values(seed + 3, d),
            }
        }
    }

    fn positive(x: &[f32]) -> Vec<f32> {
        x.iter().map(|&x| x.max(0.0)).collect()
    }

    fn near(got: &[f32], expected: &[f64], what: &str) {
        assert_eq!(got.len(), expected.len());
        for (got, expected) in got.iter().zip(expected) {
            // Sums of at most 70 products below 4, in f32.
            assert!((f64::from(*got) - expected).abs() < 3e-5, "{what}: {got} for {expected}");
        }
    }

    proptest! {
        #[test]
        fn both_passes_are_their_twins(l in 1usize..9, d in 1usize..70, seed in 0usize..1000) {
            let case = Case::new(l, d, seed);
            let (queries, keys) = (positive(&case.queries), positive(&case.keys));
            let (mut map, mut item_weights, mut embedding) = (vec![0.0; l * l], vec![0.0; l], vec![0.0; d]);
            attend(&queries, &keys, &case.values, &mut map, &mut item_weights, &mut embedding);
            let twin = SelfAttention::new(&case.queries, &case.keys, &case.values, l);
            near(&map, &twin.map, "map");
            near(&item_weights, &twin.item_weights, "weights");
            near(&embedding, &twin.embedding, "embedding");

            let (mut query_gradients, mut key_gradients) = (vec![f32::NAN; l * d], vec![f32::NAN; l * d]);
            let (mut weight_gradients, mut score_gradients, mut column) = (vec![0.0; l], vec![0.0; l * l], vec![0.0; l]);
            attend_backward(
                &queries, &keys, &case.values, &map, &case.gradient, 1.0,
                Workspace { weight_gradients: &mut weight_gradients, score_gradients: &mut score_gradients, column: &mut column },
                &mut query_gradients, &mut key_gradients,
            );
            let gradients = twin.backward(&case.gradient);
            near(&query_gradients, &gradients.queries, "gradient of the queries");
            near(&key_gradients, &gradients.keys, "gradient of the keys");
            near(&item_weights.iter().flat_map(|c| case.gradient.iter().map(move |g| c * g)).collect::<Vec<_>>(),
                &gradients.values, "gradient of the values");
        }
    }

    /// The twin's gradients are those of its forward pass, by finite differences.
    #[test]
    fn the_gradients_are_those_of_finite_differences() {
        for (l, d) in [(1, 4), (2, 3), (5, 8)] {
            let case = Case::new(l, d, l);
            let loss = |queries: &[f32], keys: &[f32], values: &[f32]| -> f64 {
                let embedding = SelfAttention::new(queries, keys, values, l).embedding;
                embedding.iter().zip(&case.gradient).map(|(m, &g)| m * f64::from(g)).sum()
            };
            let gradients =
                SelfAttention::new(&case.queries, &case.keys, &case.values, case.l).backward(&case.gradient);
            for (which, (of, gradient)) in [
                (&case.queries, &gradients.queries),
                (&case.keys, &gradients.keys),
                (&case.values, &gradients.values),
            ]
            .into_iter()
            .enumerate()
            {
                for place in 0..l * case.d {
                    let step = 1.0 / 256.0;
                    let at = |step: f32| {
                        let mut moved = of.clone();
                        moved[place] += step;
                        match which {
                            0 => loss(&moved, &case.keys, &case.values),
                            1 => loss(&case.queries, &moved, &case.values),
                            _ => loss(&case.queries, &case.keys, &moved),
                        }
                    };
                    // A kink within the step is no place to compare at.
                    if which < 2 && of[place].abs() < 2.0 * step {
                        continue;
                    }
                    let difference = (at(step) - at(-step)) / (2.0 * f64::from(step));
                    assert!(
                        (difference - gradient[place]).abs() < 1e-4,
                        "{which} {place}: {} for {difference}",
                        gradient[place]
                    );
                }
            }
        }
    }

    #[test]
    fn one_item_is_its_own_point_and_two_look_at_each_other() {
        let (mut map, mut item_weights, mut embedding) = ([0.0], [0.0], [0.0; 2]);
        attend(&[1.0, 2.0], &[3.0, 4.0], &[5.0, 6.0], &mut map, &mut item_weights, &mut embedding);
        assert_eq!((map, item_weights, embedding), ([1.0], [1.0], [5.0, 6.0]));
        let (mut map, mut item_weights, mut embedding) = ([0.0; 4], [0.0; 2], [0.0; 1]);
        attend(&[1.0, 2.0], &[3.0, 4.0], &[5.0, 7.0], &mut map, &mut item_weights, &mut embedding);
        assert_eq!((map, item_weights, embedding), ([0.0, 1.0, 1.0, 0.0], [0.5, 0.5], [6.0]));
    }

    #[test]
    fn combine_is_its_twin() {
        for (l, d) in [(0, 9), (3, 1), (7, 21)] {
            let (weights, rows) = (values(1, l), values(2, l * d));
            let mut out = vec![f32::NAN; d];
            combine(&weights, &rows, &mut out);
            near(&out, &reference::combine(&weights, &rows, d), "combination");
        }
    }
}
