//! What a split can be asked for.

use super::spec;
use crate::error::{DataError, Scope};
use crate::options::{self, bad};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a data set is divided. As JSON, `by` names the rule: `{"by": "random", "test": 0.2, "validation": true, "seed": 7}`.
///
/// The rule may stand as text with its numbers, as on a command line: `"by": "per-user:0.6,0.2,0.2;min=5"`. What the text
/// says stands over the keys beside it. A JSON text alone is short for an object with nothing but `by`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SplitOptions {
    /// Rows drawn at random, whoever's they are. As text `random:TEST`.
    Random {
        /// Fraction of the rows held out for test, in [0, 1). Default 0.1.
        #[serde(default = "tenth")]
        test: f64,
        /// Whether some of what is not test is held out for validation. Default `false`.
        #[serde(default)]
        validation: Validation,
        /// Seed of the draw. Default 0.
        #[serde(default)]
        seed: u64,
    },
    /// Test rows of a file of their own.
    File {
        /// Whether some of the training rows are held out for validation. Default `false`.
        #[serde(default)]
        validation: Validation,
        /// Seed of the draw. Default 0.
        #[serde(default)]
        seed: u64,
    },
    /// The same fractions of each user's rows, drawn at random. As text `per-user:TRAIN,VALIDATION,TEST`.
    PerUser {
        /// What is for training, validation and test. Default `[0.8, 0.1, 0.1]`.
        #[serde(default)]
        fractions: Fractions,
        /// Users with fewer rows are left out of all parts. Default 1: none is.
        #[serde(default = "one")]
        min: u32,
        /// Absent: the validation part is what `fractions` says. `false` gives it to training; a fraction is of what is not
        /// test, and so is the tenth that `true` stands for where `fractions` has no validation part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        validation: Option<Validation>,
        /// Seed of the draw. Default 0.
        #[serde(default)]
        seed: u64,
    },
    /// Each user's last row for test; users with one row stay in training.
    LeaveOneOut {
        /// Whether the row before the last is held out for validation, of users with three rows or more. Default `false`.
        #[serde(default)]
        validation: bool,
        /// What "last" means. Default: by time, which the data has to have.
        #[serde(default)]
        order: Order,
    },
    /// The latest rows, whoever's they are; needs times. As text `time:TEST`.
    Time {
        /// Fraction of the rows held out for test, in [0, 1). Default 0.1.
        #[serde(default = "tenth")]
        test: f64,
        /// Whether the latest of what is not test is held out for validation. Default `false`.
        #[serde(default)]
        validation: Validation,
    },
    /// Whole users: what a model does for people that it was not trained on. As text `user:TEST`.
    User {
        /// Fraction of the users held out for test, in [0, 1). Default 0.1.
        #[serde(default = "tenth")]
        test: f64,
        /// Share of each held-out user's rows that is given, to serve them from, in [0, 1): drawn at random, rounded down.
        /// The part itself is the others. Default 0.5.
        #[serde(default = "half")]
        given: f64,
        /// Whether some of the other users are held out for validation. Default `false`.
        #[serde(default)]
        validation: Validation,
        /// Seed of the draw. Default 0.
        #[serde(default)]
        seed: u64,
    },
    /// One of several parts of the shuffled rows. As text `kfold:FOLDS`.
    Kfold {
        /// Number of parts, 2 to 1000. Default 5.
        #[serde(default = "five")]
        folds: u32,
        /// The part for test, 0 to `folds - 1`. Default 0.
        #[serde(default)]
        fold: u32,
        /// Whether some of what is not test is held out for validation. Default `false`.
        #[serde(default)]
        validation: Validation,
        /// Seed of the shuffle. Default 0.
        #[serde(default)]
        seed: u64,
    },
}

fn tenth() -> f64 {
    0.1
}

fn half() -> f64 {
    0.5
}

fn one() -> u32 {
    1
}

fn five() -> u32 {
    5
}

/// What orders a user's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Time, then place in the file.
    #[default]
    Time,
    /// Location in the file: its rows came in the order of time.
    Rows,
}

/// What is held out for validation: `true` is a tenth, a number in [0, 1) that fraction, of what is not test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected true, false or a fraction in [0, 1)")]
pub enum Validation {
    /// A tenth or nothing.
    Wanted(bool),
    /// A fraction.
    Fraction(f64),
}

