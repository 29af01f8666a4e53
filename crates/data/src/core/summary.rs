//! Summary statistics of a data set.

use super::interactions::Interactions;
use super::report::{Note, Report};
use super::vocabulary::Vocabulary;
use serde::Serialize;

/// Summary statistics of a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Number of rows.
    pub rows: usize,
    /// Number of users with a row.
    pub users: usize,
    /// Number of items with a row.
    pub items: usize,
    /// Rows divided by the number of pairs of these users and items, 0 to 1.
    pub density: f64,
    /// Rows dropped because a later row has the same user and item.
    pub duplicates: usize,
    /// The ratings; `None` for implicit feedback.
    pub ratings: Option<Ratings>,
    /// First and last time in seconds; `None` if the data has no times.
    pub times: Option<(f64, f64)>,
    /// The items' features; `None` if none were given.
    pub features: Option<Features>,
    /// Rows per user, over users with a row.
    pub rows_per_user: Counts,
    /// Rows per item, over items with a row.
    pub rows_per_item: Counts,
    /// The first rows, as they were understood.
    pub sample: Vec<SampleRow>,
    /// How the file was understood; `None` if the data was not read from a file.
    pub source: Option<Report>,
    /// Names of the file's columns that are not read.
    pub unread: Vec<String>,
    /// Sentences about the file, its side files and the data.
    pub notes: Vec<Note>,
}

/// A row of the data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleRow {
    /// The user's id.
    pub user: String,
    /// The item's id.
    pub item: String,
    /// The rating, if the data has ratings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    /// Seconds since 1970, if the data has times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
}

/// Most rows of a sample.
const SAMPLE: usize = 3;

/// Summary of the items' features.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Features {
    /// Number of features.
    pub features: usize,
    /// Number of items of the catalogue with a feature.
    pub items: usize,
    /// Number of (item, feature) pairs in the catalogue.
    pub pairs: usize,
}

/// Summary of the ratings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ratings {
    /// Their mean; `None` if there are no rows.
    pub mean: Option<f64>,
    /// Lowest and highest possible rating: declared or observed.
    pub range: (f64, f64),
    /// Whether the ratings look like counts.
    pub counts: bool,
    /// Distribution of the values.
    pub histogram: Histogram,
}

/// Distribution of the ratings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Histogram {
    /// Each value in ascending order, if there are 20 at most.
    Values(Vec<ValueCount>),
    /// Ten bins of equal width from the lowest to the highest value.
    Bins(Vec<Bin>),
}

/// The number of ratings of one value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValueCount {
    /// The rating.
    pub value: f32,
    /// Number of rows with it.
    pub count: usize,
}

/// The number of ratings in a bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower edge, inclusive.
    pub from: f64,
    /// Upper edge, exclusive but for the last bin.
    pub to: f64,
    /// Number of rows in it.
    pub count: usize,
}

/// Smallest, median, mean and largest of some counts; all 0 if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Smallest.
    pub min: u32,
    /// Median.
    pub median: f64,
    /// Mean.
    pub mean: f64,
    /// Largest.
    pub max: u32,
}

/// Most distinct values that are counted singly.
const VALUES: usize = 20;
/// Bins if there are more.
const BINS: usize = 10;

impl Summary {
    /// The summary of `data`.
    pub fn new(data: &Interactions) -> Self {
        let columns = data.columns();
        let per_user = counts(&columns.users, data.users.len());
        let per_item = counts(&columns.items, data.items.len());
        let times = columns.times.as_deref().and_then(|times| {
            let first = times.iter().copied().reduce(f64::min)?;
            Some((first, times.iter().copied().reduce(f64::max)?))
        });
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
                range: (shortest(data.range().0), shortest(data.range().1)),
                counts: data.looks_like_counts(),
                histogram: histogram(ratings),
            }),
            times,
            features: data.item_features.as_ref().map(|features| {
                let matrix = features.align(&data.items);
                let having = (0..matrix.items() as u32).filter(|&item| !matrix.of(item).is_empty());
                Features { features: matrix.width, items: having.count(), pairs: matrix.features.len() }
            }),
            rows_per_user: Counts::new(per_user),
            rows_per_item: Counts::new(per_item),
            sample: sample(data),
            unread: data.unread(),
            notes: notes(data, times),
            source: data.report.as_deref().cloned(),
        }
    }
}

