//! Sums over one or two vectors.

use crate::lanes::{LANES, Lanes};

/// Inner product of `x: (d)` and `y: (d)`.
#[inline]
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    assert_eq!(x.len(), y.len());
    let (x_lanes, x_rest) = x.as_chunks::<LANES>();
    let (y_lanes, y_rest) = y.as_chunks::<LANES>();
    let mut sums = Lanes::zero();
    for (x, y) in x_lanes.iter().zip(y_lanes) {
        sums = sums.plus_product(Lanes::load(x), Lanes::load(y));
    }
    if !x_rest.is_empty() {
        sums = sums.plus_product(Lanes::load_padded(x_rest), Lanes::load_padded(y_rest));
    }
    sums.sum()
}

/// `out += weight · x` for `out, x: (d)`.
#[inline]
pub fn add_scaled(out: &mut [f32], weight: f32, x: &[f32]) {
    assert_eq!(out.len(), x.len());
    for (out, x) in out.iter_mut().zip(x) {
        *out += weight * x;
    }
}

/// `out += weight · (x − y)` for `out, x, y: (d)`.
#[inline]
pub fn add_scaled_difference(out: &mut [f32], weight: f32, x: &[f32], y: &[f32]) {
    assert!(out.len() == x.len() && out.len() == y.len());
    for (out, (x, y)) in out.iter_mut().zip(x.iter().zip(y)) {
        *out += weight * (x - y);
    }
}

/// Euclidean norm of `x: (d)`.
#[inline]
pub fn norm(x: &[f32]) -> f32 {
    dot(x, x).sqrt()
}

/// Projects `x: (d)` onto the ball of this `radius` around 0.
#[inline]
pub fn clip_to_ball(x: &mut [f32], radius: f32) {
    let norm = norm(x);
    if norm > radius {
        let scale = radius / norm;
        for x in x {
            *x *= scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes;
    use crate::reference;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dot_is_its_twin(pairs in prop::collection::vec((-4.0f32..4.0, -4.0f32..4.0), 0..200)) {
            let (x, y): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            // Eight running sums of at most 25 products below 16, rounded at 2^-24 of the partial sum each.
            prop_assert!((f64::from(dot(&x, &y)) - reference::dot(&x, &y)).abs() < 1e-3);
            prop_assert!((f64::from(norm(&x)) - reference::dot(&x, &x).sqrt()).abs() < 1e-4);
        }
    }

    #[test]
    fn add_scaled_is_its_formula() {
        let mut out = [1.0, -2.0, 0.5];
        add_scaled(&mut out, -0.5, &[2.0, 4.0, 0.0]);
        assert_eq!(out, [0.0, -4.0, 0.5]);
        add_scaled_difference(&mut out, 2.0, &[1.0, 0.0, 1.0], &[0.5, 1.0, 1.0]);
        assert_eq!(out, [1.0, -6.0, 0.5]);
    }

    #[test]
    fn a_vector_outside_the_ball_is_moved_to_its_surface() {
        let mut x = [3.0, -4.0];
        clip_to_ball(&mut x, 5.0);
        assert_eq!(x, [3.0, -4.0]);
        clip_to_ball(&mut x, 2.5);
        assert_eq!(x, [1.5, -2.0]);
        let mut centre = [0.0; 3];
        clip_to_ball(&mut centre, 1.0);
        assert_eq!(centre, [0.0; 3]);
    }

    #[test]
    fn padding_with_zeros_keeps_the_bits() {
        let x: Vec<f32> = (0..13).map(|k| (k as f32 * 0.37).fract() - 0.4).collect();
        let mut padded = x.clone();
        padded.resize(lanes::padded(13), 0.0);
        assert_eq!(dot(&x, &x).to_bits(), dot(&padded, &padded).to_bits());
    }
}
