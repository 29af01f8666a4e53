//! The distance from a translated vector `p + r` to `q`, all `(d)`, and its gradient.
//!
//! | | of `e = p + r − q` | gradient with respect to `e` |
//! |---|---|---|
//! | [`Translation::Euclidean`] | `D = √(‖e‖² + 10⁻³)` | `e / D`, finite where `e = 0` |
//! | [`Translation::Squared`] | `D = ‖e‖²` | `2 e` |
//! | [`Translation::Absolute`] | `D = Σ_k ¦e_k¦` | `sign(e)`, 0 at 0 |
//!
//! The gradient with respect to `p` and `r` is that with respect to `e`; for `q` it is minus that.

use crate::lanes::{LANES, Lanes};

/// Added under the root, so that it is differentiable at 0.
pub const WITHIN_ROOT: f32 = 1e-3;

/// The distance of the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Translation {
    Euclidean,
    Squared,
    Absolute,
}

impl Translation {
    /// The distance.
    #[inline]
    pub fn distance(self, p: &[f32], r: &[f32], q: &[f32]) -> f32 {
        match self {
            Self::Euclidean => self.of_square(squared(p, r, q)),
            Self::Squared => squared(p, r, q),
            Self::Absolute => absolute(p, r, q),
        }
    }

    /// The distance from `‖e‖²`. Not for absolute differences.
    #[inline]
    pub fn of_square(self, square: f32) -> f32 {
        debug_assert!(self != Self::Absolute);
        if self == Self::Euclidean { (square + WITHIN_ROOT).sqrt() } else { square }
    }

    /// `out = weight · ∂D/∂e`, given the `distance`.
    #[inline]
    pub fn gradient(self, weight: f32, distance: f32, [p, r, q]: [&[f32]; 3], out: &mut [f32]) {
        let d = out.len();
        assert!(p.len() == d && r.len() == d && q.len() == d);
        let scale = match self {
            Self::Euclidean => weight / distance,
            Self::Squared => 2.0 * weight,
            Self::Absolute => {
                for (k, out) in out.iter_mut().enumerate() {
                    let difference = (p[k] + r[k]) - q[k];
                    *out = if difference == 0.0 { 0.0 } else { weight.copysign(weight * difference) };
                }
                return;
            }
        };
        for (k, out) in out.iter_mut().enumerate() {
            *out = scale * ((p[k] + r[k]) - q[k]);
        }
    }
}

/// `‖p + r − q‖²`.
#[inline]
fn squared(p: &[f32], r: &[f32], q: &[f32]) -> f32 {
    assert!(p.len() == q.len() && r.len() == q.len());
    let ((p, p_rest), (r, r_rest), (q, q_rest)) =
        (p.as_chunks::<LANES>(), r.as_chunks::<LANES>(), q.as_chunks::<LANES>());
    let difference = |p: Lanes, r: Lanes, q: Lanes| p.plus(r).minus(q);
    let mut sums = Lanes::zero();
    for ((p, r), q) in p.iter().zip(r).zip(q) {
        sums = sums.plus_square(difference(Lanes::load(p), Lanes::load(r), Lanes::load(q)));
    }
    if !p_rest.is_empty() {
        let [p, r, q] = [p_rest, r_rest, q_rest].map(Lanes::load_padded);
        sums = sums.plus_square(difference(p, r, q));
    }
    sums.sum()
}

/// `Σ_k |p_k + r_k − q_k|`.
#[inline]
fn absolute(p: &[f32], r: &[f32], q: &[f32]) -> f32 {
    assert!(p.len() == q.len() && r.len() == q.len());
    let mut sums = [0.0; LANES];
    for (k, q) in q.iter().enumerate() {
        sums[k % LANES] += ((p[k] + r[k]) - q).abs();
    }
    Lanes::load(&sums).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    const ALL: [Translation; 3] = [Translation::Euclidean, Translation::Squared, Translation::Absolute];

    /// Distances equal their formulas, and gradients finite differences.
    #[test]
    fn distances_and_gradients_are_their_twins() {
        for d in [1, 7, 8, 21, 64] {
            let value = |k: usize| ((k * 40_503) % 1000) as f32 / 1000.0 - 0.5;
            let x: Vec<f32> = (0..3 * d).map(value).collect();
            let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let ((p, rest), mut out) = (x.split_at(d), vec![f32::NAN; d]);
            let (r, q) = rest.split_at(d);
            for translation in ALL {
                let loss =
                    |x: &[f64]| 1.7 * reference::translation(translation, &x[..d], &x[d..2 * d], &x[2 * d..]);
                let distance = translation.distance(p, r, q);
                assert!((1.7 * f64::from(distance) - loss(&wide)).abs() < 1e-5, "{translation:?}, {d}");
                translation.gradient(1.7, distance, [p, r, q], &mut out);
                for (k, &got) in out.iter().enumerate() {
                    for (index, sign) in [(k, 1.0), (d + k, 1.0), (2 * d + k, -1.0)] {
                        let expected = sign * reference::derivative(&wide, index, &loss);
                        assert!(
                            (f64::from(got) - expected).abs() < 1e-4,
                            "{translation:?}, {k}: {got} for {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_gradient_at_distance_0_is_0() {
        for translation in ALL {
            let (p, r, q, mut out) = ([1.0, 0.5], [0.5, -0.5], [1.5, 0.0], [f32::NAN; 2]);
            let distance = translation.distance(&p, &r, &q);
            translation.gradient(-2.0, distance, [&p, &r, &q], &mut out);
            assert!(
                out.map(f32::abs) == [0.0; 2] && distance <= WITHIN_ROOT.sqrt(),
                "{translation:?}: {out:?}"
            );
        }
    }

    /// Whole numbers, whose sum is exact in any order.
    #[test]
    fn absolute_differences_of_many_dimensions_are_summed() {
        let p: Vec<f32> = (0..100).map(|k| if k % 2 == 0 { k } else { -k } as f32).collect();
        let zeros = [0.0; 100];
        assert_eq!(Translation::Absolute.distance(&p, &zeros, &zeros), 4950.0);
        assert_eq!(Translation::Absolute.distance(&zeros, &zeros, &p), 4950.0);
    }
}
