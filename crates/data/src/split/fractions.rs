//! Parts of the rows as fractions.

use serde::{Deserialize, Serialize};
use tastespace_options::shape;

/// The validation part: `true` is a tenth, a number in [0, 1) is that fraction, of the rows that are not test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Validation {
    /// A tenth or nothing.
    Wanted(bool),
    /// A fraction.
    Fraction(f64),
}

shape!(Validation, "boolean | number", "true, false or a number from 0, below 1", |validation| {
    (0.0..1.0).contains(&validation.fraction())
});

impl Validation {
    pub(super) fn fraction(self) -> f64 {
        match self {
            Self::Wanted(wanted) => 0.1 * f64::from(u8::from(wanted)),
            Self::Fraction(fraction) => fraction,
        }
    }
}

/// Fractions of a user's rows, adding up to 1. As JSON `[train, validation, test]` or `[train, test]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct Fractions {
    /// For training, above 0.
    pub train: f64,
    /// For validation.
    pub validation: f64,
    /// For test.
    pub test: f64,
}

impl Default for Fractions {
    fn default() -> Self {
        Self { train: 0.8, validation: 0.1, test: 0.1 }
    }
}

impl TryFrom<Vec<f64>> for Fractions {
    type Error = &'static str;

    fn try_from(fractions: Vec<f64>) -> Result<Self, Self::Error> {
        let (train, validation, test) = match fractions[..] {
            [train, validation, test] => (train, validation, test),
            [train, test] => (train, 0.0, test),
            _ => (0.0, 0.0, 0.0),
        };
        let inside = train > 0.0 && validation >= 0.0 && test >= 0.0;
        // Decimals such as 0.7 + 0.2 + 0.1 differ from 1 by a few of the last bits.
        let whole = (train + validation + test - 1.0).abs() < 1e-6;
        if inside && whole { Ok(Self { train, validation, test }) } else { Err(FRACTIONS) }
    }
}

const FRACTIONS: &str = "a list of the fractions for training (above 0), validation and test, or for training and test, that \
    add up to 1, such as [0.6, 0.2, 0.2]";

shape!(
    Fractions,
    "readonly [train: number, validation: number, test: number] | readonly [train: number, test: number]",
    FRACTIONS,
    |_| true
);

impl From<Fractions> for Vec<f64> {
    fn from(Fractions { train, validation, test }: Fractions) -> Self {
        vec![train, validation, test]
    }
}

impl Fractions {
    /// These fractions with another fraction of the rows that are not test for validation, if one is requested.
    pub(super) fn with(self, validation: Option<Validation>) -> Self {
        let part = match validation {
            None => return self,
            Some(Validation::Wanted(true)) if self.validation > 0.0 => return self,
            Some(validation) => validation.fraction(),
        };
        let rest = 1.0 - self.test;
        Self { train: rest * (1.0 - part), validation: rest * part, test: self.test }
    }

    /// Numbers of test and validation rows out of `rows`: rounded, and at least one row stays for training.
    pub(super) fn counts(self, rows: usize) -> [usize; 2] {
        let of = |fraction: f64, most: usize| ((rows as f64 * fraction).round() as usize).min(most);
        let test = of(self.test, rows.saturating_sub(1));
        [test, of(self.validation, rows.saturating_sub(1 + test))]
    }

    /// Approximate number of rows a user needs for a test row, and for a validation row.
    pub(super) fn needed(self) -> [u32; 2] {
        let rows = |fraction: f64, least: u32| ((0.5 / fraction).ceil() as u32).max(least);
        [rows(self.test, 2), rows(self.validation, if self.test > 0.0 { 3 } else { 2 })]
    }
}
