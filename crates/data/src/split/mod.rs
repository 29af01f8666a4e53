//! Splits a data set into parts for training, validation and test.
//!
//! A rule assigns each row to a [`Part`]; building the parts is the same for all rules. Parts are disjoint, keep the order
//! of the rows, and share vocabularies, rating range, titles and features.

pub mod apart;
mod file;
mod fractions;
mod kfold;
mod leave_one_out;
mod options;
mod part;
mod per_user;
mod random;
mod spec;
mod time;
mod user;

pub use fractions::{Fractions, Validation};
pub use options::{
    FileSplit, KfoldSplit, LeaveOneOutSplit, Order, PerUserSplit, RandomSplit, SplitOptions, TimeSplit,
    UserSplit,
};
pub use part::Part;

use crate::core::interactions::Interactions;
use crate::error::DataError;
use std::borrow::Cow;
use tastespace_options::OptionError;

/// The parts of a data set.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Training rows.
    pub train: Interactions,
    /// Validation rows, for early stopping, if requested.
    pub validation: Option<Interactions>,
    /// Test rows, if any.
    pub test: Option<Interactions>,
    /// Training and validation rows, for the final training; `None` without a validation part.
    pub train_and_validation: Option<Interactions>,
    /// Split by user: the given rows of the validation users, from which they are folded in.
    pub validation_given: Option<Interactions>,
    /// Split by user: the given rows of the test users, from which they are folded in.
    pub test_given: Option<Interactions>,
}

/// The part of each row.
fn assign(data: &Interactions, options: &SplitOptions) -> Result<Vec<Part>, DataError> {
    let mut parts = vec![Part::Train; data.len()];
    let rows = &mut parts[..];
    match options {
        SplitOptions::Random(_) | SplitOptions::File(_) | SplitOptions::Kfold(_) => {
            by_number(rows, options)?;
        }
        SplitOptions::PerUser(PerUserSplit { fractions, min, validation, seed }) => {
            per_user::assign(data, rows, fractions.with(*validation), *min, *seed)?;
        }
        SplitOptions::LeaveOneOut(LeaveOneOutSplit { validation, order }) => {
            leave_one_out::assign(data, rows, *validation, *order)?;
        }
        SplitOptions::Time(TimeSplit { test, validation }) => {
            time::assign(data, rows, test.0, validation.fraction())?;
        }
        SplitOptions::User(UserSplit { test, given, validation, seed }) => {
            user::assign(data, rows, [test.0, validation.fraction()], given.0, *seed)?;
        }
    }
    Ok(parts)
}

/// The part of each row by a rule that needs only the number of rows.
fn by_number(rows: &mut [Part], options: &SplitOptions) -> Result<(), DataError> {
    let (validation, seed) = match options {
        SplitOptions::Random(RandomSplit { test, validation, seed }) => {
            random::hold_out(rows, Part::Test, test.0, *seed)?;
            (validation, *seed)
        }
        SplitOptions::Kfold(KfoldSplit { folds, fold, validation, seed }) => {
            kfold::assign(rows, *folds, *fold, *seed)?;
            (validation, *seed)
        }
        SplitOptions::File(FileSplit { validation, seed }) => (validation, *seed),
        _ => panic!("a split by {} needs more than the number of rows", options.rule()),
    };
    random::hold_out(rows, Part::Validation, validation.fraction(), seed)
}

