//! Kernels against their naive `f64` twins: each answer is checked before it is timed.
//!
//! `cargo bench -p tastespace-bench`; a name after `--` selects benches, `-- --quick` takes less time.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tastespace_kernels::lanes::LANES;
use tastespace_kernels::matrix::multiply_transposed;
use tastespace_kernels::panels::{self, PANEL, Panel, length, multiply};
use tastespace_kernels::quantized::{BLOCK, Hit, above, block_length, store};
use tastespace_kernels::rating_step::{Rate, rating_step};
use tastespace_kernels::reference;
use tastespace_kernels::sparse::{self, Sparse};
use tastespace_kernels::vector::dot;

/// Dimensions: one chunk of lanes, that of the bench, the default, and a large one.
const LENGTHS: [usize; 4] = [8, 32, 64, 256];

/// `(rows, columns, d)`: a batch of users by the items of ML-100K, and a catalogue larger than the caches.
const PRODUCTS: [(usize, usize, usize); 2] = [(64, 1682, 32), (64, 100_000, 64)];

/// A product of matrices in panels.
type Product = fn(&[f32], &Panel, usize, bool, &mut Panel);

/// Pseudo-random values between -1 and 1.
fn values(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|k| (((k + seed) * 2_654_435_761) % 2000) as f32 / 1000.0 - 1.0).collect()
}

fn assert_near(got: f32, expected: f64, tolerance: f64) {
    assert!((f64::from(got) - expected).abs() <= tolerance, "{got} is not {expected}");
}

fn dots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dot");
    for d in LENGTHS {
        let (x, y) = (values(d, 1), values(d, 7));
        // d products of at most 1, each rounded at 2^-24 of a sum of at most d.
        assert_near(dot(&x, &y), reference::dot(&x, &y), (d * d) as f64 * 6e-8);
        group.throughput(Throughput::Elements(d as u64));
        group.bench_function(BenchmarkId::new("kernel", d), |bench| {
            bench.iter(|| dot(black_box(&x), black_box(&y)))
        });
        group.bench_function(BenchmarkId::new("naive", d), |bench| {
            bench.iter(|| reference::dot(black_box(&x), black_box(&y)))
        });
    }
}

fn rating_steps(criterion: &mut Criterion) {
    let rate = Rate {
        learning: 0.01,
        vector_learning: 0.01,
        user_penalty: 0.05,
        item_penalty: 0.05,
        user_bias_penalty: 0.05,
        item_bias_penalty: 0.05,
    };
    let mut group = criterion.benchmark_group("rating_step");
    group.throughput(Throughput::Elements(1));
    for d in LENGTHS {
        let (mut users, mut items) = (values(ROWS * d, 1), values(ROWS * d, 7));
        let (mut user_bias, mut item_bias) = (0.1, -0.1);
        let mut twins: Vec<_> = (0..ROWS)
            .map(|row| {
                let (p, q) = (&users[row * d..][..d], &items[row * d..][..d]);
                reference::RatingStep::new(p, q, user_bias, item_bias)
            })
            .collect();
        let (p, q) = (&mut users[..d], &mut items[..d]);
        let error = rating_step(p, q, &mut user_bias, &mut item_bias, 0.5, rate);
        assert_near(error, twins[0].step(0.5, rate), (d * d) as f64 * 6e-8);
        assert_near(p[d - 1], twins[0].p[d - 1], 1e-6);
        group.bench_function(BenchmarkId::new("kernel", d), |bench| {
            let mut visits = visits();
            bench.iter(|| {
                let (row, target) = visits();
                let (p, q) = (&mut users[row * d..][..d], &mut items[row * d..][..d]);
                rating_step(p, q, &mut user_bias, &mut item_bias, target, rate)
            })
        });
        group.bench_function(BenchmarkId::new("naive", d), |bench| {
            let mut visits = visits();
            bench.iter(|| {
                let (row, target) = visits();
                twins[row].step(f64::from(target), rate)
            })
        });
    }
}

/// Number of rows the steps cycle through: as in training, a row is not reused at once.
const ROWS: usize = 64;

