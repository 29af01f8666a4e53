//! One-line lists: a line an owner, with those that belong to it.
//!
//! If on every line the first number equals the count of the rest, it is a count and the owner is the line's number from 0;
//! otherwise the first token is the owner. Only the last line tells which. Until a line says otherwise the first tokens are
//! taken for counts; since they say nothing that the lists do not, they can be told afterwards and are not kept.

use super::row::Row;
use crate::core::builder::RowBuilder;
use crate::error::DataError;

/// Whether the first field of every record is the number of the others.
pub(crate) fn counted(records: &[Vec<String>]) -> bool {
    records.iter().all(|fields| fields.first().is_some_and(|first| is_count(first, fields.len() - 1)))
}

/// Whether all fields of every record but the first are whole numbers, as item ids in lists are.
pub(crate) fn numbered(records: &[Vec<String>]) -> bool {
    records.iter().flat_map(|fields| &fields[1..]).all(|field| field.parse::<u64>().is_ok())
}

/// Whether `token` is `count`, written as one writes it: `7` and not `07`.
fn is_count(token: &str, count: usize) -> bool {
    token.parse() == Ok(count) && !(token.len() > 1 && token.starts_with(['0', '+']))
}

/// Takes lists as pairs of an owner and one that belongs to it: the users and items of a [`RowBuilder`].
pub(crate) struct Lists {
    /// Lists so far.
    lists: usize,
    /// Whether all first tokens so far are counts.
    counted: bool,
}

impl Default for Lists {
    fn default() -> Self {
        Self { lists: 0, counted: true }
    }
}

impl Lists {
    /// Takes the list in `row`. An owner of nothing is known all the same.
    pub(crate) fn row(&mut self, row: &Row, pairs: &mut RowBuilder) -> Result<(), DataError> {
        let mut tokens = row.fields();
        let Some(first) = tokens.next() else { return Ok(()) };
        if self.counted && !is_count(first, tokens.len()) {
            self.counted = false;
            let counts = pairs.rows_of_users();
            pairs.rename_users(counts.iter().map(u32::to_string));
        }
        let number;
        let owner = if self.counted {
            number = self.lists.to_string();
            &number
        } else {
            first
        };
        self.lists += 1;
        pairs.know_user(owner)?;
        tokens.try_for_each(|token| pairs.push(owner, token, None, None))
    }
}
