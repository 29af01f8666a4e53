//! The list of model kinds. A kind is added by a folder that implements [`Kind`] and one line here.

use crate::contract::error::ModelError;
#[cfg(feature = "train")]
use crate::contract::kind::Chosen;
use crate::contract::kind::{Conflict, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
#[cfg(feature = "train")]
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::ensemble;
use serde_json::Value;
#[cfg(any(test, feature = "train"))]
use serde_json::json;
use std::fmt::{Debug, Formatter};
use std::ops::Deref;
use std::sync::Arc;
use tastespace_options::{OptionError, OptionSet, with_preset};
#[cfg(feature = "train")]
use tastespace_options::{describe_presets, describe_search};

/// All model kinds, in the order in which they are listed to users.
pub static REGISTRY: &[Entry] = &[
    Entry::of::<crate::cml::Cml>(),
    Entry::of::<crate::lrml::Lrml>(),
    Entry::of::<crate::attrec::AttRec>(),
    Entry::of::<crate::sasrec::SasRec>(),
    Entry::of::<crate::glocal_k::GLocalK>(),
    Entry::of::<crate::biased_mf::BiasedMf>(),
    Entry::of::<crate::baselines::Bpr>(),
    Entry::of::<crate::ials::Ials>(),
    Entry::of::<crate::baselines::Ease>(),
    Entry::of::<crate::baselines::ItemKnn>(),
    Entry::of::<crate::baselines::Bias>(),
    Entry::of::<crate::baselines::Pop>(),
];

/// A registered kind.
pub struct Entry {
    /// The kind's name.
    pub kind: &'static str,
    /// See [`Kind::TASK`].
    pub task: Task,
    /// See [`Kind::SEQUENTIAL`].
    pub sequential: bool,
    /// See [`Kind::RATE_OPTION`].
    pub rate_option: &'static str,
    /// See [`Kind::SIZE_OPTION`].
    pub size_option: Option<&'static str>,
    /// See [`Kind::CLOSED_FORM`].
    pub closed_form: bool,
    /// See [`Kind::CONTINUES_ON_ALL`].
    pub continues_on_all: bool,
    /// See [`Kind::NEEDS_USERS`].
    pub needs_users: bool,
    /// See [`Kind::ITEM_WEIGHTS`].
    pub item_weights: bool,
    #[cfg(feature = "train")]
    describe: fn() -> Value,
    check: fn(&str) -> Result<Checked, ModelError>,
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
            continues_on_all: K::CONTINUES_ON_ALL,
            needs_users: K::NEEDS_USERS,
            item_weights: K::ITEM_WEIGHTS,
            #[cfg(feature = "train")]
            describe: || {
                json!({
                    "kind": K::NAME, "summary": K::SUMMARY, "source": K::SOURCE, "task": K::TASK,
                    "sequential": K::SEQUENTIAL, "epochs": K::EPOCHS.0, "patience": K::EPOCHS.1, "patienceAfter": K::PATIENCE_AFTER,
                    "options": K::Options::describe(), "presets": describe_presets(K::PRESETS),
                    "search": describe_search(K::SEARCH),
                    "chosen": K::CHOSEN.map(|Chosen { option, values }| json!({ "option": option, "values": values })),
                })
            },
            check: |text| Ok(Checked(Arc::new(Typed::<K>(options_of::<K>(text)?)))),
        }
    }

    /// The entry of a kind.
    pub fn find(kind: &str) -> Result<&'static Self, ModelError> {
        REGISTRY.iter().find(|entry| entry.kind == kind).ok_or_else(|| ModelError::UnknownKind {
            kind: kind.to_owned(),
            accepted: REGISTRY.iter().map(|entry| entry.kind).collect(),
        })
    }

    /// The kind as JSON: summary, source, task, epochs, options with ranges and defaults, presets.
    #[cfg(feature = "train")]
    pub fn describe(&self) -> Value {
        (self.describe)()
    }

    /// Checks options given as JSON text and fills in defaults.
    pub fn check(&self, options: &str) -> Result<Checked, ModelError> {
        (self.check)(options)
    }
}

/// Options of a kind from JSON text, with defaults filled in.
pub fn options_of<K: Kind>(text: &str) -> Result<K::Options, ModelError> {
    let options = K::Options::parse(K::NAME, &with_preset(K::NAME, K::PRESETS, text)?)?;
    match K::conflict(&options) {
        Some(Conflict { key, needs }) => Err(OptionError::Conflict { owner: K::NAME, key, needs }.into()),
        None => Ok(options),
    }
}

/// Options that [`Entry::check`] accepted.
#[derive(Clone)]
pub struct Checked(Arc<dyn Configured>);

impl Debug for Checked {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        self.json().fmt(formatter)
    }
}

