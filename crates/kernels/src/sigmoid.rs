//! The logistic function of whole layers in `f32`: `σ(x) = 1 / (1 + e^−x)`, minus a constant `shift`. With a shift of ½ it is odd.

use crate::math::exp_f32;
use crate::panels::{PANEL, Panel};

/// `x ← σ(x + bias) − shift` for one panel `x: (rows, PANEL)` and `bias: (PANEL)`.
pub fn activate(x: &mut Panel, bias: &[f32; PANEL], shift: f32) {
    for row in x {
        for lane in 0..PANEL {
            row[lane] = 1.0 / (1.0 + exp_f32(-(row[lane] + bias[lane]))) - shift;
        }
    }
}

/// Backpropagates through [`activate`], whose result is `y: (rows, PANEL)`: `gradient ← gradient · σ (1 − σ)`.
pub fn backward(y: &Panel, gradient: &mut Panel, shift: f32) {
    assert_eq!(y.len(), gradient.len());
    for (gradient, y) in gradient.iter_mut().zip(y) {
        for lane in 0..PANEL {
            let sigma = y[lane] + shift;
            gradient[lane] *= sigma * (1.0 - sigma);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_way_back_is_the_slope(x in -6.0f64..6.0, bias in -2.0f32..2.0, shift in 0.0f32..0.5) {
            let twin = |x: f64| 1.0 / (1.0 + (-x).exp());
            let (mut y, mut slope) = ([[x as f32; PANEL]], [[0.5; PANEL]]);
            activate(&mut y, &[bias; PANEL], shift);
            let at = f64::from(x as f32) + f64::from(bias);
            prop_assert!((f64::from(y[0][7]) + f64::from(shift) - twin(at)).abs() < 2e-7);
            backward(&y, &mut slope, shift);
            let numeric = (twin(at + 1e-5) - twin(at - 1e-5)) / 2e-5;
            prop_assert!((f64::from(slope[0][31]) - 0.5 * numeric).abs() < 1e-6);
        }
    }

    #[test]
    fn ends_are_flat() {
        let mut x = [[0.0; PANEL]];
        x[0][..4].copy_from_slice(&[-1e30, 1e30, f32::NEG_INFINITY, -100.0]);
        activate(&mut x, &[0.0; PANEL], 0.0);
        assert!(x[0][0] < 1e-37 && x[0][1] == 1.0 && x[0][2] < 1e-37 && x[0][3] < 1e-37);
        assert_eq!(x[0][4], 0.5);
    }
}
