//! Splits as text: `random:0.1`, `per-user:0.6,0.2,0.2;min=5`, `leave-one-out`, `kfold:5;fold=2`.

use serde_json::{Map, Value, json};

/// The grammar, for messages.
pub(super) const FORM: &str = "RULE[:NUMBERS][;OPTION=VALUE…], such as random:0.1, per-user:0.6,0.2,0.2;min=5, \
    leave-one-out, time:0.2, user:0.2;given=0.5, kfold:5;fold=0";

/// The meaning of the numbers after a rule's colon.
pub(super) enum Numbers {
    /// The rule takes none.
    None,
    /// The value of this option.
    One(&'static str),
    /// The values of this option.
    Several(&'static str),
}

/// The rule and the options in `text`: `RULE[:NUMBER[,NUMBER…]][;KEY=VALUE…]`. `numbers` returns the meaning of a rule's
/// numbers. `None` for text of another form.
pub(super) fn parse(text: &str, numbers: fn(&str) -> Numbers) -> Option<(String, Map<String, Value>)> {
    let mut pieces = text.split(';').map(str::trim);
    let first = pieces.next().unwrap_or_default();
    let (rule, given) = match first.split_once(':') {
        Some((rule, given)) => (rule.trim(), Some(given)),
        None => (first, None),
    };
    let mut options = Map::new();
    if let Some(given) = given {
        let given: Vec<Value> = given.split(',').map(number).collect::<Option<_>>()?;
        let (key, value) = match (numbers(rule), &given[..]) {
            (Numbers::One(key), [one]) => (key, one.clone()),
            (Numbers::Several(key), _) => (key, Value::Array(given)),
            _ => return None,
        };
        options.insert(key.into(), value);
    }
    for piece in pieces {
        let (key, value) = piece.split_once('=')?;
        let value = match value.trim() {
            "true" => json!(true),
            "false" => json!(false),
            value => number(value).unwrap_or_else(|| json!(value)),
        };
        // An option must not occur twice.
        if options.insert(key.trim().into(), value).is_some() {
            return None;
        }
    }
    Some((rule.to_owned(), options))
}

/// A number, also without a leading zero. Whole numbers stay whole.
fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    let whole = text.parse::<u64>().ok().map(Value::from);
    whole.or_else(|| serde_json::Number::from_f64(text.parse().ok()?).map(Value::Number))
}

#[cfg(test)]
mod tests {
    use super::super::SplitOptions;
    use serde_json::{Value, json};

    fn read(json: &Value) -> Value {
        SplitOptions::from_json(&json.to_string()).unwrap().json()
    }

    #[test]
    fn texts_are_options() {
        for (text, expected) in [
            ("random:0.2", json!({"by": "random", "test": 0.2, "validation": false, "seed": 0})),
            ("random", json!({"by": "random", "test": 0.1, "validation": false, "seed": 0})),
            (
                "per-user:0.6,0.2,0.2;min=5",
                json!({"by": "per-user", "fractions": [0.6, 0.2, 0.2], "min": 5, "validation": null, "seed": 0}),
            ),
            (
                " leave-one-out ; order=rows; validation=true",
                json!({"by": "leave-one-out", "validation": true, "order": "rows"}),
            ),
            ("time:.25", json!({"by": "time", "test": 0.25, "validation": false})),
            (
                "user:0.2;given=0.8",
                json!({"by": "user", "test": 0.2, "given": 0.8, "validation": false, "seed": 0}),
            ),
            (
                "kfold:3;fold=2;seed=7",
                json!({"by": "kfold", "folds": 3, "fold": 2, "validation": false, "seed": 7}),
            ),
        ] {
            assert_eq!(read(&json!(text)), expected);
        }
    }

    #[test]
    fn texts_override_other_keys() {
        let json = json!({"by": "random:0.2;seed=5", "test": 0.3, "seed": 1, "validation": true});
        assert_eq!(read(&json), json!({"by": "random", "test": 0.2, "validation": true, "seed": 5}));
    }

    #[test]
    fn wrong_texts_are_refused() {
        for (text, code, key) in [
            ("", "config/out-of-range", "by"),
            ("moon", "config/out-of-range", "by"),
            ("random:x", "config/out-of-range", "by"),
            ("random:", "config/out-of-range", "by"),
            ("random:0.1,0.2", "config/out-of-range", "by"),
            ("random:0.1;test=0.2", "config/out-of-range", "by"),
            ("leave-one-out:1", "config/out-of-range", "by"),
            ("random:0.1;", "config/out-of-range", "by"),
            ("random:1.5", "config/out-of-range", "test"),
            ("random:-1", "config/out-of-range", "test"),
            ("random:0.1;min=5", "config/unknown-key", "min"),
            ("per-user:0.6,0.2,0.3", "config/wrong-type", "fractions"),
            ("per-user:0.6", "config/wrong-type", "fractions"),
            ("kfold:1", "config/out-of-range", "folds"),
            ("kfold:5;fold=5", "config/out-of-range", "fold"),
            ("kfold:2.5", "config/wrong-type", "folds"),
            ("leave-one-out;validation=0.1", "config/wrong-type", "validation"),
            ("leave-one-out;order=up", "config/out-of-range", "order"),
            ("user:0.2;given=1", "config/out-of-range", "given"),
        ] {
            let error = SplitOptions::from_json(&json!(text).to_string()).unwrap_err();
            assert_eq!((error.code(), &error.details()["key"]), (code, &json!(key)), "{error}");
        }
    }
}