impl Deref for Checked {
    type Target = dyn Configured;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// A kind together with its options. What only training calls is left out of a module that serves: a table of methods keeps all
/// their code.
pub trait Configured: Send + Sync {
    /// All options with their values, defaults included.
    fn json(&self) -> Value;
    /// See [`Kind::for_data`].
    #[cfg(feature = "train")]
    fn for_data(&self, shape: Shape) -> Option<Checked>;
    /// See [`Kind::has_start`].
    #[cfg(feature = "train")]
    fn has_start(&self) -> bool;
    /// See [`Kind::model_bytes`]; all models of an ensemble together.
    #[cfg(feature = "train")]
    fn model_bytes(&self, shape: Shape) -> u64;
    /// See [`Kind::training_bytes`]; all models of an ensemble together.
    #[cfg(feature = "train")]
    fn training_bytes(&self, shape: Shape) -> u64;
    /// See [`Kind::trainer`].
    #[cfg(feature = "train")]
    fn trainer(&self, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError>;
    /// See [`Kind::load`].
    fn load(&self, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor>;
}

struct Typed<K: Kind>(K::Options);

impl<K: Kind> Configured for Typed<K> {
    fn json(&self) -> Value {
        self.0.json()
    }

    #[cfg(feature = "train")]
    fn for_data(&self, shape: Shape) -> Option<Checked> {
        K::for_data(&self.0, shape).map(|options| Checked(Arc::new(Typed::<K>(options))))
    }

    #[cfg(feature = "train")]
    fn has_start(&self) -> bool {
        K::has_start(&self.0)
    }

    #[cfg(feature = "train")]
    fn model_bytes(&self, shape: Shape) -> u64 {
        u64::from(K::seeds(&self.0)) * K::model_bytes(&self.0, shape)
    }

    #[cfg(feature = "train")]
    fn training_bytes(&self, shape: Shape) -> u64 {
        u64::from(K::seeds(&self.0)) * K::training_bytes(&self.0, shape)
    }

    #[cfg(feature = "train")]
    fn trainer(&self, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        ensemble::trainer(K::seeds(&self.0), problem, |problem| K::trainer(&self.0, problem))
    }

    fn load(&self, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        ensemble::load(K::seeds(&self.0), tensors, |tensors| K::load(&self.0, tensors, shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_documented_and_has_a_default_in_range() {
        for entry in REGISTRY {
            let described = entry.describe();
            let defaults = entry.check("{}").unwrap().json();
            for preset in described["presets"].as_array().unwrap() {
                let values = entry.check(&json!({ "preset": preset["name"] }).to_string()).unwrap().json();
                assert_ne!(values, defaults, "{} {preset}", entry.kind);
                for (name, value) in preset["options"].as_object().unwrap() {
                    assert_eq!(&values[name], value, "{} {preset}", entry.kind);
                }
            }
            let documented = described["options"].as_array().unwrap();
            assert_eq!(documented.len(), defaults.as_object().unwrap().len(), "{}", entry.kind);
            for option in documented {
                let name = option["name"].as_str().unwrap();
                assert!(!option["doc"].as_str().unwrap().is_empty(), "{} {name}", entry.kind);
                let again = json!({ name: option["default"] }).to_string();
                assert_eq!(entry.check(&again).unwrap().json(), defaults, "{} {name}", entry.kind);
            }
        }
    }

    #[test]
    fn searched_values_are_accepted_and_contain_the_default() {
        for entry in REGISTRY {
            let described = entry.describe();
            let mut defaults = entry.check("{}").unwrap().json();
            if let Some(option) = described["chosen"]["option"].as_str() {
                defaults[option] = described["chosen"]["values"][0].clone();
            }
            let mut before: Vec<&str> = Vec::new();
            for range in described["search"].as_array().unwrap() {
                let name = range["name"].as_str().unwrap();
                let default = &defaults[name];
                let mut options = json!({});
                for (other, choice) in range["when"].as_object().into_iter().flatten() {
                    assert!(
                        before.contains(&other.as_str()),
                        "{} {name}: {other} stands before it",
                        entry.kind
                    );
                    options[other] = choice.clone();
                }
                let ends = match range["choices"].as_array() {
                    Some(choices) => {
                        assert!(choices.contains(default), "{} {name}", entry.kind);
                        choices.clone()
                    }
                    None => {
                        let [low, high, default] =
                            [&range["low"], &range["high"], default].map(|value| value.as_f64().unwrap());
                        assert!(low <= default && default <= high, "{} {name}", entry.kind);
                        assert!(range["log"] != json!(true) || low > 0.0, "{} {name}", entry.kind);
                        vec![range["low"].clone(), range["high"].clone()]
                    }
                };
                for value in ends {
                    options[name] = value;
                    assert!(entry.check(&options.to_string()).is_ok(), "{} {options}", entry.kind);
                }
                before.push(name);
            }
        }
    }
}
