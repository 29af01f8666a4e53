//! Several data sets as one.

use super::columns::Columns;
use super::duplicates::Duplicates;
use super::interactions::Interactions;
use super::item_features::ItemFeatures;
use super::item_table::ItemTable;
use super::vocabulary::Vocabulary;
use crate::error::DataError;
use std::sync::Arc;
use tastespace_options::{OptionSet, options};

options! {
    /// Options of joining data sets.
    pub struct ConcatOptions {
        /// What becomes of several rows with the same user and item.
        duplicates: Duplicates = Duplicates::Last;
    }
}

impl ConcatOptions {
    /// Options from a JSON object.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        Ok(Self::parse("concat", json)?)
    }
}

/// The rows of all `parts`, those of later ones behind. Users, items, titles and features are those of all; where two parts
/// differ about an item, the later counts. At least one part.
pub fn concat(parts: &[&Interactions], options: &ConcatOptions) -> Result<Interactions, DataError> {
    let rows: u64 = parts.iter().map(|part| part.len() as u64).sum();
    if rows > u32::MAX.into() {
        return Err(DataError::TooLarge { what: "rows", limit: u32::MAX.into() });
    }
    let has_ratings = all_or_none(parts, "rating", |columns| columns.ratings.is_some())?;
    let has_times = all_or_none(parts, "time", |columns| columns.times.is_some())?;
    let reserved = rows as usize;
    let mut columns = Columns {
        users: Vec::with_capacity(reserved),
        items: Vec::with_capacity(reserved),
        ratings: has_ratings.then(|| Vec::with_capacity(reserved)),
        times: has_times.then(|| Vec::with_capacity(reserved)),
    };
    let (mut users, mut items) = (Vocabulary::default(), Vocabulary::default());
    for part in parts {
        let own = part.columns();
        users.append(&part.users, &own.users, &mut columns.users);
        items.append(&part.items, &own.items, &mut columns.items);
        columns.ratings.iter_mut().for_each(|all| all.extend(own.ratings.iter().flatten()));
        columns.times.iter_mut().for_each(|all| all.extend(own.times.iter().flatten()));
    }
    let users = users.renumber(&mut columns.users);
    let items = items.renumber(&mut columns.items);
    let declared = parts.iter().any(|part| part.range_is_declared);
    let with_rows = parts.iter().filter(|part| part.range_is_declared || !part.is_empty());
    let range = with_rows
        .map(|part| part.range())
        .reduce(|(low, high), (lower, higher)| (low.min(lower), high.max(higher)));
    let mut data =
        Interactions::combining(users, items, columns, range.filter(|_| declared), options.duplicates);
    if let (Some((low, high)), Duplicates::Last | Duplicates::Max) = (range, options.duplicates) {
        // That of a part was observed before its split.
        data.range = (low.min(data.range.0), high.max(data.range.1));
    }
    data.item_table = parts.iter().filter_map(|part| part.item_table.clone()).reduce(joined_tables);
    let features = parts.iter().filter_map(|part| part.item_features.clone());
    data.item_features = features.reduce(|earlier, later| Arc::new(ItemFeatures::updated(&earlier, &later)));
    Ok(data)
}

/// Whether all parts have a column. An error where only some have it; a part without rows does not count.
fn all_or_none(
    parts: &[&Interactions],
    wanted: &'static str,
    has: impl Fn(&Columns) -> bool,
) -> Result<bool, DataError> {
    let place = |which: bool| {
        parts.iter().position(|part| !part.is_empty() && has(part.columns()) == which).map(|at| at + 1)
    };
    match (place(true), place(false)) {
        (Some(with), Some(without)) => Err(DataError::ColumnMissing { wanted, with, without }),
        (with, _) => Ok(with.is_some()),
    }
}

