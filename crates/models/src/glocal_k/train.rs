//! Training: an epoch is a call of L-BFGS, or as many steps of Adam, on all ratings.

use super::base::Base;
use super::model::GLocalModel;
use super::objective::{Objective, Phase};
use super::parameters::Layout;
use super::ratings::Ratings;
use super::scale::Scale;
use super::{Optimizer, Options};
use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::trainer::{Control, Problem, Trainer};
use tastespace_optim::Adam;
use tastespace_optim::lbfgs::Lbfgs;
use tastespace_optim::parallel;

/// Training in progress.
pub(super) struct Training {
    options: Options,
    objective: Objective,
    base: Base,
    parameters: Vec<f32>,
    epoch: u32,
    /// Sum of squared errors at the parameters.
    squares: f64,
    /// Evaluations of loss and gradient in the last epoch.
    evaluations: usize,
    /// The optimizer of the current phase, after its first epoch.
    at_hand: Option<(Phase, State)>,
}

/// The state of an optimizer.
enum State {
    Lbfgs(Lbfgs),
    Adam { step: u32, gradient: Vec<f32>, first: Vec<f32>, second: Vec<f32> },
}

/// Elements that one task updates.
const CHUNK: usize = 1 << 14;

impl Training {
    pub(super) fn new(options: &Options, problem: &Problem, ratings: &[f32]) -> Self {
        let shape = problem.shape();
        let layout = Layout::new(options, shape.users, shape.items);
        let scale =
            problem.start.as_ref().map_or_else(|| Scale::of(ratings), |start| Scale::stored(&start.tensors));
        let base = Base::new(options, problem, scale);
        let sum: f64 = ratings.iter().map(|&rating| f64::from(scale.of_rating(rating))).sum();
        let mut parameters = layout.draw(options, problem.seed, sum / ratings.len() as f64);
        if let Some(start) = &problem.start {
            layout.resume_from(start, &mut parameters);
        }
        let ratings = Ratings::new(&problem.train, ratings, &base);
        let item_means = (0..shape.items as u32).map(|item| base.item_mean(item)).collect();
        Self {
            squares: 0.0,
            evaluations: 0,
            objective: Objective::new(options, layout, ratings, item_means),
            base,
            parameters,
            epoch: problem.epochs_before(),
            at_hand: None,
            options: options.clone(),
        }
    }

    /// Bytes in addition to the models.
    pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
        let layout = Layout::new(options, shape.users, shape.items);
        let iterations = options.pretrain_iterations.max(options.finetune_iterations);
        let remembered = if options.restart { iterations } else { options.history };
        let optimizer = match options.optimizer {
            Optimizer::Lbfgs => Lbfgs::bytes(layout.len(), options.history as usize, remembered as usize),
            Optimizer::Adam => 12 * layout.len() as u64,
        };
        4 * layout.len() as u64 + optimizer + Objective::bytes(&layout, shape) + Base::bytes(options, shape)
    }

    fn phase(&self, epoch: u32) -> Phase {
        if epoch < self.options.pretrain_epochs { Phase::Pretrain } else { Phase::Finetune }
    }

    /// An optimizer for the phase; the item kernels are parameters only in fine-tuning.
    fn start(&self, phase: Phase) -> State {
        let length = self.moved(phase);
        match self.options.optimizer {
            Optimizer::Lbfgs => State::Lbfgs(Lbfgs::new(length, self.options.history as usize)),
            Optimizer::Adam => {
                let zeros = || vec![0.0; length];
                State::Adam { step: 0, gradient: zeros(), first: zeros(), second: zeros() }
            }
        }
    }

    /// Number of parameters that a phase trains.
    fn moved(&self, phase: Phase) -> usize {
        let kernels = &self.objective.layout().kernels;
        if phase == Phase::Pretrain { kernels.start } else { kernels.end }
    }
}

impl Trainer for Training {
    /// The loss is the RMSE on the training ratings at the end of the epoch, on their own scale.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let phase = self.phase(self.epoch);
        let iterations = match phase {
            Phase::Pretrain => self.options.pretrain_iterations,
            Phase::Finetune => self.options.finetune_iterations,
        };
        let mut state = match self.at_hand.take() {
            Some((of, state)) if of == phase => state,
            // Free the old one before the new one is allocated.
            _ => self.start(phase),
        };
        let moved = self.moved(phase);
        let Self { objective, parameters, options, squares, evaluations, .. } = self;
        *evaluations = 0;
        // In pre-training the item kernels are behind the parameters that the optimizer sees.
        let parameters = &mut parameters[..moved];
        match &mut state {
            State::Lbfgs(lbfgs) => {
                if options.restart {
                    lbfgs.forget();
                }
                // A line search may need several evaluations per iteration: progress is an estimate.
                let expected = iterations as usize * 3 / 2 + 1;
                control.check(0, expected)?;
                lbfgs.minimize(parameters, iterations, |parameters, gradient| {
                    let loss = objective.evaluate(phase, parameters, gradient, control)?;
                    *evaluations += 1;
                    control.check((*evaluations).min(expected), expected)?;
                    *squares = loss.squares;
                    Ok::<f64, ModelError>(loss.total)
                })?;
            }
            State::Adam { step, gradient, first, second } => {
                let mut moved = parameters.to_vec();
                for iteration in 0..iterations {
                    control.check(iteration as usize, iterations as usize)?;
                    objective.evaluate(phase, &moved, gradient, control)?;
                    *step += 1;
                    let adam = Adam::at(options.learning_rate, *step);
                    let chunks = moved
                        .chunks_mut(CHUNK)
                        .zip(gradient.chunks(CHUNK))
                        .zip(first.chunks_mut(CHUNK).zip(second.chunks_mut(CHUNK)));
                    parallel::for_each(chunks, |((moved, gradient), (first, second))| {
                        adam.step(moved, gradient, first, second);
                    });
                }
                *squares = objective.evaluate(phase, &moved, gradient, control)?.squares;
                *evaluations = iterations as usize + 1;
                parameters.copy_from_slice(&moved);
            }
        }
        self.at_hand = Some((phase, state));
        self.epoch += 1;
        let unit = f64::from(self.base.scale.factor()).abs();
        Ok(unit * (self.squares / self.objective.rows() as f64).sqrt())
    }

    fn passes(&self) -> usize {
        self.evaluations
    }

    fn model(&self) -> Box<dyn Model> {
        let phase = self.phase(self.epoch.saturating_sub(1));
        Box::new(GLocalModel::new(&self.options, &self.objective, phase, &self.parameters, &self.base))
    }
}
