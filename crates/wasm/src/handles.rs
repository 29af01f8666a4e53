//! What JavaScript names by number: data sets and models. Numbers are never given out twice.

use crate::errors::{EngineError, Result};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use tastespace_data::{
    FeaturesReader, Interactions, ItemTexts, ItemsReader, NamesReader, Reader, RowBuilder, SyntheticOptions,
    Vocabulary, synthetic,
};
use tastespace_models::registry::{Checked, Entry};
use tastespace_models::{Fit, Fitted, ModelError};

/// What a handle stands for.
pub(crate) enum Held {
    /// A data set that is being read.
    Filling(Box<Filling>),
    /// A data set.
    Dataset(Arc<Interactions>),
    /// A model.
    Model(Box<ModelHandle>),
}

impl Held {
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Filling(_) => "a data set that is not finished",
            Self::Dataset(_) => "a data set",
            Self::Model(_) => "a model",
        }
    }
}

/// A data set on its way: rows from a file or from columns, and perhaps what is known of the items.
pub(crate) struct Filling {
    /// Where the rows go.
    pub(crate) source: Source,
    /// Where the items' titles go, once some came.
    pub(crate) items: Option<ItemsReader>,
    /// Where the items' features go, once some came.
    pub(crate) features: Option<FeaturesReader>,
    /// Where the features' names go, once some came.
    pub(crate) feature_names: Option<NamesReader>,
}

impl Source {
    fn what(&self) -> &'static str {
        match self {
            Self::File(_) => "a data set from a file",
            Self::Rows(_) => "a data set from rows",
            Self::Synthetic(..) => "a synthetic data set that is not finished",
        }
    }

    /// The error that it is not `expected`.
    pub(crate) fn is_not(&self, expected: &'static str) -> EngineError {
        EngineError::wrong_handle(expected, self.what())
    }
}

/// Where rows come from.
pub(crate) enum Source {
    /// The bytes of a file.
    File(Box<Reader>),
    /// Columns that were handed over.
    Rows(Box<RowBuilder>),
    /// The generator with its options: its rows are either written one after the other, or kept by `finish`.
    Synthetic(Box<synthetic::Rows>, SyntheticOptions),
}

/// A model: its kind and options, and how far it is.
pub(crate) struct ModelHandle {
    /// Its kind.
    pub(crate) entry: &'static Entry,
    /// Its options.
    pub(crate) options: Checked,
    /// How far it is.
    pub(crate) state: State,
}

/// How far a model is.
pub(crate) enum State {
    /// Never trained.
    New,
    /// In training, and the fitted model that it was before, if it was one.
    Fitting { fit: Box<Fit>, before: Option<Fitted> },
    /// Trained.
    Fitted(Fitted),
}

impl ModelHandle {
    /// The trained model, or the last whole epoch of one in training.
    pub(crate) fn fitted(&self) -> Result<&Fitted> {
        let fitted = match &self.state {
            State::New => None,
            State::Fitting { fit, before } => fit.current().or(before.as_ref()),
            State::Fitted(fitted) => Some(fitted),
        };
        Ok(fitted.ok_or(ModelError::NotFitted { kind: self.entry.kind })?)
    }
}

#[derive(Default)]
struct Handles {
    held: HashMap<u32, Held>,
    last: u32,
}

thread_local! {
    /// Only the engine's own thread answers calls, so only its table is ever used.
    static HANDLES: RefCell<Handles> = RefCell::default();
}

/// Keeps `held` and returns its handle.
pub(crate) fn keep(held: Held) -> u32 {
    HANDLES.with_borrow_mut(|handles| {
        handles.last += 1;
        handles.held.insert(handles.last, held);
        handles.last
    })
}

/// Lets go of a handle; nothing happens if it is gone already.
pub(crate) fn drop_handle(handle: u32) {
    HANDLES.with_borrow_mut(|handles| handles.held.remove(&handle));
}

/// How many handles there are.
pub(crate) fn count() -> usize {
    HANDLES.with_borrow(|handles| handles.held.len())
}

/// Runs `use_it` on what a handle stands for.
pub(crate) fn with<T>(handle: u32, use_it: impl FnOnce(&mut Held) -> Result<T>) -> Result<T> {
    HANDLES.with_borrow_mut(|handles| {
        use_it(handles.held.get_mut(&handle).ok_or_else(|| EngineError::disposed(handle))?)
    })
}

/// The data set that a handle stands for.
pub(crate) fn dataset(handle: u32) -> Result<Arc<Interactions>> {
    with(handle, |held| match held {
        Held::Dataset(data) => Ok(data.clone()),
        other => Err(EngineError::wrong_handle("a data set", other.what())),
    })
}

/// Runs `use_it` on the data set being filled that a handle stands for.
pub(crate) fn with_filling<T>(handle: u32, use_it: impl FnOnce(&mut Filling) -> Result<T>) -> Result<T> {
    with(handle, |held| match held {
        Held::Filling(filling) => use_it(filling),
        other => Err(EngineError::wrong_handle("a data set that is not finished", other.what())),
    })
}

/// Runs `use_it` on the model that a handle stands for.
pub(crate) fn with_model<T>(handle: u32, use_it: impl FnOnce(&mut ModelHandle) -> Result<T>) -> Result<T> {
    with(handle, |held| match held {
        Held::Model(model) => use_it(model),
        other => Err(EngineError::wrong_handle("a model", other.what())),
    })
}

/// Runs `use_it` on the users and the items behind a data set or a trained model.
pub(crate) fn with_catalogue<T>(
    handle: u32,
    use_it: impl FnOnce(&Vocabulary, &Vocabulary) -> T,
) -> Result<T> {
    with(handle, |held| match held {
        Held::Dataset(data) => Ok(use_it(&data.users, &data.items)),
        Held::Model(model) => {
            let catalogue = model.fitted()?.catalogue();
            Ok(use_it(&catalogue.users, &catalogue.items))
        }
        Held::Filling(_) => Err(EngineError::wrong_handle("a data set or a model", held.what())),
    })
}

/// Runs `use_it` on the titles and genres of the items behind a data set or a trained model, where there are any.
pub(crate) fn with_item_texts<T>(handle: u32, use_it: impl FnOnce(Option<&ItemTexts>) -> T) -> Result<T> {
    with(handle, |held| match held {
        Held::Dataset(data) => {
            let texts = data.item_table.as_ref().map(|table| table.align(&data.items));
            Ok(use_it(texts.as_ref()))
        }
        Held::Model(model) => Ok(use_it(model.fitted()?.catalogue().texts.as_ref())),
        Held::Filling(_) => Err(EngineError::wrong_handle("a data set or a model", held.what())),
    })
}

/// Takes the data set being filled out of its handle, to be finished.
pub(crate) fn take_filling(handle: u32) -> Result<Filling> {
    HANDLES.with_borrow_mut(|handles| match handles.held.remove(&handle) {
        Some(Held::Filling(filling)) => Ok(*filling),
        Some(other) => {
            let error = EngineError::wrong_handle("a data set that is not finished", other.what());
            handles.held.insert(handle, other);
            Err(error)
        }
        None => Err(EngineError::disposed(handle)),
    })
}

/// Puts what it stands for under a handle that was given out before.
pub(crate) fn put(handle: u32, held: Held) {
    HANDLES.with_borrow_mut(|handles| handles.held.insert(handle, held));
}