/// The row of the next step and its target. The sign alternates, so that no vector grows or vanishes.
fn visits() -> impl FnMut() -> (usize, f32) {
    let mut step = 0;
    move || {
        step += 1;
        (step % ROWS, if (step / ROWS).is_multiple_of(2) { 0.5 } else { -0.5 })
    }
}

fn products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("multiply_transposed");
    group.sample_size(10);
    for (rows, columns, d) in PRODUCTS {
        let (a, b) = (values(rows * d, 1), values(columns * d, 7));
        let (mut out, mut panel) = (vec![0.0; rows * columns], vec![0.0; d * LANES]);
        multiply_transposed(&a, &b, d, &mut out, &mut panel);
        for (got, expected) in out.iter().zip(reference::multiply_transposed(&a, &b, d, rows, columns)) {
            assert_near(*got, expected, (d * d) as f64 * 6e-8);
        }
        let shape = format!("{rows}×{columns}×{d}");
        group.throughput(Throughput::Elements((rows * columns * d) as u64));
        group.bench_function(BenchmarkId::new("kernel", &shape), |bench| {
            bench.iter(|| multiply_transposed(black_box(&a), black_box(&b), d, &mut out, &mut panel))
        });
        group.bench_function(BenchmarkId::new("naive", &shape), |bench| {
            bench.iter(|| reference::multiply_transposed(black_box(&a), black_box(&b), d, rows, columns))
        });
    }
}

/// Two users and a block of items with quantized vectors. No product is above the threshold, as with most blocks of a long catalogue.
fn quantized_products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("quantized");
    for d in [32, 64] {
        let integers = |row: usize| -> Vec<i16> {
            values(d, row * d).into_iter().map(|x| (x * 4000.0) as i16).collect()
        };
        let rows: Vec<Vec<i16>> = (0..BLOCK).map(integers).collect();
        let users = [integers(1000), integers(1001)];
        let mut block = vec![0; block_length(BLOCK, d)];
        rows.iter().enumerate().for_each(|(item, row)| store(row, item, &mut block));
        let mut hits = [[Hit::default(); BLOCK]; 2];
        let vectors = [&users[0][..], &users[1]];
        let counts = above(vectors, &block, BLOCK, [0; 2], &mut hits);
        for (user, (hits, count)) in users.iter().zip(hits.iter().zip(counts)) {
            let found = hits[..count].iter().map(|hit| (hit.item, hit.product.into()));
            assert!(found.eq(reference::products_above(user, &rows, 0)));
        }
        group.throughput(Throughput::Elements((2 * BLOCK * d) as u64));
        group.bench_function(BenchmarkId::new("kernel", d), |bench| {
            bench.iter(|| above(black_box(vectors), black_box(&block), BLOCK, [i32::MAX; 2], &mut hits))
        });
        group.bench_function(BenchmarkId::new("naive", d), |bench| {
            bench.iter(|| {
                users.iter().map(|user| reference::products_above(user, &rows, i32::MAX).len()).sum::<usize>()
            })
        });
    }
}

/// A matrix in panels, padded with zeros.
fn in_panels(rows: usize, columns: usize, seed: usize) -> Vec<f32> {
    let mut matrix = values(length(rows, columns), seed);
    for row in matrix.as_chunks_mut::<PANEL>().0.iter_mut().skip(columns / PANEL * rows) {
        row[columns % PANEL..].fill(0.0);
    }
    matrix
}

/// One value of a matrix in panels.
fn at(values: &[f32], height: usize, row: usize, column: usize) -> f64 {
    f64::from(values[(column / PANEL * height + row) * PANEL + column % PANEL])
}

