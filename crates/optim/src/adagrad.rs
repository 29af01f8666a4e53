//! AdaGrad (Duchi, Hazan, Singer 2011): `a += g²; θ −= η g / (√a + ε)`.

/// The scale of an AdaGrad step.
#[derive(Clone, Copy, Debug)]
pub struct AdaGrad {
    /// Learning rate η.
    pub learning: f32,
}

/// ε: for coordinates without a gradient so far.
const EPSILON: f32 = 1e-10;

impl AdaGrad {
    /// Updates `parameters` by `gradient`. `squares` are the accumulated squared gradients: starting at 0, the first step of a
    /// coordinate has size η; starting higher, it is smaller. All slices have the same length.
    pub fn step(&self, parameters: &mut [f32], gradient: &[f32], squares: &mut [f32]) {
        assert!(parameters.len() == gradient.len() && parameters.len() == squares.len());
        for ((parameter, &gradient), square) in parameters.iter_mut().zip(gradient).zip(squares) {
            *square += gradient * gradient;
            *parameter -= self.learning * gradient / (square.sqrt() + EPSILON);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_steps_as_the_paper_says() {
        let (mut parameters, mut squares) = ([1.0f32, -2.0, 0.5], [0.1f32; 3]);
        let (mut twin, mut twin_squares) = ([1.0f64, -2.0, 0.5], [0.1f64; 3]);
        for round in 0..20 {
            let gradient = [0.3, -0.1 * round as f32, 0.0];
            AdaGrad { learning: 0.05 }.step(&mut parameters, &gradient, &mut squares);
            for k in 0..3 {
                twin_squares[k] += f64::from(gradient[k]).powi(2);
                twin[k] -= 0.05 * f64::from(gradient[k]) / twin_squares[k].sqrt();
            }
        }
        for (parameter, twin) in parameters.iter().zip(twin) {
            assert!((f64::from(*parameter) - twin).abs() < 1e-5);
        }
    }

    /// From squares of 0 the first step has the size of the learning rate; a gradient of ε is half of it, and no gradient no step.
    #[test]
    fn the_first_step_has_the_size_of_the_learning_rate() {
        let mut parameters = [1.0f32; 4];
        AdaGrad { learning: 0.5 }.step(&mut parameters, &[3.0, -0.01, EPSILON, 0.0], &mut [0.0; 4]);
        for (parameter, expected) in parameters.iter().zip([0.5, 1.5, 0.75, 1.0]) {
            assert!((parameter - expected).abs() < 1e-6, "{parameters:?}");
        }
    }
}
