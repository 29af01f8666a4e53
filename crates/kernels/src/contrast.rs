//! Contrastive losses of a positive against sampled negatives, and their derivatives with respect to the distances.
//!
//! Of the distances `y: (1 + k)`, the first belongs to the positive, the others to negatives.
//!
//! ```text
//! hinge:    mean_j [margin + y_0 − y_j]₊               j from 1
//! softmax:  −ln( e^(−y_0/τ) / Σ_j e^(−y_j/τ) )         j from 0
//! ```

use crate::math::ln;
use crate::softmax::softmax;

/// The loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contrast {
    /// Mean hinge over the negatives.
    Hinge {
        /// Margin in units of the distance, at least 0.
        margin: f32,
    },
    /// Cross-entropy of the softmax over positive and negatives.
    Softmax {
        /// Softmax temperature in units of the distance, above 0.
        temperature: f32,
    },
}

impl Contrast {
    /// The loss of `distances: (1 + k)`, 0 without negatives. `derivatives: (1 + k)` is overwritten with `∂loss/∂y`.
    #[inline]
    pub fn loss(self, distances: &[f32], derivatives: &mut [f32]) -> f32 {
        assert!(!distances.is_empty() && distances.len() == derivatives.len());
        derivatives.fill(0.0);
        let negatives = distances.len() - 1;
        if negatives == 0 {
            return 0.0;
        }
        match self {
            Self::Hinge { margin } => {
                let each = 1.0 / negatives as f32;
                let mut loss = 0.0;
                for negative in 1..distances.len() {
                    let violation = margin + distances[0] - distances[negative];
                    if violation > 0.0 {
                        loss += each * violation;
                        derivatives[0] += each;
                        derivatives[negative] = -each;
                    }
                }
                loss
            }
            Self::Softmax { temperature } => {
                let scale = 1.0 / temperature;
                for (logit, distance) in derivatives.iter_mut().zip(distances) {
                    *logit = -scale * distance;
                }
                softmax(derivatives);
                let loss = -ln(f64::from(derivatives[0])) as f32;
                derivatives[0] = scale * (1.0 - derivatives[0]);
                for probability in &mut derivatives[1..] {
                    *probability *= -scale;
                }
                loss
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    /// Losses equal their twins, and derivatives the finite differences of these.
    #[test]
    fn losses_and_derivatives_are_their_twins() {
        for contrast in [Contrast::Hinge { margin: 0.4 }, Contrast::Softmax { temperature: 0.3 }] {
            for distances in [&[0.7][..], &[0.5, 0.6], &[1.0, 0.2, 1.3, 1.6, 0.9, 2.0, 1.1, 0.4, 0.8]] {
                let mut derivatives = vec![f32::NAN; distances.len()];
                let loss = contrast.loss(distances, &mut derivatives);
                let wide: Vec<f64> = distances.iter().map(|&x| f64::from(x)).collect();
                let twin = |distances: &[f64]| reference::contrast(contrast, distances);
                assert!((f64::from(loss) - twin(&wide)).abs() < 1e-6, "{contrast:?}: {loss}");
                for (k, &got) in derivatives.iter().enumerate() {
                    let expected = reference::derivative(&wide, k, &twin);
                    assert!((f64::from(got) - expected).abs() < 1e-5, "{contrast:?}: {got} for {expected}");
                }
            }
        }
    }

    /// The derivative of the hinge at its kink is 0.
    #[test]
    fn a_negative_at_the_margin_does_not_count() {
        let mut derivatives = [f32::NAN; 3];
        let loss = Contrast::Hinge { margin: 0.5 }.loss(&[0.5, 1.0, 0.75], &mut derivatives);
        assert_eq!((loss, derivatives), (0.125, [0.5, 0.0, -0.5]));
    }
}
