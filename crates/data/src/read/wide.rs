//! Matrices: a row per user and a column per item.

use super::delimited::header::{Header, is_number, normalised};
use super::delimited::row::Head;
use super::roles::USER;
use crate::location::excerpt;

/// The columns of a matrix.
#[derive(Debug, Default)]
pub(super) struct Matrix {
    /// The column of the user; `None` if the user is the row's number from 0.
    pub(super) user: Option<usize>,
    /// The columns of the items, with their ids.
    pub(super) items: Vec<(usize, String)>,
}

impl Matrix {
    /// The columns of a matrix that starts with `head`, and whether its first row is a header. The first column is the user
    /// unless `user` names another one, or `by_number`, or every row's first number is the count of its ratings, or there is
    /// no header and the first numbers repeat. Without a
    /// header items are numbered from 1.
    pub(super) fn new(
        head: &Head,
        user: Option<usize>,
        by_number: bool,
        is_missing: impl Fn(&str) -> bool,
    ) -> (Self, bool) {
        let header = Self::header(head);
        let rows = if header { &head.records[1..] } else { &head.records[..] };
        let counted = user.is_none()
            && !header
            && !rows.is_empty()
            && rows.iter().all(|row| {
                let rated =
                    row.iter().skip(1).filter(|field| !field.is_empty() && !is_missing(field)).count();
                row.first().is_some_and(|first| first.parse() == Ok(rated))
            });
        // A first column whose values repeat is an item: the matrix has no column for the user.
        let repeats = || {
            let ids: Vec<&String> = rows.iter().filter_map(|row| row.first()).collect();
            ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id))
        };
        let by_number = by_number || user.is_none() && !header && !counted && repeats();
        let user_column = if by_number { None } else { Some(user.unwrap_or(0)) };
        let columns = head.records[0].len();
        let others = (0..columns).filter(|&column| Some(column) != user_column);
        let items = (1..).zip(others).map(|(number, column)| {
            let name = header.then(|| head.records[0][column].clone()).filter(|name| !name.is_empty());
            (column, name.unwrap_or_else(|| number.to_string()))
        });
        let items = items.collect();
        (Self { user: user_column.filter(|_| !counted), items }, header)
    }

    /// Whether the first row names the columns. Its first field is no number, and: another field is none either, or the first
    /// field is empty or called like a user, or the first column has numbers below, or all other fields are numbers above
    /// every value below.
    fn header(head: &Head) -> bool {
        let Some((first, rest)) = head.records.split_first() else { return false };
        let below = rest.iter().filter_map(|row| row.first()).any(|field| is_number(field));
        let value = |field: &String| field.replacen(',', ".", 1).parse::<f64>().ok();
        let named = first.iter().skip(1).any(|name| !name.is_empty() && value(name).is_none());
        let user = first[0].is_empty() || USER.names.contains(&normalised(&first[0]).as_str());
        let most = rest.iter().flat_map(|row| row.iter().skip(1)).filter_map(value).fold(0.0, f64::max);
        let ids = first.iter().skip(1).all(|field| value(field).is_some_and(|id| id > most));
        !is_number(&first[0]) && (named || user || below || ids)
    }
}

/// Whether `head` may be a matrix: nearly all fields but the first of each row are numbers or empty.
pub(super) fn may_be_matrix(head: &Head, header: Option<&Header>) -> bool {
    let rows = if header.is_some() { &head.records[1..] } else { &head.records[..] };
    let cells: Vec<&String> = rows.iter().flat_map(|row| row.iter().skip(1)).collect();
    let numbers =
        cells.iter().filter(|cell| cell.is_empty() || is_number(&cell.replacen(',', ".", 1))).count();
    head.columns >= 5 && !cells.is_empty() && 10 * numbers >= 9 * cells.len()
}

/// A value that may mean "not rated": by far the most frequent one, and far from the others.
pub(super) fn perhaps_missing(head: &Head) -> Option<f64> {
    let cells = head.records.iter().flat_map(|row| row.iter().skip(1));
    let mut values: Vec<f64> =
        cells.filter_map(|cell| cell.parse().ok()).filter(|x: &f64| x.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let (&low, &high) = (values.first()?, values.last()?);
    [low, high].into_iter().find(|&end| {
        let count = values.iter().filter(|&&value| value == end).count();
        let others: Vec<f64> = values.iter().copied().filter(|&value| value != end).collect();
        let (Some(&least), Some(&most)) = (others.first(), others.last()) else { return false };
        let gap = if end == high { end - most } else { least - end };
        5 * count >= values.len()
            && (gap > most - least || end == 0.0 && least > 0.0 || end == -1.0 && least >= 0.0)
    })
}

/// The first rows for a message.
pub(super) fn first_rows(head: &Head) -> Vec<Vec<String>> {
    head.records.iter().take(2).map(|row| row.iter().take(9).map(|field| excerpt(field)).collect()).collect()
}
