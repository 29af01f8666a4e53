//! JSON lines: an object per line, its keys are the column names.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;

/// The keys of the objects in `lines`. Other lines are skipped: reading the rows will report them.
pub(crate) fn keys<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for object in lines.filter_map(|line| serde_json::from_slice::<Map<String, Value>>(line).ok()) {
        keys.extend(
            object.into_iter().map(|(key, _)| key).filter(|key| !keys.contains(key)).collect::<Vec<_>>(),
        );
    }
    keys
}

/// Cuts objects into fields by key. Its buffers are reused for every object.
pub(crate) struct Objects {
    /// The key of each field; other keys are ignored.
    names: Vec<String>,
    values: Values,
}

/// A text, and the range of each field in it.
pub(crate) type Cut<'a> = (&'a str, &'a [(u32, u32)]);

/// The values of an object as texts.
struct Values {
    /// All texts, joined.
    text: String,
    /// Start and end of each field's text; empty if the object has no such key or its value is null.
    ranges: Vec<(u32, u32)>,
}

impl Objects {
    pub(crate) fn new(names: Vec<String>) -> Self {
        let ranges = vec![(0, 0); names.len()];
        Self { names, values: Values { text: String::new(), ranges } }
    }

    /// The fields of the object in `line`. Numbers keep their text; elements of lists are separated by `|`.
    pub(crate) fn read(&mut self, line: &str) -> Result<Cut<'_>, serde_json::Error> {
        let Self { names, values } = self;
        values.text.clear();
        values.ranges.fill((0, 0));
        let mut deserializer = serde_json::Deserializer::from_str(line);
        deserializer.deserialize_map(Fields { names, values })?;
        deserializer.end()?;
        Ok((&values.text, &values.ranges))
    }
}

struct Fields<'a> {
    names: &'a [String],
    values: &'a mut Values,
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key_seed(Name(self.names))? {
            let Some(field) = field else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value::<&RawValue>()?.get();
            let start = self.values.text.len() as u32;
            push(&mut self.values.text, value);
            self.values.ranges[field] = (start, self.values.text.len() as u32);
        }
        Ok(())
    }
}

/// Appends the text of a JSON `value`. Null, objects and lists of them have no text.
fn push(text: &mut String, value: &str) {
    match value.as_bytes() {
        [b'n' | b'{', ..] => {}
        [b'"', plain @ .., b'"'] if !plain.contains(&b'\\') => text.push_str(&value[1..value.len() - 1]),
        [b'"', ..] => text.push_str(&serde_json::from_str::<String>(value).unwrap_or_default()),
        [b'[', ..] => {
            let elements: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
            let texts =
                elements.iter().map(|element| element.get()).filter(|one| !one.starts_with(['[', '{', 'n']));
            for (index, element) in texts.enumerate() {
                if index > 0 {
                    text.push('|');
                }
                push(text, element);
            }
        }
        _ => text.push_str(value),
    }
}

/// Finds a key among names without copying it.
struct Name<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|name| name == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Vec<String>, String> {
        let mut objects = Objects::new(["a", "b", "c"].map(String::from).into());
        let (text, ranges) = objects.read(line).map_err(|error| error.to_string())?;
        Ok(ranges.iter().map(|&(start, end)| text[start as usize..end as usize].to_owned()).collect())
    }

    #[test]
    fn values_are_texts() {
        assert_eq!(
            read(r#"{"c": "x \"y\" \u00e9", "z": {}, "a": 4.50}"#).unwrap(),
            ["4.50", "", "x \"y\" é"]
        );
        assert_eq!(read(r#"{"a":["p","q",3],"b":null,"c":true}"#).unwrap(), ["p|q|3", "", "true"]);
        assert_eq!(read(r#"{"a":1,"a":2,"b":[],"c":{"d":1}}"#).unwrap(), ["2", "", ""]);
        assert_eq!(read(r#"{"a":[[1],{},"x",null,2]}"#).unwrap()[0], "x|2");
    }

    #[test]
    fn what_is_no_object_is_told() {
        for (line, part) in [
            ("[1]", "expected an object"),
            (r#"{"a":1"#, "EOF"),
            (r#"{"a":1} x"#, "trailing"),
            (r#"{"a":"\u00"}"#, "escape"),
        ] {
            let problem = read(line).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        }
    }
}
