//! The models of tastespace: training, scoring, evaluation and files.
//!
//! [`registry`] is the list of what there is. A model is one file with its options, its trainer and what it knows once
//! trained; [`fit`] runs epochs and keeps the best, [`fitted`] answers for a trained model by outside ids, and [`file`]
//! writes it down. Results do not depend on the number of threads: work is cut into shards by data and seed alone.
#![forbid(unsafe_code)]

pub mod attrec;
pub mod baselines;
pub mod biased_mf;
pub mod blocks;
pub mod cml;
pub mod ensemble;
pub mod error;
pub mod evaluate;
pub mod file;
pub mod fit;
pub mod fitted;
mod foldin;
pub mod glocal_k;
pub mod grown;
pub mod history;
pub mod loss;
pub mod lrml;
pub mod model;
pub mod options;
pub mod recommend;
pub mod registry;
pub mod rows;
pub mod sample;
pub mod scorer;
pub mod tables;
pub mod topk;

pub use error::ModelError;
pub use fit::Fit;
pub use fitted::Fitted;
