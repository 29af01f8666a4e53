//! L-BFGS (Liu, Nocedal 1989, *On the Limited Memory BFGS Method for Large Scale Optimization*): the direction is
//! `−H g`, where `H` comes from the last steps `s` and changes of the gradient `y` by the two-loop recursion, scaled by
//! `sᵀy / yᵀy`; the step satisfies the strong Wolfe conditions ([`crate::line_search`]).
//!
//! Parameters, gradients and history are `f32`; losses, inner products and all that is scalar are `f64`. Without bounds
//! on the parameters this takes the steps that SciPy's `L-BFGS-B` takes, but for rounding: the first trial of a memoryless
//! start has the length 1, later trials the step 1, and pairs whose curvature `sᵀy` is not positive are left out.

use crate::line_search::{LineSearch, Next};
use crate::vector::{dot, sum_scaled, update};
use std::collections::VecDeque;

/// Trials of a line search before it is given up.
const TRIALS: u32 = 20;
/// An iteration that lowers the loss by less than this, relatively, is the last one: 1e7 times the rounding of `f64`.
const SMALLEST_DECREASE: f64 = 1e7 * f64::EPSILON;
/// With no element of the gradient larger than this there is nothing left to do.
const SMALLEST_GRADIENT: f32 = 1e-5;

/// A step and the change of the gradient that it made.
struct Pair {
    step: Vec<f32>,
    change: Vec<f32>,
    /// `sᵀy`
    curvature: f64,
    /// `yᵀy`
    square: f64,
}

/// The optimiser's state.
pub struct Lbfgs {
    history: usize,
    pairs: VecDeque<Pair>,
    /// What a pair of the past held, to be filled again.
    spare: Vec<Pair>,
    gradient: Vec<f32>,
    direction: Vec<f32>,
    start: Vec<f32>,
    start_gradient: Vec<f32>,
    /// The loss at the parameters as the last call left them, where `gradient` is their gradient.
    loss: Option<f64>,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minimized {
    /// The loss at the parameters as they are left.
    pub loss: f64,
    /// Iterations done.
    pub iterations: u32,
    /// Losses and gradients that were worked out.
    pub evaluations: u32,
    /// Whether there was nothing left to gain, before all iterations were done.
    pub converged: bool,
}

impl Lbfgs {
    /// Makes ready for `length` parameters, with a memory of `history` pairs.
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

    /// Most bytes that it takes, if no more than `iterations` are done between one [`forget`](Self::forget) and the next.
    pub fn bytes(length: usize, history: usize, iterations: usize) -> u64 {
        4 * length as u64 * (4 + 2 * history.min(iterations) as u64)
    }

    /// Drops the history: the next call starts downhill along the gradient.
    pub fn forget(&mut self) {
        self.spare.extend(self.pairs.drain(..));
    }

    /// Does up to `iterations` iterations from `parameters`, which it changes. `evaluate` writes the gradient and returns
    /// the loss; its last call is at the parameters as they are left. If it fails they are those of the last whole iteration.
    ///
    /// Calls that follow each other have to agree on the loss, and nobody else may change the parameters in between.
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
                // A history that leads nowhere: along the gradient once more.
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

    /// Writes `−H g` to `direction`: through the pairs from the last to the first and back.
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

    /// Adds the last step to the history, if the loss curves upwards along it; `fall` is what the slope promised of it.
    fn remember(&mut self, parameters: &[f32], fall: f64) {
        // Both have done their service.
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
