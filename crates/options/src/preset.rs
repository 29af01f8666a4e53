//! Named sets of option values.

use crate::error::OptionError;
use serde_json::{Map, Value, json};

/// Option values under one name, which the key `preset` starts from. Other given values take precedence over it.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Name, such as `paper`.
    pub name: &'static str,
    /// A description in one sentence.
    pub doc: &'static str,
    /// The values that differ from the defaults, as a JSON object.
    pub options: &'static str,
}

impl Preset {
    fn values(&self) -> Map<String, Value> {
        serde_json::from_str(self.options).expect("a preset is a JSON object")
    }
}

/// Replaces the key `preset` in the JSON options of `owner` by the values of that preset. Text that is no JSON object, and
/// a preset where `presets` is empty, are returned unchanged, for [`parse`](crate::OptionSet::parse) to refuse.
///
/// # Errors
/// `config/out-of-range` or `config/wrong-type` for a preset that does not exist.
pub fn with_preset(owner: &'static str, presets: &[Preset], text: &str) -> Result<String, OptionError> {
    let Ok(Value::Object(mut given)) = serde_json::from_str(text) else { return Ok(text.to_owned()) };
    if presets.is_empty() {
        return Ok(text.to_owned());
    }
    let Some(value) = given.remove("preset") else { return Ok(text.to_owned()) };
    let Some(preset) = presets.iter().find(|preset| value == preset.name) else {
        let names: Vec<&str> = presets.iter().map(|preset| preset.name).collect();
        let (expected, in_type) = (format!("one of {}", names.join(", ")), value.is_string());
        return Err(OptionError::BadValue { owner, key: "preset", value, expected, in_type });
    };
    let mut options = preset.values();
    options.extend(given);
    Ok(Value::Object(options).to_string())
}

/// Presets as JSON: `[{ name, doc, options }]`.
pub fn describe_presets(presets: &[Preset]) -> Value {
    let described = presets
        .iter()
        .map(|preset| json!({ "name": preset.name, "doc": preset.doc, "options": preset.values() }));
    described.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_values_take_precedence_over_the_preset() {
        let presets = [Preset { name: "large", doc: "", options: r#"{"size":9,"rate":0.5}"# }];
        let read = |text: &str| with_preset("sample", &presets, text);
        let large: Value = serde_json::from_str(&read(r#"{"preset":"large","rate":0.25}"#).unwrap()).unwrap();
        assert_eq!(large, json!({ "size": 9, "rate": 0.25 }));
        assert_eq!(read(r#"{"size":2}"#).unwrap(), r#"{"size":2}"#);
        let error = read(r#"{"preset":"small"}"#).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), ("config/out-of-range", &json!("preset")));
        assert!(error.to_string().contains("one of large"), "{error}");
        assert_eq!(read(r#"{"preset":1}"#).unwrap_err().code(), "config/wrong-type");
        assert_eq!(read("[]").unwrap(), "[]");
        let unchanged = r#"{"preset":"large"}"#;
        assert_eq!(with_preset("sample", &[], unchanged).unwrap(), unchanged);
    }
}
