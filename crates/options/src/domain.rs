//! Types and ranges of option values.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// Type and range of an option's value. Both ends of a range are included.
#[derive(Clone, Copy, Debug)]
pub enum Domain {
    /// An integer.
    Integer(i64, i64),
    /// A list of integers, at least one.
    Integers(i64, i64),
    /// A number.
    Number(f64, f64),
    /// A number from 0, below 1.
    Fraction,
    /// A value of the domain, or null to use the named alternative.
    Or(&'static Domain, &'static str),
    /// `true` or `false`.
    Boolean,
    /// One of several names.
    Choice(&'static [&'static str]),
    /// Text; the payload says which.
    Text(&'static str),
    /// A list of texts; the payload says which.
    Texts(&'static str),
    /// A list of texts, a list of such lists, or null; the payload says which.
    TextLists(&'static str),
    /// Any other shape.
    Shape(Shape),
}

/// A shape of values that no other domain has.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its TypeScript type.
    pub typescript: &'static str,
    /// What is accepted, in words.
    pub expected: &'static str,
    /// Whether a value is accepted.
    pub admits: fn(&Value) -> bool,
}

impl Domain {
    /// Whether `value` has the right type, and whether it is also in range.
    pub(crate) fn admits(self, value: &Value) -> (bool, bool) {
        let both = |fits: bool| (fits, fits);
        match self {
            // 64.0 is an integer too: JSON does not distinguish them.
            Self::Integer(low, high) => match value.as_f64() {
                Some(number) if number.fract() == 0.0 => {
                    (true, number >= low as f64 && number <= high as f64)
                }
                _ => both(false),
            },
            Self::Integers(low, high) => match value.as_array() {
                Some(list) if !list.is_empty() => list.iter().fold(both(true), |all, value| {
                    let one = Self::Integer(low, high).admits(value);
                    (all.0 && one.0, all.1 && one.1)
                }),
                _ => both(false),
            },
            Self::Number(low, high) => match value.as_f64() {
                Some(number) => (true, number >= low && number <= high),
                None => both(false),
            },
            Self::Fraction => match value.as_f64() {
                Some(number) => (true, (0.0..1.0).contains(&number)),
                None => both(false),
            },
            Self::Or(..) if value.is_null() => both(true),
            Self::Or(domain, _) => domain.admits(value),
            Self::Boolean => both(value.is_boolean()),
            Self::Choice(names) => match value.as_str() {
                Some(name) => (true, names.contains(&name)),
                None => both(false),
            },
            Self::Text(_) => both(value.is_string()),
            Self::Texts(_) => both(is_list(value, Value::is_string)),
            Self::TextLists(_) => {
                let texts = |value: &Value| is_list(value, Value::is_string);
                both(value.is_null() || texts(value) || is_list(value, texts))
            }
            Self::Shape(shape) => both((shape.admits)(value)),
        }
    }

    /// Rewrites integers such as 64.0, which serde would refuse, as 64.
    pub(crate) fn normalize(self, value: &mut Value) {
        match (self, value) {
            (Self::Integer(..), value) if !value.is_u64() && !value.is_i64() => {
                *value = json!(value.as_f64().unwrap_or_default() as i64);
            }
            (Self::Integers(low, high), Value::Array(list)) => {
                list.iter_mut().for_each(|value| Self::Integer(low, high).normalize(value));
            }
            (Self::Or(domain, _), value) if !value.is_null() => domain.normalize(value),
            _ => (),
        }
    }

    /// What is accepted, in words.
    pub(crate) fn expected(self) -> String {
        match self {
            Self::Integer(low, high) => format!("an integer from {low} to {high}"),
            Self::Integers(low, high) => format!("a list of integers from {low} to {high}"),
            Self::Number(low, high) => format!("a number from {low} to {high}"),
            Self::Fraction => "a number from 0, below 1".to_owned(),
            Self::Or(domain, other) => format!("{}, or null to use {other}", domain.expected()),
            Self::Boolean => "true or false".to_owned(),
            Self::Choice(names) => format!("one of {}", names.join(", ")),
            Self::Text(what) | Self::Texts(what) | Self::TextLists(what) => what.to_owned(),
            Self::Shape(shape) => shape.expected.to_owned(),
        }
    }

    pub(crate) fn describe(self) -> Map<String, Value> {
        let described = match self {
            Self::Integer(low, high) => json!({ "type": "integer", "min": low, "max": high }),
            Self::Integers(low, high) => json!({ "type": "integers", "min": low, "max": high }),
            Self::Number(low, high) => json!({ "type": "number", "min": low, "max": high }),
            Self::Fraction => json!({ "type": "number", "min": 0, "below": 1 }),
            Self::Or(domain, other) => {
                let mut described = domain.describe();
                described.insert("or".to_owned(), json!(other));
                return described;
            }
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Choice(names) => json!({ "type": "choice", "choices": names }),
            Self::Text(what) => json!({ "type": "text", "expected": what }),
            Self::Texts(what) => json!({ "type": "texts", "expected": what }),
            Self::TextLists(what) => json!({ "type": "text-lists", "expected": what }),
            Self::Shape(Shape { typescript, expected, .. }) => {
                json!({ "type": "shape", "typescript": typescript, "expected": expected })
            }
        };
        match described {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
}

fn is_list(value: &Value, each: impl FnMut(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(each))
}

/// Whether `value` reads as a `T` that passes `check`.
#[doc(hidden)]
pub fn reads<T: DeserializeOwned>(value: &Value, check: fn(&T) -> bool) -> bool {
    T::deserialize(value).is_ok_and(|value| check(&value))
}

/// A Rust type that an option's value may have.
pub trait OptionType {
    /// What a declaration has to add to the type, such as a range; `()` for nothing.
    type Bounds;
    /// The domain of an option of this type.
    fn domain(bounds: Self::Bounds) -> Domain;
}

macro_rules! option_types {
    ($($type:ty, $bounds:ty, |$name:pat_param| $domain:expr;)*) => {$(
        impl OptionType for $type {
            type Bounds = $bounds;
            fn domain($name: $bounds) -> Domain {
                $domain
            }
        }
    )*};
}

option_types! {
    u32, RangeInclusive<i64>, |range| Domain::Integer(*range.start(), *range.end());
    u64, RangeInclusive<i64>, |range| Domain::Integer(*range.start(), *range.end());
    f64, RangeInclusive<f64>, |range| Domain::Number(*range.start(), *range.end());
    Fraction, (), |()| Domain::Fraction;
    Vec<u32>, RangeInclusive<i64>, |range| Domain::Integers(*range.start(), *range.end());
    bool, (), |()| Domain::Boolean;
    String, &'static str, |what| Domain::Text(what);
    Vec<String>, &'static str, |what| Domain::Texts(what);
}

impl<T: OptionType> OptionType for Option<T> {
    /// The bounds of the value, and what null stands for.
    type Bounds = (T::Bounds, &'static str);
    fn domain((bounds, other): Self::Bounds) -> Domain {
        // Called once for each option.
        Domain::Or(Box::leak(Box::new(T::domain(bounds))), other)
    }
}

/// A number from 0, below 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fraction(pub f64);