/// The hidden layer of GLocal-K on ML-100K: `(items, hidden) · (hidden, hidden)`.
fn panel_products(criterion: &mut Criterion) {
    let (rows, depth, columns) = (1682, 500, 500);
    let (a, b) = (values(length(rows, depth), 1), values(length(depth, columns), 7));
    let (b_panels, mut out) = (b.as_chunks::<PANEL>().0, vec![0.0; length(rows, columns)]);
    let run = |product: Product, a: &[f32], out: &mut [f32]| {
        let out = out.as_chunks_mut::<PANEL>().0;
        for (panel, (b, out)) in b_panels.chunks(depth).zip(out.chunks_mut(rows)).enumerate() {
            product(a, b, PANEL.min(columns - panel * PANEL), false, out);
        }
    };
    let mut group = criterion.benchmark_group("panels");
    group.sample_size(10);
    // In floating-point operations.
    group.throughput(Throughput::Elements(2 * (rows * depth * columns) as u64));
    let turned = values(length(depth, rows), 1);
    for (name, product, a, transposed) in [
        ("multiply", multiply as Product, &a, false),
        ("multiply_transposed", panels::multiply_transposed, &turned, true),
    ] {
        run(product, a, &mut out);
        for (row, column) in [(0, 0), (1681, 499), (77, 250)] {
            let left = |k| if transposed { at(a, depth, k, row) } else { at(a, rows, row, k) };
            let expected = (0..depth).map(|k| left(k) * at(&b, depth, k, column)).sum();
            assert_near(at(&out, rows, row, column) as f32, expected, (depth * depth) as f64 * 6e-8);
        }
        group.bench_function(name, |bench| bench.iter(|| run(product, black_box(a), &mut out)));
    }
}

/// The outer layers of GLocal-K on ML-100K, dense and at a density in percent: ratings have 5 %, convolved ratings 27 %, of which
/// the ReLU keeps half.
fn outer_layers(criterion: &mut Criterion) {
    let (items, users, hidden) = (1682, 943, 500);
    let (ratings, weights) = (in_panels(items, users, 1), in_panels(users, hidden, 7));
    let (weight_panels, mut out) = (weights.as_chunks::<PANEL>().0, vec![0.0; length(items, hidden)]);
    let mut group = criterion.benchmark_group("first layer");
    group.sample_size(10);
    group.bench_function("dense", |bench| {
        bench.iter(|| {
            let out = out.as_chunks_mut::<PANEL>().0;
            for (weights, out) in weight_panels.chunks(users).zip(out.chunks_mut(items)) {
                multiply(black_box(&ratings), weights, PANEL, false, out);
            }
        })
    });
    for percent in [5, 14, 27] {
        let counts = |cell: usize| cell.wrapping_mul(2_654_435_761) >> 8 & 1023 < percent * 1024 / 100;
        let (mut ends, mut columns) = (Vec::new(), Vec::new());
        for item in 0..items {
            columns.extend((0..users).filter(|user| counts(item * users + user)).map(|user| user as u32));
            ends.push(columns.len() as u32);
        }
        let starts: Vec<u32> = [0].iter().chain(&ends[..items - 1]).copied().collect();
        let cells = values(columns.len(), 3);
        let sparse = Sparse { starts: &starts, ends: &ends, columns: &columns, values: &cells };
        let mut run = || {
            out.fill(0.0);
            let out = out.as_chunks_mut::<PANEL>().0;
            for (weights, out) in weight_panels.chunks(users).zip(out.chunks_mut(items)) {
                sparse::multiply(black_box(sparse), weights, out);
            }
        };
        run();
        group.bench_function(format!("{percent} %"), |bench| bench.iter(&mut run));
        let of = |item: usize| starts[item] as usize..ends[item] as usize;
        let expected = columns[of(77)].iter().zip(&cells[of(77)]);
        let expected =
            expected.map(|(&user, &cell)| f64::from(cell) * at(&weights, users, user as usize, 250)).sum();
        assert_near(at(&out, items, 77, 250) as f32, expected, 1e-3);
        if percent > 5 {
            continue;
        }
        // The last layer: the rated entries of (items, hidden) · (hidden, users).
        let codes = in_panels(items, hidden, 5);
        let mut predicted = vec![0.0; columns.len()];
        let mut sample = || {
            sparse::sample((&codes, items, 0), (&weights, users), hidden, black_box(sparse), &mut predicted)
        };
        group.bench_function("last layer, 5 %", |bench| bench.iter(&mut sample));
        let user = columns[of(77).start] as usize;
        let expected = (0..hidden).map(|k| at(&codes, items, 77, k) * at(&weights, users, user, k)).sum();
        assert_near(predicted[of(77).start], expected, 1e-3);
    }
}

criterion_group!(kernels, dots, rating_steps, products, panel_products, outer_layers, quantized_products);
criterion_main!(kernels);
