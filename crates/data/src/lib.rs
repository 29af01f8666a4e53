//! Bytes to data sets: readers, vocabularies of outside ids, splits and the generator.
//!
//! Everything here is a function of the bytes, the options and a seed: no clock, no threads, no host.
#![forbid(unsafe_code)]

pub mod by_user;
pub mod error;
pub mod interactions;
pub mod rng;
pub mod vocabulary;

pub use by_user::ByUser;
pub use error::DataError;
pub use interactions::{Columns, Interactions};
pub use rng::Rng;
pub use vocabulary::Vocabulary;
