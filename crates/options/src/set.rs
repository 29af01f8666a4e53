//! A set of options as a table, and its one check.

use crate::domain::Domain;
use crate::error::OptionError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// One option: name, range and meaning. Its default is that of the struct.
#[derive(Clone, Copy, Debug)]
pub struct OptionDoc {
    /// Name, in camel case.
    pub name: &'static str,
    /// Type and range.
    pub domain: Domain,
    /// Meaning and unit.
    pub doc: &'static str,
}

/// A struct of options, declared with [`options!`](crate::options).
pub trait OptionSet: Clone + Default + Serialize + DeserializeOwned {
    /// The options in the order of their declaration.
    fn table() -> &'static [OptionDoc];

    /// Reads the options of `owner`, a model kind or a call, from a JSON object. Absent keys take their defaults.
    ///
    /// # Errors
    /// `config/wrong-type` for text that is no JSON object and for values of another type, `config/unknown-key`,
    /// `config/out-of-range`.
    fn parse(owner: &'static str, text: &str) -> Result<Self, OptionError> {
        let not_object = || OptionError::not_object(owner, text);
        let Ok(Value::Object(given)) = serde_json::from_str(text) else { return Err(not_object()) };
        let mut options = object(&Self::default());
        for (key, mut value) in given {
            let Some(option) = Self::table().iter().find(|option| option.name == key) else {
                let accepted = Self::table().iter().map(|option| option.name).collect();
                return Err(OptionError::UnknownKey { owner, key, accepted });
            };
            let (in_type, in_range) = option.domain.admits(&value);
            if !in_range {
                let expected = option.domain.expected();
                return Err(OptionError::BadValue { owner, key: option.name, value, expected, in_type });
            }
            option.domain.normalize(&mut value);
            options.insert(key, value);
        }
        serde_json::from_value(Value::Object(options)).map_err(|_| not_object())
    }

    /// The table as JSON: `[{ name, type, min, max, choices, default, doc }]`.
    fn describe() -> Value {
        let defaults = object(&Self::default());
        let described = Self::table().iter().map(|option| {
            let mut entry = option.domain.describe();
            entry.insert("name".to_owned(), json!(option.name));
            entry.insert("default".to_owned(), defaults[option.name].clone());
            entry.insert("doc".to_owned(), json!(option.doc));
            Value::Object(entry)
        });
        described.collect()
    }

    /// All options with their values.
    fn json(&self) -> Value {
        Value::Object(object(self))
    }
}

fn object(options: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(options) {
        Ok(Value::Object(object)) => object,
        other => unreachable!("options are a struct of plain data, not {other:?}"),
    }
}

/// A field's name as the name of its option: `learning_rate` is `learningRate`. Called once for each option.
pub fn camel_case(field: &str) -> &'static str {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let name = words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    });
    name.leak()
}

/// The lines of a documentation comment as one line. Called once for each option.
pub fn sentence(doc: &str) -> &'static str {
    let lines: Vec<&str> = doc.lines().map(str::trim).collect();
    lines.join(" ").trim().to_owned().leak()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fraction, choices, options};

    choices! {
        /// How something is done.
        enum Way { Long = "long", Short = "short-cut" }
    }
    options! {
        /// Options that sets share.
        struct Shared {
            /// How fast.
            learning_rate: f64 = 0.5, 0.0..=1.0;
        }
    }
    options! {
        /// Options of the tests.
        struct Sample {
            /// How
            /// large.
            size: u32 = 1, 1..=9;
            /// Sizes of layers.
            layers: Vec<u32> = vec![5], 1..=9;
            /// The way.
            way: Way = Way::Long;
            /// Another rate.
            other_rate: Option<f64> = None, (0.0..=1.0, "the value of learningRate");
            /// Another size.
            other_size: Option<u32> = None, (1..=9, "the size");
            /// A part.
            part: Fraction = Fraction(0.5);
        } with {
            shared: Shared = Shared { learning_rate: 0.25 };
        }
    }

    #[test]
    fn absent_keys_take_the_defaults_of_the_outer_set() {
        let sample = Sample::parse("sample", r#"{"size":3.0,"layers":[2.0,3]}"#).unwrap();
        assert_eq!((sample.size, sample.layers, sample.shared.learning_rate), (3, vec![2, 3], 0.25));
        let sample =
            Sample::parse("sample", r#"{"learningRate":1,"way":"short-cut","otherRate":null}"#).unwrap();
        assert_eq!((sample.shared.learning_rate, sample.way, sample.other_rate), (1.0, Way::Short, None));
        let sample = Sample::parse("sample", r#"{"otherSize":2.0,"part":0}"#).unwrap();
        assert_eq!((sample.other_size, sample.part), (Some(2), Fraction(0.0)));
    }

    #[test]
    fn a_wrong_key_or_value_is_named() {
        for (text, code, part) in [
            (
                r#"{"sizes":3}"#,
                "config/unknown-key",
                "'sizes': its options are size, layers, way, otherRate, otherSize, part, learningRate",
            ),
            (r#"{"size":10}"#, "config/out-of-range", "'size' is 10: expected an integer from 1 to 9"),
            (r#"{"size":1.5}"#, "config/wrong-type", "'size' is 1.5"),
            (r#"{"layers":[]}"#, "config/wrong-type", "a list of integers from 1 to 9"),
            (r#"{"layers":[1,20]}"#, "config/out-of-range", "'layers' is [1,20]"),
            (r#"{"way":"round"}"#, "config/out-of-range", "one of long, short-cut"),
            (
                r#"{"learningRate":"x"}"#,
                "config/wrong-type",
                "'learningRate' is \"x\": expected a number from 0 to 1",
            ),
            (r#"{"otherSize":0}"#, "config/out-of-range", "an integer from 1 to 9, or null to use the size"),
            (r#"{"part":1}"#, "config/out-of-range", "a number from 0, below 1"),
            ("[1]", "config/wrong-type", "expected a JSON object"),
        ] {
            let error = Sample::parse("sample", text).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn the_description_has_all_of_a_declaration() {
        let described = Sample::describe();
        assert_eq!(
            described[0],
            json!({ "name": "size", "type": "integer", "min": 1, "max": 9, "default": 1, "doc": "How large." })
        );
        assert_eq!(described[6]["name"], "learningRate");
        assert_eq!(described[6]["default"], 0.25);
        assert_eq!(
            described[4],
            json!({ "name": "otherSize", "type": "integer", "min": 1, "max": 9, "or": "the size",
                "default": null, "doc": "Another size." })
        );
        assert_eq!(described[2]["choices"], json!(["long", "short-cut"]));
        assert_eq!(Sample::parse("sample", &Sample::default().json().to_string()).unwrap().size, 1);
    }
}
