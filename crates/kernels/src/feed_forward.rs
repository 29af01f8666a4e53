//! The element-wise parts of a feed-forward layer: bias, ReLU, and their gradients. The products are in [`crate::matrix`].

/// `x_i += bias` for each row of `x: (n, d)`; `bias: (d)`.
pub fn add_bias(x: &mut [f32], bias: &[f32]) {
    assert!(x.len().is_multiple_of(bias.len()));
    for row in x.chunks_exact_mut(bias.len()) {
        for (x, bias) in row.iter_mut().zip(bias) {
            *x += bias;
        }
    }
}

/// `x_i ← max(x_i + bias, 0)` for each row of `x: (n, d)`; `bias: (d)`.
pub fn add_bias_relu(x: &mut [f32], bias: &[f32]) {
    assert!(x.len().is_multiple_of(bias.len()));
    for row in x.chunks_exact_mut(bias.len()) {
        for (x, bias) in row.iter_mut().zip(bias) {
            let sum = *x + bias;
            // A comparison, so that NaN stays and is reported.
            *x = if sum < 0.0 { 0.0 } else { sum };
        }
    }
}

/// Clears `gradient: (n)` where the output of the ReLU `activated: (n)` is 0.
pub fn relu_backward(gradient: &mut [f32], activated: &[f32]) {
    assert_eq!(gradient.len(), activated.len());
    for (gradient, &activated) in gradient.iter_mut().zip(activated) {
        *gradient = if activated > 0.0 { *gradient } else { 0.0 };
    }
}

/// `out += Σ_i x_i` over the rows of `x: (n, d)`, in their order; `out: (d)`.
pub fn add_rows(out: &mut [f32], x: &[f32]) {
    assert!(x.len().is_multiple_of(out.len()));
    for row in x.chunks_exact(out.len()) {
        for (out, x) in out.iter_mut().zip(row) {
            *out += x;
        }
    }
}

/// `x ← x ⊙ mask` for `x, mask: (n)`.
pub fn multiply_mask(x: &mut [f32], mask: &[f32]) {
    assert_eq!(x.len(), mask.len());
    for (x, mask) in x.iter_mut().zip(mask) {
        *x *= mask;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_their_formulas() {
        let mut x = [1.0, -2.0, 0.5, 3.0, -1.0, 2.0];
        add_bias(&mut x, &[0.5, 0.0, -1.0]);
        assert_eq!(x, [1.5, -2.0, -0.5, 3.5, -1.0, 1.0]);
        add_bias_relu(&mut x, &[0.0, 1.5, 0.0]);
        assert_eq!(x, [1.5, 0.0, 0.0, 3.5, 0.5, 1.0]);
        let mut gradient = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        relu_backward(&mut gradient, &x);
        assert_eq!(gradient, [1.0, 0.0, 0.0, 4.0, 5.0, 6.0]);
        let mut out = [1.0, 0.0, 0.0];
        add_rows(&mut out, &x);
        assert_eq!(out, [6.0, 0.5, 1.0]);
        multiply_mask(&mut out, &[0.0, 2.0, 1.0]);
        assert_eq!(out, [0.0, 1.0, 1.0]);
    }
}
