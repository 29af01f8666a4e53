//! Where a row goes.

/// Where a row goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Train,
    Validation,
    ValidationGiven,
    Test,
    TestGiven,
    LeftOut,
}
