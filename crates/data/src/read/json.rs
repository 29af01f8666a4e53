//! JSON objects to fields. The keys of nested objects are joined by dots: `user.id`.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;

/// The keys of `objects`, nested ones as paths, in the order of their appearance. What is no object is skipped: reading the
/// rows will report it.
pub(crate) fn paths<'a>(objects: impl Iterator<Item = &'a [u8]>) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for object in objects.filter_map(|line| serde_json::from_slice::<Map<String, Value>>(line).ok()) {
        add_paths(&object, &mut Vec::new(), &mut paths);
    }
    paths
}

/// The keys that lead to a value.
pub(crate) type Path = Vec<String>;

fn add_paths(object: &Map<String, Value>, above: &mut Path, paths: &mut Vec<Path>) {
    for (key, value) in object {
        above.push(key.clone());
        match value {
            Value::Object(object) if !object.is_empty() => add_paths(object, above, paths),
            _ if paths.contains(above) => {}
            _ => paths.push(above.clone()),
        }
        above.pop();
    }
}

/// Cuts objects into fields by path. Its buffers are reused for every object.
pub(crate) struct Objects {
    root: Node,
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

/// A key in the tree of paths.
#[derive(Default)]
struct Node {
    key: String,
    /// The field that it is, if it has a value of its own.
    field: Option<usize>,
    below: Vec<Node>,
}

impl Node {
    fn add(&mut self, path: &[String], field: usize) {
        let Some((key, rest)) = path.split_first() else {
            self.field = Some(field);
            return;
        };
        let place = self.below.iter().position(|node| node.key == *key).unwrap_or_else(|| {
            self.below.push(Node { key: key.clone(), ..Default::default() });
            self.below.len() - 1
        });
        self.below[place].add(rest, field);
    }
}

impl Objects {
    /// Cuts objects into the fields at `paths`.
    pub(crate) fn new(paths: &[Path]) -> Self {
        let mut root = Node::default();
        paths.iter().enumerate().for_each(|(field, path)| root.add(path, field));
        Self { root, values: Values { text: String::new(), ranges: vec![(0, 0); paths.len()] } }
    }

    /// The fields of the object in `text`. Numbers keep their text; elements of lists are separated by `|`.
    pub(crate) fn read(&mut self, text: &str) -> Result<Cut<'_>, serde_json::Error> {
        let Self { root, values } = self;
        values.text.clear();
        values.ranges.fill((0, 0));
        read(root, values, text)?;
        Ok((&values.text, &values.ranges))
    }
}

fn read(node: &Node, values: &mut Values, text: &str) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Fields { node, values })?;
    deserializer.end()
}

struct Fields<'a> {
    node: &'a Node,
    values: &'a mut Values,
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(node) = map.next_key_seed(Key(&self.node.below))? {
            let Some(node) = node else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value::<&RawValue>()?.get();
            if !node.below.is_empty() && value.starts_with('{') {
                read(node, self.values, value).map_err(A::Error::custom)?;
            } else if let Some(field) = node.field {
                let start = self.values.text.len() as u32;
                push(&mut self.values.text, value);
                self.values.ranges[field] = (start, self.values.text.len() as u32);
            }
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

/// Finds a key among nodes without copying it.
struct Key<'a>(&'a [Node]);

impl<'de, 'a> DeserializeSeed<'de> for Key<'a> {
    type Value = Option<&'a Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Key<'a> {
    type Value = Option<&'a Node>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|node| node.key == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Vec<String>, String> {
        let paths: Vec<Path> =
            ["a", "b", "c", "d.e", "d.f.g"].map(|path| path.split('.').map(Into::into).collect()).to_vec();
        let mut objects = Objects::new(&paths);
        let (text, ranges) = objects.read(line).map_err(|error| error.to_string())?;
        Ok(ranges.iter().map(|&(start, end)| text[start as usize..end as usize].to_owned()).collect())
    }

    #[test]
    fn values_are_texts() {
        assert_eq!(
            read(r#"{"c": "x \"y\" \u00e9", "z": {}, "a": 4.50}"#).unwrap()[..3],
            ["4.50", "", "x \"y\" é"]
        );
        assert_eq!(read(r#"{"a":["p","q",3],"b":null,"c":true}"#).unwrap()[..3], ["p|q|3", "", "true"]);
        assert_eq!(read(r#"{"a":1,"a":2,"b":[],"c":{"d":1}}"#).unwrap()[..3], ["2", "", ""]);
        assert_eq!(read(r#"{"a":[[1],{},"x",null,2]}"#).unwrap()[0], "x|2");
        assert_eq!(read(r#"{"d":{"f":{"g":7,"h":1},"e":"x"}}"#).unwrap()[3..], ["x", "7"]);
        assert_eq!(read(r#"{"d":null,"a":1}"#).unwrap(), ["1", "", "", "", ""]);
    }

    #[test]
    fn keys_are_paths() {
        let objects = [&br#"{"b":{"c":1,"d":{"e":2}},"a":3}"#[..], br#"{"a":{"x":1},"n":{}}"#, b"[1]"];
        let paths: Vec<String> = paths(objects.into_iter()).iter().map(|path| path.join(".")).collect();
        assert_eq!(paths, ["a", "b.c", "b.d.e", "a.x", "n"]);
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
