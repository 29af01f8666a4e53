//! What a model has to be: its options, its trainer, and its trained parameters.

pub mod error;
pub mod history;
pub mod model;
pub mod options;
