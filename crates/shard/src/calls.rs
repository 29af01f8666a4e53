//! The calls, by the name in the request.

use crate::error::{ShardError, ensure};
use crate::frame::{Frame, numbers, write};
use crate::rankings;
use crate::splits::{self, Step};
use bytemuck::{Pod, cast_slice};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tastespace_models::ModelError;
use tastespace_models::baselines::{Bpr, bpr_plan};
use tastespace_models::biased_mf::{self, BiasedMf};
use tastespace_models::contract::kind::{Kind, Shape, Task};
use tastespace_models::contract::model::UNKNOWN;
use tastespace_models::evaluate::part;
use tastespace_models::learn::blocks::{Blocks, GroupRows};
use tastespace_models::learn::shard::{Cut, Interactions, Plan, Side, Totals, UserGroup, stride};
use tastespace_models::registry::options_of;
use tastespace_models::run::validation_users;
use tastespace_models::serve::file;
use tastespace_models::serve::fitted::Training;
use tastespace_models::serve::lower_bound::RatingSpread;
use tastespace_options::OptionSet;

/// A request, without its arrays.
#[derive(Deserialize)]
#[serde(tag = "call", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Call {
    /// Checks options. Returns all, defaults included, and how the kind is trained.
    Check { kind: String, options: Value },
    /// A step of a split, see [`splits`](crate::splits).
    Split { options: Value, step: Step },
    /// Starts a run. Arrays: interactions of each user, of each item; mean, lowest and highest rating.
    Begin { kind: String, options: Value, seed: u64 },
    /// The groups of an epoch, from 0, which become the current ones. Returns their sizes and the order of the strata; of users
    /// and of items the group and the position of each.
    Cut { epoch: u32 },
    /// The users or items of a group, by position.
    Members { side: WhichSide, group: usize },
    /// The rows of a group before the first epoch: embeddings, padded, and biases.
    Initial { side: WhichSide, group: usize },
    /// Takes a user group into training. Arrays: position of the user, item and rating of each interaction; the group's rows.
    Load { group: usize },
    /// Trains a block. Arrays: the rows of the item group, which are returned.
    Train { epoch: u32, group: usize, item_group: usize },
    /// The rows of a user group in training.
    Rows { group: usize },
    /// The sum of losses of a user group since the last call, and their number.
    Loss { group: usize },
    /// Predicts ratings. Arrays: positions in the user group and in the item group, the largest number for a user or an item
    /// without training interactions; the rows of the item group. Returns the ratings, not clipped.
    Predict { group: usize, item_group: usize },
    /// The users that a ranking kind is validated on. Array: users with validation rows and training rows, ascending.
    ValidationUsers { rows: usize, items: usize, seed: u64 },
    /// Ranks all items for test users. Arrays: rows of the users; of the items of each user that are for test, and of those that are
    /// not ranked, the end of the list and the items; rows of all items, by index. Returns the usual metric of each user.
    Rank {},
    /// The mean of the values that `Rank` found. Array: those of all users, ascending.
    Mean {},
    /// Ends training of a user group.
    Unload { group: usize },
    /// The metadata of a model file without its checksum, as text.
    Metadata { range: (f32, f32), epochs: u32, rows: usize },
    /// The spread of ratings. Arrays: of each item the number of ratings, the sum and the sum of squares of their excess over
    /// the lowest.
    Spread {},
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum WhichSide {
    Users,
    Items,
}

impl From<WhichSide> for Side {
    fn from(side: WhichSide) -> Self {
        match side {
            WhichSide::Users => Self::Users,
            WhichSide::Items => Self::Items,
        }
    }
}

/// The kinds that train on several machines.
const KINDS: [&str; 2] = [BiasedMf::NAME, Bpr::NAME];

/// A plan, or why there is none.
type Planned = Result<Box<dyn Plan>, ModelError>;

/// Checked options.
struct Checked {
    /// All, defaults included.
    options: Value,
    how: How,
    /// Plans a run with them.
    plan: Box<dyn FnOnce(Totals) -> Planned>,
}

/// How a kind is trained.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct How {
    task: Task,
    /// Default limit of epochs, and default patience.
    epochs: u32,
    patience: u32,
    /// Training rows before the default patience can end training.
    patience_after: u32,
    /// Whether validation may choose the model before the first epoch.
    has_start: bool,
}

