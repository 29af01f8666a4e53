//! Training machinery that models share.

pub mod blocks;
pub mod embedding;
pub mod ensemble;
pub mod loss;
pub mod minibatch;
pub(crate) mod ridge;
pub mod sampler;
pub mod scorer;
