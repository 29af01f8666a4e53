//! A step along a descent direction that satisfies the strong Wolfe conditions (Moré, Thuente 1994, *Line Search Algorithms
//! with Guaranteed Sufficient Decrease*).
//!
//! With `φ(t)` the loss at step `t`, a step is taken if `φ(t) ≤ φ(0) + μ t φ'(0)` and `|φ'(t)| ≤ η |φ'(0)|`. Trial steps
//! come from cubic and quadratic interpolation between the best step so far and the other end of an interval that is known
//! to hold such a step.

/// μ, sufficient decrease.
const DECREASE: f64 = 1e-3;
/// η, curvature.
const CURVATURE: f64 = 0.9;
/// The interval is not divided further below this width, relative to its upper end.
const NARROW: f64 = 0.1;
/// The longest step that is tried.
const LONGEST: f64 = 1e10;

/// A step with the loss and its slope there.
#[derive(Clone, Copy, Debug)]
struct Point {
    step: f64,
    loss: f64,
    slope: f64,
}

impl Point {
    /// The point on `ψ(t) = φ(t) − μ t φ'(0)`, given `μ φ'(0)`.
    fn lowered(self, slope: f64) -> Self {
        Self { loss: self.loss - self.step * slope, slope: self.slope - slope, ..self }
    }

    fn raised(self, slope: f64) -> Self {
        self.lowered(-slope)
    }
}

/// What to do after a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// Try this step.
    Try(f64),
    /// The step just tried is taken.
    Take,
}

/// A search in progress.
pub(crate) struct LineSearch {
    start: Point,
    /// The best step so far.
    best: Point,
    /// The interval's other end.
    other: Point,
    bracketed: bool,
    /// Whether `ψ` has not yet had a step with `ψ ≤ 0` and a slope of `φ` that is not negative.
    first_stage: bool,
    lowest: f64,
    highest: f64,
    width: f64,
    width_before: f64,
}

impl LineSearch {
    /// A search from where the loss is `loss` and its slope `slope < 0`, with the first trial at `step`.
    pub(crate) fn new(loss: f64, slope: f64, step: f64) -> Self {
        let start = Point { step: 0.0, loss, slope };
        Self {
            start,
            best: start,
            other: start,
            bracketed: false,
            first_stage: true,
            lowest: 0.0,
            highest: 5.0 * step,
            width: LONGEST,
            width_before: 2.0 * LONGEST,
        }
    }

    /// Takes in the loss and slope at the step that was tried last.
    pub(crate) fn tell(&mut self, step: f64, loss: f64, slope: f64) -> Next {
        let trial = Point { step, loss, slope };
        let least_slope = DECREASE * self.start.slope;
        let enough = self.start.loss + step * least_slope;
        if self.first_stage && loss <= enough && slope >= 0.0 {
            self.first_stage = false;
        }
        let narrow = self.bracketed
            && (step <= self.lowest
                || step >= self.highest
                || self.highest - self.lowest <= NARROW * self.highest);
        let at_the_end = step >= LONGEST && loss <= enough && slope <= least_slope;
        if narrow || at_the_end || (loss <= enough && slope.abs() <= -CURVATURE * self.start.slope) {
            return Next::Take;
        }

        let mut next = if self.first_stage && loss <= self.best.loss && loss > enough {
            // The minimum of ψ is sought until there is a step with enough decrease.
            (self.best, self.other) = (self.best.lowered(least_slope), self.other.lowered(least_slope));
            let next = self.divide(trial.lowered(least_slope));
            (self.best, self.other) = (self.best.raised(least_slope), self.other.raised(least_slope));
            next
        } else {
            self.divide(trial)
        };
        if self.bracketed {
            let width = (self.other.step - self.best.step).abs();
            if width >= 0.66 * self.width_before {
                next = self.best.step + 0.5 * (self.other.step - self.best.step);
            }
            self.width_before = self.width;
            self.width = width;
            self.lowest = self.best.step.min(self.other.step);
            self.highest = self.best.step.max(self.other.step);
        } else {
            self.lowest = next + 1.1 * (next - self.best.step);
            self.highest = next + 4.0 * (next - self.best.step);
        }
        next = next.clamp(0.0, LONGEST);
        let narrow = next <= self.lowest
            || next >= self.highest
            || self.highest - self.lowest <= NARROW * self.highest;
        if self.bracketed && narrow {
            next = self.best.step;
        }
        Next::Try(next)
    }

