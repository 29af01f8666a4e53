//! A model as one safetensors file.
//!
//! Parameters are `F32` tensors by name, or `F16` where half precision is asked for. The catalogue is stored as tensors too, because the header of the format is limited:
//! ids as joined UTF-8 (`U8`) with the end of each (`U32`), the number of training interactions of each user and item, the
//! history as offsets and items. The metadata has one key, `tastespace`, a JSON object with format version, kind, options,
//! rating range, training run, and a SHA-256 of everything else. A model determines the bytes of its file.

use crate::contract::error::ModelError;
use crate::contract::history::History;
use crate::contract::kind::Task;
use crate::contract::model::Model;
use crate::contract::tensor::{Axis, Tensors};
use crate::registry::Entry;
use crate::serve::catalogue::{Catalogue, learned_of};
use crate::serve::fitted::{Fitted, Training};
use crate::serve::lower_bound::RatingSpread;
use crate::serve::tensor_file::{Outgoing, Tensor, TensorFile, Values, bytes_of};
use half::f16;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use tastespace_data::{FeatureParts, ItemFeatures, ItemTextParts, ItemTexts, Vocabulary};
use tastespace_options::{choices, options};

/// The format that is written, and the latest that can be read.
pub const FORMAT: u64 = 1;

/// The tensor of the spread of the ratings within and between items.
const SPREAD: &str = "catalogue.spread";

/// The key of the metadata.
const KEY: &str = "tastespace";

choices! {
    /// Precision of the parameters in a file.
    pub enum Precision {
        /// 32 bits, as in memory.
        Single = "single",
        /// 16 bits, where they can hold the values.
        Half = "half",
    }
}

options! {
    /// Options of [`write`].
    pub struct WriteOptions {
        /// Whether to store each user's training items. Excluding seen items needs them.
        history: bool = true;
        /// Whether to store the users: their ids, embeddings and histories. Without them the model serves new users only, by their histories.
        users: bool = true;
        /// Precision of the parameters: `single` is exact, `half` halves the file and rounds them to 11 bits. Counts and whole numbers stay exact.
        precision: Precision = Precision::Single;
        /// Number of weights of each item that are stored, the strongest. For `ease` and `item-knn`.
        weights: Option<u32> = None, (1..=u32::MAX.into(), "all weights");
    }
}

/// The metadata, without its checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u64,
    kind: String,
    options: Value,
    range: (f32, f32),
    training: Training,
}

impl WriteOptions {
    /// Refuses what a kind of model cannot be written with.
    pub fn check(&self, entry: &Entry) -> Result<(), ModelError> {
        let refused = |what, reason| Err(ModelError::Unsupported { kind: entry.kind, what, reason });
        if !self.users && entry.needs_users {
            return refused("be saved without users", "it scores new users by what it learned of the others");
        }
        if self.weights.is_some() && !entry.item_weights {
            return refused("be saved with its strongest weights", "it has no weights between items");
        }
        Ok(())
    }
}

/// The model as the bytes of a file. See [`WriteOptions::check`].
pub fn write(fitted: &Fitted, options: &WriteOptions) -> Vec<u8> {
    let catalogue = fitted.catalogue();
    let model = stored(fitted, options);
    let tensors = tensors(fitted, model.as_deref(), options);
    let mut metadata = metadata(fitted.kind(), fitted.options().json(), catalogue.range, fitted.training());
    let sum = checksum(&metadata, tensors.iter().map(|(name, tensor)| (name.as_str(), tensor.data())));
    metadata["checksum"] = Value::String(sum);
    bytes_of(tensors, &BTreeMap::from([(KEY, metadata.to_string())]))
}

/// The metadata of a model, to which the checksum is added. For whoever writes the file piece by piece.
pub fn metadata(kind: &str, options: Value, range: (f32, f32), training: Training) -> Value {
    let header = Header { format: FORMAT, kind: kind.to_owned(), options, range, training };
    serde_json::to_value(header).expect("a header is plain data")
}

/// Bytes of the file.
pub fn bytes(fitted: &Fitted, options: &WriteOptions) -> u64 {
    let model = stored(fitted, options);
    let data: usize =
        tensors(fitted, model.as_deref(), options).iter().map(|(_, tensor)| tensor.data_len()).sum();
    // The header: name, shape and two offsets of each tensor, and the metadata.
    data as u64 + 4096
}

/// The model with its strongest weights, where not all are stored.
fn stored(fitted: &Fitted, options: &WriteOptions) -> Option<Box<dyn Model>> {
    fitted.model().strongest(options.weights? as usize)
}

