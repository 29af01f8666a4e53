//! Baselines: strong simple models to compare with.

mod bias;
mod bpr;
mod cooccurrence;
mod ease;
mod inverse;
mod item_item;
mod item_knn;
mod pop;
mod sparse_weights;

pub use bias::{Bias, Options as BiasOptions};
pub(crate) use bias::{Biases, extended as extended_biases};
pub use bpr::{Bpr, Options as BprOptions, plan as bpr_plan};
pub use ease::Ease;
pub use item_knn::ItemKnn;
pub use pop::Pop;