fn checked_as<K: Kind>(
    options: &Value,
    plan: fn(&K::Options, Totals) -> Planned,
) -> Result<Checked, ModelError> {
    let options = options_of::<K>(&options.to_string())?;
    let (epochs, patience) = K::EPOCHS;
    let how = How {
        task: K::TASK,
        epochs,
        patience,
        patience_after: K::PATIENCE_AFTER,
        has_start: K::has_start(&options),
    };
    Ok(Checked { options: options.json(), how, plan: Box::new(move |totals| plan(&options, totals)) })
}

fn checked(kind: &str, options: &Value) -> Result<Checked, ModelError> {
    match kind {
        BiasedMf::NAME => checked_as::<BiasedMf>(options, biased_mf::plan),
        Bpr::NAME => checked_as::<Bpr>(options, |options, totals| Ok(bpr_plan(options, totals))),
        _ => Err(ModelError::UnknownKind { kind: kind.to_owned(), accepted: KINDS.to_vec() }),
    }
}

/// The state of an instance.
#[derive(Default)]
pub struct Session {
    run: Option<Run>,
}

/// A run.
struct Run {
    kind: String,
    options: Value,
    seed: u64,
    /// Numbers of users and of items.
    rows: [usize; 2],
    plan: Box<dyn Plan>,
    /// The current groups, with their epoch.
    cut: Option<(u32, Cut)>,
    groups: BTreeMap<usize, Box<dyn UserGroup>>,
}

/// The JSON of an answer and its arrays, as bytes.
pub type Answered = Result<Vec<u8>, ShardError>;

/// Writes an answer.
pub fn answer(json: &Value, parts: &[&[u8]]) -> Answered {
    write(&json.to_string(), parts)
}

impl Session {
    /// Performs a request.
    pub fn call(&mut self, request: &[u8]) -> Answered {
        let frame = Frame::read(request)?;
        let call: Call =
            serde_json::from_str(frame.json).map_err(|error| ShardError::BadRequest(error.to_string()))?;
        match call {
            Call::Check { kind, options } => {
                let Checked { options, how, .. } = checked(&kind, &options)?;
                answer(&json!({ "options": options, "how": how }), &[])
            }
            Call::Split { options, step } => splits::answer(&options, step, &frame),
            Call::Begin { kind, options, seed } => {
                let [users, items, scale] = frame.parts()?;
                let &[mean, lowest, highest] = numbers::<f64>(scale)? else {
                    return Err(ShardError::BadRequest("expected mean, lowest and highest rating".into()));
                };
                let range = (lowest as f32, highest as f32);
                let (users, items) = (numbers(users)?.to_vec(), numbers(items)?.to_vec());
                let Checked { options, plan, .. } = checked(&kind, &options)?;
                let rows = [users.len(), items.len()];
                let has_interactions = |counts: &[u32]| counts.iter().any(|&count| count > 0);
                if !(has_interactions(&users) && has_interactions(&items)) {
                    return Err(ModelError::EmptyDataset { purpose: "training" }.into());
                }
                let plan = plan(Totals { seed, users, items, mean, range })?;
                let run = self.run.insert(Run {
                    kind,
                    options,
                    seed,
                    rows,
                    plan,
                    cut: None,
                    groups: BTreeMap::new(),
                });
                answer(&run.describe(), &[])
            }
            Call::Spread {} => {
                let [counts, sums, squares] = frame.parts()?;
                let (counts, sums, squares) = (numbers(counts)?, numbers(sums)?, numbers(squares)?);
                let sums = counts.iter().zip(sums).zip(squares);
                let spread =
                    RatingSpread::of_sums(sums.map(|((&n, &sum), &squares)| (n, sum, squares)).collect());
                answer(&json!({}), &[cast_slice(&[spread.within, spread.between])])
            }
            Call::ValidationUsers { rows, items, seed } => {
                let [users] = frame.parts()?;
                let shape = Shape { users: 0, items, rows, features: 0, feature_pairs: 0 };
                let drawn = validation_users::usual(numbers(users)?.to_vec(), shape, seed);
                answer(&json!({}), &[cast_slice(&drawn)])
            }
            call => self.run()?.call(call, &frame),
        }
    }

    fn run(&mut self) -> Result<&mut Run, ShardError> {
        self.run.as_mut().ok_or_else(|| ShardError::BadRequest("no run was begun".into()))
    }
}

