//! Model files that someone altered, with the checksum that belongs to them: anyone can compute it.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};

/// A tensor of a file: name, type, shape and bytes.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<u8>,
}

/// The tensors and the metadata of a file.
pub(crate) struct Parts {
    pub(crate) tensors: Vec<Part>,
    pub(crate) metadata: serde_json::Value,
}

impl Parts {
    pub(crate) fn of(file: &[u8]) -> Self {
        let tensors = SafeTensors::deserialize(file).unwrap();
        let (_, header) = SafeTensors::read_metadata(file).unwrap();
        let text = &header.metadata().as_ref().unwrap()["tastespace"];
        let mut metadata: serde_json::Value = serde_json::from_str(text).unwrap();
        metadata.as_object_mut().unwrap().remove("checksum");
        let part = |(name, view): (&str, TensorView)| Part {
            name: name.to_owned(),
            dtype: view.dtype(),
            shape: view.shape().to_vec(),
            data: view.data().to_vec(),
        };
        let mut tensors: Vec<Part> = tensors.iter().map(part).collect();
        tensors.sort_by(|a, b| a.name.cmp(&b.name));
        Self { tensors, metadata }
    }

    /// The bytes of the file; none where lengths and shapes do not agree.
    pub(crate) fn sealed(&self) -> Option<Vec<u8>> {
        let mut hash = Sha256::new();
        hash.update(self.metadata.to_string());
        for Part { name, data, .. } in &self.tensors {
            hash.update(format!("\n{name} {}\n", data.len()));
            hash.update(data);
        }
        let sum: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut metadata = self.metadata.clone();
        metadata["checksum"] = sum.into();
        let views = self.tensors.iter().map(|Part { name, dtype, shape, data }| {
            TensorView::new(*dtype, shape.clone(), data).ok().map(|view| (name.as_str(), view))
        });
        let views: Vec<_> = views.collect::<Option<_>>()?;
        let metadata = [("tastespace".to_owned(), metadata.to_string())].into();
        safetensors::serialize(views, Some(metadata)).ok()
    }
}
