//! Parts of a data set: for training, for validation and for test.

use crate::builder::renumber;
use crate::error::{DataError, Scope};
use crate::interactions::{Columns, Interactions};
use crate::options::{self, bad};
use crate::rng::{Purpose, Rng};
use crate::vocabulary::Vocabulary;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// How a data set is divided. As JSON, `by` names the rule: `{"by": "random", "test": 0.2, "validation": true, "seed": 7}`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SplitOptions {
    /// Rows drawn at random, whoever's they are.
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
}

fn tenth() -> f64 {
    0.1
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
    fn fraction(self) -> f64 {
        match self {
            Self::Wanted(wanted) => tenth() * f64::from(u8::from(wanted)),
            Self::Fraction(fraction) => fraction,
        }
    }
}

impl SplitOptions {
    /// Options from a JSON object; `split/bad-option` names what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let options: Self = options::from_json(Scope::Split, json)?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), DataError> {
        match *self {
            Self::Random { test, validation, .. } => {
                check_fraction("test", test)?;
                check_fraction("validation", validation.fraction())
            }
            Self::File { validation, .. } => check_fraction("validation", validation.fraction()),
        }
    }
}

fn check_fraction(key: &str, fraction: f64) -> Result<(), DataError> {
    if (0.0..1.0).contains(&fraction) {
        return Ok(());
    }
    Err(bad(Scope::Split, key, &json!(fraction), "expected a fraction of the rows, 0 or more and below 1"))
}

/// The parts of a data set. They share their vocabularies and their rating range; rows keep their order.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What is trained on.
    pub train: Interactions,
    /// What training is stopped by, where it was asked for.
    pub validation: Option<Interactions>,
    /// What is reported on, where there is any.
    pub test: Option<Interactions>,
    /// Both `train` and `validation`, for training again; absent where `validation` is.
    pub train_and_validation: Option<Interactions>,
}

/// Divides `data`. `test_rows` are the rows of the test file, for [`SplitOptions::File`] alone.
pub fn split(
    data: &Interactions,
    options: &SplitOptions,
    test_rows: Option<&Interactions>,
) -> Result<Parts, DataError> {
    options.check()?;
    match (*options, test_rows) {
        (SplitOptions::Random { test, validation, seed }, None) => {
            let all: Vec<u32> = (0..data.len() as u32).collect();
            let (rest, test) = hold_out(&all, "test", test, seed, 0)?;
            hold_out_validation(data, &rest, test.map(|rows| data.select(&rows)), validation, seed)
        }
        (SplitOptions::File { validation, seed }, Some(test_rows)) => {
            let (data, test) = in_one_catalogue(data, test_rows)?;
            let all: Vec<u32> = (0..data.len() as u32).collect();
            hold_out_validation(&data, &all, Some(test), validation, seed)
        }
        (SplitOptions::File { .. }, None) => {
            Err(bad(Scope::Split, "by", &json!("file"), "needs a second data set, the test rows"))
        }
        (_, Some(_)) => Err(bad(
            Scope::Split,
            "by",
            &serde_json::to_value(options).expect("options are plain data")["by"],
            "takes no test rows of their own; \"file\" does",
        )),
    }
}

/// Divides the `rows` of `data` that are not test into training and validation.
fn hold_out_validation(
    data: &Interactions,
    rows: &[u32],
    test: Option<Interactions>,
    validation: Validation,
    seed: u64,
) -> Result<Parts, DataError> {
    let (train, validation) = hold_out(rows, "validation", validation.fraction(), seed, 1)?;
    Ok(Parts {
        train: data.select(&train),
        train_and_validation: validation.is_some().then(|| data.select(rows)),
        validation: validation.map(|rows| data.select(&rows)),
        test,
    })
}

/// Draws `fraction` of `rows`, rounded to a whole number of them: those that stay and those drawn, both in their order.
/// Nothing is drawn where the fraction is 0.
fn hold_out(
    rows: &[u32],
    part: &'static str,
    fraction: f64,
    seed: u64,
    shard: u64,
) -> Result<(Vec<u32>, Option<Vec<u32>>), DataError> {
    if rows.is_empty() {
        return Err(DataError::TooFewRows { part: "train", rows: 0, fraction: 1.0 - fraction });
    }
    if fraction == 0.0 {
        return Ok((rows.to_vec(), None));
    }
    let count = (rows.len() as f64 * fraction).round() as usize;
    if count == 0 || count == rows.len() {
        return Err(DataError::TooFewRows { part, rows: rows.len(), fraction });
    }
    let mut rng = Rng::stream(seed, Purpose::Split, 0, shard);
    // The start of a Fisher–Yates shuffle is a sample without repetition.
    let mut places: Vec<u32> = (0..rows.len() as u32).collect();
    for drawn in 0..count {
        places.swap(drawn, drawn + rng.below((rows.len() - drawn) as u32) as usize);
    }
    let mut is_drawn = vec![false; rows.len()];
    for &place in &places[..count] {
        is_drawn[place as usize] = true;
    }
    let pick = |wanted: bool| {
        let kept = rows.iter().zip(&is_drawn).filter(|&(_, &drawn)| drawn == wanted);
        kept.map(|(&row, _)| row).collect()
    };
    Ok((pick(false), Some(pick(true))))
}

