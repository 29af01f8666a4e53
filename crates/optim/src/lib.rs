//! The optimisers of tastespace: a state, and a step on slices of parameters.
//!
//! A step takes the gradient of the loss and changes parameters and state in place, element by element, so it may be
//! applied to a whole table or to the rows that a batch touched. Only `+ − × ÷` and `sqrt` are used: the same bits everywhere.
#![forbid(unsafe_code)]

pub mod adagrad;
pub mod adam;
pub mod sgd;

pub use adagrad::AdaGrad;
pub use adam::Adam;
pub use sgd::Sgd;
