//! What it costs that something wanted is not nearer than others that were drawn, and how that pulls their distances.
//!
//! Of distances `far: (1 + k)`, the first is of what is wanted, the others of negatives. A *pull* is `∂cost/∂far`.
//!
//! ```text
//! hinge:    mean_j [margin + far_0 − far_j]₊
//! softmax:  −ln( e^(−far_0/τ) / Σ_j e^(−far_j/τ) )      j = 0 among them
//! ```

use crate::math::ln;
use crate::softmax::softmax;

/// How the negatives count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contrast {
    /// Each that is not farther by the margin, by how much.
    Hinge {
        /// In units of the distance, at least 0.
        margin: f32,
    },
    /// All of them, the nearer the more.
    Softmax {
        /// Difference of distances that makes odds of e to 1, above 0.
        temperature: f32,
    },
}

impl Contrast {
    /// The cost of `far: (1 + k)`, which is 0 if there are no negatives; `pulls: (1 + k)` is overwritten.
    #[inline]
    pub fn cost(self, far: &[f32], pulls: &mut [f32]) -> f32 {
        assert!(!far.is_empty() && far.len() == pulls.len());
        pulls.fill(0.0);
        let negatives = far.len() - 1;
        if negatives == 0 {
            return 0.0;
        }
        match self {
            Self::Hinge { margin } => {
                let each = 1.0 / negatives as f32;
                let mut cost = 0.0;
                for place in 1..far.len() {
                    let short_of = margin + far[0] - far[place];
                    if short_of > 0.0 {
                        cost += each * short_of;
                        pulls[0] += each;
                        pulls[place] = -each;
                    }
                }
                cost
            }
            Self::Softmax { temperature } => {
                let warm = 1.0 / temperature;
                for (odds, far) in pulls.iter_mut().zip(far) {
                    *odds = -warm * far;
                }
                softmax(pulls);
                let cost = -ln(f64::from(pulls[0])) as f32;
                pulls[0] = warm * (1.0 - pulls[0]);
                for odds in &mut pulls[1..] {
                    *odds *= -warm;
                }
                cost
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    /// Both are their twins, and pulls are the slopes of these.
    #[test]
    fn costs_and_pulls_are_their_twins() {
        for contrast in [Contrast::Hinge { margin: 0.4 }, Contrast::Softmax { temperature: 0.3 }] {
            for far in [&[0.7][..], &[0.5, 0.6], &[1.0, 0.2, 1.3, 1.6, 0.9, 2.0, 1.1, 0.4, 0.8]] {
                let mut pulls = vec![f32::NAN; far.len()];
                let cost = contrast.cost(far, &mut pulls);
                let wide: Vec<f64> = far.iter().map(|&x| f64::from(x)).collect();
                let loss = |far: &[f64]| reference::contrast(contrast, far);
                assert!((f64::from(cost) - loss(&wide)).abs() < 1e-6, "{contrast:?}: {cost}");
                for (k, &pull) in pulls.iter().enumerate() {
                    let slope = reference::slope(&wide, k, &loss);
                    assert!((f64::from(pull) - slope).abs() < 1e-5, "{contrast:?}: {pull} for {slope}");
                }
            }
        }
    }
}