/// Training and test rows with one catalogue: the ids of both, all integers in ascending order, else the training file's
/// first. The rating range is the training rows'.
fn in_one_catalogue(
    train: &Interactions,
    test: &Interactions,
) -> Result<(Interactions, Interactions), DataError> {
    if test.is_empty() {
        return Err(DataError::TooFewRows { part: "test", rows: 0, fraction: 1.0 });
    }
    for (with, without, [has, lacks]) in
        [("training", "test", [train, test]), ("test", "training", [test, train])]
    {
        if has.columns().ratings.is_some() && lacks.columns().ratings.is_none() {
            return Err(DataError::ColumnsDiffer { wanted: "rating", with, without });
        }
    }
    let (users, [train_users, test_users]) =
        union([(&train.users, &train.columns().users), (&test.users, &test.columns().users)]);
    let (items, [train_items, test_items]) =
        union([(&train.items, &train.columns().items), (&test.items, &test.columns().items)]);
    let renumbered = |data: &Interactions, row_users, row_items| {
        let columns = Columns { users: row_users, items: row_items, ..data.columns().clone() };
        let mut part = Interactions::new(users.clone(), items.clone(), columns, Some(train.range()));
        part.duplicates = data.duplicates;
        part.item_table = train.item_table.clone().or_else(|| test.item_table.clone());
        part
    };
    Ok((renumbered(train, train_users, train_items), renumbered(test, test_users, test_items)))
}

/// One vocabulary of both, and both columns renumbered by it.
fn union(parts: [(&Vocabulary, &Vec<u32>); 2]) -> (Arc<Vocabulary>, [Vec<u32>; 2]) {
    let mut both = Vocabulary::default();
    let columns = parts.map(|(ids, column)| {
        let index: Vec<u32> = ids.iter().map(|id| both.intern(id)).collect();
        column.iter().map(|&old| index[old as usize]).collect::<Vec<u32>>()
    });
    let mut joined = columns.concat();
    let both = renumber(both, &mut joined);
    let second = joined.split_off(columns[0].len());
    (both, [joined, second])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::RowBuilder;

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
    fn seeds_decide() {
        let test = |json: &str| rows(&by(json, &many(100), None).unwrap().test.unwrap()).to_vec();
        assert_eq!(test(r#"{"by":"random"}"#), test(r#"{"by":"random","seed":0,"validation":0.5}"#));
        assert_ne!(test(r#"{"by":"random"}"#), test(r#"{"by":"random","seed":1}"#));
    }

    #[test]
    fn every_row_is_as_likely_to_be_drawn() {
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
    fn no_test_part_is_a_part_too() {
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
        for (json, key) in [
            (r#"{"by":"random","test":1}"#, "test"),
            (r#"{"by":"random","test":-0.1}"#, "test"),
            (r#"{"by":"random","test":"x"}"#, "test"),
            (r#"{"by":"random","validation":1.5}"#, "validation"),
            (r#"{"by":"random","validation":"yes"}"#, "validation"),
            (r#"{"by":"random","tset":0.1}"#, "tset"),
            (r#"{"by":"file","test":0.1}"#, "test"),
            (r#"{"by":"file"}"#, "by"),
            (r#"{"by":"moon"}"#, "by"),
        ] {
            let error = by(json, &many(10), None).unwrap_err();
            assert_eq!((error.code(), &error.details()["key"]), ("split/bad-option", &json!(key)), "{error}");
        }
        let error = by(r#"{"by":"random"}"#, &many(10), Some(&many(3))).unwrap_err();
        assert_eq!(error.details()["value"], "\"random\"");
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
        assert_eq!(by(r#"{"by":"random"}"#, &empty, None).unwrap_err().code(), "split/too-few-rows");
        assert_eq!(by(r#"{"by":"file"}"#, &many(3), Some(&empty)).unwrap_err().code(), "split/too-few-rows");
        let mut builder = RowBuilder::new(None);
        builder.push("a", "b", None, None).unwrap();
        let choices = builder.finish();
        let error = by(r#"{"by":"file"}"#, &many(3), Some(&choices)).unwrap_err();
        assert_eq!((error.code(), &error.details()["without"]), ("split/columns-differ", &json!("test")));
    }
}
