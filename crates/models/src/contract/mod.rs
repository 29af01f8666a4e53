//! The contract of a model: its declaration, its trainer, its trained parameters, and its errors.

pub mod error;
pub mod explanation;
pub mod history;
pub mod kind;
pub mod model;
pub mod tensor;
pub mod trainer;
