//! Strong simple models that every table shows beside the others.

mod bias;

pub use bias::Bias;
