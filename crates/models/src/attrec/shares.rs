//! What the long term and the short count: `ω` and `1 − ω`, the same for all or each user's own.
//!
//! A user's own is `ω_u = σ(ln(ω / (1 − ω)) + a_u)`. `a_u` starts at 0, which is the `ω` of the options, and a penalty draws it back
//! there. The slope of `y = ω_u L + (1 − ω_u) S` by `a_u` is `ω_u (1 − ω_u) (L − S)`.

use super::{Options, Per};
use tastespace_kernels::math::{exp_f32, ln};

/// How the shares of the two terms come about.
#[derive(Clone, Copy)]
pub(super) struct Shares {
    /// Of the long term, and of the short, for all who have no `a_u`.
    pub(super) all: [f32; 2],
    /// `ln(ω / (1 − ω))`, where users have shares of their own.
    log_odds: Option<f32>,
}

impl Shares {
    pub(super) fn new(options: &Options) -> Self {
        let long = options.long_term;
        // With one term there is nothing to weigh it against.
        let own = options.long_term_per == Per::User && 0.0 < long && long < 1.0;
        Self {
            all: [long as f32, (1.0 - long) as f32],
            log_odds: own.then(|| ln(long / (1.0 - long)) as f32),
        }
    }

    /// Numbers that are learnt of each user: `a_u`, or nothing.
    pub(super) fn learnt(&self) -> usize {
        usize::from(self.log_odds.is_some())
    }

    /// The shares of a user with this `a_u`.
    pub(super) fn of(&self, own: Option<f32>) -> [f32; 2] {
        match (self.log_odds, own) {
            (Some(log_odds), Some(own)) => {
                let long = 1.0 / (1.0 + exp_f32(-(log_odds + own)));
                [long, 1.0 - long]
            }
            _ => self.all,
        }
    }

    /// The slope of `y` by `a_u`, for the terms `[L, S]`.
    pub(super) fn slope([long, short]: [f32; 2], terms: [f32; 2]) -> f32 {
        long * short * (terms[0] - terms[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(long_term: f64, long_term_per: Per) -> Shares {
        Shares::new(&Options { long_term, long_term_per, ..Options::default() })
    }

    /// `y` in `f64`.
    fn apart(long_term: f64, own: f64, [long, short]: [f64; 2]) -> f64 {
        let share = 1.0 / (1.0 + (1.0 - long_term) / long_term * (-own).exp());
        share * long + (1.0 - share) * short
    }

    proptest! {
        #[test]
        fn the_slope_is_that_of_differences(
            long_term in 0.05f64..0.95, own in -4.0f32..4.0, long in -4.0f32..4.0, short in -4.0f32..4.0,
        ) {
            let terms = [long, short];
            let found = shares(long_term, Per::User).of(Some(own));
            let at = |own: f64| apart(long_term, own, terms.map(f64::from));
            let (own, step) = (f64::from(own), 1e-5);
            let y = f64::from(found[0] * long + found[1] * short);
            // Shares and products in f32, of order 1.
            prop_assert!((y - at(own)).abs() < 2e-6, "{y} {}", at(own));
            let numeric = (at(own + step) - at(own - step)) / (2.0 * step);
            prop_assert!((f64::from(Shares::slope(found, terms)) - numeric).abs() < 2e-6);
        }
    }

    #[test]
    fn whoever_has_none_has_those_of_all() {
        let own = shares(0.3, Per::User);
        assert_eq!((own.learnt(), own.of(None)), (1, [0.3, 0.7]));
        assert!((own.of(Some(0.0))[0] - 0.3).abs() < 1e-7);
        assert!(own.of(Some(1.0))[0] > 0.5 && own.of(Some(-1.0))[0] < 0.15);
        for all in [shares(0.3, Per::All), shares(0.0, Per::User), shares(1.0, Per::User)] {
            assert_eq!((all.learnt(), all.of(Some(1.0))), (0, all.all));
        }
    }
}