/// `values` in half precision, unless they are whole numbers, such as counts and indices, or too large.
fn halves(values: &[f32]) -> Option<Vec<f16>> {
    let fits = values.iter().all(|value| value.abs() <= f16::MAX.to_f32());
    let whole = values.iter().all(|value| value.fract() == 0.0);
    (fits && !whole).then(|| values.iter().map(|&value| f16::from_f32(value)).collect())
}

fn tensors<'a>(
    fitted: &'a Fitted,
    stored: Option<&'a dyn Model>,
    options: &WriteOptions,
) -> Vec<(String, Outgoing<'a>)> {
    let catalogue = fitted.catalogue();
    let mut tensors: Vec<(String, Outgoing)> = Vec::new();
    for mut tensor in stored.unwrap_or(fitted.model()).tensors() {
        if tensor.axis == Axis::Users && !options.users {
            tensor.shape[0] = 0;
            tensor.values = &[];
        }
        let half = if options.precision == Precision::Half { halves(tensor.values) } else { None };
        let values = half.map_or(Values::Floats(tensor.values.into()), Values::Halves);
        tensors.push((tensor.name.into_owned(), Outgoing { shape: tensor.shape, values }));
    }
    let mut add = |name: &str, length: usize, values| {
        tensors.push((name.to_owned(), Outgoing { shape: vec![length], values }));
    };
    let nobody = ("", &[][..]);
    let users = if options.users { catalogue.users.parts() } else { nobody };
    for (side, (text, ends)) in [("users", users), ("items", catalogue.items.parts())] {
        add(&format!("catalogue.{side}.text"), text.len(), Values::Text(text));
        add(&format!("catalogue.{side}.ends"), ends.len(), Values::Indices(ends));
    }
    let user_rows = if options.users { &catalogue.user_rows[..] } else { &[] };
    add("catalogue.users.rows", user_rows.len(), Values::Indices(user_rows));
    add("catalogue.items.rows", catalogue.item_rows.len(), Values::Indices(&catalogue.item_rows));
    if let Some(RatingSpread { within, between }) = catalogue.spread {
        add(SPREAD, 2, Values::Floats(vec![within, between].into()));
    }
    if let (true, Some(history)) = (options.history && options.users, &catalogue.history) {
        add("history.offsets", history.offsets.len(), Values::Indices(&history.offsets));
        add("history.items", history.items.len(), Values::Indices(&history.items));
        if let Some(ratings) = &history.ratings {
            add("history.ratings", ratings.len(), Values::Floats(ratings.into()));
        }
    }
    if let Some(texts) = &catalogue.texts {
        let parts = texts.parts();
        for (name, (text, ends)) in [("titles", parts.titles), ("genre_names", parts.genre_names)] {
            add(&format!("{name}.text"), text.len(), Values::Text(text));
            add(&format!("{name}.ends"), ends.len(), Values::Indices(ends));
        }
        add("genres", parts.genres.len(), Values::Indices(parts.genres));
        add("genres.ends", parts.genre_ends.len(), Values::Indices(parts.genre_ends));
    }
    if let Some(features) = &catalogue.features {
        let parts = features.parts();
        let names = parts.names.map(|names| ("feature_names", names));
        for (name, (text, ends)) in [("feature_ids", parts.ids)].into_iter().chain(names) {
            add(&format!("{name}.text"), text.len(), Values::Text(text));
            add(&format!("{name}.ends"), ends.len(), Values::Indices(ends));
        }
        add("features", parts.all.len(), Values::Indices(parts.all));
        add("features.offsets", parts.offsets.len(), Values::Indices(parts.offsets));
    }
    tensors
}

/// SHA-256 over the metadata and the tensors in the order of their names, as hexadecimal digits.
fn checksum<'a>(metadata: &Value, tensors: impl Iterator<Item = (&'a str, Cow<'a, [u8]>)>) -> String {
    let mut tensors: Vec<_> = tensors.collect();
    tensors.sort_unstable_by_key(|(name, _)| *name);
    let mut hash = Sha256::new();
    hash.update(metadata.to_string());
    for (name, data) in tensors {
        hash.update(format!("\n{name} {}\n", data.len()));
        hash.update(data);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The model in the bytes of a file. `file` is its name in errors.
pub fn read(file: &str, bytes: &[u8]) -> Result<Fitted, ModelError> {
    Reader { file, tensors: TensorFile::of(bytes).map_err(|reason| corrupt(file, reason))? }.read()
}

fn corrupt(file: &str, reason: impl Into<String>) -> ModelError {
    ModelError::Corrupt { file: file.to_owned(), reason: reason.into() }
}

struct Reader<'a> {
    file: &'a str,
    tensors: TensorFile<'a>,
}

