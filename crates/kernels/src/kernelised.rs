//! Kernelised weights (Müller, Martel, Indiveri 2018, *Kernelized Synaptic Weight Matrices*): a weight is multiplied by a
//! kernel of the points of its two ends, `ŵ_ij = w_ij k(u_i, v_j)`.
//!
//! `r` rows, `c` columns, `d` dimensions of the points. `w: (r, c)` row-major, `u: (r, d)`; `v` is stored by dimension
//! in panels, `(panels(c), d, PANEL)`, so that columns are lanes ([`columns_in_panels`]). `ŵ` and its gradient are in the
//! panels of [`crate::panels`].

use crate::math::exp_f32;
use crate::panels::{PANEL, Panel, folded, length, panels};

/// The kernel of a distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// `max(0, 1 − ‖u − v‖²)`: 0 from distance 1 on.
    Finite,
    /// `exp(−‖u − v‖²)`
    Gaussian,
}

/// Halved sums of squares of a layer, for its L2 regularization: `½λ‖w‖²` is `penalty · squares`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Squares {
    /// `½‖w‖²`
    pub weights: f64,
    /// `½‖k‖²`
    pub kernel: f64,
}

/// L2 regularization of weights and kernel.
#[derive(Clone, Copy, Debug)]
pub struct Penalties {
    /// λ₂, of `½‖w‖²`.
    pub weights: f32,
    /// λ_s, of `½‖k‖²`.
    pub kernel: f32,
}

/// `v: (c, d)` row-major, by dimension in panels: `out: (panels(c), d, PANEL)`, padded with zeros.
pub fn columns_in_panels(v: &[f32], d: usize, out: &mut [f32]) {
    let columns = v.len() / d;
    assert!(v.len() == columns * d && out.len() == panels(columns) * d * PANEL);
    out.fill(0.0);
    for (column, v) in v.chunks_exact(d).enumerate() {
        for (dimension, value) in v.iter().enumerate() {
            out[(column / PANEL * d + dimension) * PANEL + column % PANEL] = *value;
        }
    }
}

/// The kernel of one row's point with the points of a panel: `(PANEL)`.
#[inline(always)]
fn kernel_row(kernel: Kernel, u: &[f32], v: &Panel) -> [f32; PANEL] {
    let mut squares = [0.0f32; PANEL];
    for (u, v) in u.iter().zip(v) {
        for lane in 0..PANEL {
            let difference = u - v[lane];
            squares[lane] += difference * difference;
        }
    }
    match kernel {
        Kernel::Finite => squares.map(|square| (1.0 - square).max(0.0)),
        Kernel::Gaussian => squares.map(|square| exp_f32(-square)),
    }
}

/// One panel of `ŵ: (r, PANEL)`, the columns from `PANEL · panel` on.
pub fn weigh(kernel: Kernel, w: &[f32], u: &[f32], v: &[f32], d: usize, panel: usize, out: &mut Panel) {
    let (rows, first) = (out.len(), panel * PANEL);
    let columns = w.len() / rows.max(1);
    assert!(w.len() == rows * columns && u.len() == rows * d && v.len() == panels(columns) * d * PANEL);
    let v = &v.as_chunks::<PANEL>().0[panel * d..][..d];
    let width = (columns - first).min(PANEL);
    for (row, out) in out.iter_mut().enumerate() {
        let near = kernel_row(kernel, &u[row * d..][..d], v);
        let w = &w[row * columns + first..][..width];
        *out = [0.0; PANEL];
        if let Ok(w) = <&[f32; PANEL]>::try_from(w) {
            for lane in 0..PANEL {
                out[lane] = w[lane] * near[lane];
            }
        } else {
            for (out, (w, near)) in out.iter_mut().zip(w.iter().zip(near)) {
                *out = w * near;
            }
        }
    }
}

