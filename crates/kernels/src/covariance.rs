//! The covariance loss `L = (1/N)(‖C‖² − ‖diag C‖²)`, with the covariance `C = (1/N) Σ c_r (y_r − μ)(y_r − μ)ᵀ` of rows `y_r`
//! with counts `c_r`, and `N = Σ c_r`.
//!
//! The caller centres the rows: `x_r = y_r − μ`. Then `∂L/∂y_r = (4/N²) c_r C′ x_r`, where `C′` is `C` without its diagonal. The
//! gradient through the mean cancels, since the sum of `c_r x_r` is zero.

use crate::lanes::LANES;
use crate::matrix::{ROWS, add_outer_products};

/// Adds `c_r x_rᵀ x_r` of each row to the upper triangle of `sums: (d, d)`, and to some of the lower. `x: (n, d)`, `weighted: (n, d)`
/// with `c_r x_r` for its rows, `d` a multiple of [`LANES`].
pub fn add_products(sums: &mut [f32], weighted: &[f32], x: &[f32], d: usize) {
    assert!(d.is_multiple_of(LANES) && sums.len() == d * d && x.len() == weighted.len());
    for (block, sums) in sums.chunks_exact_mut(ROWS * d).enumerate() {
        let first = block * ROWS;
        for column in (first / LANES * LANES..d).step_by(LANES) {
            add_outer_products(sums, weighted, x, [d, d], [first, column]);
        }
    }
}

/// Turns the sums of [`add_products`] into `(4/N²) C′: (d, d)`, complete and with a zero diagonal. Returns `L`.
pub fn finish(sums: &mut [f32], d: usize, total: f32) -> f64 {
    assert_eq!(sums.len(), d * d);
    let (mut squares, scale) = (0.0, 4.0 / (total * total));
    for k in 0..d {
        sums[k * d + k] = 0.0;
        for other in k + 1..d {
            let covariance = sums[k * d + other] / total;
            squares += 2.0 * f64::from(covariance) * f64::from(covariance);
            sums[k * d + other] = scale * covariance;
            sums[other * d + k] = scale * covariance;
        }
    }
    squares / f64::from(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::multiply_transposed;
    use crate::reference;

    /// The gradient as training computes it: centre, multiply, scale by the counts.
    #[test]
    fn gradient_follows_the_loss() {
        let d = 8;
        for n in [1, 3, 4, 9] {
            let value = |k: usize| (((k + n) * 40_503) % 1000) as f32 / 500.0 - 1.0;
            let y: Vec<f32> = (0..n * d).map(value).collect();
            let counts: Vec<f32> = (0..n).map(|r| (1 + r % 3) as f32).collect();
            let total: f32 = counts.iter().sum();
            let mean: Vec<f32> =
                (0..d).map(|k| (0..n).map(|r| counts[r] * y[r * d + k]).sum::<f32>() / total).collect();
            let x: Vec<f32> = y.iter().enumerate().map(|(k, y)| y - mean[k % d]).collect();
            let mut sums = vec![0.0; d * d];
            let weighted: Vec<f32> = x.iter().enumerate().map(|(k, x)| counts[k / d] * x).collect();
            add_products(&mut sums, &weighted, &x, d);
            let loss = finish(&mut sums, d, total);
            let (mut gradient, mut panel) = (vec![0.0; n * d], vec![0.0; d * LANES]);
            multiply_transposed(&x, &sums, d, &mut gradient, &mut panel);
            let wide: Vec<f64> = y.iter().map(|&y| f64::from(y)).collect();
            let twin = |y: &[f64]| reference::covariance_loss(y, &counts, d);
            assert!((loss - twin(&wide)).abs() < 1e-6, "{n}: {loss} {}", twin(&wide));
            for (k, gradient) in gradient.iter().enumerate() {
                let expected = reference::derivative(&wide, k, &twin);
                let got = f64::from(gradient * counts[k / d]);
                assert!((got - expected).abs() < 1e-6, "{n}, coordinate {k}: {got} {expected}");
            }
        }
    }
}
