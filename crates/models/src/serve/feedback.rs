//! Ratings as a ranking model takes them: positives, whatever their values, or dislikes.

use serde::Serialize;
use tastespace_data::{is_positive, looks_like_counts};

/// The ratings that a ranking model was trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Feedback {
    /// Number of ratings.
    pub ratings: usize,
    /// Number of ratings that count as positive: all but those below zero.
    pub positives: usize,
    /// Number of positives in the lower half of the observed scale. 0 for counts, which have no scale.
    pub low_positives: usize,
    /// Whether the ratings look like counts.
    pub counts: bool,
    /// Lowest and highest rating.
    pub observed: (f32, f32),
}

impl Feedback {
    /// The feedback of a training set with these ratings.
    pub fn new(ratings: &[f32]) -> Self {
        let counts = looks_like_counts(ratings);
        let bound = |from: f32, choose: fn(f32, f32) -> f32| ratings.iter().copied().fold(from, choose);
        let (low, high) = (bound(f32::INFINITY, f32::min), bound(f32::NEG_INFINITY, f32::max));
        let middle = low + (high - low) / 2.0;
        let positives = || ratings.iter().filter(|&&rating| is_positive(rating));
        Self {
            ratings: ratings.len(),
            positives: positives().count(),
            low_positives: if counts { 0 } else { positives().filter(|&&rating| rating < middle).count() },
            counts,
            observed: if ratings.is_empty() { (0.0, 0.0) } else { (low, high) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_positives_are_in_the_lower_half_of_the_scale() {
        let films = Feedback::new(&[0.5, 2.5, 3.0, 5.0]);
        assert_eq!((films.ratings, films.positives, films.low_positives), (4, 4, 2));
        let thumbs = Feedback::new(&[1.0, -1.0, 1.0]);
        assert_eq!((thumbs.positives, thumbs.low_positives, thumbs.observed), (2, 0, (-1.0, 1.0)));
        let equal = Feedback::new(&[1.0, 1.0]);
        assert_eq!((equal.positives, equal.low_positives, equal.counts), (2, 0, false));
        let plays = Feedback::new(&[1.0, 2.0, 3.0, 9000.0]);
        assert!(plays.counts && plays.low_positives == 0);
    }
}
