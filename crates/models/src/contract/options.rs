//! Options that cross the boundary as JSON: a table of what there is, one check for all.

use crate::contract::error::ModelError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// One option as its documentation: name, range and meaning. Defaults live in the options struct's `Default`.
#[derive(Clone, Copy, Debug)]
pub struct OptionDoc {
    /// Name, in camel case.
    pub name: &'static str,
    /// Type and range.
    pub range: Range,
    /// Meaning and unit, one sentence.
    pub doc: &'static str,
}

/// A documented option.
pub const fn option(name: &'static str, range: Range, doc: &'static str) -> OptionDoc {
    OptionDoc { name, range, doc }
}

/// Type and range of an option's value, both ends included.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    /// A whole number.
    Integer(i64, i64),
    /// Some whole numbers, at least one.
    Integers(i64, i64),
    /// A number.
    Number(f64, f64),
    /// A number, or null to take another option's.
    NumberOr(f64, f64, &'static str),
    /// `true` or `false`.
    Boolean,
    /// One of some names.
    Choice(&'static [&'static str]),
    /// Text, which is what this says.
    Text(&'static str),
    /// A list of texts, which is what this says.
    Texts(&'static str),
    /// A list of texts, or a list of such lists, or null, which is what this says.
    TextLists(&'static str),
}

impl Range {
    /// Whether `value` has the right type, and whether it is in range.
    fn admits(self, value: &Value) -> (bool, bool) {
        match self {
            // 64.0 is a whole number too: JSON does not tell them apart.
            Self::Integer(low, high) => match value.as_f64() {
                Some(number) if number.fract() == 0.0 => {
                    (true, number >= low as f64 && number <= high as f64)
                }
                _ => (false, false),
            },
            Self::Integers(low, high) => match value.as_array() {
                Some(list) if !list.is_empty() => {
                    list.iter().fold((true, true), |(in_type, in_range), value| {
                        let (number, within) = Self::Integer(low, high).admits(value);
                        (in_type && number, in_range && within)
                    })
                }
                _ => (false, false),
            },
            Self::Number(low, high) => match value.as_f64() {
                Some(number) => (true, number >= low && number <= high),
                None => (false, false),
            },
            Self::NumberOr(low, high, _) => {
                if value.is_null() {
                    (true, true)
                } else {
                    Self::Number(low, high).admits(value)
                }
            }
            Self::Boolean => (value.is_boolean(), value.is_boolean()),
            Self::Choice(names) => match value.as_str() {
                Some(name) => (true, names.contains(&name)),
                None => (false, false),
            },
            Self::Text(_) => (value.is_string(), value.is_string()),
            Self::Texts(_) => {
                let texts = value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
                (texts, texts)
            }
            Self::TextLists(what) => {
                let texts = |value: &Value| Self::Texts(what).admits(value).0;
                let lists = value.as_array().is_some_and(|list| list.iter().all(texts));
                let fits = value.is_null() || texts(value) || lists;
                (fits, fits)
            }
        }
    }

    fn expected(self) -> String {
        match self {
            Self::Integer(low, high) => format!("a whole number from {low} to {high}"),
            Self::Integers(low, high) => format!("a list of whole numbers from {low} to {high}"),
            Self::Number(low, high) => format!("a number from {low} to {high}"),
            Self::NumberOr(low, high, other) => {
                format!("a number from {low} to {high}, or null for that of {other}")
            }
            Self::Boolean => "true or false".to_owned(),
            Self::Choice(names) => format!("one of {}", names.join(", ")),
            Self::Text(what) | Self::Texts(what) | Self::TextLists(what) => what.to_owned(),
        }
    }

    fn describe(self) -> Value {
        match self {
            Self::Integer(low, high) => json!({ "type": "integer", "min": low, "max": high }),
            Self::Integers(low, high) => json!({ "type": "integers", "min": low, "max": high }),
            Self::Number(low, high) => json!({ "type": "number", "min": low, "max": high }),
            Self::NumberOr(low, high, other) => {
                json!({ "type": "number", "min": low, "max": high, "or": other })
            }
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Choice(names) => json!({ "type": "choice", "choices": names }),
            Self::Text(_) => json!({ "type": "text" }),
            Self::Texts(_) => json!({ "type": "texts" }),
            Self::TextLists(_) => json!({ "type": "text-lists" }),
        }
    }
}

/// Options under one name, which `preset` starts from; what is given beside it stands over them.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name, such as `paper`.
    pub name: &'static str,
    /// What it is, one sentence.
    pub doc: &'static str,
    /// The options that are not at their defaults, as a JSON object.
    pub options: &'static str,
}

impl Preset {
    fn values(&self) -> Map<String, Value> {
        serde_json::from_str(self.options).expect("a preset is a JSON object")
    }
}

/// Options of `kind` as JSON text with those of the `preset` that they name in place of its name. A text that is no JSON
/// object comes back as it is, for [`parse`] to refuse, and so does a preset of a kind that has none.
pub fn with_preset(kind: &'static str, presets: &[Preset], text: &str) -> Result<String, ModelError> {
    let Ok(Value::Object(mut given)) = serde_json::from_str(text) else { return Ok(text.to_owned()) };
    if presets.is_empty() {
        return Ok(text.to_owned());
    }
    let Some(named) = given.remove("preset") else { return Ok(text.to_owned()) };
    let Some(preset) = presets.iter().find(|preset| named == preset.name) else {
        let names: Vec<&str> = presets.iter().map(|preset| preset.name).collect();
        let (expected, in_type) = (format!("one of {}", names.join(", ")), named.is_string());
        return Err(ModelError::BadOption { kind, key: "preset", value: named, expected, in_type });
    };
    let mut options = preset.values();
    options.extend(given);
    Ok(Value::Object(options).to_string())
}

/// Presets as JSON: `[{ name, doc, options }]`.
pub fn describe_presets(presets: &[Preset]) -> Value {
    presets
        .iter()
        .map(|preset| json!({ "name": preset.name, "doc": preset.doc, "options": preset.values() }))
        .collect()
}

/// Reads options of `kind` from JSON text: unknown keys, wrong types and values out of range are refused by name,
/// absent keys take their defaults.
pub fn parse<O: DeserializeOwned>(
    kind: &'static str,
    table: &[OptionDoc],
    text: &str,
) -> Result<O, ModelError> {
    let not_object = || ModelError::OptionsNotObject { kind, value: text.chars().take(80).collect() };
    let Ok(Value::Object(mut given)) = serde_json::from_str(text) else {
        return Err(not_object());
    };
    for (key, value) in &mut given {
        let Some(option) = table.iter().find(|option| option.name == key) else {
            let accepted = table.iter().map(|option| option.name).collect();
            return Err(ModelError::UnknownOption { kind, key: key.clone(), accepted });
        };
        let (in_type, in_range) = option.range.admits(value);
        if !in_range {
            let (value, expected) = (value.clone(), option.range.expected());
            return Err(ModelError::BadOption { kind, key: option.name, value, expected, in_type });
        }
        if let Range::Integer(..) = option.range {
            *value = json!(value.as_f64().expect("an integer was admitted") as i64);
        }
    }
    serde_json::from_value(Value::Object(given)).map_err(|_| not_object())
}

/// The table as JSON, with the defaults of `O`: `[{ name, type, min, max, default, doc }]`.
pub fn describe<O: Default + Serialize>(table: &[OptionDoc]) -> Value {
    let defaults = serde_json::to_value(O::default()).expect("options are plain data");
    let described = table.iter().map(|option| {
        let mut entry = Map::new();
        entry.insert("name".to_owned(), json!(option.name));
        if let Value::Object(range) = option.range.describe() {
            entry.extend(range);
        }
        entry.insert("default".to_owned(), defaults[option.name].clone());
        entry.insert("doc".to_owned(), json!(option.doc));
        Value::Object(entry)
    });
    described.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize, Serialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        size: u32,
        rate: f32,
    }

    const TABLE: &[OptionDoc] = &[
        OptionDoc { name: "size", range: Range::Integer(1, 9), doc: "" },
        OptionDoc { name: "rate", range: Range::Number(0.0, 1.0), doc: "" },
    ];

    #[test]
    fn good_options_are_read_and_bad_ones_named() {
        let sample: Sample = parse("sample", TABLE, r#"{"size":3.0}"#).unwrap();
        assert_eq!((sample.size, sample.rate), (3, 0.0));
        for (text, code, part) in [
            (r#"{"sizes":3}"#, "config/unknown-key", "'sizes': its options are size, rate"),
            (r#"{"size":10}"#, "config/out-of-range", "'size' is 10: expected a whole number from 1 to 9"),
            (r#"{"size":1.5}"#, "config/wrong-type", "'size' is 1.5"),
            (r#"{"rate":"x"}"#, "config/wrong-type", "'rate' is \"x\": expected a number from 0 to 1"),
            (r#"[1]"#, "config/wrong-type", "expected an object"),
        ] {
            let error = parse::<Sample>("sample", TABLE, text).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn a_preset_is_where_options_start_from() {
        let presets = [Preset { name: "large", doc: "", options: r#"{"size":9,"rate":0.5}"# }];
        let read = |text: &str| parse::<Sample>("sample", TABLE, &with_preset("sample", &presets, text)?);
        let large = read(r#"{"preset":"large","rate":0.25}"#).unwrap();
        assert_eq!((large.size, large.rate), (9, 0.25));
        assert_eq!(read(r#"{"size":2}"#).unwrap().size, 2);
        let error = read(r#"{"preset":"small"}"#).unwrap_err();
        assert_eq!(
            (error.code(), &error.details()["key"]),
            ("config/out-of-range", &json!("preset")),
            "{error}"
        );
        assert!(error.to_string().contains("one of large"), "{error}");
        assert_eq!(read(r#"{"preset":1}"#).unwrap_err().code(), "config/wrong-type");
        assert_eq!(read("[]").unwrap_err().code(), "config/wrong-type");
        let without = with_preset("sample", &[], r#"{"preset":"large"}"#).unwrap();
        assert_eq!(parse::<Sample>("sample", TABLE, &without).unwrap_err().code(), "config/unknown-key");
    }
}
