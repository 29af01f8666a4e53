//! A sparse matrix by rows: for each user the items with a value, or for each item the users.

/// The cells of each row.
pub(crate) struct Cells {
    /// Start of each row's cells, and the total: `(rows + 1)`.
    offsets: Vec<usize>,
    /// Columns with values, row after row.
    cells: Vec<(u32, f32)>,
}

/// Bytes of the cells of a matrix, with those that building it needs.
pub(crate) fn bytes(rows: usize, cells: usize) -> u64 {
    (cells * size_of::<(u32, f32)>() + rows * 2 * size_of::<usize>()) as u64
}

impl Cells {
    /// The matrix of `rows` rows with a `value` at each pair of `own` and `other`. A row keeps their order.
    pub(crate) fn new(rows: usize, own: &[u32], other: &[u32], values: impl Iterator<Item = f32>) -> Self {
        let triples = own.iter().zip(other).zip(values).map(|((&row, &other), value)| (row, other, value));
        Self::of_triples(rows, own.iter().copied(), triples, own.len())
    }

    /// The transposed matrix, of `rows` rows, each with ascending columns.
    pub(crate) fn transposed(&self, rows: usize) -> Self {
        let owners = 0..self.offsets.len() as u32 - 1;
        let triples = owners
            .flat_map(|row| self.of(row as usize).iter().map(move |&(column, value)| (column, row, value)));
        Self::of_triples(rows, self.cells.iter().map(|&(column, _)| column), triples, self.cells.len())
    }

    fn of_triples(
        rows: usize,
        own: impl Iterator<Item = u32>,
        triples: impl Iterator<Item = (u32, u32, f32)>,
        count: usize,
    ) -> Self {
        let mut offsets = vec![0; rows + 1];
        for row in own {
            offsets[row as usize + 1] += 1;
        }
        for row in 0..rows {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut cells = vec![(0, 0.0); count];
        for (row, other, value) in triples {
            cells[next[row as usize]] = (other, value);
            next[row as usize] += 1;
        }
        Self { offsets, cells }
    }

    /// All cells, row after row.
    pub(crate) fn all(&self) -> &[(u32, f32)] {
        &self.cells
    }

    /// The same matrix with other values.
    pub(crate) fn map(mut self, value: impl Fn(f32) -> f32) -> Self {
        self.cells.iter_mut().for_each(|(_, cell)| *cell = value(*cell));
        self
    }

    /// The cells of `row`.
    pub(crate) fn of(&self, row: usize) -> &[(u32, f32)] {
        &self.cells[self.offsets[row]..self.offsets[row + 1]]
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_order_and_the_transposed_matrix_is_ascending() {
        let cells = Cells::new(3, &[2, 0, 2], &[1, 4, 0], [5.0, 6.0, 7.0].into_iter());
        assert_eq!((cells.of(0), cells.of(1), cells.len()), (&[(4, 6.0)][..], &[][..], 3));
        assert_eq!(cells.of(2), [(1, 5.0), (0, 7.0)]);
        let transposed = cells.transposed(5);
        assert_eq!((transposed.of(0), transposed.of(1)), (&[(2, 7.0)][..], &[(2, 5.0)][..]));
        assert_eq!(transposed.transposed(3).of(2), [(0, 7.0), (1, 5.0)]);
    }
}
