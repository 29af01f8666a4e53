//! Adam (Kingma, Ba 2015): `m = β₁m + (1−β₁)g; v = β₂v + (1−β₂)g²; θ −= η m̂ / (√v̂ + ε)`, with
//! `m̂ = m/(1−β₁ᵗ)` and `v̂ = v/(1−β₂ᵗ)`.

use tastespace_kernels::math::powi;

/// The scale of an Adam step: learning rate and bias corrections of step `t`.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Learning rate divided by the correction of the first moment, `η/(1−β₁ᵗ)`.
    learning: f32,
    /// `1/√(1−β₂ᵗ)`.
    second_correction: f32,
}

/// β₁, the paper's default.
const FIRST_DECAY: f64 = 0.9;
/// β₂, the paper's default.
const SECOND_DECAY: f64 = 0.999;
/// ε, the paper's default.
const EPSILON: f32 = 1e-8;

impl Adam {
    /// The scale of step `step`, from 1. All rows share the step count, including rows that were not touched before.
    pub fn at(learning: f64, step: u32) -> Self {
        Self {
            learning: (learning / (1.0 - powi(FIRST_DECAY, step))) as f32,
            second_correction: (1.0 / (1.0 - powi(SECOND_DECAY, step)).sqrt()) as f32,
        }
    }

    /// Updates `parameters` by `gradient`; `first` and `second` are the moments, starting at 0. All slices have the same length.
    pub fn step(&self, parameters: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        let length = parameters.len();
        assert!(gradient.len() == length && first.len() == length && second.len() == length);
        let (first_decay, second_decay) = (FIRST_DECAY as f32, SECOND_DECAY as f32);
        let (first_weight, second_weight) = ((1.0 - FIRST_DECAY) as f32, (1.0 - SECOND_DECAY) as f32);
        for k in 0..length {
            first[k] = first_decay * first[k] + first_weight * gradient[k];
            second[k] = second_decay * second[k] + second_weight * (gradient[k] * gradient[k]);
            parameters[k] -= self.learning * first[k] / (second[k].sqrt() * self.second_correction + EPSILON);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_steps_as_the_paper_says() {
        let (mut parameters, mut first, mut second) = ([1.0f32, -2.0, 0.5], [0.0f32; 3], [0.0f32; 3]);
        let (mut twin, mut m, mut v) = ([1.0f64, -2.0, 0.5], [0.0f64; 3], [0.0f64; 3]);
        for step in 1..=50 {
            let gradient = [0.3, -0.1 * step as f32, 0.0];
            Adam::at(0.01, step).step(&mut parameters, &gradient, &mut first, &mut second);
            for k in 0..3 {
                let g = f64::from(gradient[k]);
                m[k] = 0.9 * m[k] + 0.1 * g;
                v[k] = 0.999 * v[k] + 0.001 * g * g;
                let corrected =
                    (m[k] / (1.0 - 0.9f64.powi(step as i32)), v[k] / (1.0 - 0.999f64.powi(step as i32)));
                twin[k] -= 0.01 * corrected.0 / (corrected.1.sqrt() + 1e-8);
            }
        }
        for (parameter, twin) in parameters.iter().zip(twin) {
            assert!((f64::from(*parameter) - twin).abs() < 2e-6, "{parameter} {twin}");
        }
    }

    /// A gradient of ε: the first step is half of the learning rate.
    #[test]
    fn a_small_gradient_makes_a_small_step() {
        let (mut parameters, mut first, mut second) = ([1.0f32], [0.0], [0.0]);
        Adam::at(0.01, 1).step(&mut parameters, &[EPSILON], &mut first, &mut second);
        assert!((parameters[0] - 0.995).abs() < 1e-6, "{parameters:?}");
    }
}
