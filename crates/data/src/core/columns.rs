//! The rows of a data set.

/// The interactions of a data set as columns of equal length, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// User index of each row.
    pub users: Vec<u32>,
    /// Item index of each row.
    pub items: Vec<u32>,
    /// Rating of each row; `None` for implicit feedback, which counts as 1.
    pub ratings: Option<Vec<f32>>,
    /// Time of each row in seconds, from any origin; `None` if the data has no times.
    pub times: Option<Vec<f64>>,
}

impl Columns {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The rows at `rows`, in that order.
    pub fn select(&self, rows: &[u32]) -> Self {
        fn pick<T: Copy>(column: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| column[row as usize]).collect()
        }
        Self {
            users: pick(&self.users, rows),
            items: pick(&self.items, rows),
            ratings: self.ratings.as_deref().map(|column| pick(column, rows)),
            times: self.times.as_deref().map(|column| pick(column, rows)),
        }
    }

    /// Removes the rows that are not `kept`, in place: a copy would double the memory.
    pub(super) fn retain(&mut self, kept: &[bool]) {
        fn drop_others<T>(column: &mut Vec<T>, kept: &[bool]) {
            let mut kept = kept.iter();
            column.retain(|_| kept.next().is_some_and(|&kept| kept));
        }
        drop_others(&mut self.users, kept);
        drop_others(&mut self.items, kept);
        self.ratings.iter_mut().for_each(|column| drop_others(column, kept));
        self.times.iter_mut().for_each(|column| drop_others(column, kept));
    }

    /// The rows whose number `keep` accepts, in their order.
    pub fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        fn pick<T: Copy>(column: &[T], count: usize, keep: impl Fn(usize) -> bool) -> Vec<T> {
            // Counted first: a vector that grows as it is filled may hold twice the memory it needs.
            let mut picked = Vec::with_capacity(count);
            picked.extend(column.iter().enumerate().filter(|&(row, _)| keep(row)).map(|(_, &value)| value));
            picked
        }
        let count = (0..self.len()).filter(|&row| keep(row)).count();
        Self {
            users: pick(&self.users, count, &keep),
            items: pick(&self.items, count, &keep),
            ratings: self.ratings.as_deref().map(|column| pick(column, count, &keep)),
            times: self.times.as_deref().map(|column| pick(column, count, &keep)),
        }
    }
}
