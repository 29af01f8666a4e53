//! Dropout: coordinates are set to 0 with a probability, and the others are scaled so that the expectation stays.

use tastespace_data::Rng;

/// Dropout with a probability.
#[derive(Clone, Copy)]
pub struct Dropout {
    /// Number of 32-bit values, of 2³², that drop a coordinate.
    threshold: u64,
    /// Factor of the other coordinates.
    pub gain: f32,
}

impl Dropout {
    /// Dropout of coordinates with this `probability`.
    pub fn new(probability: f64) -> Self {
        Self { threshold: (probability * 4_294_967_296.0) as u64, gain: (1.0 / (1.0 - probability)) as f32 }
    }

    /// Drops values, and multiplies the others by the gain. Without dropout no stream starts.
    pub fn apply<'a>(&self, rng: impl FnOnce() -> Rng, values: impl Iterator<Item = &'a mut f32>) {
        if self.threshold > 0 {
            let mut rng = rng();
            for value in values {
                let keep = u64::from(rng.next_u32()) >= self.threshold;
                *value = if keep { *value * self.gain } else { 0.0 };
            }
        }
    }
}
