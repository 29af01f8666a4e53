//! The triplet hinge of collaborative metric learning (Hsieh et al. 2017): `w [margin + ‖u − v_i‖² − ‖u − v_k‖²]₊` for a user
//! `u`, an item `i` that they had and one, `k`, that they did not have.
//!
//! An item that they did not have is an *impostor* where that is positive: it stands less than the margin behind `i`.
//! What a weighted, active triplet adds to the gradients of its rows is told row by row, so that a batch can sum them in
//! any order that is fixed: [`pull_user`] and [`pull_item`].

/// How many of `negatives: (k)`, squared distances, are of impostors.
#[inline]
pub fn impostors(positive: f32, margin: f32, negatives: &[f32]) -> usize {
    negatives.iter().map(|&negative| usize::from(margin + positive - negative > 0.0)).sum()
}

/// The place of the smallest of `negatives: (k)`; of equals the first. `k` is at least 1.
#[inline]
pub fn hardest(negatives: &[f32]) -> usize {
    let mut best = 0;
    for (place, &negative) in negatives.iter().enumerate() {
        if negative < negatives[best] {
            best = place;
        }
    }
    best
}

/// The place of the smallest of those `negatives: (k)` that are farther than the positive and inside the margin.
#[inline]
pub fn semi_hard(positive: f32, margin: f32, negatives: &[f32]) -> Option<usize> {
    let mut best = None;
    for (place, &negative) in negatives.iter().enumerate() {
        let within = negative > positive && margin + positive - negative > 0.0;
        if within && best.is_none_or(|best: usize| negative < negatives[best]) {
            best = Some(place);
        }
    }
    best
}

/// Adds what a triplet of this `weight` adds to its user's gradient: `2w (v_k − v_i)`. All are `(d)`.
#[inline]
pub fn pull_user(gradient: &mut [f32], weight: f32, positive: &[f32], negative: &[f32]) {
    assert!(gradient.len() == positive.len() && gradient.len() == negative.len());
    let double = 2.0 * weight;
    for ((gradient, &positive), &negative) in gradient.iter_mut().zip(positive).zip(negative) {
        *gradient += double * (negative - positive);
    }
}

/// Adds what a triplet adds to an item's gradient: `2w (v − u)` with its weight for the item that they had, and with minus its
/// weight for the one that they did not have. All are `(d)`.
#[inline]
pub fn pull_item(gradient: &mut [f32], weight: f32, item: &[f32], user: &[f32]) {
    assert!(gradient.len() == item.len() && gradient.len() == user.len());
    let double = 2.0 * weight;
    for ((gradient, &item), &user) in gradient.iter_mut().zip(item).zip(user) {
        *gradient += double * (item - user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn negatives_are_told_apart() {
        // Impostors are nearer than 1.5; semi-hard are those beyond .5.
        let negatives = [1.4, 0.2, 0.7, 2.0, 0.7, 1.5, 0.2];
        assert_eq!(impostors(0.5, 1.0, &negatives), 5);
        assert_eq!(hardest(&negatives), 1);
        assert_eq!(semi_hard(0.5, 1.0, &negatives), Some(2));
        assert_eq!(semi_hard(0.5, 1.0, &[0.5, 1.5, 3.0]), None);
    }

    /// Both pulls are the gradient of [`reference::triplet`], every coordinate.
    #[test]
    fn pulls_follow_the_gradient() {
        let d = 5;
        let value = |k: usize| ((k * 40_503) % 1000) as f32 / 1000.0 - 0.5;
        let point: Vec<f32> = (0..3 * d).map(value).collect();
        let (user, items) = point.split_at(d);
        let (positive, negative) = items.split_at(d);
        let (weight, margin) = (1.7f32, 1.5f32);
        let mut pulled = vec![0.25f32; 3 * d];
        pull_user(&mut pulled[..d], weight, positive, negative);
        pull_item(&mut pulled[d..2 * d], weight, positive, user);
        pull_item(&mut pulled[2 * d..], -weight, negative, user);
        let wide: Vec<f64> = point.iter().map(|&x| f64::from(x)).collect();
        let loss = |x: &[f64]| {
            f64::from(weight) * reference::triplet(&x[..d], &x[d..2 * d], &x[2 * d..], f64::from(margin))
        };
        assert!(loss(&wide) > 0.1, "an active triplet");
        for (k, pulled) in pulled.iter().enumerate() {
            let gradient = reference::slope(&wide, k, &loss);
            assert!(
                (f64::from(*pulled) - 0.25 - gradient).abs() < 1e-5,
                "coordinate {k}: {pulled} {gradient}"
            );
        }
    }
}
