//! The values of options that hyperparameter search tries.

use serde_json::{Map, Value, json};

/// The values of an option that hyperparameter search tries by default. They contain its default value.
#[derive(Clone, Copy, Debug)]
pub struct SearchRange {
    /// Name of the option.
    pub name: &'static str,
    /// The values.
    pub values: SearchValues,
    /// The choice of another option that this one has an effect with.
    pub when: Option<(&'static str, &'static str)>,
}

/// See [`SearchRange`].
#[derive(Clone, Copy, Debug)]
pub enum SearchValues {
    /// From low to high, uniform in the value.
    Linear(f64, f64),
    /// From low to high, uniform in the logarithm of the value.
    Log(f64, f64),
    /// Any of these choices.
    Choices(&'static [&'static str]),
    /// `false` or `true`.
    Booleans,
}

impl SearchRange {
    /// A range of values, tried uniformly.
    pub const fn linear(name: &'static str, low: f64, high: f64) -> Self {
        Self { name, values: SearchValues::Linear(low, high), when: None }
    }

    /// A range of values above 0, tried uniformly in their logarithm.
    pub const fn log(name: &'static str, low: f64, high: f64) -> Self {
        Self { name, values: SearchValues::Log(low, high), when: None }
    }

    /// Some choices of an option.
    pub const fn choices(name: &'static str, choices: &'static [&'static str]) -> Self {
        Self { name, values: SearchValues::Choices(choices), when: None }
    }

    /// Both values of a boolean.
    pub const fn booleans(name: &'static str) -> Self {
        Self { name, values: SearchValues::Booleans, when: None }
    }

    /// The same, only with this choice of another option, which stands before it.
    pub const fn when(self, option: &'static str, choice: &'static str) -> Self {
        Self { when: Some((option, choice)), ..self }
    }

    fn describe(&self) -> Value {
        let mut entry = Map::from_iter([("name".to_owned(), json!(self.name))]);
        let mut add = |key: &str, value: Value| entry.insert(key.to_owned(), value);
        match self.values {
            SearchValues::Linear(low, high) | SearchValues::Log(low, high) => {
                add("low", json!(low));
                add("high", json!(high));
                add("log", json!(matches!(self.values, SearchValues::Log(..))));
            }
            SearchValues::Choices(choices) => {
                add("choices", json!(choices));
            }
            SearchValues::Booleans => {
                add("choices", json!([false, true]));
            }
        }
        if let Some((option, choice)) = self.when {
            add("when", json!({ option: choice }));
        }
        Value::Object(entry)
    }
}

/// The ranges as JSON: `[{ name, low, high, log, choices, when }]`.
pub fn describe_search(ranges: &[SearchRange]) -> Value {
    ranges.iter().map(SearchRange::describe).collect()
}
