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
    sort_nearest(&mut nearest);
    nearest
}

/// Sorts items by their distances, nearest first.
pub(crate) fn sort_nearest(items: &mut [(u32, f32)]) {
    items.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
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

/// Cosine similarity of one row of a table with all rows, after subtracting the mean of the rows with these `weights: (rows)`.
/// `out: (rows)`.
///
/// With the number of training interactions as weights it is the mean over all interactions. Embeddings of popular items have much of
/// it in common, so that without it they are near to each other whatever they are.
pub fn centered_cosines(table: &Array2<f32>, weights: &[u32], query: u32, out: &mut [f32]) {
    out.fill(0.0);
    let mut norms = vec![0.0; out.len()];
    add_centered(table, weights, 1.0, query, out, &mut norms);
    divide_by_norms(&norms, query, out);
}

/// Shrinks similarities of items with few interactions: times `n / (n + 1)`. Where embeddings are trained by distances, an item with a
/// single interaction lies beside its user, and beside all items there. An item without interactions is placed by its features.
pub fn shrink(rows: &[u32], similarities: &mut [f32]) {
    for (similarity, &rows) in similarities.iter_mut().zip(rows).filter(|(_, rows)| **rows > 0) {
        *similarity *= rows as f32 / (rows as f32 + 1.0);
    }
}

/// Adds the inner products of the centered row `query` of a table with all centered rows, and the squared norms of these, times
/// `factor`.
pub fn add_centered(
    table: &Array2<f32>,
    weights: &[u32],
    factor: f32,
    query: u32,
    products: &mut [f32],
    squares: &mut [f32],
) {
    let mean = weighted_mean(table, weights);
    let centered = |index: u32, out: &mut [f32]| {
        for ((out, value), mean) in out.iter_mut().zip(row(table, index)).zip(&mean) {
            *out = value - mean;
        }
    };
    let (mut asked, mut other) = (vec![0.0; mean.len()], vec![0.0; mean.len()]);
    centered(query, &mut asked);
    for (index, (product, square)) in (0..).zip(products.iter_mut().zip(squares)) {
        centered(index, &mut other);
        *product += factor * dot(&asked, &other);
        *square += factor * dot(&other, &other);
    }
}

/// Divides inner products of the row `query` by the norms, given as squares. A vector of zeros has a cosine of 0.
pub fn divide_by_norms(squares: &[f32], query: u32, products: &mut [f32]) {
    let own = squares[query as usize];
    for (product, square) in products.iter_mut().zip(squares) {
        let norms = (own * square).sqrt();
        *product = if norms > 0.0 { *product / norms } else { 0.0 };
    }
}

/// The mean of the rows of a table with these weights; zeros if all weights are 0.
fn weighted_mean(table: &Array2<f32>, weights: &[u32]) -> Vec<f32> {
    let mut sums = vec![0.0f64; table.ncols()];
    for (vector, &weight) in values(table).chunks_exact(sums.len().max(1)).zip(weights) {
        for (sum, &value) in sums.iter_mut().zip(vector) {
            *sum += f64::from(weight) * f64::from(value);
        }
    }
    let total = weights.iter().map(|&weight| f64::from(weight)).sum::<f64>().max(1.0);
    sums.iter().map(|sum| (sum / total) as f32).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_mean_over_interactions_is_subtracted() {
        // The mean is (3, 0): of the first two items, each with one interaction.
        let table = array![[4.0, 0.0], [2.0, 0.0], [3.0, 5.0], [5.0, 2.0], [3.0, 0.0]];
        let mut out = vec![f32::NAN; 5];
        centered_cosines(&table, &[1, 1, 0, 0, 0], 0, &mut out);
        let expected = [1.0, -1.0, 0.0, std::f32::consts::FRAC_1_SQRT_2, 0.0];
        assert!(
            out.iter().zip(expected).all(|(cosine, expected)| (cosine - expected).abs() < 1e-6),
            "{out:?}"
        );
        // Without any interactions nothing is subtracted.
        centered_cosines(&table, &[0; 5], 0, &mut out);
        assert!((out[1] - 1.0).abs() < 1e-6 && (out[2] - 3.0 / 34f32.sqrt()).abs() < 1e-6, "{out:?}");
    }
}
