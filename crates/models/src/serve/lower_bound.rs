//! Rating models rank by the lower confidence bound of the predicted rating: `r̂ − z · e(n)`, where `n` is the item's number of
//! training ratings.
//!
//! A mean of few ratings is far from the item's true mean by chance, and the largest of many predictions are of items where chance
//! helped. With ratings that scatter by `σ` within an item, and true means that scatter by `τ` between items, the true mean of an
//! item with `n` ratings has the posterior standard deviation
//!
//! `e(n) = √(σ² / (n + σ²/τ²)) = σ τ / √(σ² + n τ²)`,
//!
//! `τ` without ratings and about `σ/√n` with many. `σ` and `τ` are the estimates of Bühlmann and Straub 1970 (*Glaubwürdigkeit für
//! Schadensätze*) from the training ratings. With ratings `a r + b` they are `|a|` times as large, so the order stays the same for
//! `a > 0`. `docs/experiments.md` compares values of `z`.

use tastespace_data::Interactions;

/// `z`: standard errors between a prediction and its lower bound.
const STANDARD_ERRORS: f32 = 3.0;

/// Scatter of the training ratings, as standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatingSpread {
    /// `σ`: of the ratings of an item around the item's mean.
    pub within: f32,
    /// `τ`: of the means of the items.
    pub between: f32,
}

impl RatingSpread {
    /// The estimates from training ratings; `None` without ratings.
    pub fn of(train: &Interactions) -> Option<Self> {
        let columns = train.columns();
        let ratings = columns.ratings.as_ref()?;
        // Above the lowest, so that sums of squares of far-off ratings do not cancel.
        let lowest = f64::from(ratings.iter().copied().fold(f32::INFINITY, f32::min));
        let mut items = vec![(0.0f64, 0.0f64, 0.0f64); train.items.len()];
        for (&item, &rating) in columns.items.iter().zip(ratings) {
            let (count, sum, squares) = &mut items[item as usize];
            let rating = f64::from(rating) - lowest;
            *count += 1.0;
            *sum += rating;
            *squares += rating * rating;
        }
        Some(Self::of_sums(items))
    }

    /// The estimates from the number of ratings of each item, and the sums and sums of squares of their excess over the lowest.
    pub fn of_sums(mut items: Vec<(f64, f64, f64)>) -> Self {
        items.retain(|&(count, ..)| count > 0.0);
        let (rows, groups) = (items.iter().map(|(count, ..)| count).sum::<f64>(), items.len() as f64);
        let mean = items.iter().map(|(_, sum, _)| sum).sum::<f64>() / rows;
        let scatter: f64 = items.iter().map(|(count, sum, squares)| squares - sum * sum / count).sum();
        let apart: f64 = items.iter().map(|(count, sum, _)| count * (sum / count - mean).powi(2)).sum();
        let effective = rows - items.iter().map(|(count, ..)| count * count).sum::<f64>() / rows;
        let variance = |sum: f64, degrees: f64| if degrees > 0.0 { (sum / degrees).max(0.0) } else { 0.0 };
        let within = variance(scatter, rows - groups);
        let between = variance(apart - (groups - 1.0) * within, effective);
        Self { within: within.sqrt() as f32, between: between.sqrt() as f32 }
    }

    /// `z · e(n)` of an item with `rows` training ratings. 0 where one of the spreads is.
    pub fn margin(self, rows: u32) -> f32 {
        let (within, between) = (f64::from(self.within), f64::from(self.between));
        let total = within * within + f64::from(rows) * between * between;
        if total > 0.0 { STANDARD_ERRORS * (within * between / total.sqrt()) as f32 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastespace_data::RowBuilder;

    fn spread(rows: &[(&str, f32)]) -> RatingSpread {
        let mut builder = RowBuilder::new(None);
        for (user, &(item, rating)) in rows.iter().enumerate() {
            builder.push(&user.to_string(), item, Some(rating), None).unwrap();
        }
        RatingSpread::of(&builder.finish()).unwrap()
    }

    #[test]
    fn the_spreads_are_those_of_an_analysis_of_variance() {
        // Means 2, 4 and 5 of 2, 2 and 1 ratings; mean 3.4. Within: (1 + 1 + 1 + 1) / (5 − 3) = 2. Between, by hand:
        // (2·1.96 + 2·0.36 + 2.56 − 2·2) / (5 − 9/5) = 3.2 / 3.2.
        let rows = [("a", 1.0), ("a", 3.0), ("b", 3.0), ("b", 5.0), ("c", 5.0)];
        let RatingSpread { within, between } = spread(&rows);
        assert!((within - 2f32.sqrt()).abs() < 1e-6 && (between - 1.0).abs() < 1e-6, "{within} {between}");
        let other = spread(&rows.map(|(item, rating)| (item, 20.0 * rating - 7.0)));
        assert!((other.within / within - 20.0).abs() < 1e-5 && (other.between / between - 20.0).abs() < 1e-5);
    }

    #[test]
    fn the_margin_falls_from_the_spread_between_items_to_nothing() {
        let spread = RatingSpread { within: 0.9, between: 0.5 };
        assert!((spread.margin(0) - 3.0 * 0.5).abs() < 1e-6);
        assert!((0..2000).all(|rows| spread.margin(rows) > spread.margin(rows + 1)));
        assert!((spread.margin(90_000) - 3.0 * 0.9 / 300.0).abs() < 1e-5);
    }

    #[test]
    fn without_a_spread_there_is_no_margin() {
        for rows in [&[("a", 3.0)][..], &[("a", 3.0), ("b", 3.0)], &[("a", 1.0), ("b", 5.0)]] {
            assert_eq!(spread(rows).margin(1), 0.0);
        }
    }
}
