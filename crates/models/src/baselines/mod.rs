//! Strong simple models that every table shows beside the others.

mod bias;
mod pop;

pub use bias::Bias;
pub use pop::Pop;
