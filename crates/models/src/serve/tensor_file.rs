//! Tensors as the bytes of a safetensors file, and back: the length of a header, the header in JSON, the values.
//!
//! The crate of the format counts the bits of a tensor in `usize`. Where that has 32 bits, as in WebAssembly, its functions can
//! neither write nor read a tensor of 512 MiB. Tests compare the files with those of that crate.

use bytemuck::Pod;
use half::f16;
use safetensors::tensor::{Dtype, TensorInfo};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// The header ends at a multiple of this.
const ALIGNMENT: usize = 8;

/// A tensor to write.
pub(super) struct Outgoing<'a> {
    pub(super) shape: Vec<usize>,
    pub(super) values: Values<'a>,
}

pub(super) enum Values<'a> {
    Floats(Cow<'a, [f32]>),
    Halves(Vec<f16>),
    Indices(&'a [u32]),
    Text(&'a str),
}

impl Outgoing<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::Floats(_) => Dtype::F32,
            Values::Halves(_) => Dtype::F16,
            Values::Indices(_) => Dtype::U32,
            Values::Text(_) => Dtype::U8,
        }
    }

    /// Little-endian values.
    pub(super) fn data(&self) -> Cow<'_, [u8]> {
        match self.values {
            Values::Floats(ref values) => little_endian(values, |value| value.to_le_bytes()),
            Values::Halves(ref values) => {
                let mut bytes = Vec::with_capacity(self.data_len());
                values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
                Cow::Owned(bytes)
            }
            Values::Indices(values) => little_endian(values, |value| value.to_le_bytes()),
            Values::Text(text) => Cow::Borrowed(text.as_bytes()),
        }
    }

    /// Bytes of the values.
    pub(super) fn data_len(&self) -> usize {
        match self.values {
            Values::Floats(ref values) => values.len() * 4,
            Values::Halves(ref values) => values.len() * 2,
            Values::Indices(values) => values.len() * 4,
            Values::Text(text) => text.len(),
        }
    }
}

/// The little-endian bytes of words, copied only on big-endian machines.
fn little_endian<T: Pod>(values: &[T], bytes: impl Fn(&T) -> [u8; 4]) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        Cow::Borrowed(bytemuck::cast_slice(values))
    } else {
        values.iter().flat_map(bytes).collect()
    }
}

/// The bytes of a file with tensors by name, and metadata by key. Wider types come first, and floats before integers.
pub(super) fn bytes_of(mut tensors: Vec<(String, Outgoing)>, metadata: &BTreeMap<&str, String>) -> Vec<u8> {
    tensors.sort_by(|(a, left), (b, right)| (Reverse(left.dtype()), a).cmp(&(Reverse(right.dtype()), b)));
    let mut header = format!(r#"{{"__metadata__":{}"#, json(metadata));
    let mut end = 0;
    for (name, tensor) in &tensors {
        let data_offsets = (end, end + tensor.data_len());
        end = data_offsets.1;
        let info = TensorInfo { dtype: tensor.dtype(), shape: tensor.shape.clone(), data_offsets };
        header += &format!(",{}:{}", json(name), json(&info));
    }
    header.push('}');
    let length = header.len().next_multiple_of(ALIGNMENT);
    header.extend(std::iter::repeat_n(' ', length - header.len()));
    let mut bytes = Vec::with_capacity(8 + length + end);
    bytes.extend((length as u64).to_le_bytes());
    bytes.extend(header.into_bytes());
    for (_, tensor) in &tensors {
        bytes.extend_from_slice(&tensor.data());
    }
    bytes
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("it is plain data")
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__", default)]
    metadata: HashMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

/// A file that was read.
pub(super) struct TensorFile<'a> {
    header: Header,
    data: &'a [u8],
}

#[derive(Clone, Copy)]
pub(super) struct Tensor<'a> {
    pub(super) dtype: Dtype,
    pub(super) shape: &'a [usize],
    /// Little-endian values.
    pub(super) data: &'a [u8],
}