impl Run {
    fn describe(&self) -> Value {
        let tensors = |side| {
            let (vectors, biases) = self.plan.tensors(side);
            json!({ "vectors": vectors, "biases": biases })
        };
        let constants =
            self.plan.constants().into_iter().map(|(name, value)| (name.to_owned(), value.into()));
        json!({
            "options": self.options, "factors": self.plan.factors(), "stride": stride(self.plan.factors()), "cutsAnew": self.plan.cuts_anew(),
            "constants": constants.collect::<serde_json::Map<String, Value>>(),
            "users": tensors(Side::Users), "items": tensors(Side::Items),
        })
    }

    fn call(&mut self, call: Call, frame: &Frame) -> Answered {
        match call {
            Call::Cut { epoch } => self.cut_of(epoch),
            Call::Members { side, group } => {
                answer(&json!({}), &[cast_slice(self.members(side.into(), group)?)])
            }
            Call::Initial { side, group } => {
                let members = self.members(side.into(), group)?;
                rows_answer(&self.plan.initial(side.into(), members))
            }
            Call::Load { group } => self.load(group, frame.parts()?),
            Call::Train { epoch, group, item_group } => {
                let mut items = self.item_rows(item_group, frame.parts()?)?;
                let (cut_epoch, cut) = self.cut.as_ref().expect("item rows are of a cut");
                ensure(!self.plan.cuts_anew() || *cut_epoch == epoch, || {
                    format!("the current groups are those of epoch {cut_epoch}, not {epoch}")
                })?;
                let users = self.groups.get_mut(&group).ok_or_else(|| not_loaded(group))?;
                users.train(cut, epoch, &mut items, item_group);
                rows_answer(&items)
            }
            Call::Rows { group } => rows_answer(self.group(group)?.rows()),
            Call::Loss { group } => {
                let (sum, count) = self.group(group)?.take_loss();
                answer(&json!({ "count": count }), &[cast_slice(&[sum])])
            }
            Call::Predict { group, item_group } => {
                let [users, items, vectors, biases] = frame.parts()?;
                let rows = self.item_rows(item_group, [vectors, biases])?;
                let pairs = [numbers(users)?, numbers(items)?];
                self.check_pairs([group, item_group], pairs)?;
                let predicted = self.group(group)?.predict(&rows, pairs);
                let predicted = predicted
                    .ok_or_else(|| ShardError::BadRequest(format!("{} predicts no ratings", self.kind)))?;
                answer(&json!({}), &[cast_slice(&predicted)])
            }
            Call::Unload { group } => {
                self.groups.remove(&group).ok_or_else(|| not_loaded(group))?;
                answer(&json!({}), &[])
            }
            Call::Metadata { range, epochs, rows } => {
                let training = Training { epochs, seed: self.seed, rows };
                answer(&file::metadata(&self.kind, self.options.clone(), range, training), &[])
            }
            Call::Rank {} => {
                let ranked = rankings::rank(&*self.plan, self.rows[1], frame.parts()?)?;
                let ranked = ranked.ok_or_else(|| {
                    ShardError::BadRequest(format!("{} is not validated by rankings", self.kind))
                })?;
                answer(&json!({}), &[cast_slice(&ranked)])
            }
            Call::Mean {} => {
                let [values] = frame.parts()?;
                let mean = part::mean(numbers(values)?, self.rows[1]);
                answer(&json!({}), &[cast_slice(&[mean])])
            }
            Call::Check { .. }
            | Call::Split { .. }
            | Call::Begin { .. }
            | Call::Spread {}
            | Call::ValidationUsers { .. } => unreachable!("calls without a run are answered before"),
        }
    }

    /// Makes the groups of an epoch the current ones.
    fn cut_of(&mut self, epoch: u32) -> Answered {
        let is_current = self.cut.as_ref().is_some_and(|(of, _)| *of == epoch || !self.plan.cuts_anew());
        if !is_current {
            // Groups that are in training are those of another cut.
            self.groups.clear();
            self.cut = Some((epoch, self.plan.cut(epoch)));
        }
        let (_, cut) = self.cut.as_ref().expect("it was set");
        let sides = [Side::Users, Side::Items].map(|side| cut.side(side));
        let places = sides.map(|groups| {
            let rows = 0..groups.rows() as u32;
            rows.map(|row| groups.position(row)).map(|(group, position)| (group as u8, position)).unzip()
        });
        let [(user_groups, users), (item_groups, items)]: [(Vec<u8>, Vec<u32>); 2] = places;
        let sizes = sides.map(|groups| groups.members.iter().map(Vec::len).collect::<Vec<usize>>());
        let json = json!({
            "count": cut.count(), "users": sizes[0], "items": sizes[1],
            "strata": Blocks::strata(self.seed, epoch.into(), cut.count()),
        });
        answer(&json, &[&user_groups, cast_slice(&users), &item_groups, cast_slice(&items)])
    }

