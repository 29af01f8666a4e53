//! Training and test rows from two files.

use crate::core::columns::Columns;
use crate::core::interactions::Interactions;
use crate::core::vocabulary::Vocabulary;
use crate::error::DataError;
use std::sync::Arc;

/// Training and test rows with one catalogue: the ids of both files, integers in ascending order, otherwise those of the
/// training file first. The rating range is that of the training rows.
pub(super) fn in_one_catalogue(
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
        part.item_features = train.item_features.clone().or_else(|| test.item_features.clone());
        part
    };
    Ok((renumbered(train, train_users, train_items), renumbered(test, test_users, test_items)))
}

/// The union of two vocabularies, and both columns renumbered to match.
fn union(parts: [(&Vocabulary, &Vec<u32>); 2]) -> (Arc<Vocabulary>, [Vec<u32>; 2]) {
    let (mut both, mut joined) = (Vocabulary::default(), Vec::new());
    for (ids, column) in parts {
        both.append(ids, column, &mut joined);
    }
    let both = both.renumber(&mut joined);
    let second = joined.split_off(parts[0].1.len());
    (both, [joined, second])
}
