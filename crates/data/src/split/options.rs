//! Options of splits, one set for each rule.

use super::fractions::{Fractions, Validation};
use super::spec::{self, Numbers};
use crate::error::DataError;
use crate::rng::SEEDS;
use serde_json::{Map, Value, json};
use tastespace_options::{Fraction, OptionError, OptionSet, choices, options, sentence};

/// Declares the rules: name and options of each, and the meaning of the numbers in its text form.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident($options:ident) = $name:literal, $numbers:expr;)+) => {
        /// A rule that splits a data set, and its options. As JSON, `by` names the rule:
        /// `{"by": "random", "test": 0.2, "validation": true, "seed": 7}`.
        ///
        /// `by` may also be the rule as text with its numbers, as on a command line: `"per-user:0.6,0.2,0.2;min=5"`. The text
        /// overrides other keys. A JSON string is short for an object with only `by`.
        #[derive(Clone, Debug)]
        pub enum SplitOptions {
            $($(#[doc = $doc])+ $rule($options),)+
        }

        /// Names of the rules.
        const RULES: &[&str] = &[$($name),+];

        impl SplitOptions {
            /// The name of the rule.
            pub fn rule(&self) -> &'static str {
                match self {
                    $(Self::$rule(_) => $name,)+
                }
            }

            /// The rule, as `by`, and its options with their values.
            pub fn json(&self) -> Value {
                let mut json = match self {
                    $(Self::$rule(options) => options.json(),)+
                };
                json["by"] = json!(self.rule());
                json
            }

            fn parse(rule: &str, options: &str) -> Result<Self, OptionError> {
                Ok(match rule {
                    $($name => Self::$rule($options::parse(concat!($name, " split"), options)?),)+
                    _ => return Err(refused(json!(rule), format!("one of {}", RULES.join(", ")))),
                })
            }

            /// The rules as JSON: `[{ rule, doc, options }]`.
            pub fn describe() -> Value {
                json!([$({
                    "rule": $name, "doc": sentence(concat!($($doc, "\n"),+)), "options": $options::describe()
                }),+])
            }
        }

        /// The meaning of the numbers of `rule`. An unknown rule is reported when its options are parsed.
        fn numbers(rule: &str) -> Numbers {
            match rule {
                $($name => $numbers,)+
                _ => Numbers::None,
            }
        }
    };
}

rules! {
    /// Random rows for test.
    Random(RandomSplit) = "random", Numbers::One("test");
    /// Test rows from a data set of their own. The catalogue is the union of both.
    File(FileSplit) = "file", Numbers::None;
    /// The same fractions of each user's rows, at random.
    PerUser(PerUserSplit) = "per-user", Numbers::Several("fractions");
    /// Each user's last row for test. Users with one row stay in training.
    LeaveOneOut(LeaveOneOutSplit) = "leave-one-out", Numbers::None;
    /// The latest rows of all users for test. The data must have times.
    Time(TimeSplit) = "time", Numbers::One("test");
    /// Whole users for test, to measure recommendations for new users.
    User(UserSplit) = "user", Numbers::One("test");
    /// One fold of the shuffled rows for test.
    Kfold(KfoldSplit) = "kfold", Numbers::One("folds");
}

const NO_VALIDATION: Validation = Validation::Wanted(false);

