//! One rating's step of biased matrix factorisation (Koren, Bell, Volinsky 2009), the hot loop of `biased-mf`.

use crate::lanes::LANES;
use crate::vector::dot;

/// Learning rates and regularization of a step.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Learning rate γ of the biases, per update.
    pub learning: f32,
    /// Learning rate γ' of the vectors, per update: γ, but for ratings of another unit.
    pub vector_learning: f32,
    /// L2 regularization λ_p of the user's vector, per update.
    pub user_penalty: f32,
    /// L2 regularization λ_q of the item's vector, per update.
    pub item_penalty: f32,
    /// L2 regularization of the user's bias, per update.
    pub user_bias_penalty: f32,
    /// L2 regularization of the item's bias, per update.
    pub item_bias_penalty: f32,
}

/// Takes one step on a user's row `p: (d)` and an item's row `q: (d)` with their biases, for the rating `target = r − μ`.
///
/// `e = target − b_u − b_i − p·q`; `p += γ'(e q − λ_p p)` and `q += γ'(e p − λ_q q)`, both from the old rows;
/// `b += γ(e − λ_b b)`. Returns `e`. `d` is a multiple of [`LANES`]; padding of zeros stays zero.
#[inline]
pub fn rating_step(
    p: &mut [f32],
    q: &mut [f32],
    user_bias: &mut f32,
    item_bias: &mut f32,
    target: f32,
    rate: Rate,
) -> f32 {
    assert!(p.len() == q.len() && p.len().is_multiple_of(LANES));
    let error = target - *user_bias - *item_bias - dot(p, q);
    let step = rate.vector_learning * error;
    let keep_p = 1.0 - rate.vector_learning * rate.user_penalty;
    let keep_q = 1.0 - rate.vector_learning * rate.item_penalty;
    // Value by value, not over chunks, which LLVM turns into gathers.
    for (p, q) in p.iter_mut().zip(q) {
        let (old_p, old_q) = (*p, *q);
        *p = keep_p * old_p + step * old_q;
        *q = keep_q * old_q + step * old_p;
    }
    let step = rate.learning * error;
    bias_step(user_bias, step, rate.learning * rate.user_bias_penalty);
    bias_step(item_bias, step, rate.learning * rate.item_bias_penalty);
    error
}

/// The step of SVD++ (Koren 2008): the user's vector is `p + z`, where `z: (d)` is the implicit part from the user's items.
///
/// `e = target − b_u − b_i − (p + z)·q`; `p += γ'(e q − λ_p p)`, `z += γ'(e q − λ_z z)`, `q += γ'(e (p + z) − λ_q q)`, all
/// from the old rows. Returns `e`.
#[inline]
pub fn implicit_rating_step(
    [p, z, q]: [&mut [f32]; 3],
    user_bias: &mut f32,
    item_bias: &mut f32,
    target: f32,
    rate: Rate,
    implicit_penalty: f32,
) -> f32 {
    assert!(p.len() == q.len() && z.len() == q.len() && p.len().is_multiple_of(LANES));
    let error = target - *user_bias - *item_bias - (dot(p, q) + dot(z, q));
    let step = rate.vector_learning * error;
    let keep_p = 1.0 - rate.vector_learning * rate.user_penalty;
    let keep_z = 1.0 - rate.vector_learning * implicit_penalty;
    let keep_q = 1.0 - rate.vector_learning * rate.item_penalty;
    for ((p, z), q) in p.iter_mut().zip(z).zip(q) {
        let (old_p, old_z, old_q) = (*p, *z, *q);
        *p = keep_p * old_p + step * old_q;
        *z = keep_z * old_z + step * old_q;
        *q = keep_q * old_q + step * (old_p + old_z);
    }
    let step = rate.learning * error;
    bias_step(user_bias, step, rate.learning * rate.user_bias_penalty);
    bias_step(item_bias, step, rate.learning * rate.item_bias_penalty);
    error
}