/// The gradients of loss and regularization with respect to rows from `first` on, as many as `w_gradient` has:
/// `w_gradient: (rows, c) = g·k + λ₂ w`, `u_gradient: (rows, d)`, and `v_gradient: (panels(c), d, PANEL)`, to which is added. `w`
/// and `u` are those rows; `g` is the gradient with respect to `ŵ: (r, c)`, in panels. Returns the sums of squares.
#[allow(clippy::too_many_arguments, reason = "a kernel takes slices")]
pub fn backward(
    kernel: Kernel,
    penalties: Penalties,
    (w, u, v): (&[f32], &[f32], &[f32]),
    (g, g_rows, first): (&[f32], usize, usize),
    d: usize,
    w_gradient: &mut [f32],
    u_gradient: &mut [f32],
    v_gradient: &mut [f32],
) -> Squares {
    let rows = u.len() / d;
    let columns = w.len() / rows.max(1);
    assert!(w.len() == rows * columns && u.len() == rows * d && v.len() == panels(columns) * d * PANEL);
    assert!(w_gradient.len() == w.len() && u_gradient.len() == u.len() && v_gradient.len() == v.len());
    assert!(g.len() == length(g_rows, columns) && first + rows <= g_rows);
    let (v, v_gradient) = (v.as_chunks::<PANEL>().0, v_gradient.as_chunks_mut::<PANEL>().0);
    let g = g.as_chunks::<PANEL>().0;
    u_gradient.fill(0.0);
    let mut squares = Squares::default();
    for row in 0..rows {
        let (u, u_gradient) = (&u[row * d..][..d], &mut u_gradient[row * d..][..d]);
        for panel in 0..panels(columns) {
            let (v, v_gradient) = (&v[panel * d..][..d], &mut v_gradient[panel * d..][..d]);
            let width = (columns - panel * PANEL).min(PANEL);
            let at = row * columns + panel * PANEL;
            let g = &g[panel * g_rows + first + row];
            let mut near = kernel_row(kernel, u, v);
            let mut own = [0.0; PANEL];
            own[..width].copy_from_slice(&w[at..at + width]);
            // The padding of the last panel has no kernel.
            near[width..].fill(0.0);
            // The gradient with respect to the kernel, times minus half the kernel's derivative by the squared distance.
            let mut derivative = [0.0f32; PANEL];
            for lane in 0..PANEL {
                derivative[lane] = g[lane] * own[lane] + penalties.kernel * near[lane];
            }
            match kernel {
                Kernel::Finite => {
                    for lane in 0..PANEL {
                        derivative[lane] = if near[lane] > 0.0 { 2.0 * derivative[lane] } else { 0.0 };
                    }
                }
                Kernel::Gaussian => {
                    for lane in 0..PANEL {
                        derivative[lane] *= 2.0 * near[lane];
                    }
                }
            }
            let mut gradient = [0.0; PANEL];
            for lane in 0..PANEL {
                gradient[lane] = g[lane] * near[lane] + penalties.weights * own[lane];
            }
            w_gradient[at..at + width].copy_from_slice(&gradient[..width]);
            for ((u, u_gradient), (v, v_gradient)) in
                u.iter().zip(&mut *u_gradient).zip(v.iter().zip(v_gradient))
            {
                let mut products = [0.0f32; PANEL];
                for lane in 0..PANEL {
                    products[lane] = derivative[lane] * (u - v[lane]);
                    v_gradient[lane] += products[lane];
                }
                *u_gradient -= folded(&products);
            }
            squares.weights += 0.5 * f64::from(square(&own));
            squares.kernel += 0.5 * f64::from(square(&near));
        }
    }
    squares
}

