//! Validation on some of the users, so that it costs no more than training.

use crate::contract::kind::{Shape, Task};
use crate::evaluate::Translation;
use crate::serve::catalogue::Catalogue;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::sync::Arc;
use tastespace_data::rng::Purpose;
use tastespace_data::{Interactions, Rng};
use tastespace_options::shape;

/// Fewest users that `auto` chooses: the standard error of a metric such as `ndcg@10` is then about a hundredth.
const FEWEST: usize = 1000;

/// Item scores that take at most the time of training on one row. On CiteULike-t, two threads, these are 57 for
/// `bpr`, 119 for `ials`, 125 for `lrml`, 229 for `cml`, and more for the sequential kinds.
const SCORES_PER_ROW: usize = 50;

/// How many users to validate on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ValidationUsers {
    /// By name.
    Named(Named),
    /// At most this number.
    Count(NonZeroU32),
}

/// A number of users by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Named {
    /// For ranking kinds at least [`FEWEST`], and more while that costs no more than an epoch; for rating kinds all.
    Auto,
    /// All.
    All,
}

shape!(ValidationUsers, "'auto' | 'all' | number", "auto, all or an integer from 1", |_| true);

impl ValidationUsers {
    fn most(self, task: Task, shape: Shape) -> usize {
        match self {
            Self::Named(Named::All) => usize::MAX,
            Self::Named(Named::Auto) if task == Task::Rating => usize::MAX,
            Self::Named(Named::Auto) => {
                (shape.rows.saturating_mul(SCORES_PER_ROW) / shape.items.max(1)).max(FEWEST)
            }
            Self::Count(count) => count.get() as usize,
        }
    }
}

/// The users that were validated on, where these are not all.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sample {
    /// Users validated on.
    pub users: usize,
    /// Users with validation rows.
    pub of: usize,
}

/// The validation rows of a sample of the users; all rows if that has all users. Users who are not in training cannot be drawn,
/// unless their history is given.
pub(super) fn sample(
    validation: &Arc<Interactions>,
    users: ValidationUsers,
    (task, shape): (Task, Shape),
    catalogue: &Catalogue,
    is_given: bool,
    seed: u64,
) -> (Arc<Interactions>, Option<Sample>) {
    let mut present = vec![false; validation.users.len()];
    validation.columns().users.iter().for_each(|&user| present[user as usize] = true);
    let to_model = Translation::new(&validation.users, &catalogue.users);
    let candidates: Vec<u32> = (0..present.len() as u32)
        .filter(|&user| present[user as usize])
        .filter(|&user| is_given || catalogue.knows_user(to_model.of(user)))
        .collect();
    let (of, most) = (candidates.len(), users.most(task, shape));
    if of <= most {
        return (validation.clone(), None);
    }
    present.fill(false);
    drawn(candidates, most, seed).iter().for_each(|&user| present[user as usize] = true);
    let rows = validation.filtered(|row| present[validation.columns().users[row] as usize]);
    (Arc::new(rows), Some(Sample { users: most, of }))
}

/// `most` of the candidates.
fn drawn(mut candidates: Vec<u32>, most: usize, seed: u64) -> Vec<u32> {
    Rng::stream(seed, Purpose::Validation, 0, 0).shuffle(&mut candidates);
    candidates.truncate(most);
    candidates
}

/// Which of the `candidates`, ascending, a ranking kind is validated on by default: all, or a sample, ascending.
pub fn usual(candidates: Vec<u32>, shape: Shape, seed: u64) -> Vec<u32> {
    let most = ValidationUsers::Named(Named::Auto).most(Task::Ranking, shape);
    if candidates.len() <= most {
        return candidates;
    }
    let mut drawn = drawn(candidates, most, seed);
    drawn.sort_unstable();
    drawn
}
