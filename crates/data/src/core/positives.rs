//! Positives: the interactions that a ranking model learns from.

use super::interactions::Interactions;
use std::borrow::Cow;

/// Whether an interaction with this rating is a positive. A rating below zero is a dislike.
pub fn is_positive(rating: f32) -> bool {
    rating >= 0.0
}

impl Interactions {
    /// The positives: all rows except those with a rating below zero.
    pub fn positives(&self) -> Cow<'_, Self> {
        match &self.columns().ratings {
            Some(ratings) if !ratings.iter().all(|&rating| is_positive(rating)) => {
                Cow::Owned(self.filtered(|row| is_positive(ratings[row])))
            }
            _ => Cow::Borrowed(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RowBuilder;

    fn rated(ratings: &[f32]) -> Interactions {
        let mut builder = RowBuilder::new(None);
        for (row, &rating) in ratings.iter().enumerate() {
            builder.push("a", &row.to_string(), Some(rating), None).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn ratings_below_zero_are_no_positives_and_keep_the_catalogue() {
        let data = rated(&[1.0, -1.0, 0.0, -0.5]);
        let positives = data.positives();
        assert_eq!(positives.columns().items, [0, 2]);
        assert_eq!((positives.items.len(), positives.range()), (4, (-1.0, 1.0)));
    }

    #[test]
    fn data_without_ratings_below_zero_is_not_copied() {
        assert!(matches!(rated(&[0.0, 5.0]).positives(), Cow::Borrowed(_)));
        let mut builder = RowBuilder::new(None);
        builder.push("a", "x", None, None).unwrap();
        assert!(matches!(builder.finish().positives(), Cow::Borrowed(_)));
    }
}
