//! The mixing weights of the long and the short term, `ω` and `1 − ω`, the same for all users or one per user.
//!
//! A user's own weight is `ω_u = σ(ln(ω / (1 − ω)) + a_u)`. The parameter `a_u` starts at 0, which gives the `ω` of the options, and
//! regularization pulls it toward 0. The derivative of `y = ω_u L + (1 − ω_u) S` with respect to `a_u` is `ω_u (1 − ω_u) (L − S)`.

use super::{Options, Per};
use tastespace_kernels::math::{exp_f32, ln};

/// Computes mixing weights.
#[derive(Clone, Copy)]
pub(super) struct Mixing {
    /// Weights of the long and the short term for users without their own.
    pub(super) all: [f32; 2],
    /// `ln(ω / (1 − ω))`, if users have their own weights.
    log_odds: Option<f32>,
}

impl Mixing {
    pub(super) fn new(options: &Options) -> Self {
        let long = options.long_term;
        // With a single term there is nothing to mix.
        let own = options.long_term_per == Per::User && 0.0 < long && long < 1.0;
        Self {
            all: [long as f32, (1.0 - long) as f32],
            log_odds: own.then(|| ln(long / (1.0 - long)) as f32),
        }
    }

    /// Parameters per user: 1 for `a_u`, or 0.
    pub(super) fn parameters(&self) -> usize {
        usize::from(self.log_odds.is_some())
    }

    /// The weights of a user with this `a_u`.
    pub(super) fn of(&self, own: Option<f32>) -> [f32; 2] {
        match (self.log_odds, own) {
            (Some(log_odds), Some(own)) => {
                let long = 1.0 / (1.0 + exp_f32(-(log_odds + own)));
                [long, 1.0 - long]
            }
            _ => self.all,
        }
    }

    /// The derivative of `y` with respect to `a_u`, for the terms `[L, S]`.
    pub(super) fn derivative([long, short]: [f32; 2], terms: [f32; 2]) -> f32 {
        long * short * (terms[0] - terms[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mixing(long_term: f64, long_term_per: Per) -> Mixing {
        Mixing::new(&Options { long_term, long_term_per, ..Options::default() })
    }

    /// `y` in `f64`.
    fn reference(long_term: f64, own: f64, [long, short]: [f64; 2]) -> f64 {
        let weight = 1.0 / (1.0 + (1.0 - long_term) / long_term * (-own).exp());
        weight * long + (1.0 - weight) * short
    }

    proptest! {
        #[test]
        fn the_derivative_matches_finite_differences(
            long_term in 0.05f64..0.95, own in -4.0f32..4.0, long in -4.0f32..4.0, short in -4.0f32..4.0,
        ) {
            let terms = [long, short];
            let found = mixing(long_term, Per::User).of(Some(own));
            let at = |own: f64| reference(long_term, own, terms.map(f64::from));
            let (own, step) = (f64::from(own), 1e-5);
            let y = f64::from(found[0] * long + found[1] * short);
            // Weights and products are f32, of order 1.
            prop_assert!((y - at(own)).abs() < 2e-6, "{y} {}", at(own));
            let numeric = (at(own + step) - at(own - step)) / (2.0 * step);
            prop_assert!((f64::from(Mixing::derivative(found, terms)) - numeric).abs() < 2e-6);
        }
    }

    #[test]
    fn users_without_a_parameter_have_the_weights_of_all() {
        let own = mixing(0.3, Per::User);
        assert_eq!((own.parameters(), own.of(None)), (1, [0.3, 0.7]));
        assert!((own.of(Some(0.0))[0] - 0.3).abs() < 1e-7);
        assert!(own.of(Some(1.0))[0] > 0.5 && own.of(Some(-1.0))[0] < 0.15);
        for all in [mixing(0.3, Per::All), mixing(0.0, Per::User), mixing(1.0, Per::User)] {
            assert_eq!((all.parameters(), all.of(Some(1.0))), (0, all.all));
        }
    }
}
