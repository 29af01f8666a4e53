//! The triplet hinge of collaborative metric learning (Hsieh et al. 2017): `w [margin + ‖u − v_i‖² − ‖u − v_k‖²]₊` for a user
//! `u`, a positive item `i` and a negative item `k`.
//!
//! A negative is an *impostor* if the hinge is positive: it is less than the margin farther than `i`. An active triplet contributes
//! to the gradients of three rows; [`add_user_gradient`] and [`add_item_gradient`] add one each, so that a batch can sum in a
//! fixed order.

/// The number of impostors among `negatives: (k)`, given as squared distances.
#[inline]
pub fn impostors(positive: f32, margin: f32, negatives: &[f32]) -> usize {
    negatives.iter().map(|&negative| usize::from(margin + positive - negative > 0.0)).sum()
}

/// The index of the smallest of `negatives: (k)`; the first of equal ones. `k` is at least 1.
#[inline]
pub fn hardest(negatives: &[f32]) -> usize {
    let mut best = 0;
    for (index, &negative) in negatives.iter().enumerate() {
        if negative < negatives[best] {
            best = index;
        }
    }
    best
}

/// The index of the smallest of the `negatives: (k)` that are farther than the positive and inside the margin.
#[inline]
pub fn semi_hard(positive: f32, margin: f32, negatives: &[f32]) -> Option<usize> {
    let mut best = None;
    for (index, &negative) in negatives.iter().enumerate() {
        let within = negative > positive && margin + positive - negative > 0.0;
        if within && best.is_none_or(|best: usize| negative < negatives[best]) {
            best = Some(index);
        }
    }
    best
}

/// Adds the gradient of a triplet of this `weight` with respect to its user: `2w (v_k − v_i)`. All are `(d)`.
#[inline]
pub fn add_user_gradient(gradient: &mut [f32], weight: f32, positive: &[f32], negative: &[f32]) {
    assert!(gradient.len() == positive.len() && gradient.len() == negative.len());
    let double = 2.0 * weight;
    for ((gradient, &positive), &negative) in gradient.iter_mut().zip(positive).zip(negative) {
        *gradient += double * (negative - positive);
    }
}

/// Adds the gradient of a triplet with respect to an item: `2w (v − u)`, with the triplet's weight for the positive and minus it
/// for the negative. All are `(d)`.
#[inline]
pub fn add_item_gradient(gradient: &mut [f32], weight: f32, item: &[f32], user: &[f32]) {
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
        let mut got = vec![0.25f32; 3 * d];
        add_user_gradient(&mut got[..d], weight, positive, negative);
        add_item_gradient(&mut got[d..2 * d], weight, positive, user);
        add_item_gradient(&mut got[2 * d..], -weight, negative, user);
        let wide: Vec<f64> = point.iter().map(|&x| f64::from(x)).collect();
        let loss = |x: &[f64]| {
            f64::from(weight) * reference::triplet(&x[..d], &x[d..2 * d], &x[2 * d..], f64::from(margin))
        };
        assert!(loss(&wide) > 0.1, "an active triplet");
        for (k, got) in got.iter().enumerate() {
            let gradient = reference::derivative(&wide, k, &loss);
            assert!((f64::from(*got) - 0.25 - gradient).abs() < 1e-5, "coordinate {k}: {got} {gradient}");
        }
    }
}
