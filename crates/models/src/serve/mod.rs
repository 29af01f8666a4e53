//! A trained model in use: its catalogue, recommendations by outside ids, and its file.

pub mod file;
pub mod fitted;
pub mod recommend;
pub mod topk;
