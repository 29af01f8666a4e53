//! What there is to say about a data set in a few numbers.

use super::interactions::Interactions;
use serde::Serialize;

/// A data set in a few numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Number of rows.
    pub rows: usize,
    /// Number of users who have a row.
    pub users: usize,
    /// Number of items that have a row.
    pub items: usize,
    /// Rows per pair of those users and items, 0 to 1.
    pub density: f64,
    /// Rows that were dropped because a later row has the same user and item.
    pub duplicates: usize,
    /// About the ratings; `None` where rows are plain choices.
    pub ratings: Option<Ratings>,
    /// First and last time in seconds; `None` where the data has no times.
    pub times: Option<(f64, f64)>,
    /// About the items' features; `None` where none were given.
    pub features: Option<Features>,
    /// Rows of a user, over users who have any.
    pub rows_per_user: Spread,
    /// Rows of an item, over items that have any.
    pub rows_per_item: Spread,
}

/// The items' features in a few numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Features {
    /// Number of features.
    pub features: usize,
    /// Number of items of the catalogue that have any, rows or not.
    pub items: usize,
    /// Number of pairs of an item of the catalogue and a feature of it.
    pub pairs: usize,
}

/// The ratings in a few numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ratings {
    /// Their mean; `None` where there is no row.
    pub mean: Option<f64>,
    /// Lowest and highest possible: as declared, or as observed.
    pub range: (f32, f32),
    /// How many there are of each.
    pub histogram: Histogram,
}

/// How many ratings there are of each value, or between values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Histogram {
    /// Each value in ascending order, where there are at most 20.
    Values(Vec<ValueCount>),
    /// Ten bins of one width from the lowest value to the highest.
    Bins(Vec<Bin>),
}

/// How often a rating occurs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValueCount {
    /// The rating.
    pub value: f32,
    /// Number of rows with it.
    pub count: usize,
}

/// How many ratings lie in a bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lowest value in it.
    pub from: f64,
    /// Where the next bin starts; the last bin holds this value.
    pub to: f64,
    /// Number of rows in it.
    pub count: usize,
}

/// Smallest, middle, mean and largest of some counts; all 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Smallest.
    pub min: u32,
    /// Middle one, or the mean of the middle two.
    pub median: f64,
    /// Mean.
    pub mean: f64,
    /// Largest.
    pub max: u32,
}

/// Most values that are counted one by one.
const VALUES: usize = 20;
/// Bins where there are more.
const BINS: usize = 10;

impl Summary {
    /// The summary of `data`.
    pub fn new(data: &Interactions) -> Self {
        let columns = data.columns();
        let per_user = counts(&columns.users, data.users.len());
        let per_item = counts(&columns.items, data.items.len());
        let pairs = per_user.len() as f64 * per_item.len() as f64;
        Self {
            rows: data.len(),
            users: per_user.len(),
            items: per_item.len(),
            density: if data.is_empty() { 0.0 } else { data.len() as f64 / pairs },
            duplicates: data.duplicates,
            ratings: columns.ratings.as_deref().map(|ratings| Ratings {
                mean: (!ratings.is_empty())
                    .then(|| ratings.iter().map(|&x| f64::from(x)).sum::<f64>() / ratings.len() as f64),
                range: data.range(),
                histogram: histogram(ratings),
            }),
            times: columns.times.as_deref().and_then(|times| {
                let first = times.iter().copied().reduce(f64::min)?;
                Some((first, times.iter().copied().reduce(f64::max)?))
            }),
            features: data.item_features.as_ref().map(|features| {
                let matrix = features.align(&data.items);
                let having = (0..matrix.items() as u32).filter(|&item| !matrix.of(item).is_empty());
                Features { features: matrix.width, items: having.count(), pairs: matrix.features.len() }
            }),
            rows_per_user: Spread::new(per_user),
            rows_per_item: Spread::new(per_item),
        }
    }
}

/// How often each index below `len` occurs, those that never do left out.
fn counts(column: &[u32], len: usize) -> Vec<u32> {
    let mut counts = vec![0; len];
    for &index in column {
        counts[index as usize] += 1;
    }
    counts.retain(|&count| count > 0);
    counts
}