impl Reader<'_> {
    fn corrupt(&self, reason: impl Into<String>) -> ModelError {
        corrupt(self.file, reason)
    }

    fn read(&self) -> Result<Fitted, ModelError> {
        let header = self.header()?;
        let entry = Entry::find(&header.kind)
            .map_err(|_| self.corrupt(format!("its kind '{}' is not known to this version", header.kind)))?;
        let options = entry
            .check(&header.options.to_string())
            .map_err(|error| self.corrupt(format!("its options are not valid: {error}")))?;
        let (low, high) = header.range;
        if low.is_nan() || high.is_nan() || low > high {
            return Err(self.corrupt(format!("its rating range {low} to {high} is not a range")));
        }
        let catalogue = self.catalogue(header.range, entry.task)?;
        let shape = catalogue.shape(header.training.rows);
        let mut parameters = Tensors(Vec::new());
        for (name, tensor) in self.tensors.iter() {
            let values: Option<Vec<f32>> = match tensor.dtype {
                Dtype::F32 => Some(words(&tensor).map(f32::from_le_bytes).collect()),
                Dtype::F16 => {
                    Some(half_words(&tensor).map(|word| f16::from_le_bytes(word).to_f32()).collect())
                }
                _ => None,
            };
            // The only tensors of these types that are no parameters.
            if let Some(values) = values.filter(|_| name != "history.ratings" && name != SPREAD) {
                if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                    return Err(self.corrupt(format!("tensor '{name}' has the value {value}")));
                }
                parameters.0.push((name.to_owned(), tensor.shape.to_vec(), values));
            }
        }
        let model = options.load(&mut parameters, shape).map_err(|wrong| {
            let found = wrong.found.map_or("missing".to_owned(), |shape| format!("of shape {shape:?}"));
            self.corrupt(format!("tensor '{}' is {found}, expected shape {:?}", wrong.name, wrong.expected))
        })?;
        if catalogue.users.is_empty() && entry.needs_users {
            return Err(self.corrupt("it has no users, whom this kind of model needs"));
        }
        Ok(Fitted::new(entry, options, Arc::new(catalogue), model, header.training))
    }

    /// Reads the metadata, and checks format and checksum in this order.
    fn header(&self) -> Result<Header, ModelError> {
        let text = self.tensors.metadata(KEY);
        let text = text.ok_or_else(|| self.corrupt("it is a safetensors file of something else"))?;
        let mut metadata: Value =
            serde_json::from_str(text).map_err(|_| self.corrupt("its metadata is not JSON"))?;
        let format = metadata["format"].as_u64();
        let format = format.ok_or_else(|| self.corrupt("its metadata names no format"))?;
        if format > FORMAT {
            return Err(ModelError::NewerFile {
                file: self.file.to_owned(),
                found: format,
                supported: FORMAT,
            });
        }
        let fields = metadata.as_object_mut().expect("it has a field");
        let stored = fields.remove("checksum");
        let sum =
            checksum(&metadata, self.tensors.iter().map(|(name, tensor)| (name, Cow::Borrowed(tensor.data))));
        if stored != Some(Value::String(sum)) {
            return Err(self.corrupt("its checksum does not match: the file was altered or damaged"));
        }
        serde_json::from_value(metadata)
            .map_err(|error| self.corrupt(format!("its metadata is not valid: {error}")))
    }

    fn catalogue(&self, range: (f32, f32), task: Task) -> Result<Catalogue, ModelError> {
        let (users, items) = (self.vocabulary("users")?, self.vocabulary("items")?);
        let rows = |side: &str, length: usize| {
            let rows = self.indices(&format!("catalogue.{side}.rows"))?;
            if rows.len() == length {
                Ok(rows)
            } else {
                Err(self.corrupt(format!("the numbers of {side} and of their row counts differ")))
            }
        };
        let history = match self.has("history.items") {
            true => Some(Arc::new(self.history()?)),
            false => None,
        };
        if history.as_ref().is_some_and(|history| !history.fits(users.len(), items.len())) {
            return Err(self.corrupt("its history names users or items that are not there"));
        }
        let texts = match self.has("titles.text") {
            true => Some(self.texts(items.len())?),
            false => None,
        };
        let items = Arc::new(items);
        let features = match self.has("features") {
            true => Some(Arc::new(self.features(&items)?)),
            false => None,
        };
        Ok(Catalogue {
            user_rows: rows("users", users.len())?,
            item_rows: rows("items", items.len())?,
            users: Arc::new(users),
            items,
            range,
            spread: self.spread()?,
            learned: history.as_ref().map(|history| learned_of(task, history)),
            history,
            texts,
            features,
        })
    }

    /// Absent in files of earlier versions and of ranking models.
    fn spread(&self) -> Result<Option<RatingSpread>, ModelError> {
        if !self.has(SPREAD) {
            return Ok(None);
        }
        let tensor = self.tensor(SPREAD, Dtype::F32)?;
        match words(&tensor).map(f32::from_le_bytes).collect::<Vec<_>>()[..] {
            [within, between] if within >= 0.0 && between >= 0.0 => {
                Ok(Some(RatingSpread { within, between }))
            }
            _ => Err(self.corrupt("its spread of the ratings is not two standard deviations")),
        }
    }

    fn vocabulary(&self, side: &str) -> Result<Vocabulary, ModelError> {
        let text = self.text(&format!("catalogue.{side}.text"))?;
        let ends = self.indices(&format!("catalogue.{side}.ends"))?;
        Vocabulary::from_parts(text, &ends)
            .filter(|vocabulary| vocabulary.get("").is_none())
            .ok_or_else(|| self.corrupt(format!("its {side} are not a list of ids")))
    }

    fn history(&self) -> Result<History, ModelError> {
        let ratings = match self.has("history.ratings") {
            true => {
                let tensor = self.tensor("history.ratings", Dtype::F32)?;
                let ratings: Vec<f32> = words(&tensor).map(f32::from_le_bytes).collect();
                if ratings.iter().any(|rating| rating.is_infinite()) {
                    return Err(self.corrupt("its history has an infinite rating"));
                }
                Some(ratings)
            }
            false => None,
        };
        Ok(History {
            offsets: self.indices("history.offsets")?,
            items: self.indices("history.items")?,
            ratings,
        })
    }

    fn texts(&self, items: usize) -> Result<ItemTexts, ModelError> {
        let (title_ends, name_ends) = (self.indices("titles.ends")?, self.indices("genre_names.ends")?);
        let (genres, genre_ends) = (self.indices("genres")?, self.indices("genres.ends")?);
        let texts = ItemTexts::from_parts(ItemTextParts {
            titles: (self.text("titles.text")?, &title_ends),
            genre_names: (self.text("genre_names.text")?, &name_ends),
            genres: &genres,
            genre_ends: &genre_ends,
        });
        let texts = texts.filter(|texts| texts.len() == items);
        texts.ok_or_else(|| self.corrupt("its titles and genres do not match its items"))
    }

    fn features(&self, items: &Arc<Vocabulary>) -> Result<ItemFeatures, ModelError> {
        let ends = self.indices("feature_ids.ends")?;
        let name_ends = match self.has("feature_names.ends") {
            true => self.indices("feature_names.ends")?,
            false => Vec::new(),
        };
        let names = match self.has("feature_names.text") {
            true => Some((self.text("feature_names.text")?, &name_ends[..])),
            false => None,
        };
        let (offsets, all) = (self.indices("features.offsets")?, self.indices("features")?);
        let ids = (self.text("feature_ids.text")?, &ends[..]);
        let parts = FeatureParts { ids, names, offsets: &offsets, all: &all };
        let features = ItemFeatures::from_parts("features", items, parts);
        features.ok_or_else(|| self.corrupt("its features do not match its items"))
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.get(name).is_some()
    }

    fn tensor(&self, name: &str, dtype: Dtype) -> Result<Tensor<'_>, ModelError> {
        let tensor = self.tensors.get(name);
        let tensor = tensor.ok_or_else(|| self.corrupt(format!("tensor '{name}' is missing")))?;
        if tensor.dtype == dtype {
            Ok(tensor)
        } else {
            Err(self.corrupt(format!("tensor '{name}' is not {dtype:?}")))
        }
    }

    fn indices(&self, name: &str) -> Result<Vec<u32>, ModelError> {
        Ok(words(&self.tensor(name, Dtype::U32)?).map(u32::from_le_bytes).collect())
    }

    fn text(&self, name: &str) -> Result<&str, ModelError> {
        let tensor = self.tensor(name, Dtype::U8)?;
        std::str::from_utf8(tensor.data).map_err(|_| self.corrupt(format!("tensor '{name}' is not UTF-8")))
    }
}

/// The 16-bit words of a tensor.
fn half_words<'a>(tensor: &Tensor<'a>) -> impl Iterator<Item = [u8; 2]> + 'a {
    tensor.data.as_chunks::<2>().0.iter().copied()
}

/// The 32-bit words of a tensor.
fn words<'a>(tensor: &Tensor<'a>) -> impl Iterator<Item = [u8; 4]> + 'a {
    tensor.data.as_chunks::<4>().0.iter().copied()
}
