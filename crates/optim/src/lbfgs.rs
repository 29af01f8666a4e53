//! L-BFGS (Liu, Nocedal 1989, *On the Limited Memory BFGS Method for Large Scale Optimization*): the direction is
//! `−H g`, where `H` comes from the last steps `s` and changes of the gradient `y` by the two-loop recursion, scaled by
//! `sᵀy / yᵀy`; the step satisfies the strong Wolfe conditions ([`crate::line_search`]).
//!
//! Parameters, gradients and history are `f32`; losses, inner products and all that is scalar are `f64`. Without bounds
//! on the parameters the steps equal those of SciPy's `L-BFGS-B` up to rounding: the first trial without memory has length 1,
//! later trials have step 1, and pairs without positive curvature `sᵀy` are skipped.

use crate::line_search::{LineSearch, Next};
use crate::vector::{dot, sum_scaled, update};
use std::collections::VecDeque;

/// Trials of a line search before it fails.
const TRIALS: u32 = 20;
/// Smallest relative decrease of the loss that continues the iteration: 1e7 times the rounding of `f64`.
const SMALLEST_DECREASE: f64 = 1e7 * f64::EPSILON;
/// The iteration ends if no element of the gradient is larger.
const SMALLEST_GRADIENT: f32 = 1e-5;

/// A step and the resulting change of the gradient.
struct Pair {
    step: Vec<f32>,
    change: Vec<f32>,
    /// `sᵀy`
    curvature: f64,
    /// `yᵀy`
    square: f64,
}

/// The state of the optimizer.
pub struct Lbfgs {
    history: usize,
    pairs: VecDeque<Pair>,
    /// Memory of a dropped pair, for reuse.
    spare: Vec<Pair>,
    gradient: Vec<f32>,
    direction: Vec<f32>,
    start: Vec<f32>,
    start_gradient: Vec<f32>,
    /// The loss at the parameters as the last call left them, where `gradient` is their gradient.
    loss: Option<f64>,
}

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minimized {
    /// The loss at the final parameters.
    pub loss: f64,
    /// Iterations done.
    pub iterations: u32,
    /// Evaluations of loss and gradient.
    pub evaluations: u32,
    /// Whether it converged before the last iteration.
    pub converged: bool,
}

impl Lbfgs {
    /// A state for `length` parameters, with a memory of `history` pairs.
    pub fn new(length: usize, history: usize) -> Self {
        let zeros = || vec![0.0; length];
        Self {
            history,
            pairs: VecDeque::with_capacity(history),
            spare: Vec::new(),
            gradient: zeros(),
            direction: zeros(),
            start: zeros(),
            start_gradient: zeros(),
            loss: None,
        }
    }

    /// Upper bound of the bytes, with at most `iterations` iterations between two calls of [`forget`](Self::forget).
    pub fn bytes(length: usize, history: usize, iterations: usize) -> u64 {
        4 * length as u64 * (4 + 2 * history.min(iterations) as u64)
    }

    /// Drops the history: the next call starts along the negative gradient.
    pub fn forget(&mut self) {
        self.spare.extend(self.pairs.drain(..));
    }

    /// Runs up to `iterations` iterations from `parameters`, which are updated. `evaluate` writes the gradient and returns the
    /// loss; its last call is at the final parameters. If it fails, the parameters are those of the last whole iteration.
    ///
    /// Consecutive calls need the same loss function, and the parameters must not change in between.
    pub fn minimize<E>(
        &mut self,
        parameters: &mut [f32],
        iterations: u32,
        mut evaluate: impl FnMut(&[f32], &mut [f32]) -> Result<f64, E>,
    ) -> Result<Minimized, E> {
        assert_eq!(parameters.len(), self.gradient.len());
        let mut evaluations = 0;
        let mut loss = match self.loss.take() {
            Some(loss) => loss,
            None => {
                evaluations = 1;
                evaluate(parameters, &mut self.gradient)?
            }
        };
        let mut converged = self.is_flat();
        let mut done = 0;
        while done < iterations && !converged {
            let before = loss;
            let Some(found) = self.iterate(parameters, loss, &mut evaluations, &mut evaluate)? else {
                if self.pairs.is_empty() {
                    converged = true;
                    break;
                }
                // The history gives no descent: restart along the gradient.
                self.forget();
                continue;
            };
            loss = found;
            done += 1;
            let decrease = (before - loss) / before.abs().max(loss.abs()).max(1.0);
            converged = decrease <= SMALLEST_DECREASE || self.is_flat();
        }
        self.loss = Some(loss);
        Ok(Minimized { loss, iterations: done, evaluations, converged })
    }

    fn is_flat(&self) -> bool {
        self.gradient.iter().all(|element| element.abs() <= SMALLEST_GRADIENT)
    }

