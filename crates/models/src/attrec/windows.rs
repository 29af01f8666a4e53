//! The training windows that slide over users' item sequences.

use crate::learn::sequences::Sequences;

/// A position in a user's sequence: the items before it are inputs, the items after it are targets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Window {
    pub(super) user: u32,
    /// The first target, counted over all sequences.
    at: u32,
}

impl Sequences {
    /// All windows of `inputs` items and `targets` items after them, user after user. A sequence too short for a whole window
    /// gives one window with at least one input and one target; a single item gives none.
    pub(super) fn windows(&self, inputs: usize, targets: usize) -> Vec<Window> {
        let mut windows = Vec::new();
        for user in 0..self.users() as u32 {
            let length = self.of(user).len();
            if length < 2 {
                continue;
            }
            let last = length.saturating_sub(targets).max(1);
            let before = self.before.get(user as usize).map_or(0, |&before| before as usize);
            let start = self.offsets[user as usize];
            let positions = inputs.min(last)..=last;
            // Windows without a new target were trained in the earlier run.
            let positions = positions.filter(|position| position + targets > before && before < length);
            windows.extend(positions.map(|position| Window { user, at: start + position as u32 }));
        }
        windows
    }

    /// The inputs of a window: up to `inputs` items, the latest last.
    pub(super) fn inputs(&self, window: Window, inputs: usize) -> &[u32] {
        let (start, at) = (self.offsets[window.user as usize] as usize, window.at as usize);
        &self.items[start.max(at.saturating_sub(inputs))..at]
    }

    /// The targets of a window: up to `targets` items.
    pub(super) fn targets(&self, window: Window, targets: usize) -> &[u32] {
        let (end, at) = (self.offsets[window.user as usize + 1] as usize, window.at as usize);
        &self.items[at..end.min(at + targets)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::sequences::Order;
    use tastespace_data::Columns;

    fn rows(users: &[u32], items: &[u32], times: Option<&[f64]>) -> Columns {
        Columns {
            users: users.to_vec(),
            items: items.to_vec(),
            ratings: None,
            times: times.map(<[f64]>::to_vec),
        }
    }

    fn parts(sequences: &Sequences, inputs: usize, targets: usize) -> Vec<(u32, Vec<u32>, Vec<u32>)> {
        let windows = sequences.windows(inputs, targets);
        let of = |window: Window| {
            (
                window.user,
                sequences.inputs(window, inputs).to_vec(),
                sequences.targets(window, targets).to_vec(),
            )
        };
        windows.into_iter().map(of).collect()
    }

    #[test]
    fn sequences_are_in_order_of_time_or_of_rows() {
        let columns = rows(&[0, 1, 0, 0], &[5, 6, 7, 8], Some(&[3.0, 0.0, 1.0, 1.0]));
        let by_time = Sequences::new(&columns, 2, Order::Time, None);
        assert_eq!((by_time.of(0), by_time.of(1)), (&[7, 8, 5][..], &[6][..]));
        let by_rows = Sequences::new(&columns, 2, Order::Rows, None);
        assert_eq!(by_rows.of(0), [5, 7, 8]);
    }

    #[test]
    fn windows_are_whole_and_a_short_sequence_has_one() {
        // Users with six, four, two, one and no items.
        let columns =
            rows(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3], &[1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 1, 2, 1], None);
        let sequences = Sequences::new(&columns, 5, Order::Rows, None);
        assert_eq!(
            parts(&sequences, 3, 2),
            [
                (0, vec![1, 2, 3], vec![4, 5]),
                (0, vec![2, 3, 4], vec![5, 6]),
                (1, vec![1, 2], vec![3, 4]),
                (2, vec![1], vec![2]),
            ]
        );
        // n - L - T + 1 windows.
        assert_eq!(sequences.windows(1, 1).len(), 5 + 3 + 1);
        assert_eq!(parts(&sequences, 9, 9)[0], (0, vec![1], vec![2, 3, 4, 5, 6]));
    }

    #[test]
    fn remembered_items_come_first_and_are_no_targets_again() {
        let columns = rows(&[0, 0, 2], &[7, 2, 4], None);
        let remembered = |user: u32| if user == 1 { vec![8, 9] } else { vec![1, 2, 3] };
        let sequences = Sequences::new(&columns, 3, Order::Rows, Some(&remembered));
        assert_eq!((sequences.of(0), sequences.of(1)), (&[1, 3, 7, 2][..], &[8, 9][..]));
        assert_eq!(
            parts(&sequences, 2, 1),
            [(0, vec![1, 3], vec![7]), (0, vec![3, 7], vec![2]), (2, vec![2, 3], vec![4])]
        );
    }
}
