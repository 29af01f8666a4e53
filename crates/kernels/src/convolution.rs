//! A 3 × 3 convolution without a flip, with zero padding.

/// One row: `out[c] = Σ_ab filter[a][b] · rows[a][c + b]`, for `out: (columns)` and three neighbouring rows with a zero
/// before the first column and after the last: `(columns + 2)` each.
pub fn convolve(rows: [&[f32]; 3], filter: &[f32; 9], out: &mut [f32]) {
    let columns = out.len();
    out.fill(0.0);
    for (row, filter) in rows.iter().zip(filter.as_chunks::<3>().0) {
        assert_eq!(row.len(), columns + 2);
        for (out, row) in out.iter_mut().zip(row.windows(3)) {
            *out += (filter[0] * row[0] + filter[1] * row[1]) + filter[2] * row[2];
        }
    }
}

/// Adds the gradient with respect to the filter to `gradient`, given the gradient `g[e]` with respect to the output in column
/// `columns[e]` of one row.
pub fn backward(rows: [&[f32]; 3], columns: &[u32], g: &[f32], gradient: &mut [f64; 9]) {
    assert_eq!(columns.len(), g.len());
    for (&column, &g) in columns.iter().zip(g) {
        for (row, gradient) in rows.iter().zip(gradient.as_chunks_mut::<3>().0) {
            let row = &row[column as usize..][..3];
            for (gradient, &value) in gradient.iter_mut().zip(row) {
                *gradient += f64::from(g) * f64::from(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_and_gradients_are_their_formulas() {
        let columns = 7;
        let value = |k: usize| ((k * 2_654_435_761) % 100) as f32 / 50.0 - 1.0;
        let image: Vec<Vec<f32>> = (0..3)
            .map(|r| {
                let inside = |c: usize| (1..=columns).contains(&c);
                (0..columns + 2).map(|c| if inside(c) { value(r * 17 + c) } else { 0.0 }).collect()
            })
            .collect();
        let rows = [&image[0][..], &image[1], &image[2]];
        let filter: [f32; 9] = std::array::from_fn(|k| value(k + 100));
        let mut out = vec![f32::NAN; columns];
        convolve(rows, &filter, &mut out);
        let (picked, g) = ([1u32, 4, 6], [0.5f32, -2.0, 1.5]);
        let mut gradient = [1.0; 9];
        backward(rows, &picked, &g, &mut gradient);
        for (c, out) in out.iter().enumerate() {
            let expected: f64 =
                (0..9).map(|k| f64::from(filter[k]) * f64::from(image[k / 3][c + k % 3])).sum();
            assert!((f64::from(*out) - expected).abs() < 1e-6);
        }
        for (k, gradient) in gradient.iter().enumerate() {
            let at = |c: u32| f64::from(image[k / 3][c as usize + k % 3]);
            let expected: f64 = picked.iter().zip(g).map(|(&c, g)| f64::from(g) * at(c)).sum();
            assert!((gradient - 1.0 - expected).abs() < 1e-6);
        }
    }
}
