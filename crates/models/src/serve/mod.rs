//! A trained model in use: its catalogue, recommendations by outside ids, and its file.

pub mod catalogue;
mod explain_history;
pub mod feedback;
pub mod file;
pub mod fitted;
pub mod lower_bound;
pub mod ranking_vectors;
pub mod recommend;
mod remaining;
mod screen;
mod screening;
pub mod slots;
mod tensor_file;
pub mod topk;
pub mod unknown;
