//! Numeric kernels of tastespace: pure functions on slices.
//!
//! A kernel allocates nothing and knows no random numbers, threads or errors: it asserts its lengths once and loops.
//! Sums run over the fixed lanes of [`lanes`], so a result has the same bits on every host. Each kernel has a naive
//! `f64` twin in [`reference`] that tests and benches compare it with.
//!
//! Shapes are written `(rows, columns)`, row-major. Legend: `n` users, `m` items, `d` factors, `b` rows of a batch.
#![deny(unsafe_code)]

pub mod causal_attention;
pub mod cholesky;
pub mod conjugate_gradient;
pub mod contrast;
pub mod convolution;
pub mod covariance;
pub mod cross_entropy;
pub mod distance;
pub mod eigen;
pub mod feed_forward;
pub mod hinge;
pub mod integer_lanes;
pub mod kernelised;
pub mod lanes;
pub mod layer_norm;
pub mod math;
pub mod matrix;
pub mod memory_attention;
pub mod pairwise_step;
pub mod panels;
pub mod quantized;
pub mod rank_weight;
pub mod rating_step;
pub mod reference;
pub mod self_attention;
pub mod sigmoid;
pub mod softmax;
pub mod sparse;
pub mod time_signal;
pub mod translation;
pub mod unit_ridge;
pub mod vector;
