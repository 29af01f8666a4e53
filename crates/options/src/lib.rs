//! Options that arrive as JSON: one declaration for the Rust field, its type, default, range and documentation.
//!
//! ```
//! use tastespace_options::{OptionSet, choices, options};
//!
//! choices! {
//!     /// How negative items are sampled.
//!     pub enum Sampling { Uniform = "uniform", Popularity = "popularity" }
//! }
//! options! {
//!     /// Options of a model.
//!     pub struct Options {
//!         /// Embedding dimension.
//!         factors: u32 = 64, 1..=4096;
//!         /// How negative items are sampled.
//!         sampling: Sampling = Sampling::Uniform;
//!     }
//! }
//!
//! let options = Options::parse("model", r#"{ "factors": 32 }"#).unwrap();
//! assert_eq!((options.factors, options.sampling), (32, Sampling::Uniform));
//! let error = Options::parse("model", r#"{ "factors": 0 }"#).unwrap_err();
//! assert_eq!(error.code(), "config/out-of-range");
//! ```
//!
//! Everything else is derived from [`OptionSet::describe`]: help texts, the TypeScript interfaces, the reference.
#![forbid(unsafe_code)]

// The macros name this crate, also in its own tests.
extern crate self as tastespace_options;

mod domain;
mod error;
mod macros;
mod preset;
mod search;
mod set;

pub use domain::{Domain, Fraction, OptionType, Shape, reads};
pub use error::OptionError;
pub use preset::{Preset, describe_presets, with_preset};
pub use search::{SearchRange, SearchValues, describe_search};
pub use serde;
pub use set::{OptionDoc, OptionSet, Reader, Writer, sentence};