fn joined_tables(earlier: Arc<ItemTable>, later: Arc<ItemTable>) -> Arc<ItemTable> {
    let mut ids = earlier.ids().clone();
    ids.intern_all(later.ids());
    let texts = earlier.align(&ids).updated(Some(&later.align(&ids)), ids.len());
    Arc::new(ItemTable::new(&ids, texts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::item_texts::ItemTexts;

    fn ids(of: &[&str]) -> Arc<Vocabulary> {
        let mut vocabulary = Vocabulary::default();
        for id in of {
            vocabulary.intern(id);
        }
        Arc::new(vocabulary)
    }

    fn data(users: &[&str], items: &[&str], ratings: Option<&[f32]>) -> Interactions {
        let (user_ids, item_ids) = (ids(users), ids(items));
        let column = |of: &[&str], ids: &Vocabulary| of.iter().map(|id| ids.get(id).unwrap()).collect();
        let columns = Columns {
            users: column(users, &user_ids),
            items: column(items, &item_ids),
            ratings: ratings.map(<[f32]>::to_vec),
            times: None,
        };
        Interactions::new(user_ids, item_ids, columns, None)
    }

    fn rows(data: &Interactions) -> Vec<(String, String, f32)> {
        let Columns { users, items, .. } = data.columns();
        let row = |row: usize| {
            (data.users.id(users[row]).into(), data.items.id(items[row]).into(), data.rating(row))
        };
        (0..data.len()).map(row).collect()
    }

    fn joined(parts: &[&Interactions], duplicates: &str) -> Result<Interactions, DataError> {
        concat(parts, &ConcatOptions::from_json(&format!(r#"{{"duplicates":"{duplicates}"}}"#)).unwrap())
    }

    #[test]
    fn rows_follow_one_another_and_the_last_of_a_pair_counts() {
        let older = data(&["10", "9"], &["b", "a"], Some(&[1.0, 4.0]));
        let newer = data(&["10", "2"], &["b", "c"], Some(&[5.0, 3.0]));
        let both = joined(&[&older, &newer], "last").unwrap();
        let row = |user: &str, item: &str, rating| (user.to_owned(), item.to_owned(), rating);
        assert_eq!(rows(&both), [row("9", "a", 4.0), row("10", "b", 5.0), row("2", "c", 3.0)]);
        // Numbered as a file with these rows would be.
        assert_eq!(both.users.iter().collect::<Vec<_>>(), ["2", "9", "10"]);
        assert_eq!(both.items.iter().collect::<Vec<_>>(), ["b", "a", "c"]);
        assert_eq!((both.duplicates, both.range()), (1, (1.0, 5.0)));
        assert_eq!(rows(&joined(&[&older, &newer], "sum").unwrap())[1], row("10", "b", 6.0));
        assert_eq!(rows(&joined(&[&older], "last").unwrap()), rows(&older));
    }

    #[test]
    fn a_column_that_only_some_have_is_refused() {
        let rated = data(&["1"], &["a"], Some(&[2.0]));
        let unrated = data(&["2"], &["a"], None);
        let error = joined(&[&rated, &unrated], "last").unwrap_err();
        assert_eq!(error.code(), "data/columns-differ");
        assert_eq!(
            error.to_string(),
            "data set 1 has a rating in every row and data set 2 has none: all need it, or none"
        );
        let empty = unrated.filtered(|_| false);
        assert_eq!(joined(&[&rated, &empty], "last").unwrap().users.len(), 2);
    }

    #[test]
    fn titles_and_features_are_those_of_all_parts() {
        let table = |rows: &[(&str, &str, &[&str])]| {
            let mut texts = ItemTexts::default();
            for (_, title, genres) in rows {
                texts.push(title, genres.iter().copied());
            }
            Some(Arc::new(ItemTable::new(&ids(&rows.iter().map(|(id, ..)| *id).collect::<Vec<_>>()), texts)))
        };
        let features = |items: &[&str], names: &[&str], pairs: [&[u32]; 2]| {
            let (items, names) = (ids(items), ids(names));
            Some(Arc::new(ItemFeatures::from_pairs("tags".into(), None, items, names, pairs)))
        };
        let older = Interactions {
            item_table: table(&[("a", "A", &["x"]), ("b", "B", &[])]),
            item_features: features(&["a", "b"], &["dry", "wet"], [&[0, 1], &[0, 1]]),
            ..data(&["1"], &["a"], None)
        };
        let newer = Interactions {
            item_table: table(&[("c", "C", &["y"]), ("a", "", &["z"])]),
            item_features: features(&["c", "b"], &["hot", "dry"], [&[0, 1, 1], &[0, 0, 1]]),
            ..data(&["1"], &["c"], None)
        };
        let both = joined(&[&older, &newer], "last").unwrap();
        let catalogue = ids(&["a", "b", "c"]);
        let texts = both.item_table.unwrap().align(&catalogue);
        assert_eq!([0, 1, 2].map(|item| texts.title(item).unwrap()), ["A", "B", "C"]);
        assert_eq!(texts.genres(0).collect::<Vec<_>>(), ["z"]);
        let features = both.item_features.unwrap();
        let named = |item: u32| {
            let matrix = features.align(&catalogue);
            matrix.of(item).iter().map(|&of| features.name(of).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!([named(0), named(1), named(2)], [vec!["dry"], vec!["dry", "hot"], vec!["hot"]]);
    }
}
