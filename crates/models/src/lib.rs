//! The models of tastespace: training, scoring, evaluation and files.
//!
//! | module | contents |
//! |---|---|
//! | [`contract`] | what a model has to be: options, trainer, trained model, tensors, errors |
//! | [`learn`] | training machinery that models share: mini-batches, parallel SGD blocks, negative sampling |
//! | [`biased_mf`], [`cml`], [`lrml`], [`attrec`], [`sasrec`], [`glocal_k`], [`ials`], [`baselines`] | the models |
//! | [`registry`] | the list of models |
//! | [`serve`] | a trained model in use: recommendations, top-k, files |
//! | [`evaluate`] | metrics, intervals and tests |
//! | [`run`] | training runs: validation, early stopping, resuming |
//!
//! Results do not depend on the number of threads: work is split into shards by data and seed alone.
#![forbid(unsafe_code)]
#![cfg_attr(not(feature = "train"), allow(dead_code, reason = "a module that only serves links no training"))]

pub mod attrec;
pub mod baselines;
pub mod biased_mf;
pub mod cml;
pub mod contract;
pub mod evaluate;
pub mod glocal_k;
pub mod ials;
pub mod learn;
pub mod lrml;
pub mod registry;
#[cfg(feature = "train")]
pub mod run;
pub mod sasrec;
pub mod serve;

pub use contract::error::ModelError;
#[cfg(feature = "train")]
pub use run::fit::Fit;
pub use serve::fitted::Fitted;
pub use tastespace_optim::parallel;