    /// One iteration: the loss at the new parameters, or `None` with all as it was if no step is found.
    fn iterate<E>(
        &mut self,
        parameters: &mut [f32],
        loss: f64,
        evaluations: &mut u32,
        evaluate: &mut impl FnMut(&[f32], &mut [f32]) -> Result<f64, E>,
    ) -> Result<Option<f64>, E> {
        self.direct();
        let slope = dot(&self.direction, &self.gradient);
        if slope >= 0.0 || !slope.is_finite() {
            return Ok(None);
        }
        self.start.copy_from_slice(parameters);
        self.start_gradient.copy_from_slice(&self.gradient);
        let mut step = match self.pairs.is_empty() {
            true => 1.0 / dot(&self.direction, &self.direction).sqrt(),
            false => 1.0,
        };
        let mut search = LineSearch::new(loss, slope, step);
        for _ in 0..TRIALS {
            sum_scaled(parameters, &self.start, step as f32, &self.direction);
            *evaluations += 1;
            let trial = match evaluate(parameters, &mut self.gradient) {
                Ok(trial) => trial,
                Err(error) => {
                    parameters.copy_from_slice(&self.start);
                    return Err(error);
                }
            };
            match search.tell(step, trial, dot(&self.gradient, &self.direction)) {
                Next::Try(next) => step = next,
                Next::Take => {
                    self.remember(parameters, -slope * step);
                    return Ok(Some(trial));
                }
            }
        }
        parameters.copy_from_slice(&self.start);
        *evaluations += 1;
        evaluate(parameters, &mut self.gradient)?;
        Ok(None)
    }

    /// Writes `−H g` to `direction`, by the two-loop recursion.
    fn direct(&mut self) {
        let direction = &mut self.direction;
        update(direction, &self.gradient, |_, g| -g);
        let mut weights = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let weight = dot(&pair.step, direction) / pair.curvature;
            update(direction, &pair.change, |d, y| d - weight as f32 * y);
            weights.push(weight);
        }
        let scale = self.pairs.back().map_or(1.0, |pair| pair.curvature / pair.square) as f32;
        for (place, (pair, weight)) in self.pairs.iter().zip(weights.into_iter().rev()).enumerate() {
            let scale = if place == 0 { scale } else { 1.0 };
            let rest = (weight - f64::from(scale) * dot(&pair.change, direction) / pair.curvature) as f32;
            update(direction, &pair.step, |d, s| scale * d + rest * s);
        }
    }

    /// Adds the last step to the history if its curvature is positive; `fall` is the decrease predicted by the slope.
    fn remember(&mut self, parameters: &[f32], fall: f64) {
        // Both slices are free for reuse.
        let (step, change) = (&mut self.start, &mut self.start_gradient);
        update(step, parameters, |before, now| now - before);
        update(change, &self.gradient, |before, now| now - before);
        let curvature = dot(step, change);
        if self.history == 0 || curvature <= f64::EPSILON * fall {
            return;
        }
        let oldest = if self.pairs.len() == self.history { self.pairs.pop_front() } else { None };
        let mut pair = oldest.or_else(|| self.spare.pop()).unwrap_or_else(|| Pair {
            step: vec![0.0; step.len()],
            change: vec![0.0; step.len()],
            curvature: 0.0,
            square: 0.0,
        });
        (pair.curvature, pair.square) = (curvature, dot(change, change));
        std::mem::swap(&mut pair.step, step);
        std::mem::swap(&mut pair.change, change);
        self.pairs.push_back(pair);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `½ Σ k x²`
    fn quadratic(x: &[f32], gradient: &mut [f32]) -> Result<f64, ()> {
        let mut loss = 0.0;
        for (k, (&x, gradient)) in x.iter().zip(gradient).enumerate() {
            *gradient = (k + 1) as f32 * x;
            loss += 0.5 * f64::from(x) * f64::from(*gradient);
        }
        Ok(loss)
    }

    #[test]
    fn it_has_the_bytes_that_it_declares() {
        for (history, iterations) in [(0, 4), (3, 2), (3, 3), (3, 5)] {
            let (mut lbfgs, mut x) = (Lbfgs::new(6, history), [1.0; 6]);
            for _ in 0..2 {
                let found = lbfgs.minimize(&mut x, iterations, quadratic).unwrap();
                assert_eq!(found.iterations, iterations);
                let Lbfgs { pairs, spare, gradient, direction, start, start_gradient, .. } = &lbfgs;
                let own = [gradient, direction, start, start_gradient].into_iter();
                let vectors =
                    own.chain(pairs.iter().chain(spare).flat_map(|pair| [&pair.step, &pair.change]));
                let bytes: usize = vectors.map(|vector| size_of_val(&vector[..])).sum();
                assert_eq!(bytes as u64, Lbfgs::bytes(6, history, iterations as usize));
                lbfgs.forget();
            }
        }
    }

    /// The loss falls along a line without end: the longest step is taken, and has no curvature.
    #[test]
    fn a_step_without_curvature_is_not_remembered() {
        let mut lbfgs = Lbfgs::new(1, 5);
        let line = |x: &[f32], gradient: &mut [f32]| {
            gradient.fill(-1.0);
            Ok::<f64, ()>(-f64::from(x[0]))
        };
        let mut x = [0.0];
        let found = lbfgs.minimize(&mut x, 1, line).unwrap();
        assert_eq!((x, found.loss, found.iterations), ([1e10], -1e10, 1));
        assert!(lbfgs.pairs.is_empty());
    }
}