impl<'a> TensorFile<'a> {
    /// Tensors and metadata, or what is wrong with the file.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, String> {
        let (length, rest) = bytes.split_first_chunk().ok_or("it is too short for a header")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (header, data) = rest.split_at_checked(length).ok_or("its header is not whole")?;
        let header: Header =
            serde_json::from_slice(header).map_err(|error| format!("its header is not valid: {error}"))?;
        let file = Self { header, data };
        file.check()?;
        Ok(file)
    }

    /// The tensors follow each other without gaps, and fill the file.
    fn check(&self) -> Result<(), String> {
        let mut tensors: Vec<_> = self.header.tensors.iter().collect();
        tensors.sort_by_key(|(_, info)| info.data_offsets);
        let mut at = 0;
        for (name, info) in tensors {
            let (start, end) = info.data_offsets;
            if start != at || end < start {
                return Err(format!("tensor '{name}' does not begin where the one before it ends"));
            }
            let values = info.shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
            let bits = values.and_then(|values| values.checked_mul(info.dtype.bitsize() as u64));
            if bits.is_none() || bits != ((end - start) as u64).checked_mul(8) {
                return Err(format!("the shape of tensor '{name}' does not match its length"));
            }
            at = end;
        }
        if at != self.data.len() {
            return Err(format!(
                "its tensors need {at} bytes after the header, and it has {}",
                self.data.len()
            ));
        }
        Ok(())
    }

    /// The value of a key of the metadata.
    pub(super) fn metadata(&self, key: &str) -> Option<&str> {
        self.header.metadata.get(key).map(String::as_str)
    }

    pub(super) fn get(&self, name: &str) -> Option<Tensor<'_>> {
        self.header.tensors.get(name).map(|info| self.tensor(info))
    }

    /// Names and tensors, in the order of the names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Tensor<'_>)> {
        self.header.tensors.iter().map(|(name, info)| (name.as_str(), self.tensor(info)))
    }

    fn tensor<'b>(&'b self, info: &'b TensorInfo) -> Tensor<'b> {
        let (start, end) = info.data_offsets;
        Tensor { dtype: info.dtype, shape: &info.shape, data: &self.data[start..end] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: usize) -> Vec<u8> {
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_bytes(), &vec![7; data]].concat()
    }

    fn fault(header: &str, data: usize) -> String {
        TensorFile::of(&file(header, data)).err().unwrap_or_else(|| "none".to_owned())
    }

    #[test]
    fn tensors_are_found_by_their_offsets() {
        let header = r#"{"b":{"dtype":"F32","shape":[1,2],"data_offsets":[3,11]},
            "none":{"dtype":"U32","shape":[0,9],"data_offsets":[3,3]},
            "a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"__metadata__":{"key":"value"}}"#;
        let bytes = file(header, 11);
        let file = TensorFile::of(&bytes).unwrap_or_else(|fault| panic!("{fault}"));
        let found: Vec<_> =
            file.iter().map(|(name, tensor)| (name, tensor.shape, tensor.data.len())).collect();
        assert_eq!(found, [("a", &[3][..], 3), ("b", &[1, 2], 8), ("none", &[0, 9], 0)]);
        assert_eq!((file.metadata("key"), file.metadata("other")), (Some("value"), None));
        assert!(file.get("b").is_some_and(|tensor| tensor.dtype == Dtype::F32) && file.get("c").is_none());
    }

    #[test]
    fn files_are_those_of_the_crate_of_the_format() {
        use safetensors::tensor::TensorView;
        let (floats, indices) = ([1.5_f32, -2.0], [3_u32, 4, 5]);
        let tensors = || {
            let outgoing = |shape: &[usize], values| Outgoing { shape: shape.to_vec(), values };
            vec![
                ("text\n\"é\"".to_owned(), outgoing(&[5], Values::Text("ab\0é"))),
                ("b".to_owned(), outgoing(&[3, 1], Values::Indices(&indices))),
                ("half".to_owned(), outgoing(&[1], Values::Halves(vec![f16::from_f32(0.5)]))),
                ("z".to_owned(), outgoing(&[1, 2], Values::Floats(floats[..].into()))),
                ("a".to_owned(), outgoing(&[0, 2], Values::Floats([][..].into()))),
            ]
        };
        let all = tensors();
        let data: Vec<_> = all.iter().map(|(_, tensor)| tensor.data()).collect();
        let views = all.iter().zip(&data).map(|((name, tensor), data)| {
            (name.clone(), TensorView::new(tensor.dtype(), tensor.shape.clone(), data).unwrap())
        });
        let metadata = "{\"x\":\"ü\"}".to_owned();
        let expected = safetensors::serialize(views, Some([("key".to_owned(), metadata.clone())].into()));
        assert_eq!(bytes_of(tensors(), &BTreeMap::from([("key", metadata)])), expected.unwrap());
    }

    #[test]
    fn faults_are_named() {
        let tensor = |shape: &str, start: u64, end: u64| {
            format!(r#""t":{{"dtype":"F32","shape":{shape},"data_offsets":[{start},{end}]}}"#)
        };
        let one = |shape, start, end| format!("{{{}}}", tensor(shape, start, end));
        assert_eq!(fault(&one("[2]", 0, 8), 8), "none");
        assert_eq!(fault(&one("[2]", 4, 12), 12), "tensor 't' does not begin where the one before it ends");
        assert_eq!(fault(&one("[2]", 0, 9), 9), "the shape of tensor 't' does not match its length");
        assert_eq!(
            fault(&one("[4294967296,4294967296]", 0, 8), 8),
            "the shape of tensor 't' does not match its length"
        );
        assert_eq!(fault(&one("[2]", 0, 8), 9), "its tensors need 8 bytes after the header, and it has 9");
        assert_eq!(fault(&one("[2]", 0, 8), 7), "its tensors need 8 bytes after the header, and it has 7");
        assert!(fault("[]", 0).starts_with("its header is not valid: "));
        assert_eq!(TensorFile::of(&[1; 7]).err().as_deref(), Some("it is too short for a header"));
        assert_eq!(TensorFile::of(&[0xff; 9]).err().as_deref(), Some("its header is not whole"));
    }
}
