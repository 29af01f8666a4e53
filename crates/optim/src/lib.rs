//! The optimizers of tastespace: a state, and an update of slices of parameters.
//!
//! A step of [`Adam`] or [`AdaGrad`] takes the gradient of the loss and changes parameters and state in place, element by
//! element, so it applies to a whole table or to the rows that a mini-batch touches. [`Lbfgs`] evaluates loss and gradient
//! as often as it needs them. Only `+ − × ÷` and `sqrt` are used: the same bits everywhere, on any number of threads.
#![forbid(unsafe_code)]

pub mod adagrad;
pub mod adam;
pub mod lbfgs;
mod line_search;
pub mod parallel;
pub mod sgd;
pub mod vector;

pub use adagrad::AdaGrad;
pub use adam::Adam;
pub use lbfgs::Lbfgs;
pub use sgd::Sgd;
