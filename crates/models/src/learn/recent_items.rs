//! The last items of each user, which a sequential model reads when it answers.

use super::sequences::Sequences;
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row};
use ndarray::Array2;

/// Name of the tensor.
pub const NAME: &str = "recent_items";

/// Fills the row of a user with fewer items.
const NO_ITEM: f32 = -1.0;

/// The last items of each user, the latest last: `(n, length)`. Item indices, which `f32` holds exactly below 2²⁴; larger
/// catalogues do not fit the engine's memory.
#[derive(Clone)]
pub struct RecentItems(Array2<f32>);

impl RecentItems {
    /// The last items of all `sequences`.
    pub fn new(sequences: &Sequences, length: usize) -> Self {
        let mut table = Array2::from_elem((sequences.users(), length), NO_ITEM);
        for (user, mut row) in (0..).zip(table.rows_mut()) {
            let items = sequences.of(user);
            let items = &items[items.len().saturating_sub(length)..];
            for (position, &item) in (length - items.len()..).zip(items) {
                row[position] = item as f32;
            }
        }
        Self(table)
    }

    /// Takes the tensor from those of a file.
    pub fn load(
        tensors: &mut Tensors,
        users: usize,
        items: usize,
        length: usize,
    ) -> Result<Self, WrongTensor> {
        let table = tensors.take_matrix(NAME, users, length)?;
        let valid =
            |&item: &f32| item == NO_ITEM || (item.fract() == 0.0 && item >= 0.0 && (item as usize) < items);
        if !table.iter().all(valid) {
            return Err(WrongTensor { name: NAME, expected: vec![users, length], found: None });
        }
        Ok(Self(table))
    }

    /// The table as a tensor.
    pub fn tensor(&self) -> Tensor<'_> {
        Tensor::matrix(NAME, Axis::Users, &self.0)
    }

    /// The last items of a user, the latest last.
    pub fn of(&self, user: u32) -> Vec<u32> {
        items(row(&self.0, user))
    }

    /// The last items of a user from the values of the tensor.
    pub fn read(values: &[f32], length: usize, user: u32) -> Vec<u32> {
        items(&values[user as usize * length..][..length])
    }
}

fn items(row: &[f32]) -> Vec<u32> {
    row.iter().filter(|&&item| item != NO_ITEM).map(|&item| item as u32).collect()
}

/// The items of a new user's rows, in order; of a repeated item the last row counts.
pub fn by_last_use(rows: &[(u32, f32)]) -> Vec<u32> {
    let mut items: Vec<u32> = Vec::with_capacity(rows.len());
    for &(item, _) in rows {
        items.retain(|&before| before != item);
        items.push(item);
    }
    items
}
