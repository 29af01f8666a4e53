//! The unit of the ratings.
//!
//! The options are those of ratings from 1 to 5. On ratings that are `c` times as large, the same model is found with biases `c` times,
//! and embeddings `√c` times as large; then `e q` grows by `c √c` and `λ p` by `√c`. So the learning rate of the embeddings is
//! divided by `c`, their regularization multiplied by `c`, and their initial deviation by `√c`. Nothing changes for biases.

use super::{Options, Penalties};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::learn::rating_unit::{rating_unit, unit_of_range};

/// The name of its tensor, which a model of ratings from 1 to 5 does not have.
const NAME: &str = "unit";

/// Rating points in a unit ([`rating_unit`]).
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit(f32);

impl Unit {
    /// The unit of training ratings.
    pub(super) fn of(ratings: &[f32]) -> Self {
        Self(rating_unit(ratings))
    }

    /// The unit of ratings of this range.
    pub(super) fn of_range(range: (f32, f32)) -> Self {
        Self(unit_of_range(range))
    }

    /// The unit among the tensors of a trained model.
    pub(super) fn stored(tensors: &Tensors) -> Self {
        Self(tensors.values(NAME).map_or(1.0, |values| values[0]))
    }

    /// Takes it from the tensors of a file.
    pub(super) fn take(tensors: &mut Tensors) -> Result<Self, WrongTensor> {
        if tensors.values(NAME).is_none() {
            return Ok(Self(1.0));
        }
        let points = tensors.take(NAME, &[1])?[0];
        let is_valid = points.is_normal() && points > 0.0;
        if is_valid {
            Ok(Self(points))
        } else {
            Err(WrongTensor { name: NAME, expected: vec![1], found: None })
        }
    }

    /// Its tensor, unless it is 1.
    pub(super) fn tensor(&self) -> Option<Tensor<'_>> {
        (self.0 != 1.0).then(|| Tensor::vector(NAME, Axis::Whole, std::slice::from_ref(&self.0)))
    }

    pub(super) fn points(self) -> f64 {
        f64::from(self.0)
    }

    /// Factor of the embeddings.
    pub(super) fn root(self) -> f64 {
        self.points().sqrt()
    }

    /// The regularization of the options for ratings in this unit.
    pub(super) fn penalties(self, options: &Options) -> Penalties {
        let Penalties { users, items, implicit, .. } = options.penalties();
        let points = self.points();
        Penalties {
            users: users * points,
            items: items * points,
            implicit: implicit * points,
            ..options.penalties()
        }
    }
}
