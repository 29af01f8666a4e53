//! Layer normalization (Ba, Kiros, Hinton 2016) and its gradient.
//!
//! ```text
//! x̂ = (x − mean x) · s,   s = 1 / √(var x + ε)     per row
//! y = gain ⊙ x̂ + bias
//! ```
//!
//! **Backward.** With `g = ∂loss/∂y ⊙ gain`: `∂loss/∂x = s (g − mean g − x̂ mean(g ⊙ x̂))`.

use crate::lanes::{LANES, Lanes};
use crate::vector::dot;

/// ε, as in PyTorch.
pub const EPSILON: f32 = 1e-5;

/// Normalizes each row of `x: (n, d)`. `gain, bias: (d)`; `normalized: (n, d)` is x̂, `scales: (n)` is s, `out: (n, d)` is y.
pub fn layer_norm(
    x: &[f32],
    [gain, bias]: [&[f32]; 2],
    normalized: &mut [f32],
    scales: &mut [f32],
    out: &mut [f32],
) {
    let d = gain.len();
    assert!(
        bias.len() == d && x.len() == scales.len() * d && normalized.len() == x.len() && out.len() == x.len()
    );
    let rows = x.chunks_exact(d).zip(normalized.chunks_exact_mut(d)).zip(out.chunks_exact_mut(d)).zip(scales);
    for (((x, normalized), out), scale) in rows {
        let mean = sum(x) / d as f32;
        for (centered, x) in normalized.iter_mut().zip(x) {
            *centered = x - mean;
        }
        *scale = 1.0 / (dot(normalized, normalized) / d as f32 + EPSILON).sqrt();
        for k in 0..d {
            normalized[k] *= *scale;
            out[k] = normalized[k] * gain[k] + bias[k];
        }
    }
}

/// Adds to `x_gradient: (n, d)`, `gain_gradient` and `bias_gradient: (d)` the gradients from `gradient: (n, d)` with respect to y,
/// which is overwritten.
pub fn layer_norm_backward(
    normalized: &[f32],
    scales: &[f32],
    gain: &[f32],
    gradient: &mut [f32],
    x_gradient: &mut [f32],
    [gain_gradient, bias_gradient]: [&mut [f32]; 2],
) {
    let d = gain.len();
    assert!(normalized.len() == scales.len() * d && gradient.len() == normalized.len());
    assert!(x_gradient.len() == normalized.len() && gain_gradient.len() == d && bias_gradient.len() == d);
    let rows =
        normalized.chunks_exact(d).zip(gradient.chunks_exact_mut(d)).zip(x_gradient.chunks_exact_mut(d));
    for (((normalized, gradient), x_gradient), scale) in rows.zip(scales) {
        for k in 0..d {
            gain_gradient[k] += gradient[k] * normalized[k];
            bias_gradient[k] += gradient[k];
            gradient[k] *= gain[k];
        }
        let mean = sum(gradient) / d as f32;
        let slope = dot(gradient, normalized) / d as f32;
        for k in 0..d {
            x_gradient[k] += scale * (gradient[k] - mean - normalized[k] * slope);
        }
    }
}

/// The sum of `x: (d)` over lanes.
fn sum(x: &[f32]) -> f32 {
    let (whole, rest) = x.as_chunks::<LANES>();
    let sums = whole.iter().fold(Lanes::zero(), |sums, x| sums.plus(Lanes::load(x)));
    sums.plus(Lanes::load_padded(rest)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{check_gradient, layer_norm as twin};

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|k| (((k + seed) * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0).collect()
    }

    #[test]
    fn it_is_its_twin_and_its_gradient_is_a_difference() {
        for (n, d) in [(1, 1), (3, 7), (2, 8), (4, 9), (0, 5), (2, 64)] {
            let (x, gain, bias, weights) = (values(n * d, 1), values(d, 3), values(d, 5), values(n * d, 7));
            let (mut normalized, mut scales, mut out) = (vec![0.0; n * d], vec![0.0; n], vec![0.0; n * d]);
            layer_norm(&x, [&gain, &bias], &mut normalized, &mut scales, &mut out);
            let wide = |x: &[f32]| -> Vec<f64> { x.iter().map(|&x| x.into()).collect() };
            let all = [wide(&x), wide(&gain), wide(&bias)];
            for (got, expected) in out.iter().zip(twin(&all[0], &all[1], &all[2])) {
                assert!((f64::from(*got) - expected).abs() < 1e-5, "{got} for {expected}");
            }
            if d == 1 {
                continue; // The variance is 0, and differences only see ε.
            }
            let mut gradients = [vec![0.0; n * d], vec![0.0; d], vec![0.0; d]];
            let [to_x, to_gain, to_bias] = &mut gradients;
            let mut gradient = weights.clone();
            layer_norm_backward(&normalized, &scales, &gain, &mut gradient, to_x, [to_gain, to_bias]);
            for (which, gradient) in gradients.iter().enumerate() {
                check_gradient(gradient, 1e-4, |k, by| {
                    let mut at = all.clone();
                    at[which][k] += by;
                    let out = twin(&at[0], &at[1], &at[2]);
                    out.iter().zip(&weights).map(|(y, &w)| y * f64::from(w)).sum()
                });
            }
        }
    }
}
