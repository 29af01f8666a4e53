//! Counts, such as play counts, in place of ratings on a scale.

/// Highest value of the usual rating scales with few steps.
const HIGHEST_STEP: f32 = 20.0;

/// Ratio of the largest count to the median from which the tail is heavy. The median of ratings is near the top of their
/// scale or in its middle.
const HEAVY_TAIL: f32 = 10.0;

/// Whether `ratings` are counts rather than ratings on a scale: non-negative integers with a heavy tail.
pub fn looks_like_counts(ratings: &[f32]) -> bool {
    let highest = ratings.iter().copied().fold(0.0, f32::max);
    if highest <= HIGHEST_STEP || !ratings.iter().all(|&rating| rating >= 0.0 && rating.fract() == 0.0) {
        return false;
    }
    // Zeros may stand for missing ratings.
    let mut counts: Vec<f32> = ratings.iter().copied().filter(|&rating| rating > 0.0).collect();
    let middle = counts.len() / 2;
    let (_, median, _) = counts.select_nth_unstable_by(middle, f32::total_cmp);
    highest >= HEAVY_TAIL * *median
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use crate::rng::Purpose;

    /// Rows of `value` of a random number from 0 to 1.
    fn sample(value: impl Fn(f64) -> f64) -> Vec<f32> {
        let mut rng = Rng::stream(1, Purpose::Synthetic, 0, 0);
        (0..2000).map(|_| value(f64::from(rng.below(1000)) / 1000.0) as f32).collect()
    }

    #[test]
    fn ratings_on_a_scale_are_no_counts() {
        for (scale, ratings) in [
            ("1..5", sample(|x| 1.0 + (4.0 * x).round())),
            ("0.5..5", sample(|x| 0.5 + (9.0 * x).round() / 2.0)),
            ("1..10", sample(|x| 1.0 + (9.0 * x * x).round())),
            ("0..10, mostly 0", sample(|x| if x < 0.6 { 0.0 } else { (10.0 * x).round() })),
            ("0..100", sample(|x| (100.0 * x).round())),
            ("0..100, low", sample(|x| (100.0 * x * x * x).round())),
            ("0..100, mostly 0", sample(|x| if x < 0.6 { 0.0 } else { (100.0 * x).round() })),
            ("-10..10", sample(|x| (20.0 * x).round() - 10.0)),
            ("ones", vec![1.0; 100]),
            ("zeros", vec![0.0; 100]),
            ("none", Vec::new()),
        ] {
            assert!(!looks_like_counts(&ratings), "{scale}");
        }
    }

    #[test]
    fn whole_numbers_with_a_heavy_tail_are_counts() {
        for (counts, values) in [
            ("plays", sample(|x| (2.0 / (1.0 - x * 0.999_99)).powi(2).round())),
            ("purchases", sample(|x| (1.0 / (1.0 - x * 0.97)).floor())),
            ("clicks, many 0", sample(|x| (1.0 / (1.0 - x * 0.99)).floor() - 1.0)),
        ] {
            assert!(looks_like_counts(&values), "{counts}");
        }
    }

    #[test]
    fn fractions_are_no_counts() {
        assert!(!looks_like_counts(&sample(|x| 0.5 + (1.0 / (1.0 - x * 0.999)).floor())));
    }
}
