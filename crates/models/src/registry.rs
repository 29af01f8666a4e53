//! The list of models. A model is added by a file that implements [`Kind`] and one row here.

use crate::attrec::AttRec;
use crate::baselines::{Bias, Bpr, Ease, ItemKnn, Pop};
use crate::biased_mf::BiasedMf;
use crate::cml::Cml;
use crate::contract::error::ModelError;
use crate::contract::model::{Conflict, Kind, Model, Problem, Shape, Task, Tensors, Trainer, WrongTensor};
use crate::contract::options;
use crate::glocal_k::GLocalK;
use crate::learn::ensemble;
use crate::lrml::Lrml;
use serde_json::{Value, json};

/// Every model there is, in the order in which people are shown them.
pub static REGISTRY: &[Entry] = &[
    Entry::of::<Cml>(),
    Entry::of::<Lrml>(),
    Entry::of::<AttRec>(),
    Entry::of::<GLocalK>(),
    Entry::of::<BiasedMf>(),
    Entry::of::<Bpr>(),
    Entry::of::<Ease>(),
    Entry::of::<ItemKnn>(),
    Entry::of::<Bias>(),
    Entry::of::<Pop>(),
];

/// A registered kind with its options erased to JSON.
pub struct Entry {
    /// The kind's name.
    pub kind: &'static str,
    /// What it is for.
    pub task: Task,
    /// See [`Kind::SEQUENTIAL`].
    pub sequential: bool,
    /// See [`Kind::RATE_OPTION`].
    pub rate_option: &'static str,
    /// See [`Kind::SIZE_OPTION`].
    pub size_option: Option<&'static str>,
    /// See [`Kind::CLOSED_FORM`].
    pub closed_form: bool,
    describe: fn() -> Value,
    check: fn(&str) -> Result<Value, ModelError>,
    model_bytes: fn(&Value, Shape) -> u64,
    training_bytes: fn(&Value, Shape) -> u64,
    trainer: fn(&Value, &Problem) -> Started,
    load: fn(&Value, &mut Tensors, Shape) -> Loaded,
}

type Started = Result<Box<dyn Trainer>, ModelError>;
type Loaded = Result<Box<dyn Model>, WrongTensor>;

/// Options that [`Entry::check`] passed.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked(Value);

impl Checked {
    /// All options with their values, defaults included.
    pub fn json(&self) -> &Value {
        &self.0
    }
}

fn typed<K: Kind>(options: &Value) -> K::Options {
    serde_json::from_value(options.clone()).expect("checked options are of their type")
}

impl Entry {
    const fn of<K: Kind>() -> Self {
        Self {
            kind: K::NAME,
            task: K::TASK,
            sequential: K::SEQUENTIAL,
            rate_option: K::RATE_OPTION,
            size_option: K::SIZE_OPTION,
            closed_form: K::CLOSED_FORM,
            describe: || {
                json!({
                    "kind": K::NAME, "summary": K::SUMMARY, "source": K::SOURCE, "task": K::TASK,
                    "sequential": K::SEQUENTIAL, "epochs": K::EPOCHS.0, "patience": K::EPOCHS.1,
                    "options": options::describe::<K::Options>(K::OPTIONS),
                    "presets": options::describe_presets(K::PRESETS),
                })
            },
            check: |text| {
                let text = options::with_preset(K::NAME, K::PRESETS, text)?;
                let options: K::Options = options::parse(K::NAME, K::OPTIONS, &text)?;
                if let Some(Conflict { key, needs }) = K::conflict(&options) {
                    return Err(ModelError::Conflict { kind: K::NAME, key, needs });
                }
                Ok(serde_json::to_value(options).expect("options are plain data"))
            },
            model_bytes: |options, shape| {
                let options = typed::<K>(options);
                u64::from(K::seeds(&options)) * K::model_bytes(&options, shape)
            },
            training_bytes: |options, shape| {
                let options = typed::<K>(options);
                u64::from(K::seeds(&options)) * K::training_bytes(&options, shape)
            },
            trainer: |options, problem| {
                let options = typed::<K>(options);
                ensemble::trainer(K::seeds(&options), problem, |problem| K::trainer(&options, problem))
            },
            load: |options, tensors, shape| {
                let options = typed::<K>(options);
                ensemble::load(K::seeds(&options), tensors, |tensors| K::load(&options, tensors, shape))
            },
        }
    }

    /// The entry of a kind.
    pub fn find(kind: &str) -> Result<&'static Self, ModelError> {
        REGISTRY.iter().find(|entry| entry.kind == kind).ok_or_else(|| ModelError::UnknownKind {
            kind: kind.to_owned(),
            accepted: REGISTRY.iter().map(|entry| entry.kind).collect(),
        })
    }

    /// The kind for people and programs: summary, source, task, epochs, options with ranges and defaults.
    pub fn describe(&self) -> Value {
        (self.describe)()
    }

    /// Checks options given as JSON text and fills in defaults.
    pub fn check(&self, options: &str) -> Result<Checked, ModelError> {
        (self.check)(options).map(Checked)
    }

    /// See [`Kind::model_bytes`].
    pub fn model_bytes(&self, options: &Checked, shape: Shape) -> u64 {
        (self.model_bytes)(&options.0, shape)
    }

    /// See [`Kind::training_bytes`].
    pub fn training_bytes(&self, options: &Checked, shape: Shape) -> u64 {
        (self.training_bytes)(&options.0, shape)
    }

    /// Starts training.
    pub fn trainer(&self, options: &Checked, problem: &Problem) -> Started {
        (self.trainer)(&options.0, problem)
    }

    /// Takes a model from a file's tensors.
    pub fn load(
        &self,
        options: &Checked,
        tensors: &mut Tensors,
        shape: Shape,
    ) -> Result<Box<dyn Model>, WrongTensor> {
        (self.load)(&options.0, tensors, shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_documented_and_has_a_default_in_range() {
        for entry in REGISTRY {
            let described = entry.describe();
            let defaults = entry.check("{}").unwrap();
            for preset in described["presets"].as_array().unwrap() {
                let checked = entry.check(&json!({ "preset": preset["name"] }).to_string()).unwrap();
                assert_ne!(checked, defaults, "{} {preset}", entry.kind);
                for (name, value) in preset["options"].as_object().unwrap() {
                    assert_eq!(&checked.json()[name], value, "{} {preset}", entry.kind);
                }
            }
            let documented = described["options"].as_array().unwrap();
            assert_eq!(documented.len(), defaults.json().as_object().unwrap().len(), "{}", entry.kind);
            for option in documented {
                let name = option["name"].as_str().unwrap();
                assert!(!option["doc"].as_str().unwrap().is_empty(), "{} {name}", entry.kind);
                let again = json!({ name: option["default"] }).to_string();
                assert_eq!(entry.check(&again).unwrap(), defaults, "{} {name}", entry.kind);
            }
        }
    }
}
