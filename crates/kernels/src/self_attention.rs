//! Attention of a short sequence to itself, and its gradient (Zhang, Tay, Yao, Sun 2018, *Next Item Recommendation with
//! Self-Attention*).
//!
//! A sequence of `l` items has values `x: (l, d)`, queries `q: (l, d)` and keys `k: (l, d)`, the latter two behind a ReLU.
//!
//! ```text
//! s_ij = q_i·k_j / √d        for j ≠ i, and nothing for j = i: an item does not look at itself
//! a_i  = softmax_j(s_ij)     (l, l), the map
//! c_j  = (1/l) Σ_i a_ij      (l), shares: they add up to 1
//! m    = Σ_j c_j x_j         (d), the sequence as one point
//! ```
//!
//! One item alone is its own point: `a = c = 1`, `m = x`.
//!
//! **Backward.** Let `g = ∂loss/∂m`. Of the values, `∂m/∂x_j = c_j`, so that each gets `c_j g`, which is the caller's to
//! add. Of the map, `∂loss/∂a_ij = (g·x_j)/l =: e_j`, the same for every `i`. Through the softmax of row `i`, whose
//! Jacobian is `diag(a_i) − a_i a_iᵀ`,
//!
//! ```text
//! ∂loss/∂s_ij = a_ij (e_j − Σ_n a_in e_n) =: t_ij        0 on the diagonal, where a_ii = 0
//! ∂loss/∂q_i  = Σ_j t_ij k_j / √d,    ∂loss/∂k_j = Σ_i t_ij q_i / √d
//! ```
//!
//! and through the ReLU (and a dropout that multiplies what it keeps by `gain`) these pass, times `gain`, exactly where
//! the query or key is above 0.

use crate::lanes::{LANES, Lanes};
use crate::softmax::softmax;
use crate::vector::dot;

/// `out = Σ_j weights_j · rows_j` for `weights: (l)`, `rows: (l, d)`, `out: (d)`, added in the order of `j`.
#[inline]
pub fn combine(weights: &[f32], rows: &[f32], out: &mut [f32]) {
    let d = out.len();
    assert_eq!(rows.len(), weights.len() * d);
    let (whole, rest) = out.as_chunks_mut::<LANES>();
    let mut first = 0;
    // Two chunks at a time: four sums are on their way at once.
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

/// The map, the shares and the point of a sequence, for `queries, keys, values: (l, d)`, `map: (l, l)`, `shares: (l)`,
/// `point: (d)`.
#[inline]
pub fn attend(
    queries: &[f32],
    keys: &[f32],
    values: &[f32],
    map: &mut [f32],
    shares: &mut [f32],
    point: &mut [f32],
) {
    let (l, d) = (shares.len(), point.len());
    assert!(queries.len() == l * d && keys.len() == l * d && values.len() == l * d && map.len() == l * l);
    if l == 1 {
        (map[0], shares[0]) = (1.0, 1.0);
        return point.copy_from_slice(values);
    }
    let scale = 1.0 / (d as f32).sqrt();
    let each = 1.0 / l as f32;
    shares.fill(0.0);
    for (i, (row, query)) in map.chunks_exact_mut(l).zip(queries.chunks_exact(d)).enumerate() {
        for (j, (score, key)) in row.iter_mut().zip(keys.chunks_exact(d)).enumerate() {
            *score = if i == j { f32::NEG_INFINITY } else { scale * dot(query, key) };
        }
        softmax(row);
        row[i] = 0.0;
        for (share, weight) in shares.iter_mut().zip(&*row) {
            *share += each * weight;
        }
    }
    combine(shares, values, point);
}

/// What [`attend_backward`] writes over.
pub struct Scratch<'a> {
    /// `(l)`
    pub of_shares: &'a mut [f32],
    /// `(l, l)`
    pub of_scores: &'a mut [f32],
    /// `(l)`
    pub column: &'a mut [f32],
}