/// The number with the shortest decimals that are the same rating: 4.1, not 4.099999904632568.
fn shortest(rating: f32) -> f64 {
    rating.to_string().parse().unwrap_or_else(|_| rating.into())
}

fn sample(data: &Interactions) -> Vec<SampleRow> {
    let columns = data.columns();
    let row = |row: usize| SampleRow {
        user: data.users.id(columns.users[row]).into(),
        item: data.items.id(columns.items[row]).into(),
        rating: columns.ratings.as_ref().map(|ratings| shortest(ratings[row])),
        time: columns.times.as_ref().map(|times| times[row]),
    };
    (0..data.len().min(SAMPLE)).map(row).collect()
}

fn notes(data: &Interactions, times: Option<(f64, f64)>) -> Vec<Note> {
    let mut notes = data.report.as_ref().map_or(Vec::new(), |report| report.notes.clone());
    // A few rows may well have one time.
    if data.len() > SAMPLE && times.is_some_and(|(first, last)| first == last) {
        let text = "all times are equal: where order counts, it is that of the rows".to_owned();
        notes.push(Note { code: "data/equal-times", text });
    }
    let Some(table) = &data.item_table else { return notes };
    notes.extend(table.notes.iter().cloned());
    let (titled, items) = (table.align(&data.items).titled(), data.items.len());
    if titled == 0 && !table.is_empty() {
        let examples = |ids: &Vocabulary| ids.iter().take(2).collect::<Vec<_>>().join(", ");
        let text = format!(
            "titles for 0 of {items} items: the ids differ ({} in the file of items, {} in the ratings); --items-columns item=NAME names the column of ids",
            examples(table.ids()),
            examples(&data.items)
        );
        notes.push(Note { code: "data/no-titles", text });
    }
    notes
}

/// The number of occurrences of each index below `len` that occurs.
fn counts(column: &[u32], len: usize) -> Vec<u32> {
    let mut counts = vec![0; len];
    for &index in column {
        counts[index as usize] += 1;
    }
    counts.retain(|&count| count > 0);
    counts
}

impl Counts {
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
            Ok(index) => values[index].count += 1,
            Err(_) if values.len() == VALUES => return bins(ratings),
            Err(index) => values.insert(index, ValueCount { value, count: 1 }),
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
        let bin = (f64::from(rating) - low) / (high - low) * BINS as f64;
        counts[(bin as usize).min(BINS - 1)] += 1;
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
    fn a_summary_counts_rows_users_and_items() {
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
                "mean": 3.25, "range": [1.0, 5.0], "counts": false,
                "histogram": [{"value": 2.5, "count": 2}, {"value": 4.0, "count": 2}],
            },
            "times": [5.0, 40.0],
            "features": null,
            "rowsPerUser": {"min": 1, "median": 1.0, "mean": 4.0 / 3.0, "max": 2},
            "rowsPerItem": {"min": 1, "median": 2.0, "mean": 2.0, "max": 3},
            "sample": [
                {"user": "a", "item": "x", "rating": 4.0, "time": 30.0},
                {"user": "a", "item": "y", "rating": 2.5, "time": 10.0},
                {"user": "b", "item": "x", "rating": 2.5, "time": 40.0},
            ],
            "source": null, "unread": [], "notes": [],
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
    fn equal_times_are_noted() {
        for (step, codes) in [(0.0, &["data/equal-times"][..]), (1.0, &[])] {
            let mut builder = RowBuilder::new(None);
            for row in 0..5u8 {
                builder.push(&row.to_string(), "x", None, Some(1e9 + step * f64::from(row))).unwrap();
            }
            let notes = Summary::new(&builder.finish()).notes;
            assert_eq!(notes.iter().map(|note| note.code).collect::<Vec<_>>(), codes);
        }
    }

    #[test]
    fn an_empty_data_set_has_a_summary() {
        let mut builder = RowBuilder::new(None);
        builder.push("a", "x", None, None).unwrap();
        let summary = Summary::new(&builder.finish().part(Columns::default()));
        assert_eq!((summary.rows, summary.density, summary.rows_per_item), (0, 0.0, Counts::default()));
        assert_eq!((summary.ratings, summary.times), (None, None));
    }
}
