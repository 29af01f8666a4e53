//! Rankings for test users, from the rows of the users and of all items.

use crate::error::{ShardError, ensure};
use crate::frame::numbers;
use tastespace_models::evaluate::part::TestUser;
use tastespace_models::learn::blocks::GroupRows;
use tastespace_models::learn::shard::{Plan, stride};

/// The usual metric of each user, with `items` in the catalogue. `None` for kinds that predict ratings. The arrays are those of
/// [`Call::Rank`](crate::calls).
pub fn rank(
    plan: &dyn Plan,
    items: usize,
    [users, test_ends, test, ends, excluded, vectors, biases]: [&[u8]; 7],
) -> Result<Option<Vec<f64>>, ShardError> {
    let stride = stride(plan.factors());
    let (users, vectors, biases) =
        (numbers::<f32>(users)?, numbers::<f32>(vectors)?, numbers::<f32>(biases)?);
    ensure([vectors.len(), biases.len()] == [items * stride, items], || {
        format!("got {} and {} values of {items} items", vectors.len(), biases.len())
    })?;
    let count = users.len() / stride;
    let relevant = lists([test_ends, test], count, items)?.into_iter();
    let tests = relevant.zip(lists([ends, excluded], count, items)?);
    let tests: Vec<TestUser> = tests.map(|(relevant, excluded)| TestUser { excluded, relevant }).collect();
    let rows =
        |vectors: &[f32], biases: &[f32]| GroupRows::from_parts(stride, vectors.to_vec(), biases.to_vec());
    Ok(plan.ranked(&rows(users, &[]), &rows(vectors, biases), &tests))
}

/// Lists of items from the end of each and the items.
fn lists([ends, items]: [&[u8]; 2], count: usize, bound: usize) -> Result<Vec<&[u32]>, ShardError> {
    let (ends, items) = (numbers::<u32>(ends)?, numbers::<u32>(items)?);
    let last = ends.last().map_or(0, |&end| end as usize);
    ensure(ends.len() == count && ends.is_sorted() && last == items.len(), || {
        format!("got {} ends of lists up to {last}, for {count} users and {} items", ends.len(), items.len())
    })?;
    ensure(items.iter().all(|&item| (item as usize) < bound), || format!("an item is not below {bound}"))?;
    let starts = std::iter::once(&0).chain(ends);
    Ok(starts.zip(ends).map(|(&start, &end)| &items[start as usize..end as usize]).collect())
}