#[inline(always)]
fn square(values: &[f32; PANEL]) -> f32 {
    folded(&values.map(|value| value * value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{self, KernelisedLayer};

    fn values(count: usize, seed: usize, scale: f32) -> Vec<f32> {
        let value = |k: usize| ((k + seed) * 2_654_435_761 % 1000) as f32 / 500.0 - 1.0;
        (0..count).map(|k| scale * value(k)).collect()
    }

    /// Weights, and gradients of `Σ g ŵ` plus regularization, against the twin and its finite differences. The points are far
    /// enough from each other that part of the finite kernel is 0.
    #[test]
    fn weights_and_gradients_are_their_twins() {
        let penalties = Penalties { weights: 0.3, kernel: 0.2 };
        for (rows, columns, d) in [(5, 37, 3), (1, 32, 5), (9, 4, 1)] {
            let (w, g) = (values(rows * columns, 1, 1.0), values(rows * columns, 5, 1.0));
            let (u, v) = (values(rows * d, 2, 0.8), values(columns * d, 3, 0.8));
            let mut in_panels = vec![0.0; length(d, columns)];
            columns_in_panels(&v, d, &mut in_panels);
            for kernel in [Kernel::Finite, Kernel::Gaussian] {
                let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
                let twin = KernelisedLayer { kernel, d, w: wide(&w), u: wide(&u), v: wide(&v) };
                let mut out = vec![[f32::NAN; PANEL]; rows * panels(columns)];
                for (panel, out) in out.chunks_exact_mut(rows).enumerate() {
                    weigh(kernel, &w, &u, &in_panels, d, panel, out);
                }
                for (k, expected) in twin.weights().into_iter().enumerate() {
                    let (row, column) = (k / columns, k % columns);
                    let got = out[column / PANEL * rows + row][column % PANEL];
                    assert!((f64::from(got) - expected).abs() < 1e-6, "{got} for {expected}");
                }

                let mut g_panels = vec![[0.0; PANEL]; out.len()];
                for (k, &g) in g.iter().enumerate() {
                    g_panels[k % columns / PANEL * rows + k / columns][k % columns % PANEL] = g;
                }
                let (mut w_gradient, mut u_gradient) = (vec![f32::NAN; w.len()], vec![f32::NAN; u.len()]);
                let mut v_gradient = vec![0.0; in_panels.len()];
                let mut squares = Squares::default();
                for first in 0..rows {
                    let own = (&w[first * columns..][..columns], &u[first * d..][..d], &in_panels[..]);
                    let g = (g_panels.as_flattened(), rows, first);
                    let (w_gradient, u_gradient) =
                        (&mut w_gradient[first * columns..][..columns], &mut u_gradient[first * d..][..d]);
                    let part =
                        backward(kernel, penalties, own, g, d, w_gradient, u_gradient, &mut v_gradient);
                    squares.weights += part.weights;
                    squares.kernel += part.kernel;
                }
                let expected = twin.squares();
                assert!((squares.weights - expected.0).abs() < 1e-5 * (1.0 + expected.0));
                assert!((squares.kernel - expected.1).abs() < 1e-5 * (1.0 + expected.1));
                let loss = |twin: &KernelisedLayer| {
                    let weighted: f64 = twin.weights().iter().zip(&g).map(|(w, &g)| w * f64::from(g)).sum();
                    let (w, k) = twin.squares();
                    weighted + f64::from(penalties.weights) * w + f64::from(penalties.kernel) * k
                };
                let v_gradient: Vec<f32> = (0..v.len())
                    .map(|k| v_gradient[(k / d / PANEL * d + k % d) * PANEL + k / d % PANEL])
                    .collect();
                type Block = fn(&mut KernelisedLayer) -> &mut Vec<f64>;
                let blocks: [(&[f32], Block); 3] = [
                    (&w_gradient, |twin| &mut twin.w),
                    (&u_gradient, |twin| &mut twin.u),
                    (&v_gradient, |twin| &mut twin.v),
                ];
                for (gradient, block) in blocks {
                    reference::check_gradient(gradient, 2e-4, |k, step| {
                        let mut moved = twin.clone();
                        block(&mut moved)[k] += step;
                        loss(&moved)
                    });
                }
            }
        }
    }

    /// The rows of a part give what they give one at a time.
    #[test]
    fn a_part_of_the_rows_is_its_rows() {
        let penalties = Penalties { weights: 0.3, kernel: 0.2 };
        let (rows, columns, d) = (7, 37, 3);
        let (w, u, v) =
            (values(rows * columns, 1, 1.0), values(rows * d, 2, 0.8), values(columns * d, 3, 0.8));
        let (mut in_panels, g) = (vec![0.0; length(d, columns)], values(length(rows, columns), 5, 1.0));
        columns_in_panels(&v, d, &mut in_panels);
        for kernel in [Kernel::Finite, Kernel::Gaussian] {
            let by = |part: usize| {
                let mut gradients =
                    [vec![f32::NAN; w.len()], vec![f32::NAN; u.len()], vec![0.0; in_panels.len()]];
                let [to_w, to_u, to_v] = &mut gradients;
                let mut squares = Squares::default();
                let parts = to_w.chunks_mut(part * columns).zip(to_u.chunks_mut(part * d)).enumerate();
                for (number, (to_w, to_u)) in parts {
                    let first = number * part;
                    let (w, u) = (&w[first * columns..][..to_w.len()], &u[first * d..][..to_u.len()]);
                    let own = (w, u, &in_panels[..]);
                    let sums = backward(kernel, penalties, own, (&g, rows, first), d, to_w, to_u, to_v);
                    squares.weights += sums.weights;
                    squares.kernel += sums.kernel;
                }
                (gradients, squares)
            };
            let (alone, alone_squares) = by(1);
            for part in [3, rows] {
                let (gradients, squares) = by(part);
                assert_eq!(gradients, alone);
                assert!((squares.weights - alone_squares.weights).abs() < 1e-9);
                assert!((squares.kernel - alone_squares.kernel).abs() < 1e-9);
            }
        }
    }
}