/// From the gradient of the point, `gradient: (d)`, those of what went into the ReLUs: `of_queries, of_keys: (l, d)`. `gain` is
/// what dropout multiplied kept queries and keys by, 1 without.
#[inline]
#[allow(clippy::too_many_arguments, reason = "what the forward pass had and made, and what comes of it")]
pub fn attend_backward(
    queries: &[f32],
    keys: &[f32],
    values: &[f32],
    map: &[f32],
    gradient: &[f32],
    gain: f32,
    scratch: Scratch,
    of_queries: &mut [f32],
    of_keys: &mut [f32],
) {
    let Scratch { of_shares, of_scores, column } = scratch;
    let (l, d) = (of_shares.len(), gradient.len());
    assert!(queries.len() == l * d && keys.len() == l * d && values.len() == l * d);
    assert!(of_queries.len() == l * d && of_keys.len() == l * d);
    assert!(map.len() == l * l && of_scores.len() == l * l && column.len() == l);
    let each = 1.0 / l as f32;
    for (of_share, value) in of_shares.iter_mut().zip(values.chunks_exact(d)) {
        *of_share = each * dot(gradient, value);
    }
    let scale = gain / (d as f32).sqrt();
    for (i, (of_scores, weights)) in of_scores.chunks_exact_mut(l).zip(map.chunks_exact(l)).enumerate() {
        let mean =
            weights.iter().zip(&*of_shares).fold(0.0, |sum, (weight, of_share)| sum + weight * of_share);
        for (of_score, (weight, of_share)) in of_scores.iter_mut().zip(weights.iter().zip(&*of_shares)) {
            *of_score = scale * weight * (of_share - mean);
        }
        let of_query = &mut of_queries[i * d..][..d];
        combine(of_scores, keys, of_query);
        pass(of_query, &queries[i * d..][..d]);
    }
    for (j, of_key) in of_keys.chunks_exact_mut(d).enumerate() {
        for (of_score, scores) in column.iter_mut().zip(of_scores.chunks_exact(l)) {
            *of_score = scores[j];
        }
        combine(column, queries, of_key);
        pass(of_key, &keys[j * d..][..d]);
    }
}

/// Keeps a gradient where what came out of the ReLU is above 0.
#[inline]
fn pass(gradient: &mut [f32], out: &[f32]) {
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
    fn drawn(seed: usize, count: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + 13 * seed) * 2_654_435_761) % 1999) as f32 / 999.5 - 1.0).collect()
    }

    struct Case {
        l: usize,
        d: usize,
        /// What goes into the ReLUs: `(l, d)` each.
        queries: Vec<f32>,
        keys: Vec<f32>,
        values: Vec<f32>,
        gradient: Vec<f32>,
    }

    impl Case {
        fn new(l: usize, d: usize, seed: usize) -> Self {
            let wide = |seed| drawn(seed, l * d).into_iter().map(|x| 2.0 * x).collect();
            Self {
                l,
                d,
                queries: wide(seed),
                keys: wide(seed + 1),
                values: drawn(seed + 2, l * d),
                gradient: drawn(seed + 3, d),
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
            let (mut map, mut shares, mut point) = (vec![0.0; l * l], vec![0.0; l], vec![0.0; d]);
            attend(&queries, &keys, &case.values, &mut map, &mut shares, &mut point);
            let twin = SelfAttention::new(&case.queries, &case.keys, &case.values, l);
            near(&map, &twin.map, "map");
            near(&shares, &twin.shares, "shares");
            near(&point, &twin.point, "point");

            let (mut of_queries, mut of_keys) = (vec![f32::NAN; l * d], vec![f32::NAN; l * d]);
            let (mut of_shares, mut of_scores, mut column) = (vec![0.0; l], vec![0.0; l * l], vec![0.0; l]);
            attend_backward(
                &queries, &keys, &case.values, &map, &case.gradient, 1.0,
                Scratch { of_shares: &mut of_shares, of_scores: &mut of_scores, column: &mut column },
                &mut of_queries, &mut of_keys,
            );
            let gradients = twin.backward(&case.gradient);
            near(&of_queries, &gradients.queries, "gradient of the queries");
            near(&of_keys, &gradients.keys, "gradient of the keys");
            near(&shares.iter().flat_map(|c| case.gradient.iter().map(move |g| c * g)).collect::<Vec<_>>(),
                &gradients.values, "gradient of the values");
        }
    }

    /// The twin's gradients are those of its forward pass, by finite differences.
    #[test]
    fn the_gradients_are_those_of_finite_differences() {
        for (l, d) in [(1, 4), (2, 3), (5, 8)] {
            let case = Case::new(l, d, l);
            let loss = |queries: &[f32], keys: &[f32], values: &[f32]| -> f64 {
                let point = SelfAttention::new(queries, keys, values, l).point;
                point.iter().zip(&case.gradient).map(|(m, &g)| m * f64::from(g)).sum()
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
        let (mut map, mut shares, mut point) = ([0.0], [0.0], [0.0; 2]);
        attend(&[1.0, 2.0], &[3.0, 4.0], &[5.0, 6.0], &mut map, &mut shares, &mut point);
        assert_eq!((map, shares, point), ([1.0], [1.0], [5.0, 6.0]));
        let (mut map, mut shares, mut point) = ([0.0; 4], [0.0; 2], [0.0; 1]);
        attend(&[1.0, 2.0], &[3.0, 4.0], &[5.0, 7.0], &mut map, &mut shares, &mut point);
        assert_eq!((map, shares, point), ([0.0, 1.0, 1.0, 0.0], [0.5, 0.5], [6.0]));
    }

    #[test]
    fn combine_is_its_twin() {
        for (l, d) in [(0, 9), (3, 1), (7, 21)] {
            let (weights, rows) = (drawn(1, l), drawn(2, l * d));
            let mut out = vec![f32::NAN; d];
            combine(&weights, &rows, &mut out);
            near(&out, &reference::combine(&weights, &rows, d), "combination");
        }
    }
}
