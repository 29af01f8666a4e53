//! A set of options as a table, and its one check.

use crate::domain::Domain;
use crate::error::OptionError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::slice::Iter;

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

impl OptionDoc {
    /// Adds the option of a field to a table. Called once for each option.
    #[doc(hidden)]
    #[inline(never)]
    pub fn add(table: &mut Vec<Self>, field: &str, doc: &str, domain: Domain) {
        table.push(Self { name: camel_case(field), domain, doc: sentence(doc) });
    }
}

/// The values of a set of options, in the order of its table.
pub struct Reader<'a> {
    table: Iter<'a, OptionDoc>,
    values: &'a Map<String, Value>,
}

impl Reader<'_> {
    /// The value of the next option, if it has type `T`.
    #[allow(clippy::should_implement_trait, reason = "the type of each value is another")]
    #[inline(never)]
    pub fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        T::deserialize(self.values.get(self.table.next()?.name)?).ok()
    }
}

/// Collects the values of a set of options, in the order of its table.
pub struct Writer<'a> {
    table: Iter<'a, OptionDoc>,
    values: Map<String, Value>,
}

impl Writer<'_> {
    /// Adds the value of the next option.
    #[inline(never)]
    pub fn add<T: Serialize>(&mut self, value: &T) {
        let option = self.table.next().expect("the table lists every option");
        let value = serde_json::to_value(value).expect("options are plain data");
        self.values.insert(option.name.to_owned(), value);
    }
}

/// A struct of options, declared with [`options!`](crate::options).
///
/// The macro lists fields; all that is longer than a call is in functions that all sets share, because there are dozens of
/// sets, and the engine is loaded by web pages.
pub trait OptionSet: Clone + Default + Serialize {
    /// The options in the order of their declaration.
    fn table() -> &'static [OptionDoc];

    /// A set from its values.
    #[doc(hidden)]
    fn read(values: &mut Reader) -> Option<Self>;

    /// Adds all values.
    #[doc(hidden)]
    fn write(&self, values: &mut Writer);

    /// Reads the options of `owner`, a model kind or a call, from a JSON object. Absent keys take their defaults.
    ///
    /// # Errors
    /// `config/wrong-type` for text that is no JSON object and for values of another type, `config/unknown-key`,
    /// `config/out-of-range`.
    fn parse(owner: &'static str, text: &str) -> Result<Self, OptionError> {
        let values = checked(owner, text, Self::table(), values(&Self::default()))?;
        let mut reader = Reader { table: Self::table().iter(), values: &values };
        Self::read(&mut reader).ok_or_else(|| OptionError::not_object(owner, text))
    }

    /// The table as JSON: `[{ name, type, min, max, choices, default, doc }]`.
    fn describe() -> Value {
        described(Self::table(), &values(&Self::default()))
    }

    /// All options with their values.
    fn json(&self) -> Value {
        Value::Object(values(self))
    }
}

fn values<Set: OptionSet>(options: &Set) -> Map<String, Value> {
    let mut writer = Writer { table: Set::table().iter(), values: Map::new() };
    options.write(&mut writer);
    writer.values
}

/// The `defaults` with the values that `text` gives.
fn checked(
    owner: &'static str,
    text: &str,
    table: &[OptionDoc],
    defaults: Map<String, Value>,
) -> Result<Map<String, Value>, OptionError> {
    let Ok(Value::Object(given)) = serde_json::from_str(text) else {
        return Err(OptionError::not_object(owner, text));
    };
    let mut options = defaults;
    for (key, mut value) in given {
        let Some(option) = table.iter().find(|option| option.name == key) else {
            let accepted = table.iter().map(|option| option.name).collect();
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
    Ok(options)
}

fn described(table: &[OptionDoc], defaults: &Map<String, Value>) -> Value {
    let described = table.iter().map(|option| {
        let mut entry = option.domain.describe();
        entry.insert("name".to_owned(), json!(option.name));
        entry.insert("default".to_owned(), defaults[option.name].clone());
        entry.insert("doc".to_owned(), json!(option.doc));
        Value::Object(entry)
    });
    described.collect()
}

/// A field's name as the name of its option: `learning_rate` is `learningRate`.
fn camel_case(field: &str) -> &'static str {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let name = words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    });
    name.leak()
}

/// The lines of a documentation comment as one line.
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
