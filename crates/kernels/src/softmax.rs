//! Exponentials of many values at once, and softmax.
//!
//! `math::exp` is exact to 1e-15 and takes its time; attention wants many values to the precision of `f32`.

use crate::lanes::{LANES, Lanes};

/// `1.5 · 2²³`: added to a number below 2²², it leaves the nearest whole number in the last bits.
const ROUNDER: f32 = 12_582_912.0;

/// High and low parts of ln 2: `k · LN_2_HIGH` is exact for every exponent `k`.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Where `exp` ends: beyond, a value counts as the end. `exp(−87)` is the smallest normal number, about.
const RANGE: (f32, f32) = (-87.0, 88.0);

/// `exp(x)` of each lane, within 2e-7 relatively between −87 and 88, which values beyond count as.
#[inline(always)]
pub fn exp(x: [f32; LANES]) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    for lane in 0..LANES {
        let x = x[lane];
        let x = if x > RANGE.0 { x } else { RANGE.0 };
        let x = if x < RANGE.1 { x } else { RANGE.1 };
        // x = k ln 2 + r with |r| ≤ ½ ln 2; exp(r) by its series, whose ninth term is below 6e-9.
        let rounded = x * std::f32::consts::LOG2_E + ROUNDER;
        let k = rounded - ROUNDER;
        let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
        let mut series = 1.0 / 5040.0;
        for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
            series = series * r + coefficient;
        }
        let exponent = rounded.to_bits().wrapping_sub(ROUNDER.to_bits()).wrapping_add(127) << 23;
        out[lane] = series * f32::from_bits(exponent);
    }
    out
}

/// Softmax of `x: (n)` in place: `x_i ← exp(x_i) / Σ_j exp(x_j)`. A value of −∞ comes out as 0, to 38 digits.
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
