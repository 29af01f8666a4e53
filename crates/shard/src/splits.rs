//! Splits on several machines: which part the rows are of.

use crate::calls::{self, Answered};
use crate::error::{ShardError, ensure};
use crate::frame::{Frame, numbers};
use bytemuck::cast_slice;
use serde::Deserialize;
use serde_json::{Value, json};
use tastespace_data::SplitOptions;
use tastespace_data::split::Part;
use tastespace_data::split::apart::{Basis, check, held_rows, held_users, latest, of_users};
use tastespace_models::ModelError;

/// A question about a split.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Step {
    /// The rule with all its options, and what decides on the part of a row: `number`, `user`, `time` or `file`.
    Check,
    /// By number: those of the rows for validation, and for test.
    Rows(u32),
    /// By time: how many of the rows, the latest, are for test, and how many before them for validation.
    Latest(usize),
    /// A split by user. Array: all users with rows, ascending. Returns the part of each.
    Users,
    /// By user. Arrays: users, the number of rows of each and, for a split by user, the part of each. Returns the part of each row.
    RowsOfUsers,
    /// Fails if a part has no rows: number of rows for test, and for validation.
    Counts(usize, usize),
}

/// Answers a question about the split of these `options`.
pub fn answer(options: &Value, step: Step, frame: &Frame) -> Answered {
    let options = SplitOptions::from_json(&options.to_string()).map_err(ModelError::from)?;
    match step {
        Step::Check => {
            let (basis, by_time) = match options.basis() {
                Basis::Number => ("number", false),
                Basis::User { by_time } => ("user", by_time),
                Basis::Time => ("time", true),
                Basis::File => ("file", false),
            };
            calls::answer(&json!({ "options": options.json(), "basis": basis, "byTime": by_time }), &[])
        }
        Step::Rows(rows) => {
            let [validation, test] = held_rows(&options, rows).map_err(ModelError::from)?;
            calls::answer(&json!({}), &[cast_slice(&validation), cast_slice(&test)])
        }
        Step::Latest(rows) => {
            let SplitOptions::Time(options) = &options else { return Err(wrong(&options)) };
            let [test, validation] = latest(options, rows).map_err(ModelError::from)?;
            calls::answer(&json!({ "test": test, "validation": validation }), &[])
        }
        Step::Users => {
            let SplitOptions::User(options) = &options else { return Err(wrong(&options)) };
            let [users] = frame.parts()?;
            let parts = held_users(options, numbers(users)?).map_err(ModelError::from)?;
            calls::answer(&json!({}), &[&codes(&parts)])
        }
        Step::RowsOfUsers => {
            let [users, counts, parts] = frame.parts()?;
            let (users, counts) = (numbers::<u32>(users)?, numbers::<u32>(counts)?);
            ensure(counts.len() == users.len() && parts.len() == users.len(), || {
                format!("got {} users, {} counts and {} parts", users.len(), counts.len(), parts.len())
            })?;
            let parts =
                parts.iter().map(|&code| Part::ALL.get(code as usize).copied().unwrap_or(Part::LeftOut));
            let own = users.iter().zip(counts).zip(parts);
            let rows = of_users(&options, own.map(|((&user, &count), part)| (user, count as usize, part)));
            calls::answer(&json!({}), &[&codes(&rows)])
        }
        Step::Counts(test, validation) => {
            check(&options, test, validation).map_err(ModelError::from)?;
            calls::answer(&json!({}), &[])
        }
    }
}

/// The number of each part in [`Part::ALL`].
fn codes(parts: &[Part]) -> Vec<u8> {
    parts.iter().map(|&part| part as u8).collect()
}

fn wrong(options: &SplitOptions) -> ShardError {
    ShardError::BadRequest(format!("a split by {} has no such step", options.rule()))
}
