//! The scale of the ratings.
//!
//! The options are those of ratings from 1 to 5 with a mean above the middle, such as those of films. Other ratings are mapped to
//! such ones, `r = factor · s + offset`: stretched and moved to 1 to 5, and mirrored if their mean is below the middle. So a
//! model of `a r + b` predicts `a r̂ + b`.

use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::learn::rating_unit::{extremes, is_mirrored, rating_unit};

/// The name of its tensor, which a model of ratings from 1 to 5 does not have.
const NAME: &str = "scale";

/// Factor and offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale([f32; 2]);

/// The scale of ratings from 1 to 5.
const NATURAL: [f32; 2] = [1.0, 0.0];

impl Scale {
    /// The scale of training ratings.
    pub(super) fn of(ratings: &[f32]) -> Self {
        let (unit, (lowest, highest)) = (rating_unit(ratings), extremes(ratings));
        Self(if is_mirrored(ratings) { [-unit, highest + unit] } else { [unit, lowest - unit] })
    }

    /// The scale among the tensors of a trained model.
    pub(super) fn stored(tensors: &Tensors) -> Self {
        Self(tensors.values(NAME).map_or(NATURAL, |values| [values[0], values[1]]))
    }

    /// Takes it from the tensors of a file.
    pub(super) fn take(tensors: &mut Tensors) -> Result<Self, WrongTensor> {
        if tensors.values(NAME).is_none() {
            return Ok(Self(NATURAL));
        }
        let values = tensors.take(NAME, &[2])?;
        let is_valid = values[0].is_normal() && values[1].is_finite();
        if is_valid {
            Ok(Self([values[0], values[1]]))
        } else {
            Err(WrongTensor { name: NAME, expected: vec![2], found: None })
        }
    }

    /// Its tensor, unless the ratings are from 1 to 5.
    pub(super) fn tensor(&self) -> Option<Tensor<'_>> {
        (self.0 != NATURAL).then(|| Tensor::vector(NAME, Axis::Whole, &self.0))
    }

    /// From a difference on the scale of 1 to 5 to one of ratings.
    pub(super) fn factor(self) -> f32 {
        self.0[0]
    }

    /// A rating on the scale of 1 to 5.
    pub(super) fn of_rating(self, rating: f32) -> f32 {
        (rating - self.0[1]) / self.0[0]
    }

    /// The rating that is 0 on that scale.
    pub(super) fn origin(self) -> f32 {
        self.0[1]
    }
}
