//! The logistic function of whole layers, in `f32`: `σ(x) = 1 / (1 + e^−x)`.

use crate::panels::{PANEL, Panel};

/// `1.5 · 2²³`: added to a small number it rounds it to a whole one, which is then in the low bits.
const ROUND: f32 = 12_582_912.0;

/// `e^x` within 2e-7 relatively for |x| ≤ 87, beyond which it is what it is there. No branches, so that lanes go together.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 87.0);
    // x = k ln 2 + r with |r| ≤ ½ ln 2.
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    // ln 2 in two parts, of which the first has few bits: k times it is exact.
    let r = (x - k * 0.693_359_4) + k * 2.121_944_4e-4;
    // The series of e^r to the seventh power of r, the rest is below 6e-9.
    let mut series = 1.0 / 5040.0;
    for inverse in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = series * r + inverse;
    }
    // 2^k into the exponent.
    f32::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// `x ← σ(x + bias)` for one panel `x: (rows, PANEL)` and `bias: (PANEL)`.
pub fn activate(x: &mut Panel, bias: &[f32; PANEL]) {
    for row in x {
        for lane in 0..PANEL {
            row[lane] = 1.0 / (1.0 + exp(-(row[lane] + bias[lane])));
        }
    }
}

/// `slope ← slope · σ'` where `σ' = y (1 − y)` for `y: (rows, PANEL)`, what [`activate`] left: from the gradient by what
/// comes out to the gradient by what goes in.
pub fn back(y: &Panel, slope: &mut Panel) {
    assert_eq!(y.len(), slope.len());
    for (slope, y) in slope.iter_mut().zip(y) {
        for lane in 0..PANEL {
            slope[lane] *= y[lane] * (1.0 - y[lane]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exp_agrees_with_the_platform(x in -87.0f32..87.0) {
            let expected = f64::from(x).exp();
            prop_assert!((f64::from(exp(x)) / expected - 1.0).abs() < 2e-7, "exp({x}) = {} for {expected}", exp(x));
        }

        #[test]
        fn the_way_back_is_the_slope(x in -6.0f64..6.0, bias in -2.0f32..2.0) {
            let twin = |x: f64| 1.0 / (1.0 + (-x).exp());
            let (mut y, mut slope) = ([[x as f32; PANEL]], [[0.5; PANEL]]);
            activate(&mut y, &[bias; PANEL]);
            let at = f64::from(x as f32) + f64::from(bias);
            prop_assert!((f64::from(y[0][7]) - twin(at)).abs() < 2e-7);
            back(&y, &mut slope);
            let numeric = (twin(at + 1e-5) - twin(at - 1e-5)) / 2e-5;
            prop_assert!((f64::from(slope[0][31]) - 0.5 * numeric).abs() < 1e-6);
        }
    }

    #[test]
    fn ends_are_flat() {
        let mut x = [[0.0; PANEL]];
        x[0][..4].copy_from_slice(&[-1e30, 1e30, f32::NEG_INFINITY, -100.0]);
        activate(&mut x, &[0.0; PANEL]);
        assert!(x[0][0] < 1e-37 && x[0][1] == 1.0 && x[0][2] < 1e-37 && x[0][3] < 1e-37);
        assert_eq!(x[0][4], 0.5);
    }
}