#[inline(always)]
fn bias_step(bias: &mut f32, step: f32, shrink: f32) {
    *bias = (1.0 - shrink) * *bias + step;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    const RATE: Rate = Rate {
        learning: 0.01,
        vector_learning: 0.01,
        user_penalty: 0.1,
        item_penalty: 0.2,
        user_bias_penalty: 0.05,
        item_bias_penalty: 0.03,
    };

    fn rows(d: usize) -> (Vec<f32>, Vec<f32>) {
        let value = |seed: usize| move |k: usize| (((k * 7 + seed) * 40_503) % 1000) as f32 / 1000.0 - 0.5;
        ((0..d).map(value(3)).collect(), (0..d).map(value(11)).collect())
    }

    #[test]
    fn step_is_its_twin() {
        for d in [8, 16, 64, 104] {
            let (mut p, mut q) = rows(d);
            let (mut user_bias, mut item_bias) = (0.2f32, -0.3f32);
            let mut twin = reference::RatingStep::new(&p, &q, user_bias, item_bias);
            let rate = Rate { vector_learning: 0.02, ..RATE };
            for target in [1.5, -0.7, 0.0, 2.0] {
                let error = rating_step(&mut p, &mut q, &mut user_bias, &mut item_bias, target, rate);
                let expected = twin.step(f64::from(target), rate);
                // Four steps on rows of order 1: a few units in the last place of f32.
                assert!((f64::from(error) - expected).abs() < 1e-5);
            }
            for (got, expected) in p.iter().chain(&q).zip(twin.p.iter().chain(&twin.q)) {
                assert!((f64::from(*got) - expected).abs() < 1e-6);
            }
            assert!((f64::from(user_bias) - twin.user_bias).abs() < 1e-6);
            assert!((f64::from(item_bias) - twin.item_bias).abs() < 1e-6);
        }
    }

    /// The step is `−γ` times the gradient of [`reference::rating_loss`], every coordinate.
    #[test]
    fn step_follows_the_gradient() {
        let (p, q) = rows(8);
        let (user_bias, item_bias, target) = (0.2f32, -0.3f32, 1.5f32);
        let point: Vec<f64> =
            p.iter().chain(&q).chain(&[user_bias, item_bias]).map(|&x| f64::from(x)).collect();
        let loss =
            |x: &[f64]| reference::rating_loss(&x[..8], &x[8..16], x[16], x[17], f64::from(target), RATE);
        let (mut new_p, mut new_q, mut new_user, mut new_item) = (p.clone(), q.clone(), user_bias, item_bias);
        rating_step(&mut new_p, &mut new_q, &mut new_user, &mut new_item, target, RATE);
        let moved: Vec<f32> = new_p.iter().chain(&new_q).chain(&[new_user, new_item]).copied().collect();
        reference::check_step(&point, &moved, RATE.learning, &loss);
    }

    /// The step of SVD++ is the plain step on the sum of both vectors. Their updates differ only by the regularization.
    #[test]
    fn implicit_step_follows_the_gradient() {
        let (p, q) = rows(8);
        let z: Vec<f32> = p.iter().rev().map(|x| 0.5 * x).collect();
        let (user_bias, item_bias, target, implicit_penalty) = (0.2f32, -0.3f32, 1.5f32, 0.07f32);
        let point: Vec<f64> =
            [&p[..], &z, &q, &[user_bias, item_bias]].concat().iter().map(|&x| f64::from(x)).collect();
        let loss = |x: &[f64]| {
            let user: Vec<f64> = (0..8).map(|k| x[k] + x[8 + k]).collect();
            let squares = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
            let unpenalised = Rate { user_penalty: 0.0, ..RATE };
            reference::rating_loss(&user, &x[16..24], x[24], x[25], f64::from(target), unpenalised)
                + 0.5 * f64::from(RATE.user_penalty) * squares(&x[..8])
                + 0.5 * f64::from(implicit_penalty) * squares(&x[8..16])
        };
        let (mut new_p, mut new_z, mut new_q) = (p.clone(), z.clone(), q.clone());
        let (mut new_user, mut new_item) = (user_bias, item_bias);
        let vectors = [&mut new_p[..], &mut new_z, &mut new_q];
        implicit_rating_step(vectors, &mut new_user, &mut new_item, target, RATE, implicit_penalty);
        let moved = [&new_p[..], &new_z, &new_q, &[new_user, new_item]].concat();
        reference::check_step(&point, &moved, RATE.learning, &loss);
    }
}
