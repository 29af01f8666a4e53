//! Training machinery that models share.

pub mod blocks;
pub(crate) mod cells;
pub mod decay;
pub mod dropout;
pub mod ensemble;
pub mod fold_in;
pub mod loss;
pub mod minibatch;
pub mod optimizer;
pub(crate) mod rating_unit;
pub mod recent_items;
pub(crate) mod ridge;
pub mod row_gradients;
pub mod sampler;
pub mod scorer;
pub mod sequences;
pub mod shard;
pub mod similarity;
pub mod table;
