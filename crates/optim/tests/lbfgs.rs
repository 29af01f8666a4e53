//! L-BFGS beside SciPy's L-BFGS-B on functions that are known to be awkward (`test/fixtures/make/lbfgs.py`).

use serde_json::Value;
use tastespace_optim::Lbfgs;

type Function = fn(&[f64], &mut [f64]) -> f64;

fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut loss = 0.0;
    for k in 0..x.len() - 1 {
        let (bend, rest) = (x[k + 1] - x[k] * x[k], 1.0 - x[k]);
        loss += 100.0 * bend * bend + rest * rest;
        gradient[k] += -400.0 * x[k] * bend - 2.0 * rest;
        gradient[k + 1] += 200.0 * bend;
    }
    loss
}

/// `½ Σ s (x − 1)²` with scales from 1 to 1000.
fn quadratic(x: &[f64], gradient: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    for (k, (x, gradient)) in x.iter().zip(&mut *gradient).enumerate() {
        let scale = 10f64.powf(3.0 * k as f64 / 19.0);
        loss += 0.5 * scale * (x - 1.0) * (x - 1.0);
        *gradient = scale * (x - 1.0);
    }
    loss
}

fn beale(x: &[f64], gradient: &mut [f64]) -> f64 {
    let (a, b) = (x[0], x[1]);
    gradient.fill(0.0);
    let mut loss = 0.0;
    for (k, target) in [1.5, 2.25, 2.625].into_iter().enumerate() {
        let power = b.powi(k as i32 + 1);
        let error = target - a + a * power;
        loss += error * error;
        gradient[0] += 2.0 * error * (power - 1.0);
        gradient[1] += 2.0 * error * a * (k + 1) as f64 * b.powi(k as i32);
    }
    loss
}

/// Parameters and gradients in `f32`, as the optimiser has them, the function itself in `f64`.
fn narrow(function: Function) -> impl FnMut(&[f32], &mut [f32]) -> Result<f64, ()> {
    move |x, gradient| {
        let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let mut slope = vec![0.0; x.len()];
        let loss = function(&wide, &mut slope);
        gradient.iter_mut().zip(slope).for_each(|(to, slope)| *to = slope as f32);
        Ok(loss)
    }
}

fn function(name: &str) -> Function {
    match name {
        "rosenbrock" => rosenbrock,
        "quadratic" => quadratic,
        _ => beale,
    }
}

#[test]
fn it_goes_where_scipy_goes() {
    let cases: Value = serde_json::from_str(include_str!("../../../test/fixtures/lbfgs.json")).unwrap();
    for case in cases.as_array().unwrap() {
        let name = case["function"].as_str().unwrap();
        let numbers = |key: &str| -> Vec<f64> {
            case[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
        };
        let start = numbers("start");
        let mut x: Vec<f32> = start.iter().map(|&x| x as f32).collect();
        let iterations = case["iterations"].as_u64().unwrap() as u32;
        let mut lbfgs = Lbfgs::new(x.len(), 10);
        let found = lbfgs.minimize(&mut x, iterations, narrow(function(name))).unwrap();
        let what = format!("{name} in {} dimensions, {iterations} iterations: {found:?}", x.len());
        // Rounding to f32 grows on the way: ten steps into a curved valley a thousandth is left of 1e-7.
        let (loss, tolerance) = (case["loss"].as_f64().unwrap(), if iterations <= 5 { 2e-4 } else { 5e-3 });
        assert!((found.loss - loss).abs() < tolerance * loss.max(0.1), "{what} for {loss}");
        if iterations <= 10 {
            assert_eq!(u64::from(found.iterations), case["done"].as_u64().unwrap(), "{what}");
            assert_eq!(u64::from(found.evaluations), case["evaluations"].as_u64().unwrap(), "{what}");
            for (x, expected) in x.iter().zip(numbers("at")) {
                assert!((f64::from(*x) - expected).abs() < 10.0 * tolerance, "{what}: {x} for {expected}");
            }
        }
    }
}

/// What it says of the last call holds: the gradient and loss that it goes on from are those at the parameters.
#[test]
fn going_on_is_as_if_it_had_never_stopped() {
    let start = vec![-1.2f32, 1.0, -1.2, 1.0];
    let (mut whole, mut parts) = (start.clone(), start);
    let all = Lbfgs::new(4, 5).minimize(&mut whole, 12, narrow(rosenbrock)).unwrap();
    let mut lbfgs = Lbfgs::new(4, 5);
    let evaluations: u32 = [3, 4, 5]
        .into_iter()
        .map(|iterations| lbfgs.minimize(&mut parts, iterations, narrow(rosenbrock)).unwrap().evaluations)
        .sum();
    assert_eq!((whole, all.evaluations), (parts, evaluations));
}

#[test]
fn a_failure_leaves_the_last_whole_iteration() {
    let (mut one, mut x) = (vec![-1.2f32, 1.0], vec![-1.2f32, 1.0]);
    let evaluations = Lbfgs::new(2, 5).minimize(&mut one, 1, narrow(rosenbrock)).unwrap().evaluations;
    let (mut asked, mut closure) = (0, narrow(rosenbrock));
    let failed = Lbfgs::new(2, 5).minimize(&mut x, 5, |x, gradient| {
        asked += 1;
        if asked > evaluations { Err("enough") } else { closure(x, gradient).map_err(|()| "never") }
    });
    assert_eq!((failed, x), (Err("enough"), one));
}

#[test]
fn it_stops_where_there_is_nothing_to_gain() {
    let mut x = vec![0.5f32; 20];
    let found = Lbfgs::new(20, 10).minimize(&mut x, 1000, narrow(quadratic)).unwrap();
    assert!(found.converged && found.iterations < 200 && found.loss < 1e-6, "{found:?}");
    let again = Lbfgs::new(3, 10).minimize(&mut [1.0; 3], 10, narrow(rosenbrock)).unwrap();
    assert_eq!((again.iterations, again.evaluations, again.converged), (0, 1, true));
    // A loss that contradicts its gradient: no step is found, and nothing moves.
    let mut x = [1.0f32, 2.0];
    let lying = |_: &[f32], gradient: &mut [f32]| {
        gradient.fill(1.0);
        Ok::<f64, ()>(7.0)
    };
    let found = Lbfgs::new(2, 10).minimize(&mut x, 10, lying).unwrap();
    assert_eq!((found.loss, found.iterations, found.converged), (7.0, 0, true));
    assert_eq!(x, [1.0, 2.0]);
    // The start, twenty trials, and the start again.
    assert_eq!(found.evaluations, 22);
}

#[test]
fn a_gradient_that_is_not_a_number_ends_it() {
    let mut x = [1.0f32, 2.0];
    let found = Lbfgs::new(2, 10).minimize(&mut x, 10, |_, gradient| {
        gradient.fill(f32::NAN);
        Ok::<f64, ()>(7.0)
    });
    let found = found.unwrap();
    assert_eq!((found.iterations, found.evaluations, x), (0, 1, [1.0, 2.0]));
}

#[test]
fn without_its_history_it_starts_along_the_gradient() {
    let mut x = [-1.2f32, 1.0];
    let mut lbfgs = Lbfgs::new(2, 5);
    lbfgs.minimize(&mut x, 3, narrow(rosenbrock)).unwrap();
    let mut fresh = x;
    lbfgs.forget();
    lbfgs.minimize(&mut x, 1, narrow(rosenbrock)).unwrap();
    Lbfgs::new(2, 5).minimize(&mut fresh, 1, narrow(rosenbrock)).unwrap();
    assert_eq!(x, fresh);
}
