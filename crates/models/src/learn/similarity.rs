//! Similarities of embeddings, for answers and explanations.

use crate::contract::tensor::{row, values};
use ndarray::Array2;
use tastespace_kernels::distance::squared_distance;
use tastespace_kernels::vector::{dot, norm};

/// Factors that an explanation lists one by one.
const NAMED_FACTORS: usize = 5;

/// Negative squared distance of `point` to each row of a table. `out: (rows)`.
pub fn negative_squared_distances(table: &Array2<f32>, point: &[f32], out: &mut [f32]) {
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

/// Sorts contributions by absolute value, largest first.
pub fn sort_by_strength<K>(contributions: &mut [(K, f32)]) {
    contributions.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
}

/// Cosine similarity, 0 for a vector of zeros.
pub fn cosine(x: &[f32], y: &[f32]) -> f32 {
    let norms = norm(x) * norm(y);
    if norms > 0.0 { dot(x, y) / norms } else { 0.0 }
}

/// Cosine similarity of one row of a table with all rows. `out: (rows)`.
pub fn cosines(table: &Array2<f32>, query: u32, out: &mut [f32]) {
    let query = row(table, query);
    for (vector, out) in values(table).chunks_exact(query.len()).zip(out) {
        *out = cosine(query, vector);
    }
}

/// The strongest products of the factors of `p` and `q`, and the sum of all others: parts of an explanation that add up to
/// `p·q`.
pub fn product_parts(p: &[f32], q: &[f32]) -> Vec<(String, f32)> {
    let mut products: Vec<(usize, f32)> = p.iter().zip(q).map(|(p, q)| p * q).enumerate().collect();
    sort_by_strength(&mut products);
    let (named, rest) = products.split_at(NAMED_FACTORS.min(p.len()));
    let name = |&(factor, product): &(usize, f32)| (format!("factor {}", factor + 1), product);
    let mut parts: Vec<(String, f32)> = named.iter().map(name).collect();
    if !rest.is_empty() {
        parts.push(("other factors".to_owned(), rest.iter().map(|&(_, product)| product).sum()));
    }
    parts
}