options! {
    /// Options of [`SplitOptions::Random`].
    pub struct RandomSplit {
        /// Fraction of the rows for test.
        test: Fraction = Fraction(0.1);
        /// Fraction of the other rows for validation; true is a tenth.
        validation: Validation = NO_VALIDATION;
        /// Seed of the random numbers.
        seed: u64 = 0, SEEDS;
    }
}
options! {
    /// Options of [`SplitOptions::File`].
    pub struct FileSplit {
        /// Fraction of the training rows for validation; true is a tenth.
        validation: Validation = NO_VALIDATION;
        /// Seed of the random numbers.
        seed: u64 = 0, SEEDS;
    }
}
options! {
    /// Options of [`SplitOptions::PerUser`].
    pub struct PerUserSplit {
        /// Fractions for training, validation and test, or for training and test.
        fractions: Fractions = Fractions::default();
        /// Users with fewer rows are left out of all parts.
        min: u32 = 1, 0..=4_294_967_295;
        /// Fraction of the rows that are not test for validation, in place of the one in `fractions`. False adds these rows
        /// to training; true is a tenth if `fractions` has no validation part.
        validation: Option<Validation> = None, ((), "the part in fractions");
        /// Seed of the random numbers.
        seed: u64 = 0, SEEDS;
    }
}
options! {
    /// Options of [`SplitOptions::LeaveOneOut`].
    pub struct LeaveOneOutSplit {
        /// Whether the row before the last is for validation, for users with three rows or more.
        validation: bool = false;
        /// Order that defines the last row.
        order: Order = Order::Time;
    }
}
choices! {
    /// Order of a user's rows.
    pub enum Order {
        /// By (time, row). The data must have times.
        Time = "time",
        /// By row: the file is in the order of time.
        Rows = "rows",
    }
}
options! {
    /// Options of [`SplitOptions::Time`].
    pub struct TimeSplit {
        /// Fraction of the rows for test.
        test: Fraction = Fraction(0.1);
        /// Fraction of the other rows for validation, the latest; true is a tenth.
        validation: Validation = NO_VALIDATION;
    }
}
options! {
    /// Options of [`SplitOptions::User`].
    pub struct UserSplit {
        /// Fraction of the users for test.
        test: Fraction = Fraction(0.1);
        /// Fraction of each held-out user's rows that is given to fold the user in, at random and rounded down. The part
        /// itself consists of the other rows.
        given: Fraction = Fraction(0.5);
        /// Fraction of the other users for validation; true is a tenth.
        validation: Validation = NO_VALIDATION;
        /// Seed of the random numbers.
        seed: u64 = 0, SEEDS;
    }
}
options! {
    /// Options of [`SplitOptions::Kfold`].
    pub struct KfoldSplit {
        /// Number of folds.
        folds: u32 = 5, 2..=1000;
        /// The fold for test, from 0, below `folds`.
        fold: u32 = 0, 0..=999;
        /// Fraction of the other rows for validation; true is a tenth.
        validation: Validation = NO_VALIDATION;
        /// Seed of the random numbers.
        seed: u64 = 0, SEEDS;
    }
}

impl SplitOptions {
    /// Options from JSON: an object, or the rule as text.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let mut given = match serde_json::from_str(json) {
            Ok(Value::String(text)) => Map::from_iter([("by".to_owned(), Value::String(text))]),
            Ok(Value::Object(given)) => given,
            _ => return Err(OptionError::not_object("split", json).into()),
        };
        let Some(Value::String(text)) = given.remove("by") else {
            return Err(refused(Value::Null, format!("one of {}", RULES.join(", "))).into());
        };
        let (rule, options) =
            spec::parse(&text, numbers).ok_or_else(|| refused(json!(text), spec::FORM.into()))?;
        given.extend(options);
        let options = Self::parse(&rule, &Value::Object(given).to_string())?;
        options.check()?;
        Ok(options)
    }

    /// Checks the options that depend on each other.
    pub(super) fn check(&self) -> Result<(), OptionError> {
        match self {
            Self::Kfold(KfoldSplit { folds, fold, .. }) if fold >= folds => Err(OptionError::BadValue {
                owner: "kfold split",
                key: "fold",
                value: json!(fold),
                expected: format!("an integer from 0 to {}, below folds", folds - 1),
                in_type: true,
            }),
            _ => Ok(()),
        }
    }
}

/// The error of a rule.
fn refused(value: Value, expected: String) -> OptionError {
    let in_type = value.is_string();
    OptionError::BadValue { owner: "split", key: "by", value, expected, in_type }
}
