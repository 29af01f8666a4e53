//! Exponentials of many values at once, and softmax.

use crate::lanes::{LANES, Lanes};
use crate::math::exp_f32;

/// `exp(x)` of each lane: see [`exp_f32`].
#[inline(always)]
pub fn exp(x: [f32; LANES]) -> [f32; LANES] {
    // A loop: LLVM turns `map` into calls.
    let mut out = [0.0; LANES];
    for lane in 0..LANES {
        out[lane] = exp_f32(x[lane]);
    }
    out
}

/// Softmax of `x: (n)` in place: `x_i ← exp(x_i) / Σ_j exp(x_j)`. A value of −∞ becomes 0, to 38 digits.
#[inline]
pub fn softmax(x: &mut [f32]) {
    let most = x.iter().fold(f32::NEG_INFINITY, |most, &x| if x > most { x } else { most });
    let (whole, rest) = x.as_chunks_mut::<LANES>();
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
    let share = 1.0 / Lanes::load(&sums).sum();
    x.iter_mut().for_each(|x| *x *= share);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exp_agrees_with_the_platform(x in -86.9f32..87.9) {
            for (lane, y) in exp(std::array::from_fn(|lane| x / (lane + 1) as f32)).into_iter().enumerate() {
                let expected = f64::from(x / (lane + 1) as f32).exp();
                prop_assert!((f64::from(y) / expected - 1.0).abs() < 2e-7, "exp({x}/{}) = {y}", lane + 1);
            }
        }

        #[test]
        fn softmax_is_its_twin(x in prop::collection::vec(-30.0f32..30.0, 1..50)) {
            let mut shares = x.clone();
            softmax(&mut shares);
            for (share, expected) in shares.iter().zip(reference::softmax(&x)) {
                prop_assert!((f64::from(*share) - expected).abs() < 1e-6, "{share} {expected}");
            }
        }
    }

    #[test]
    fn edges() {
        assert_eq!(exp([0.0; LANES]), [1.0; LANES]);
        let ends = exp([f32::NEG_INFINITY, -1000.0, 1000.0, f32::INFINITY, 0.0, 0.0, 0.0, 0.0]);
        assert!(ends[0] > 0.0 && ends[0] < 2e-38 && ends[1] == ends[0]);
        assert!(ends[2].is_finite() && ends[3] == ends[2] && ends[2] > 1e38);
        let mut alone = [f32::NEG_INFINITY, 500.0, f32::NEG_INFINITY];
        softmax(&mut alone);
        assert!(alone[1] == 1.0 && alone[0] < 1e-37 && alone[2] < 1e-37);
    }
}