impl Default for Validation {
    fn default() -> Self {
        Self::Wanted(false)
    }
}

impl Validation {
    pub(super) fn fraction(self) -> f64 {
        match self {
            Self::Wanted(wanted) => tenth() * f64::from(u8::from(wanted)),
            Self::Fraction(fraction) => fraction,
        }
    }
}

/// Fractions of a user's rows, which add up to 1. As JSON `[train, validation, test]` or `[train, test]`.
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
        // Decimals such as 0.7 + 0.2 + 0.1 miss 1 by a few of the last bits.
        if inside && (train + validation + test - 1.0).abs() < 1e-6 {
            Ok(Self { train, validation, test })
        } else {
            Err(
                "expected the fractions for training (above 0), validation and test, or for training and test, that add up to 1, such as [0.6, 0.2, 0.2]",
            )
        }
    }
}

impl From<Fractions> for Vec<f64> {
    fn from(Fractions { train, validation, test }: Fractions) -> Self {
        vec![train, validation, test]
    }
}

impl Fractions {
    /// These fractions with another share of what is not test for validation, where one is asked for.
    pub(super) fn with(self, validation: Option<Validation>) -> Self {
        let share = match validation {
            None => return self,
            Some(Validation::Wanted(true)) if self.validation > 0.0 => return self,
            Some(validation) => validation.fraction(),
        };
        let rest = 1.0 - self.test;
        Self { train: rest * (1.0 - share), validation: rest * share, test: self.test }
    }

    /// How many of `rows` rows are for test and for validation: rounded, and one row at least stays for training.
    pub(super) fn counts(self, rows: usize) -> [usize; 2] {
        let of = |fraction: f64, most: usize| ((rows as f64 * fraction).round() as usize).min(most);
        let test = of(self.test, rows.saturating_sub(1));
        [test, of(self.validation, rows.saturating_sub(1 + test))]
    }

    /// How many rows a user needs, about, to have one for test and one for validation.
    pub(super) fn needed(self) -> [u32; 2] {
        let rows = |fraction: f64, least: u32| ((0.5 / fraction).ceil() as u32).max(least);
        [rows(self.test, 2), rows(self.validation, if self.test > 0.0 { 3 } else { 2 })]
    }
}

impl SplitOptions {
    /// Options from JSON: an object, or the rule as text. `split/bad-option` names what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let mut given = match serde_json::from_str(json) {
            Ok(Value::String(text)) => [("by".to_owned(), Value::String(text))].into_iter().collect(),
            _ => options::object(Scope::Split, json)?,
        };
        if let Some(Value::String(text)) = given.get("by") {
            let text = text.clone();
            given.extend(spec::parse(&text)?);
        }
        let options: Self = options::from_object(Scope::Split, &given)?;
        options.check()?;
        Ok(options)
    }

    pub(super) fn check(&self) -> Result<(), DataError> {
        match *self {
            Self::Random { test, validation, .. } | Self::Time { test, validation } => {
                check_fraction("test", test)?;
                check_fraction("validation", validation.fraction())
            }
            Self::User { test, given, validation, .. } => {
                check_fraction("test", test)?;
                check_fraction("given", given)?;
                check_fraction("validation", validation.fraction())
            }
            Self::File { validation, .. } => check_fraction("validation", validation.fraction()),
            Self::PerUser { validation, .. } => {
                check_fraction("validation", validation.map_or(0.0, Validation::fraction))
            }
            Self::LeaveOneOut { .. } => Ok(()),
            Self::Kfold { folds, fold, validation, .. } => {
                check_count("folds", folds, 2, 1000)?;
                check_count("fold", fold, 0, folds - 1)?;
                check_fraction("validation", validation.fraction())
            }
        }
    }
}

fn check_fraction(key: &str, fraction: f64) -> Result<(), DataError> {
    if (0.0..1.0).contains(&fraction) {
        return Ok(());
    }
    Err(bad(Scope::Split, key, &json!(fraction), "expected a fraction, 0 or more and below 1"))
}

fn check_count(key: &str, count: u32, least: u32, most: u32) -> Result<(), DataError> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(bad(Scope::Split, key, &json!(count), format!("expected a whole number, {least} to {most}")))
}