/// Splits `data`. `test_rows` are the rows of the test file, only for [`SplitOptions::File`].
pub fn split(
    data: &Interactions,
    options: &SplitOptions,
    test_rows: Option<&Interactions>,
) -> Result<Parts, DataError> {
    options.check()?;
    let needs = |needs| OptionError::Conflict { owner: "split", key: "by", needs };
    let (data, test_rows) = match (options, test_rows) {
        (SplitOptions::File(_), Some(test_rows)) => {
            let (data, test_rows) = file::in_one_catalogue(data, test_rows)?;
            (Cow::Owned(data), Some(test_rows))
        }
        (SplitOptions::File(_), None) => {
            return Err(needs("a data set of test rows if it is \"file\"").into());
        }
        (_, Some(_)) => return Err(needs("to be \"file\" if a data set of test rows is given").into()),
        (_, None) => (Cow::Borrowed(data), None),
    };
    let parts = assign(&data, options)?;
    let rows_in = |wanted: &[Part]| {
        let part = data.filtered(|row| wanted.contains(&parts[row]));
        (!part.is_empty()).then_some(part)
    };
    let train = rows_in(&[Part::Train]).ok_or(DataError::TooFewRows {
        part: "train",
        rows: data.len(),
        fraction: 1.0,
    })?;
    let validation = rows_in(&[Part::Validation]);
    let whole = [Part::Train, Part::Validation, Part::ValidationGiven];
    Ok(Parts {
        train,
        train_and_validation: validation.as_ref().and_then(|_| rows_in(&whole)),
        validation,
        test: test_rows.or_else(|| rows_in(&[Part::Test])),
        validation_given: rows_in(&[Part::ValidationGiven]),
        test_given: rows_in(&[Part::TestGiven]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Columns;
    use crate::RowBuilder;
    use serde_json::json;
    use std::sync::Arc;

    fn data(rows: &[(&str, &str, f32)]) -> Interactions {
        let mut builder = RowBuilder::new(None);
        for &(user, item, rating) in rows {
            builder.push(user, item, Some(rating), None).unwrap();
        }
        builder.finish()
    }

    fn many(rows: usize) -> Interactions {
        let ids: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
        data(&ids.iter().map(|id| (id.as_str(), "x", 3.0)).collect::<Vec<_>>())
    }

    fn by(json: &str, data: &Interactions, test: Option<&Interactions>) -> Result<Parts, DataError> {
        split(data, &SplitOptions::from_json(json)?, test)
    }

    /// Users of the rows: in [`many`], the rows' numbers.
    fn rows(part: &Interactions) -> &[u32] {
        &part.columns().users
    }

    #[test]
    fn random_parts_have_their_sizes_and_order() {
        let data = many(1005);
        let parts = by(r#"{"by":"random","test":0.1,"validation":true,"seed":3}"#, &data, None).unwrap();
        let (test, validation) = (parts.test.unwrap(), parts.validation.unwrap());
        // 100.5 rounds up; a tenth of the other 904 is 90.4.
        assert_eq!((test.len(), validation.len(), parts.train.len()), (101, 90, 814));
        let both = parts.train_and_validation.unwrap();
        for part in [&test, &validation, &parts.train, &both] {
            assert!(rows(part).is_sorted());
            assert!(Arc::ptr_eq(&part.users, &data.users) && part.range() == data.range());
        }
        let mut joined = [rows(&parts.train), rows(&validation)].concat();
        joined.sort_unstable();
        assert_eq!(joined, rows(&both));
        joined.extend(rows(&test));
        joined.sort_unstable();
        assert_eq!(joined, rows(&data));
    }

    #[test]
    fn the_number_of_rows_is_enough_to_know_the_validation_rows() {
        let json = r#"{"by":"random","test":0,"validation":0.3,"seed":3}"#;
        let parts = by(json, &many(1005), None).unwrap();
        let options = SplitOptions::from_json(json).unwrap();
        let held = apart::held_rows(&options, 1005).unwrap();
        assert_eq!((rows(&parts.validation.unwrap()), &held[1]), (&held[0][..], &vec![]));
        assert_eq!(apart::held_rows(&options, 1).unwrap_err().code(), "split/too-few-rows");
    }

    #[test]
    fn seeds_decide() {
        let test = |json: &str| rows(&by(json, &many(100), None).unwrap().test.unwrap()).to_vec();
        assert_eq!(test(r#"{"by":"random"}"#), test(r#"{"by":"random","seed":0,"validation":0.5}"#));
        assert_ne!(test(r#"{"by":"random"}"#), test(r#"{"by":"random","seed":1}"#));
    }

    #[test]
    fn every_row_is_equally_likely() {
        let mut counts = [0u32; 20];
        for seed in 0..2000 {
            let json = format!(r#"{{"by":"random","test":0.25,"seed":{seed}}}"#);
            for &row in rows(&by(&json, &many(20), None).unwrap().test.unwrap()) {
                counts[row as usize] += 1;
            }
        }
        // 500 expected, standard error 19.
        assert!(counts.iter().all(|&count| count.abs_diff(500) < 80), "{counts:?}");
    }

    #[test]
    fn a_split_may_have_no_test_part() {
        let parts = by(r#"{"by":"random","test":0}"#, &many(1), None).unwrap();
        assert_eq!(parts.train.len(), 1);
        assert!(parts.test.is_none() && parts.validation.is_none() && parts.train_and_validation.is_none());
    }

    #[test]
    fn files_share_a_catalogue() {
        let (train, test) =
            (data(&[("7", "b", 2.0), ("9", "a", 4.0)]), data(&[("8", "c", 5.0), ("7", "b", 1.0)]));
        let parts = by(r#"{"by":"file"}"#, &train, Some(&test)).unwrap();
        let test = parts.test.unwrap();
        assert_eq!(parts.train.users.iter().collect::<Vec<_>>(), ["7", "8", "9"]);
        assert_eq!(parts.train.items.iter().collect::<Vec<_>>(), ["b", "a", "c"]);
        assert!(Arc::ptr_eq(&parts.train.items, &test.items));
        assert_eq!((rows(&parts.train), rows(&test)), (&[0, 2][..], &[1, 0][..]));
        assert_eq!((&parts.train.columns().items, &test.columns().items), (&vec![0, 1], &vec![2, 0]));
        assert_eq!((parts.train.range(), test.range()), ((2.0, 4.0), (2.0, 4.0)));
        assert_eq!(test.columns().ratings.as_deref(), Some(&[5.0, 1.0][..]));
    }

    #[test]
    fn wrong_options_are_refused() {
        for (json, code, key) in [
            (r#"{"by":"random","test":1}"#, "config/out-of-range", "test"),
            (r#"{"by":"random","test":-0.1}"#, "config/out-of-range", "test"),
            (r#"{"by":"random","test":"x"}"#, "config/wrong-type", "test"),
            (r#"{"by":"random","validation":1.5}"#, "config/wrong-type", "validation"),
            (r#"{"by":"random","validation":"yes"}"#, "config/wrong-type", "validation"),
            (r#"{"by":"random","tset":0.1}"#, "config/unknown-key", "tset"),
            (r#"{"by":"file","test":0.1}"#, "config/unknown-key", "test"),
            (r#"{"by":"file"}"#, "config/conflict", "by"),
            (r#"{"by":"moon"}"#, "config/out-of-range", "by"),
            (r#"{"test":0.1}"#, "config/wrong-type", "by"),
        ] {
            let error = by(json, &many(10), None).unwrap_err();
            assert_eq!((error.code(), &error.details()["key"]), (code, &json!(key)), "{error}");
        }
        let error = by(r#"{"by":"random"}"#, &many(10), Some(&many(3))).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), ("config/conflict", &json!("by")));
        assert_eq!(by("[]", &many(10), None).unwrap_err().code(), "config/wrong-type");
    }

    #[test]
    fn parts_without_rows_are_refused() {
        for (json, rows, part) in [
            (r#"{"by":"random","test":0.1}"#, 4, "test"),
            (r#"{"by":"random","test":0.9}"#, 4, "test"),
            (r#"{"by":"random","test":0.5,"validation":true}"#, 4, "validation"),
        ] {
            let error = by(json, &many(rows), None).unwrap_err();
            assert_eq!(
                (error.code(), &error.details()["part"]),
                ("split/too-few-rows", &json!(part)),
                "{error}"
            );
        }
        let empty = many(3).part(Columns::default());
        assert_eq!(by(r#"{"by":"random","test":0}"#, &empty, None).unwrap_err().code(), "split/too-few-rows");
        assert_eq!(by(r#"{"by":"random"}"#, &empty, None).unwrap_err().code(), "split/too-few-rows");
        assert_eq!(by(r#"{"by":"file"}"#, &many(3), Some(&empty)).unwrap_err().code(), "split/too-few-rows");
        let mut builder = RowBuilder::new(None);
        builder.push("a", "b", None, None).unwrap();
        let unrated = builder.finish();
        let error = by(r#"{"by":"file"}"#, &many(3), Some(&unrated)).unwrap_err();
        assert_eq!((error.code(), &error.details()["without"]), ("split/columns-differ", &json!("test")));
    }
}
