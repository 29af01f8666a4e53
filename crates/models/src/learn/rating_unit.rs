//! The unit and direction of ratings, by which models that were tuned on ratings from 1 to 5 adapt to other scales.

/// The lowest and the highest rating.
pub(crate) fn extremes(ratings: &[f32]) -> (f32, f32) {
    ratings.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &r| (low.min(r), high.max(r)))
}

/// A quarter of the range of `ratings`: 1 for ratings from 1 to 5. 1 if all ratings are equal.
///
/// A range and not a deviation: no rating is further than four units from the mean, so that training is stable whatever the ratings.
/// Of training ratings: a declared range may be wide, so that predictions are not clipped.
pub(crate) fn rating_unit(ratings: &[f32]) -> f32 {
    unit_of_range(extremes(ratings))
}

/// The same, from the lowest and the highest rating.
pub(crate) fn unit_of_range((lowest, highest): (f32, f32)) -> f32 {
    let unit = (highest - lowest) / 4.0;
    if unit.is_normal() { unit } else { 1.0 }
}

/// Ratings that are summed on their own before the sums are added.
const RATINGS_PER_SUM: usize = 1 << 16;

/// The mean of `ratings`. It adds the sums of 65,536 ratings each, in their order, so that machines with parts of the ratings
/// find the same bits.
pub(crate) fn mean_rating(ratings: &[f32]) -> f64 {
    let sum = |ratings: &[f32]| ratings.iter().map(|&rating| f64::from(rating)).sum::<f64>();
    ratings.chunks(RATINGS_PER_SUM).map(sum).sum::<f64>() / ratings.len() as f64
}

/// Whether the mean is below the middle of the range. Such ratings are learned as their mirror image, so that a model does not
/// depend on whether high or low numbers are good.
pub(crate) fn is_mirrored(ratings: &[f32]) -> bool {
    is_low(mean_rating(ratings), extremes(ratings))
}

/// Whether a mean is below the middle of the range.
pub(crate) fn is_low(mean: f64, (lowest, highest): (f32, f32)) -> bool {
    mean < 0.5 * (f64::from(lowest) + f64::from(highest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum in one go has other bits here, and sums of parts that end where the chunks do have these.
    #[test]
    fn the_mean_is_a_sum_of_sums() {
        let ratings: Vec<f32> = (0..200_000).map(|row| (row % 997) as f32 / 7.0 + 1e-3).collect();
        let sum = |ratings: &[f32]| ratings.iter().map(|&rating| f64::from(rating)).sum::<f64>();
        let (first, second) = ratings.split_at(2 * RATINGS_PER_SUM);
        let parts: Vec<f64> =
            [first, second].into_iter().flat_map(|part| part.chunks(RATINGS_PER_SUM).map(sum)).collect();
        assert_eq!(mean_rating(&ratings), parts.iter().sum::<f64>() / 200_000.0);
        assert_ne!(mean_rating(&ratings), sum(&ratings) / 200_000.0);
    }
}
