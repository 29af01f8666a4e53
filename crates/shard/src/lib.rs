//! Training of a part of the blocks (see [`tastespace_models::learn::shard`]) as a WebAssembly module without imports, for any
//! runtime: Apache Spark's executors run it in wasmtime.
//!
//! | module | contents |
//! |---|---|
//! | [`frame`] | requests and answers as bytes: a JSON object and arrays of numbers |
//! | [`calls`] | the calls, by the name in the request |
//! | [`rankings`] | rankings for validation |
//! | [`splits`] | the part of each row in a split |
//! | [`error`] | errors as code and text |
//! | [`abi`] | the functions that the module exports |
//!
//! An instance serves one run. A panic ends it, and leaves its message.

pub mod abi;
pub mod calls;
pub mod error;
pub mod frame;
pub mod rankings;
pub mod splits;
