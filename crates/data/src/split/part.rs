//! The part of a row.

/// The part that a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// Training.
    Train,
    /// Validation.
    Validation,
    /// Given to fold in a user for validation.
    ValidationGiven,
    /// Test.
    Test,
    /// Given to fold in a user for test.
    TestGiven,
    /// None.
    LeftOut,
}

impl Part {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Train, Self::Validation, Self::ValidationGiven, Self::Test, Self::TestGiven, Self::LeftOut];
}