    /// Narrows the interval by a trial and returns the next one, by the paper's four cases.
    fn divide(&mut self, trial: Point) -> f64 {
        let (best, other) = (self.best, self.other);
        let opposite = trial.slope * best.slope < 0.0;
        let secant = trial.step + trial.slope / (trial.slope - best.slope) * (best.step - trial.step);
        let next;
        if trial.loss > best.loss {
            // A higher loss: a minimum lies between.
            let (cubic, _) = minimum(best, trial);
            let fall = (best.loss - trial.loss) / (trial.step - best.step) + best.slope;
            let quadratic = best.step + best.slope / fall / 2.0 * (trial.step - best.step);
            next = if (cubic - best.step).abs() < (quadratic - best.step).abs() {
                cubic
            } else {
                cubic + (quadratic - cubic) / 2.0
            };
            self.bracketed = true;
        } else if opposite {
            // The slope changes its sign: a minimum lies between.
            let (cubic, _) = minimum(trial, best);
            next = if (cubic - trial.step).abs() > (secant - trial.step).abs() { cubic } else { secant };
            self.bracketed = true;
        } else if trial.slope.abs() < best.slope.abs() {
            // The slope flattens: the cubic may have its minimum beyond the trial, or none.
            let (cubic, exists) = minimum(trial, best);
            let beyond = exists && (cubic - trial.step) * (trial.step - best.step) > 0.0;
            let cubic = match trial.step > best.step {
                _ if beyond => cubic,
                true => self.highest,
                false => self.lowest,
            };
            let cubic_is_nearer = (cubic - trial.step).abs() < (secant - trial.step).abs();
            if self.bracketed {
                let nearer = if cubic_is_nearer { cubic } else { secant };
                let limit = trial.step + 0.66 * (other.step - trial.step);
                next = if trial.step > best.step { nearer.min(limit) } else { nearer.max(limit) };
            } else {
                let farther = if cubic_is_nearer { secant } else { cubic };
                next = farther.clamp(self.lowest, self.highest);
            }
        } else if self.bracketed {
            // The slope does not flatten: towards the other end.
            (next, _) = minimum(trial, other);
        } else {
            next = if trial.step > best.step { self.highest } else { self.lowest };
        }
        if trial.loss > best.loss {
            self.other = trial;
        } else {
            if opposite {
                self.other = best;
            }
            self.best = trial;
        }
        next
    }
}

/// Where the cubic through two points with their slopes has its minimum, or its point of inflection, and whether there is a
/// minimum.
fn minimum(from: Point, to: Point) -> (f64, bool) {
    let theta = 3.0 * (from.loss - to.loss) / (to.step - from.step) + from.slope + to.slope;
    // Scaled, so that no square overflows.
    let scale = theta.abs().max(from.slope.abs()).max(to.slope.abs());
    let root = (theta / scale) * (theta / scale) - (from.slope / scale) * (to.slope / scale);
    let gamma = scale * root.max(0.0).sqrt() * (to.step - from.step).signum();
    let ratio = (gamma - from.slope + theta) / (gamma - from.slope + gamma + to.slope);
    (from.step + ratio * (to.step - from.step), root > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Beside SciPy's line search, for random losses and slopes (`test/fixtures/make/line_search.py`).
    #[test]
    fn its_steps_are_those_of_scipy() {
        let cases: Value =
            serde_json::from_str(include_str!("../../../test/fixtures/line_search.json")).unwrap();
        for case in cases.as_array().unwrap() {
            let number = |key: &str| case[key].as_f64().unwrap();
            let mut step = number("step");
            let mut search = LineSearch::new(number("loss"), number("slope"), step);
            for (trial, values) in case["trials"].as_array().unwrap().iter().enumerate() {
                let next = search.tell(step, values[0].as_f64().unwrap(), values[1].as_f64().unwrap());
                let Some(expected) = values[2].as_f64() else {
                    assert_eq!(next, Next::Take, "trial {trial} of {case}");
                    break;
                };
                step = expected;
                let Next::Try(next) = next else { panic!("trial {trial} of {case} is taken") };
                assert!((next - expected).abs() <= 1e-9 * expected, "trial {trial} of {case}: {next}");
            }
        }
    }
}
