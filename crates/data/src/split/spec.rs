//! Splits as text: `random:0.1`, `per-user:0.6,0.2,0.2;min=5`, `leave-one-out`, `kfold:5;fold=2`.

use crate::error::{DataError, Scope};
use crate::options::bad;
use serde_json::{Map, Value, json};

/// The grammar, for messages.
const FORM: &str = "expected RULE[:NUMBERS][;OPTION=VALUE…], such as random:0.1, \
    per-user:0.6,0.2,0.2;min=5, leave-one-out, time:0.2, user:0.2;given=0.5, kfold:5;fold=0";

/// The meaning of the numbers after a rule's colon.
enum Numbers {
    /// The rule takes none.
    None,
    /// The value of this option.
    One(&'static str),
    /// The values of this option.
    Several(&'static str),
}

/// The meaning of the numbers of `rule`. An unknown rule is reported when its options are checked.
fn numbers(rule: &str) -> Numbers {
    match rule {
        "random" | "time" | "user" => Numbers::One("test"),
        "per-user" => Numbers::Several("fractions"),
        "kfold" => Numbers::One("folds"),
        _ => Numbers::None,
    }
}

/// The options in `text`, including `by`: `RULE[:NUMBER[,NUMBER…]][;KEY=VALUE…]`.
pub(super) fn parse(text: &str) -> Result<Map<String, Value>, DataError> {
    let refused = || bad(Scope::Split, "by", &json!(text), FORM);
    let mut pieces = text.split(';').map(str::trim);
    let first = pieces.next().unwrap_or_default();
    let (rule, given) = match first.split_once(':') {
        Some((rule, given)) => (rule.trim(), Some(given)),
        None => (first, None),
    };
    let mut options = Map::from_iter([("by".to_owned(), json!(rule))]);
    if let Some(given) = given {
        let given: Option<Vec<Value>> = given.split(',').map(number).collect();
        let given = given.ok_or_else(refused)?;
        let (key, value) = match (numbers(rule), &given[..]) {
            (Numbers::One(key), [one]) => (key, one.clone()),
            (Numbers::Several(key), _) => (key, Value::Array(given)),
            _ => return Err(refused()),
        };
        options.insert(key.into(), value);
    }
    for piece in pieces {
        let (key, value) = piece.split_once('=').ok_or_else(refused)?;
        let value = match value.trim() {
            "true" => json!(true),
            "false" => json!(false),
            value => number(value).unwrap_or_else(|| json!(value)),
        };
        // An option must not occur twice.
        if options.insert(key.trim().into(), value).is_some() {
            return Err(refused());
        }
    }
    Ok(options)
}

/// A number, also without a leading zero. Whole numbers stay whole.
fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    let whole = text.parse::<u64>().ok().map(Value::from);
    whole.or_else(|| serde_json::Number::from_f64(text.parse().ok()?).map(Value::Number))
}

#[cfg(test)]
mod tests {
    use super::super::{Fractions, Order, SplitOptions, Validation};
    use serde_json::json;

    fn read(text: &str) -> SplitOptions {
        SplitOptions::from_json(&json!(text).to_string()).unwrap()
    }

    #[test]
    fn texts_are_options() {
        let none = Validation::Wanted(false);
        assert_eq!(read("random:0.2"), SplitOptions::Random { test: 0.2, validation: none, seed: 0 });
        assert_eq!(read("random"), SplitOptions::Random { test: 0.1, validation: none, seed: 0 });
        assert_eq!(
            read("per-user:0.6,0.2,0.2;min=5"),
            SplitOptions::PerUser {
                fractions: Fractions { train: 0.6, validation: 0.2, test: 0.2 },
                min: 5,
                validation: None,
                seed: 0
            }
        );
        assert_eq!(
            read(" leave-one-out ; order=rows; validation=true"),
            SplitOptions::LeaveOneOut { validation: true, order: Order::Rows }
        );
        assert_eq!(read("time:.25"), SplitOptions::Time { test: 0.25, validation: none });
        assert_eq!(
            read("user:0.2;given=0.8"),
            SplitOptions::User { test: 0.2, given: 0.8, validation: none, seed: 0 }
        );
        assert_eq!(
            read("kfold:3;fold=2;seed=7"),
            SplitOptions::Kfold { folds: 3, fold: 2, validation: none, seed: 7 }
        );
    }

    #[test]
    fn texts_override_other_keys() {
        let json = r#"{"by":"random:0.2;seed=5","test":0.3,"seed":1,"validation":true}"#;
        assert_eq!(
            SplitOptions::from_json(json).unwrap(),
            SplitOptions::Random { test: 0.2, validation: Validation::Wanted(true), seed: 5 }
        );
    }

    #[test]
    fn wrong_texts_are_refused() {
        for (text, key) in [
            ("", "by"),
            ("moon", "by"),
            ("random:x", "by"),
            ("random:", "by"),
            ("random:0.1,0.2", "by"),
            ("random:0.1;test=0.2", "by"),
            ("leave-one-out:1", "by"),
            ("random:0.1;", "by"),
            ("random:1.5", "test"),
            ("random:-1", "test"),
            ("random:0.1;min=5", "min"),
            ("per-user:0.6,0.2,0.3", "fractions"),
            ("per-user:0.6", "fractions"),
            ("kfold:1", "folds"),
            ("kfold:5;fold=5", "fold"),
            ("kfold:2.5", "folds"),
            ("leave-one-out;validation=0.1", "validation"),
            ("leave-one-out;order=up", "order"),
            ("user:0.2;given=1", "given"),
        ] {
            let error = SplitOptions::from_json(&json!(text).to_string()).unwrap_err();
            assert_eq!((error.code(), &error.details()["key"]), ("split/bad-option", &json!(key)), "{error}");
        }
    }
}
