//! Rows grouped by user: compressed sparse rows.

use super::columns::Columns;

/// Row numbers of [`Columns`] grouped by user, each user's in the order (time, row).
#[derive(Clone, Debug)]
pub struct ByUser {
    /// Start of each user's rows, and the total: `(users + 1)`.
    offsets: Vec<u32>,
    /// Row numbers, user after user.
    rows: Vec<u32>,
}

impl ByUser {
    /// Groups the rows of `columns` by user, each user's in the order (time, row).
    pub fn new(columns: &Columns, users: usize) -> Self {
        let mut grouped = Self::in_row_order(&columns.users, users);
        if let Some(times) = &columns.times {
            for user in 0..users {
                let rows = grouped.offsets[user] as usize..grouped.offsets[user + 1] as usize;
                // A stable sort, so rows with equal times keep their order.
                grouped.rows[rows].sort_by(|&a, &b| times[a as usize].total_cmp(&times[b as usize]));
            }
        }
        grouped
    }

    /// Groups rows by `user_of_row`, each user's in the order of the rows.
    pub fn in_row_order(user_of_row: &[u32], users: usize) -> Self {
        let mut offsets = vec![0u32; users + 1];
        for &user in user_of_row {
            offsets[user as usize + 1] += 1;
        }
        for user in 0..users {
            offsets[user + 1] += offsets[user];
        }
        let mut next = offsets.clone();
        let mut rows = vec![0u32; user_of_row.len()];
        for (row, &user) in user_of_row.iter().enumerate() {
            let slot = &mut next[user as usize];
            rows[*slot as usize] = row as u32;
            *slot += 1;
        }
        Self { offsets, rows }
    }

    /// The rows of `user`.
    pub fn rows(&self, user: u32) -> &[u32] {
        &self.rows[self.offsets[user as usize] as usize..self.offsets[user as usize + 1] as usize]
    }

    /// Start of each user's rows, and the total: `(users + 1)`.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// All rows, user after user.
    pub fn all(&self) -> &[u32] {
        &self.rows
    }
}
