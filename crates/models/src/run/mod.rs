//! Training runs: epochs, validation, the best epoch, and resuming.

pub mod fit;
pub mod resume;
pub mod validation_users;
