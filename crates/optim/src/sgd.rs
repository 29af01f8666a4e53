//! Stochastic gradient descent: `θ −= η g`.

/// The scale of an SGD step.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// Learning rate η.
    pub learning: f32,
}

impl Sgd {
    /// Updates `parameters` by `gradient`, which have the same length.
    pub fn step(&self, parameters: &mut [f32], gradient: &[f32]) {
        assert_eq!(parameters.len(), gradient.len());
        for (parameter, &gradient) in parameters.iter_mut().zip(gradient) {
            *parameter -= self.learning * gradient;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_steps_against_the_gradient() {
        let mut parameters = [1.0f32, -2.0];
        Sgd { learning: 0.5 }.step(&mut parameters, &[0.5, -1.0]);
        assert_eq!(parameters, [0.75, -1.5]);
    }
}
