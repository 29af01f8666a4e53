//! The loss of a training window: its targets, their negatives, and the derivatives.

use super::Options;
use crate::learn::row_gradients::NONE;
use crate::learn::sampler::{Sampler, Sampling};
use tastespace_data::Rng;
use tastespace_kernels::contrast::Contrast;

/// The loss of a window. Its *candidates* are its targets, then the negatives of each target; [`NONE`] where there are fewer.
pub(super) struct WindowLoss {
    pub(super) targets: usize,
    negatives: usize,
    contrast: Contrast,
    /// Whether a target is compared with the negatives of all targets.
    shared: bool,
    sampling: Sampling,
}

impl WindowLoss {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            targets: options.targets as usize,
            negatives: options.negatives as usize,
            contrast: options.loss.contrast(),
            shared: options.shared_negatives,
            sampling: options.sampling.sampling,
        }
    }

    pub(super) fn candidates(&self) -> usize {
        self.targets * (1 + self.negatives)
    }

    /// Writes the candidates of a window.
    pub(super) fn sample(
        &self,
        user: u32,
        targets: &[u32],
        sampler: &Sampler,
        rng: impl FnOnce() -> Rng,
        candidates: &mut [u32],
    ) {
        candidates.fill(NONE);
        let (own, negatives) = candidates.split_at_mut(self.targets);
        own[..targets.len()].copy_from_slice(targets);
        if let Some(draws) = sampler.of(user) {
            draws.fill(self.sampling, &mut rng(), &mut negatives[..targets.len() * self.negatives]);
        }
    }

    /// The loss of a window, given `y` of each candidate. Adds its derivative with respect to each `y`.
    pub(super) fn evaluate(
        &self,
        candidates: &[u32],
        y: &[f32],
        workspace: &mut LossWorkspace,
        derivatives: &mut [f32],
    ) -> f32 {
        let (targets, negatives) = candidates.split_at(self.targets);
        let LossWorkspace { compared, y: own_y, derivatives: own_derivatives } = workspace;
        let mut loss = 0.0;
        for target in (0..self.targets).filter(|&target| targets[target] != NONE) {
            let own = target * self.negatives..(target + 1) * self.negatives;
            let against = if self.shared { 0..negatives.len() } else { own };
            let against = against.filter(|&negative| negatives[negative] != NONE);
            compared.clear();
            compared.push(target);
            compared.extend(against.map(|negative| self.targets + negative));
            own_y.clear();
            own_y.extend(compared.iter().map(|&candidate| y[candidate]));
            own_derivatives.resize(compared.len(), 0.0);
            loss += self.contrast.loss(own_y, own_derivatives);
            for (&candidate, derivative) in compared.iter().zip(&*own_derivatives) {
                derivatives[candidate] += derivative;
            }
        }
        loss
    }
}

/// Workspace for one target and the negatives that it is compared with.
pub(super) struct LossWorkspace {
    /// Their numbers among the candidates, the target first.
    compared: Vec<usize>,
    y: Vec<f32>,
    derivatives: Vec<f32>,
}

impl LossWorkspace {
    pub(super) fn new(candidates: usize) -> Self {
        let values = || Vec::with_capacity(candidates);
        Self { compared: Vec::with_capacity(candidates), y: values(), derivatives: values() }
    }
}
