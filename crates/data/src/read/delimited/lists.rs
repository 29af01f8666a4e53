//! Lists: a line per owner, with its members.
//!
//! If on every line the first token is the number of the other tokens, it is a count, and the owner is the line number from
//! 0. Otherwise the first token is the owner. This is only known after the last line. The reader assumes counts until a
//! line contradicts; then the owners of the lines so far are renamed to their counts, which equal their first tokens.

use super::row::Row;
use crate::core::builder::RowBuilder;
use crate::error::DataError;

/// Whether the first field of every record is the number of the other fields.
pub(crate) fn counted(records: &[Vec<String>]) -> bool {
    records.iter().all(|fields| fields.first().is_some_and(|first| is_count(first, fields.len() - 1)))
}

/// Whether all fields except the first of each record are whole numbers, as is usual in lists.
pub(crate) fn numbered(records: &[Vec<String>]) -> bool {
    records.iter().flat_map(|fields| &fields[1..]).all(|field| field.parse::<u64>().is_ok())
}

/// Whether `token` is `count` in canonical form: `7` and not `07`.
fn is_count(token: &str, count: usize) -> bool {
    token.parse() == Ok(count) && !(token.len() > 1 && token.starts_with(['0', '+']))
}

/// Turns lists into (owner, member) pairs: users and items of a [`RowBuilder`].
pub(crate) struct Lists {
    /// Number of lists so far.
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
    /// Takes the list in `row`. The owner of an empty list is added too.
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
