//! Several rows of the same user and item, which become one.

use super::columns::Columns;
use super::csr::ByUser;
use tastespace_options::choices;

choices! {
    /// What becomes of several rows of the same user and item. The row that stays is the last by (time, row).
    pub enum Duplicates {
        /// The last row counts.
        Last = "last",
        /// The sum of the ratings; without ratings, the number of rows.
        Sum = "sum",
        /// The number of rows.
        Count = "count",
        /// The highest rating.
        Max = "max",
    }
}

/// Makes one row, the last by (time, row), of the rows of each (user, item) pair. Rows keep their order. With
/// [`Duplicates::Count`], and with [`Duplicates::Sum`] of rows without ratings, the numbers of rows become the ratings.
pub(super) fn combined(mut columns: Columns, users: usize, items: usize, duplicates: Duplicates) -> Columns {
    let counted = match (duplicates, &columns.ratings) {
        (Duplicates::Count, _) | (Duplicates::Sum, None) => true,
        (Duplicates::Last | Duplicates::Sum | Duplicates::Max, _) => false,
    };
    if counted {
        columns.ratings = Some(vec![1.0; columns.len()]);
    }
    let grouped = ByUser::new(&columns, users);
    // `newest[item]` is the latest row of the current user with that item, valid while `owner[item]` is that user.
    let mut owner = vec![u32::MAX; items];
    let mut newest = vec![0u32; items];
    let mut dropped = Vec::new();
    for user in 0..users as u32 {
        for &row in grouped.rows(user) {
            let item = columns.items[row as usize] as usize;
            if owner[item] == user {
                let before = newest[item];
                dropped.push(before);
                if let Some(ratings) = &mut columns.ratings {
                    let (earlier, rating) = (ratings[before as usize], &mut ratings[row as usize]);
                    match duplicates {
                        Duplicates::Last => (),
                        Duplicates::Sum | Duplicates::Count => *rating += earlier,
                        Duplicates::Max => *rating = rating.max(earlier),
                    }
                }
            }
            (owner[item], newest[item]) = (user, row);
        }
    }
    if dropped.is_empty() {
        return columns;
    }
    let mut kept = vec![true; columns.len()];
    dropped.iter().for_each(|&row| kept[row as usize] = false);
    drop(grouped);
    columns.retain(&kept);
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratings(duplicates: Duplicates, ratings: Option<Vec<f32>>) -> Option<Vec<f32>> {
        let columns = Columns {
            users: vec![0, 0, 1, 0],
            items: vec![0, 0, 0, 0],
            ratings,
            times: Some(vec![5.0, 9.0, 1.0, 2.0]),
        };
        let combined = combined(columns, 2, 1, duplicates);
        assert_eq!(combined.times, Some(vec![9.0, 1.0]));
        combined.ratings
    }

    #[test]
    fn duplicates_become_one_row_with_the_last_time() {
        let rated = Some(vec![1.0, 2.0, 3.0, 4.0]);
        for (duplicates, with, without) in [
            (Duplicates::Last, vec![2.0, 3.0], None),
            (Duplicates::Sum, vec![7.0, 3.0], Some(vec![3.0, 1.0])),
            (Duplicates::Count, vec![3.0, 1.0], Some(vec![3.0, 1.0])),
            (Duplicates::Max, vec![4.0, 3.0], None),
        ] {
            assert_eq!(ratings(duplicates, rated.clone()), Some(with), "{duplicates:?}");
            assert_eq!(ratings(duplicates, None), without, "{duplicates:?}");
        }
    }
}