    fn cut(&self) -> Result<&Cut, ShardError> {
        let cut = self.cut.as_ref().map(|(_, cut)| cut);
        cut.ok_or_else(|| ShardError::BadRequest("no groups were cut".into()))
    }

    fn members(&self, side: Side, group: usize) -> Result<&[u32], ShardError> {
        let groups = &self.cut()?.side(side).members;
        let members = groups.get(group).map(|members| &members[..]);
        members
            .ok_or_else(|| ShardError::BadRequest(format!("there is no group {group} of {}", groups.len())))
    }

    fn group(&mut self, group: usize) -> Result<&mut Box<dyn UserGroup>, ShardError> {
        self.groups.get_mut(&group).ok_or_else(|| not_loaded(group))
    }

    fn load(&mut self, group: usize, [users, items, ratings, vectors, biases]: [&[u8]; 5]) -> Answered {
        let rows = self.rows_of(Side::Users, group, [vectors, biases])?;
        let data =
            Interactions { users: numbers(users)?, items: numbers(items)?, ratings: numbers(ratings)? };
        let members = self.members(Side::Users, group)?.len();
        let count = data.users.len();
        ensure(data.items.len() == count && data.ratings.len() == count, || {
            format!("got {count} users, {} items and {} ratings", data.items.len(), data.ratings.len())
        })?;
        let is_in = |values: &[u32], bound: usize| values.iter().all(|&value| (value as usize) < bound);
        ensure(is_in(data.users, members) && is_in(data.items, self.rows[1]), || {
            format!("a user is not below {members}, or an item not below {}", self.rows[1])
        })?;
        let loaded = self.plan.user_group(self.cut()?, group, &data, rows);
        self.groups.insert(group, loaded);
        answer(&json!({}), &[])
    }

    /// Refuses pairs that are not of these groups.
    fn check_pairs(&self, groups: [usize; 2], pairs: [&[u32]; 2]) -> Result<(), ShardError> {
        let [users, items] = pairs;
        ensure(users.len() == items.len(), || {
            format!("got {} users and {} items", users.len(), items.len())
        })?;
        for ((side, group), positions) in [Side::Users, Side::Items].into_iter().zip(groups).zip(pairs) {
            let members = self.members(side, group)?.len();
            let is_in = |&position: &u32| position == UNKNOWN || (position as usize) < members;
            ensure(positions.iter().all(is_in), || format!("a position is not below {members}"))?;
        }
        Ok(())
    }

    fn item_rows(&self, group: usize, parts: [&[u8]; 2]) -> Result<GroupRows, ShardError> {
        self.rows_of(Side::Items, group, parts)
    }

    /// Rows of a group from its arrays.
    fn rows_of(
        &self,
        side: Side,
        group: usize,
        [vectors, biases]: [&[u8]; 2],
    ) -> Result<GroupRows, ShardError> {
        let (vectors, biases) = (numbers::<f32>(vectors)?, numbers::<f32>(biases)?);
        let members = self.members(side, group)?.len();
        let stride = stride(self.plan.factors());
        let expected = [members * stride, if self.plan.tensors(side).1.is_some() { members } else { 0 }];
        ensure([vectors.len(), biases.len()] == expected, || {
            format!("got {} and {} values of rows, expected {expected:?}", vectors.len(), biases.len())
        })?;
        Ok(GroupRows::from_parts(stride, vectors.to_vec(), biases.to_vec()))
    }
}

fn rows_answer(rows: &GroupRows) -> Answered {
    fn bytes<T: Pod>(values: &[T]) -> &[u8] {
        cast_slice(values)
    }
    let [vectors, biases] = rows.parts();
    answer(&json!({}), &[bytes(vectors), bytes(biases)])
}

fn not_loaded(group: usize) -> ShardError {
    ShardError::BadRequest(format!("group {group} is not in training"))
}
