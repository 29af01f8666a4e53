//! How JSON holds rows: lines of objects, an array of objects, or objects over several lines.

use memchr::memchr;
use serde_json::{Map, Value};

/// How a JSON file holds its rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// An object on each line.
    Lines,
    /// An array of objects, whose bracket is at this place: the file, or a value of an object that is the file.
    Array(usize),
    /// Objects one after the other, over several lines.
    Objects,
    /// Columns as pandas writes them by default, objects by key, or arrays.
    NotRows(&'static str),
}

/// What pandas writes without `orient`.
const BY_COLUMN: &str = "JSON by column, as pandas writes it by default";
const BY_KEY: &str = "JSON with an object for each key, such as a user";
const ARRAYS: &str = "JSON arrays without column names";

/// The shape of a file that starts with `sample`; `None` if it is no JSON.
pub(crate) fn recognise(sample: &[u8]) -> Option<Shape> {
    let start = sample.iter().position(|byte| !byte.is_ascii_whitespace())?;
    match sample[start] {
        b'[' => match next(sample, start + 1).map(|at| sample[at]) {
            Some(b'{' | b']') | None => Some(Shape::Array(start)),
            Some(b'[') => Some(Shape::NotRows(ARRAYS)),
            Some(_) => {
                let line = sample[start..].split(|&byte| byte == b'\n').next().unwrap_or_default();
                let array = serde_json::from_slice::<Vec<Value>>(line).is_ok();
                array.then_some(Shape::NotRows(ARRAYS))
            }
        },
        b'{' => {
            let end = memchr(b'\n', &sample[start..]).map_or(sample.len(), |end| start + end);
            let whole = serde_json::from_slice::<Map<String, Value>>(&sample[start..end]).is_ok();
            let more = next(sample, end).is_some();
            match values(sample, start + 1) {
                _ if whole && more => Some(Shape::Lines),
                Inside::Rows(shape) => Some(shape),
                Inside::Object if whole => Some(Shape::Lines),
                Inside::Object => Some(Shape::Objects),
                // Reading the lines will report what is wrong.
                Inside::No => Some(Shape::Lines),
            }
        }
        _ => None,
    }
}

/// What an object holds.
enum Inside {
    Rows(Shape),
    /// The values of a row.
    Object,
    /// No valid JSON.
    No,
}

/// Most objects that are the only values of a row.
const NESTED: usize = 3;

/// Looks at the values of an object from `at` on, after its brace.
fn values(sample: &[u8], mut at: usize) -> Inside {
    let (mut objects, mut others) = (0, 0);
    let object = |objects: usize, others: usize| match objects > NESTED && others == 0 {
        true => Inside::Rows(Shape::NotRows(BY_KEY)),
        false => Inside::Object,
    };
    loop {
        let Some(key) = next(sample, at) else { return object(objects, others) };
        match sample[key] {
            b',' => at = key + 1,
            b'}' => return object(objects, others),
            b'"' => {
                let Some(end) = text_end(sample, key) else { return object(objects, others) };
                let numbered = end > key + 2 && sample[key + 1..end - 1].iter().all(u8::is_ascii_digit);
                let Some(colon) = next(sample, end) else { return Inside::Object };
                if sample[colon] != b':' {
                    return Inside::No;
                }
                let Some(value) = next(sample, colon + 1) else { return Inside::Object };
                let inner = next(sample, value + 1);
                match (sample[value], inner.map(|at| sample[at])) {
                    (b'[', Some(b'{')) => return Inside::Rows(Shape::Array(value)),
                    (b'[', Some(b'[')) => return Inside::Rows(Shape::NotRows(ARRAYS)),
                    (b'{', _) if numbered => return Inside::Rows(Shape::NotRows(BY_COLUMN)),
                    (b'{', Some(b'"')) => {
                        let first = inner.and_then(|at| Some(&sample[at + 1..text_end(sample, at)? - 1]));
                        if first.is_some_and(|key| !key.is_empty() && key.iter().all(u8::is_ascii_digit)) {
                            return Inside::Rows(Shape::NotRows(BY_COLUMN));
                        }
                    }
                    _ => {}
                }
                if sample[value] == b'{' {
                    objects += 1
                } else {
                    others += 1
                }
                let Some(end) = value_end(sample, value) else { return object(objects, others) };
                at = end;
            }
            _ => return Inside::No,
        }
    }
}

/// The place of the next byte that is no white space.
fn next(sample: &[u8], at: usize) -> Option<usize> {
    sample.get(at..)?.iter().position(|byte| !byte.is_ascii_whitespace()).map(|place| at + place)
}

/// The place after the text that starts at `at`.
fn text_end(sample: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match *sample.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The place after the value that starts at `at`.
fn value_end(sample: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0;
    loop {
        match *sample.get(at)? {
            b'"' => at = text_end(sample, at)? - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_recognised() {
        for (sample, shape) in [
            ("{\"a\":1}\n{\"a\":2}\n", Some(Shape::Lines)),
            ("{\"a\":1}", Some(Shape::Lines)),
            ("{\"a\":[{\"b\":1}]}\n{\"a\":[]}", Some(Shape::Lines)),
            (" [\n{\"a\":1}]", Some(Shape::Array(1))),
            ("[]", Some(Shape::Array(0))),
            ("{\n \"a\": {\"b\": 1}\n}\n{\n}", Some(Shape::Objects)),
            ("{\"next\":null,\"ratings\":[{\"a\":1}]}", Some(Shape::Array(23))),
            ("{\n\"items\": [\n{\"a\": \"x\"", Some(Shape::Array(11))),
            ("{\"user\":{\"0\":1,\"1\":2},\"item\":{\"0\":3", Some(Shape::NotRows(BY_COLUMN))),
            ("{\"0\":{\"user\":1},\"1\":{\"user\":2}}", Some(Shape::NotRows(BY_COLUMN))),
            ("{\"columns\":[\"user\"],\"data\":[[1]]}", Some(Shape::NotRows(ARRAYS))),
            ("[[1,2,3]]", Some(Shape::NotRows(ARRAYS))),
            ("{x", Some(Shape::Lines)),
            ("{\"a\":{\"x\":1},\"b\":{\"y\":1},\"c\":{},\"d\":{\"x\":2", Some(Shape::NotRows(BY_KEY))),
            ("{\"user\":{\"id\":1},\"item\":{\"id\":2}}", Some(Shape::Lines)),
            ("[\"ann\", 7, 4.5]\n[\"bob\", 8, 3]\n", Some(Shape::NotRows(ARRAYS))),
            ("[1] 2", None),
            ("user,item", None),
            ("", None),
        ] {
            assert_eq!(recognise(sample.as_bytes()), shape, "{sample}");
        }
    }
}
