//! Training segments of users' item sequences.

use crate::learn::sequences::Sequences;

/// A part of a user's sequence: its items are targets, each predicted from those of the segment before it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Segment {
    /// The first target, counted over all sequences.
    from: u32,
    /// After the last target.
    to: u32,
    /// Whether the first target is the first item of the user, which is predicted from the start of a history.
    first: bool,
}

impl Segment {
    /// Number of targets, and of inputs.
    pub(super) fn len(self) -> usize {
        (self.to - self.from) as usize
    }
}

impl Sequences {
    /// Cuts each sequence into segments of `length` targets, from its end; the first of a user may be shorter. Segments without
    /// a new target were trained in the earlier run.
    pub(super) fn segments(&self, length: usize) -> Vec<Segment> {
        let mut segments = Vec::new();
        for user in 0..self.users() {
            let (start, end) = (self.offsets[user], self.offsets[user + 1]);
            let before = start + self.before.get(user).copied().unwrap_or(0);
            let mut to = end;
            while to > before {
                let from = start.max(to.saturating_sub(length as u32));
                segments.push(Segment { from, to, first: from == start });
                to = from;
            }
        }
        segments
    }

    /// The inputs of a segment, `None` for the start of a history, with their targets.
    pub(super) fn steps(&self, segment: Segment) -> impl Iterator<Item = (Option<u32>, u32)> {
        let Segment { from, to, first } = segment;
        (from..to).map(move |at| {
            let input = (!first || at > from).then(|| self.items[at as usize - 1]);
            (input, self.items[at as usize])
        })
    }
}

/// The inputs that a history ends with when it is answered from: at most `length` of the start and its `items`.
pub(super) fn inputs(items: &[u32], length: usize) -> Vec<Option<u32>> {
    let start = (items.len() < length).then_some(None);
    let last = &items[items.len().saturating_sub(length)..];
    start.into_iter().chain(last.iter().map(|&item| Some(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::sequences::Order;
    use tastespace_data::Columns;

    #[test]
    fn every_item_is_a_target_once() {
        // Users with five, no, one and three items.
        let columns = Columns {
            users: vec![0, 0, 0, 0, 0, 2, 3, 3, 3],
            items: vec![1, 2, 3, 4, 5, 6, 7, 8, 9],
            ..Columns::default()
        };
        let sequences = Sequences::new(&columns, 4, Order::Rows, None);
        let steps: Vec<Vec<(Option<u32>, u32)>> =
            sequences.segments(3).into_iter().map(|segment| sequences.steps(segment).collect()).collect();
        assert_eq!(
            steps,
            [
                vec![(Some(2), 3), (Some(3), 4), (Some(4), 5)],
                vec![(None, 1), (Some(1), 2)],
                vec![(None, 6)],
                vec![(None, 7), (Some(7), 8), (Some(8), 9)],
            ]
        );
        let remembered = |user: u32| if user == 0 { vec![10, 11] } else { vec![7] };
        let resumed = Sequences::new(&columns, 4, Order::Rows, Some(&remembered));
        // Items 3, 4, 5 and 10, 11, 1, 2; a user without new items is not trained again.
        assert_eq!(resumed.segments(4).iter().map(|segment| segment.len()).collect::<Vec<_>>(), [4, 3, 2, 3]);
    }

    #[test]
    fn answers_start_where_training_does() {
        assert_eq!(inputs(&[], 3), [None]);
        assert_eq!(inputs(&[5, 6], 3), [None, Some(5), Some(6)]);
        assert_eq!(inputs(&[5, 6, 7], 3), [Some(5), Some(6), Some(7)]);
        assert_eq!(inputs(&[5, 6, 7, 8], 3), [Some(6), Some(7), Some(8)]);
    }
}
