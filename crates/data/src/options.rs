//! Options from JSON: what is wrong is told by key, value and what is accepted.

use crate::error::{DataError, Scope};
use crate::location::excerpt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Options of type `T`, all of whose keys have defaults, from a JSON object.
pub(crate) fn from_json<T: DeserializeOwned>(scope: Scope, json: &str) -> Result<T, DataError> {
    from_object(scope, &object(scope, json)?)
}

/// The keys and values of a JSON object.
pub(crate) fn object(scope: Scope, json: &str) -> Result<Map<String, Value>, DataError> {
    serde_json::from_str(json)
        .map_err(|error| whole(scope, json, format!("expected a JSON object ({error})")))
}

/// Options of type `T`, all of whose keys have defaults, from those `given`.
pub(crate) fn from_object<T: DeserializeOwned>(
    scope: Scope,
    given: &Map<String, Value>,
) -> Result<T, DataError> {
    let read = |options: &Map<String, Value>| {
        T::deserialize(Value::Object(options.clone())).map_err(|error| error.to_string())
    };
    read(given).map_err(|problem| {
        // Serde names unknown keys but not the key of a wrong value: it is the one without which all is well or, for
        // the key that chooses among kinds of options, the one without which the complaint is another.
        let without = |key: &String| {
            let mut others = given.clone();
            others.remove(key);
            read(&others).err()
        };
        let culprit = given
            .keys()
            .find(|key| without(key).is_none())
            .or_else(|| given.keys().find(|key| without(key).as_ref() != Some(&problem)));
        match culprit {
            Some(key) => bad(scope, key, &given[key], problem),
            None => whole(scope, &Value::Object(given.clone()).to_string(), problem),
        }
    })
}

/// The error of options that are wrong as a whole.
fn whole(scope: Scope, json: &str, accepted: String) -> DataError {
    DataError::BadOption { scope, key: "options".into(), value: excerpt(json), accepted }
}

/// The error of a `key` whose `value` is not `accepted`.
pub(crate) fn bad(scope: Scope, key: &str, value: &Value, accepted: impl Into<String>) -> DataError {
    DataError::BadOption {
        scope,
        key: key.into(),
        value: excerpt(&value.to_string()),
        accepted: accepted.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
    enum Kind {
        #[allow(dead_code)]
        Random {
            #[serde(default)]
            seed: u64,
        },
    }

    fn key(json: &str) -> (String, String) {
        match from_json::<Kind>(Scope::Split, json) {
            Err(DataError::BadOption { key, accepted, .. }) => (key, accepted),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_wrong_key_is_named() {
        assert!(from_json::<Kind>(Scope::Split, r#"{"by":"random"}"#).is_ok());
        assert_eq!(key(r#"{"by":"random","seed":"x"}"#).0, "seed");
        assert_eq!(key(r#"{"by":"random","sed":1}"#).0, "sed");
        assert_eq!(
            key(r#"{"by":"randon","seed":1}"#),
            ("by".into(), "unknown variant `randon`, expected `random`".into())
        );
        assert_eq!(key("{}").0, "options");
        assert_eq!(key("[").0, "options");
    }
}
