//! Cross-entropy of a target among candidates, and its derivatives.
//!
//! The target has the logit `z`, `k` candidates have the logits `x_j`, and `c` corrects for sampling:
//!
//! ```text
//! loss = −ln p,   p = e^z / (e^z + Σ_j e^(x_j + c))
//! ∂loss/∂z = p − 1,   ∂loss/∂x_j = e^(x_j + c) / (e^z + Σ_n e^(x_n + c))
//! ```
//!
//! With `c = ln((m − 1)/k)` and `k` of the `m − 1` other items sampled uniformly, the sum over candidates is an unbiased estimate of the sum
//! over all other items; with all of them it is the full cross-entropy.

use crate::lanes::{LANES, Lanes};
use crate::math::ln;
use crate::softmax::exp;

/// Returns the loss and `∂loss/∂z`. `logits: (k)` are overwritten by the derivatives with respect to them; the one at `left_out`, which is
/// the target itself, does not count and gets 0.
pub fn cross_entropy(
    target: f32,
    logits: &mut [f32],
    left_out: Option<usize>,
    correction: f32,
) -> (f64, f32) {
    if let Some(index) = left_out {
        logits[index] = f32::NEG_INFINITY;
    }
    let most = logits.iter().fold(target - correction, |most, &x| if x > most { x } else { most });
    let (whole, rest) = logits.as_chunks_mut::<LANES>();
    let mut sums = [0.0; LANES];
    for x in whole {
        *x = exp(x.map(|x| x - most));
        for lane in 0..LANES {
            sums[lane] += x[lane];
        }
    }
    if !rest.is_empty() {
        let mut padded = [f32::NEG_INFINITY; LANES];
        padded[..rest.len()].copy_from_slice(rest);
        let padded = exp(padded.map(|x| x - most));
        rest.copy_from_slice(&padded[..rest.len()]);
        sums.iter_mut().zip(rest).for_each(|(sum, x)| *sum += *x);
    }
    let [own, ..] = exp([target - correction - most; LANES]);
    let scale = 1.0 / (own + Lanes::load(&sums).sum());
    logits.iter_mut().for_each(|x| *x *= scale);
    if let Some(index) = left_out {
        logits[index] = 0.0;
    }
    // From the logits, since a small p would lose its digits. NaN stays NaN.
    let loss = f64::from(most) + f64::from(correction) - f64::from(target) - ln(f64::from(scale));
    (loss, own * scale - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{check_gradient, cross_entropy as twin};

    #[test]
    fn it_is_its_twin_and_its_derivatives_are_differences() {
        for (k, left_out, correction) in [
            (1, None, 0.0),
            (7, Some(3), 0.4),
            (8, None, 2.0),
            (9, Some(8), -0.5),
            (40, Some(0), 1.0),
            (1, Some(0), 0.0),
            (0, None, 0.0),
        ] {
            let logits: Vec<f32> =
                (0..k).map(|k: usize| ((k * 2_654_435_761) % 1000) as f32 / 100.0 - 5.0).collect();
            let mut derivatives = logits.clone();
            let (loss, derivative) = cross_entropy(1.5, &mut derivatives, left_out, correction);
            let at = |target: f64, logits: &[f64]| twin(target, logits, left_out, correction.into());
            let wide: Vec<f64> = logits.iter().map(|&x| x.into()).collect();
            assert!((loss - at(1.5, &wide)).abs() < 1e-5);
            derivatives.push(derivative);
            check_gradient(&derivatives, 1e-5, |index, by| {
                let mut moved = wide.clone();
                moved.push(1.5);
                moved[index] += by;
                let (target, logits) = moved.split_last().unwrap();
                at(*target, logits)
            });
        }
    }

    #[test]
    fn large_logits_stay_finite() {
        let mut logits = [500.0, -500.0];
        let (loss, derivative) = cross_entropy(-500.0, &mut logits, None, 0.0);
        assert!((loss - 1000.0).abs() < 1e-3 && (derivative + 1.0).abs() < 1e-6);
        assert!((logits[0] - 1.0).abs() < 1e-6 && logits[1].abs() < 1e-6);
    }

    #[test]
    fn large_corrections_stay_finite() {
        for (correction, expected) in [(-200.0, 0.0), (200.0, 200.0 + 2f64.ln())] {
            let mut logits = [1.0, 1.0];
            let (loss, derivative) = cross_entropy(1.0, &mut logits, None, correction);
            assert!((loss - expected).abs() < 1e-4 && derivative.is_finite(), "{loss} for {expected}");
        }
    }
}
