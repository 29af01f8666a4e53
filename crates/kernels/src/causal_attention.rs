//! Causal self-attention with several heads, and its gradient (Vaswani et al. 2017): a position attends to itself and to those
//! before it.
//!
//! A sequence of `t` positions has queries, keys and values side by side, `qkv: (t, 3d)`. Head `h` of `H` reads the columns
//! `h d/H..(h + 1) d/H` of each:
//!
//! ```text
//! s_ij = q_i·k_j / √(d/H)    for j ≤ i
//! a_i  = softmax_j(s_ij)     (t, t) for each head, the map; 0 for j > i
//! o_i  = Σ_j a_ij v_j        (d), heads side by side
//! ```
//!
//! **Backward.** With `g = ∂loss/∂o`: `e_ij = g_i·v_j`, `r_ij = a_ij (e_ij − Σ_n a_in e_in) / √(d/H)`, and
//!
//! ```text
//! ∂loss/∂q_i = Σ_j r_ij k_j,   ∂loss/∂k_j = Σ_i r_ij q_i,   ∂loss/∂v_j = Σ_i a_ij g_i
//! ```
//!
//! Nothing is computed above the diagonal.

use crate::softmax::softmax;
use crate::vector::{add_scaled, dot};

/// Attention of one sequence. `qkv: (t, 3d)`, `maps: (heads, t, t)`, `out: (t, d)`; `heads` divides `d`.
pub fn causal_attention(qkv: &[f32], d: usize, heads: usize, maps: &mut [f32], out: &mut [f32]) {
    let t = length(qkv, d, heads, maps, out);
    let width = d / heads;
    let scale = 1.0 / (width as f32).sqrt();
    for (head, map) in maps.chunks_exact_mut((t * t).max(1)).enumerate() {
        let column = head * width;
        for (i, map) in map.chunks_exact_mut(t).enumerate() {
            let (map, after) = map.split_at_mut(i + 1);
            after.fill(0.0);
            let query = &qkv[i * 3 * d + column..][..width];
            for (j, score) in map.iter_mut().enumerate() {
                *score = scale * dot(query, &qkv[j * 3 * d + d + column..][..width]);
            }
            softmax(map);
            let out = &mut out[i * d + column..][..width];
            out.fill(0.0);
            for (j, &weight) in map.iter().enumerate() {
                add_scaled(out, weight, &qkv[j * 3 * d + 2 * d + column..][..width]);
            }
        }
    }
}

/// The gradient of [`causal_attention`]. `gradient: (t, d)` is `∂loss/∂o`; `qkv_gradient: (t, 3d)` is overwritten; `scores` holds at
/// least `t` values of workspace.
pub fn causal_attention_backward(
    qkv: &[f32],
    d: usize,
    heads: usize,
    maps: &[f32],
    gradient: &[f32],
    qkv_gradient: &mut [f32],
    scores: &mut [f32],
) {
    let t = length(qkv, d, heads, maps, gradient);
    assert_eq!(qkv_gradient.len(), qkv.len());
    qkv_gradient.fill(0.0);
    let width = d / heads;
    let scale = 1.0 / (width as f32).sqrt();
    for (head, map) in maps.chunks_exact((t * t).max(1)).enumerate() {
        let column = head * width;
        let [query, key, value] = [column, d + column, 2 * d + column];
        for (i, map) in map.chunks_exact(t).enumerate() {
            let (map, scores) = (&map[..=i], &mut scores[..=i]);
            let gradient = &gradient[i * d + column..][..width];
            for (j, (score, &weight)) in scores.iter_mut().zip(map).enumerate() {
                *score = dot(gradient, &qkv[j * 3 * d + value..][..width]);
                add_scaled(&mut qkv_gradient[j * 3 * d + value..][..width], weight, gradient);
            }
            let mean = dot(map, scores);
            for (j, (score, &weight)) in scores.iter().zip(map).enumerate() {
                let slope = scale * weight * (score - mean);
                let at = |part: usize, position: usize| position * 3 * d + part;
                add_scaled(&mut qkv_gradient[at(query, i)..][..width], slope, &qkv[at(key, j)..][..width]);
                add_scaled(&mut qkv_gradient[at(key, j)..][..width], slope, &qkv[at(query, i)..][..width]);
            }
        }
    }
}

/// The length of the sequence, with the shapes checked.
fn length(qkv: &[f32], d: usize, heads: usize, maps: &[f32], out: &[f32]) -> usize {
    assert!(d > 0 && heads > 0 && d.is_multiple_of(heads) && out.len().is_multiple_of(d));
    let t = out.len() / d;
    assert!(qkv.len() == t * 3 * d && maps.len() == heads * t * t);
    t
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{causal_attention as twin, check_gradient};

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + seed) * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0).collect()
    }

    #[test]
    fn it_is_its_twin_and_its_gradient_is_a_difference() {
        for (t, d, heads) in [(1, 4, 1), (2, 3, 1), (5, 8, 2), (7, 9, 3), (9, 16, 1), (0, 4, 2)] {
            let (qkv, weights) = (values(t * 3 * d, 1), values(t * d, 7));
            let wide: Vec<f64> = qkv.iter().map(|&x| x.into()).collect();
            let (mut maps, mut out) = (vec![f32::NAN; heads * t * t], vec![f32::NAN; t * d]);
            causal_attention(&qkv, d, heads, &mut maps, &mut out);
            for (got, expected) in out.iter().zip(twin(&wide, t, d, heads)) {
                assert!((f64::from(*got) - expected).abs() < 1e-5, "{got} for {expected}");
            }
            let (mut gradient, mut scores) = (vec![f32::NAN; t * 3 * d], vec![f32::NAN; t]);
            causal_attention_backward(&qkv, d, heads, &maps, &weights, &mut gradient, &mut scores);
            check_gradient(&gradient, 1e-4, |k, by| {
                let mut at = wide.clone();
                at[k] += by;
                twin(&at, t, d, heads).iter().zip(&weights).map(|(y, &w)| y * f64::from(w)).sum()
            });
        }
    }

    #[test]
    fn a_position_does_not_see_those_after_it() {
        let (t, d) = (6, 8);
        let (mut qkv, mut maps, mut out) = (values(t * 3 * d, 1), vec![0.0; t * t], vec![0.0; t * d]);
        causal_attention(&qkv, d, 1, &mut maps, &mut out);
        let before = out[..4 * d].to_vec();
        qkv[4 * 3 * d..].fill(9.0);
        causal_attention(&qkv, d, 1, &mut maps, &mut out);
        assert_eq!(before, out[..4 * d]);
    }
}
