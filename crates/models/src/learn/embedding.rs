//! Tables of vectors, a row for each user or item: what models that learn them have in common.

use crate::contract::model::{row, values};
use ndarray::Array2;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::distance::squared_distance;
use tastespace_kernels::vector::{dot, norm};

/// Factors that an explanation names one by one.
const NAMED_FACTORS: usize = 5;

/// The values of a table, row-major.
pub fn values_mut(table: &mut Array2<f32>) -> &mut [f32] {
    table.as_slice_mut().expect("parameters are kept in standard layout")
}

/// Which of `count` indices stand in `column`.
pub fn present(column: &[u32], count: usize) -> Vec<bool> {
    let mut present = vec![false; count];
    for &index in column {
        present[index as usize] = true;
    }
    present
}

/// Fills a table with Normal(0, `deviation`), row by row from the stream of `shard`; with zero what is not `present`.
pub fn draw(table: &mut Array2<f32>, present: &[bool], deviation: f64, seed: u64, shard: u64) {
    let mut rng = Rng::stream(seed, Purpose::Initial, 0, shard);
    let d = table.ncols();
    for (row, &present) in values_mut(table).chunks_exact_mut(d).zip(present) {
        for value in row {
            // Drawn for all, so that nobody's start depends on who else is there.
            let drawn = (rng.normal() * deviation) as f32;
            *value = if present { drawn } else { 0.0 };
        }
    }
}

/// Takes over, from a block of parameters `(rows, …)` learnt before, the rows that are `known`.
pub fn take_known(to: &mut [f32], from: &[f32], known: &[bool]) {
    let width = to.len() / known.len().max(1);
    for (index, _) in known.iter().enumerate().filter(|&(_, &known)| known) {
        to[index * width..][..width].copy_from_slice(&from[index * width..][..width]);
    }
}

/// Minus the squared distance of `point` to each row of a table. `out: (rows)`.
pub fn nearness(table: &Array2<f32>, point: &[f32], out: &mut [f32]) {
    for (other, out) in out.iter_mut().enumerate() {
        *out = -squared_distance(point, row(table, other as u32));
    }
}

/// The other items of `rows` with their distances from `item`, nearest first.
pub fn nearest_of(items: &Array2<f32>, item: u32, rows: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let others = rows.iter().filter(|&&(other, _)| other != item);
    let point = row(items, item);
    let mut nearest: Vec<(u32, f32)> =
        others.map(|&(other, _)| (other, squared_distance(point, row(items, other)).sqrt())).collect();
    nearest.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    nearest
}

/// Cosine of one row of a table with all of them. `out: (rows)`.
pub fn cosines(table: &Array2<f32>, query: u32, out: &mut [f32]) {
    let query = row(table, query);
    let length = norm(query);
    for (vector, out) in values(table).chunks_exact(query.len()).zip(out) {
        let lengths = length * norm(vector);
        *out = if lengths > 0.0 { dot(query, vector) / lengths } else { 0.0 };
    }
}

/// The strongest products of the factors of `p` and `q` by their numbers, and all others together: parts of an
/// explanation that add up to `p·q`.
pub fn product_parts(p: &[f32], q: &[f32]) -> Vec<(String, f32)> {
    let mut products: Vec<(usize, f32)> = p.iter().zip(q).map(|(p, q)| p * q).enumerate().collect();
    products.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let (named, rest) = products.split_at(NAMED_FACTORS.min(p.len()));
    let name = |&(factor, product): &(usize, f32)| (format!("factor {}", factor + 1), product);
    let mut parts: Vec<(String, f32)> = named.iter().map(name).collect();
    if !rest.is_empty() {
        parts.push(("other factors".to_owned(), rest.iter().map(|&(_, product)| product).sum()));
    }
    parts
}
