//! The part of a row.

/// The part that a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Train,
    Validation,
    ValidationGiven,
    Test,
    TestGiven,
    LeftOut,
}