impl Spread {
    fn new(mut counts: Vec<u32>) -> Self {
        let middle = counts.len() / 2;
        counts.sort_unstable();
        let (Some(&min), Some(&max)) = (counts.first(), counts.last()) else {
            return Self::default();
        };
        let below = if counts.len().is_multiple_of(2) { middle - 1 } else { middle };
        Self {
            min,
            max,
            median: (f64::from(counts[below]) + f64::from(counts[middle])) / 2.0,
            mean: counts.iter().map(|&count| f64::from(count)).sum::<f64>() / counts.len() as f64,
        }
    }
}

fn histogram(ratings: &[f32]) -> Histogram {
    let mut values: Vec<ValueCount> = Vec::with_capacity(VALUES);
    for &value in ratings {
        match values.binary_search_by(|known| known.value.partial_cmp(&value).expect("ratings are finite")) {
            Ok(place) => values[place].count += 1,
            Err(_) if values.len() == VALUES => return bins(ratings),
            Err(place) => values.insert(place, ValueCount { value, count: 1 }),
        }
    }
    Histogram::Values(values)
}

fn bins(ratings: &[f32]) -> Histogram {
    let low = f64::from(ratings.iter().copied().fold(f32::INFINITY, f32::min));
    let high = f64::from(ratings.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let edge = |bin: usize| low + (high - low) * bin as f64 / BINS as f64;
    let mut counts = [0; BINS];
    for &rating in ratings {
        let place = (f64::from(rating) - low) / (high - low) * BINS as f64;
        counts[(place as usize).min(BINS - 1)] += 1;
    }
    let bins = counts.iter().enumerate();
    Histogram::Bins(bins.map(|(bin, &count)| Bin { from: edge(bin), to: edge(bin + 1), count }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Columns, RowBuilder};
    use serde_json::json;

    #[test]
    fn numbers_are_those_of_the_rows() {
        let mut builder = RowBuilder::new(Some((1.0, 5.0)));
        for (user, item, rating, time) in [
            ("a", "x", 4.0, 30.0),
            ("a", "y", 2.5, 10.0),
            ("b", "x", 4.0, 20.0),
            ("b", "x", 2.5, 40.0),
            ("c", "x", 4.0, 5.0),
        ] {
            builder.push(user, item, Some(rating), Some(time)).unwrap();
        }
        let data = builder.finish();
        let expected = json!({
            "rows": 4, "users": 3, "items": 2, "density": 4.0 / 6.0, "duplicates": 1,
            "ratings": {
                "mean": 3.25, "range": [1.0, 5.0],
                "histogram": [{"value": 2.5, "count": 2}, {"value": 4.0, "count": 2}],
            },
            "times": [5.0, 40.0],
            "features": null,
            "rowsPerUser": {"min": 1, "median": 1.0, "mean": 4.0 / 3.0, "max": 2},
            "rowsPerItem": {"min": 1, "median": 2.0, "mean": 2.0, "max": 3},
        });
        assert_eq!(serde_json::to_value(Summary::new(&data)).unwrap(), expected);
    }

    #[test]
    fn many_values_are_binned() {
        let mut builder = RowBuilder::new(None);
        for row in 0..=100u8 {
            builder.push(&row.to_string(), "x", Some(row.into()), None).unwrap();
        }
        let Some(Ratings { histogram: Histogram::Bins(bins), .. }) = Summary::new(&builder.finish()).ratings
        else {
            panic!("101 values are too many to list");
        };
        let counts: Vec<usize> = bins.iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [10, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
        assert_eq!((bins[3].from, bins[3].to), (30.0, 40.0));
    }

    #[test]
    fn nothing_has_a_summary_too() {
        let mut builder = RowBuilder::new(None);
        builder.push("a", "x", None, None).unwrap();
        let summary = Summary::new(&builder.finish().part(Columns::default()));
        assert_eq!((summary.rows, summary.density, summary.rows_per_item), (0, 0.0, Spread::default()));
        assert_eq!((summary.ratings, summary.times), (None, None));
    }
}
