//! Data sets and models by the numbers that JavaScript uses for them. Numbers are never reused.

use crate::errors::{EngineError, Result};
use std::cell::RefCell;
use std::collections::HashMap;
#[cfg(feature = "train")]
use std::sync::Arc;
#[cfg(feature = "train")]
use tastespace_data::Interactions;
use tastespace_data::{ItemTexts, Vocabulary};
#[cfg(feature = "train")]
use tastespace_models::Fit;
use tastespace_models::registry::{Checked, Entry};
use tastespace_models::{Fitted, ModelError};

#[cfg(feature = "train")]
use crate::filling::Filling;

/// The object behind a handle.
pub(crate) enum Held {
    /// A data set that is being filled.
    #[cfg(feature = "train")]
    Filling(Box<Filling>),
    /// A data set.
    #[cfg(feature = "train")]
    Dataset(Arc<Interactions>),
    /// A model.
    Model(Box<ModelHandle>),
}

impl Held {
    pub(crate) fn what(&self) -> &'static str {
        match self {
            #[cfg(feature = "train")]
            Self::Filling(_) => "a data set that is not finished",
            #[cfg(feature = "train")]
            Self::Dataset(_) => "a data set",
            Self::Model(_) => "a model",
        }
    }
}

/// A model.
pub(crate) struct ModelHandle {
    /// Its kind.
    pub(crate) entry: &'static Entry,
    /// Its options.
    pub(crate) options: Checked,
    /// Its state.
    pub(crate) state: State,
}

/// The state of a model.
pub(crate) enum State {
    /// Never trained.
    #[cfg(feature = "train")]
    New,
    #[cfg(feature = "train")]
    /// In training, and the fitted model that it was before, if it was one.
    Fitting { fit: Box<Fit>, before: Option<Fitted> },
    /// Trained.
    Fitted(Fitted),
}

impl ModelHandle {
    /// The trained model, or the last whole epoch of one in training.
    pub(crate) fn fitted(&self) -> Result<&Fitted> {
        let fitted = match &self.state {
            #[cfg(feature = "train")]
            State::New => None,
            #[cfg(feature = "train")]
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
    /// Only the engine's own thread answers calls, so only its table is used. It is borrowed during a call, which is safe since
    /// calls are serial and call back nothing.
    static HANDLES: RefCell<Handles> = RefCell::default();
}

/// Stores an object and returns its handle.
pub(crate) fn keep(held: Held) -> u32 {
    HANDLES.with_borrow_mut(|handles| {
        handles.last += 1;
        handles.held.insert(handles.last, held);
        handles.last
    })
}

/// Stores a model and returns its handle.
pub(crate) fn keep_model(entry: &'static Entry, options: Checked, state: State) -> u32 {
    keep(Held::Model(Box::new(ModelHandle { entry, options, state })))
}

/// Frees a handle. A handle that is gone already is no error.
pub(crate) fn drop_handle(handle: u32) {
    HANDLES.with_borrow_mut(|handles| handles.held.remove(&handle));
}

/// The number of handles.
pub(crate) fn count() -> usize {
    HANDLES.with_borrow(|handles| handles.held.len())
}

/// Runs `use_it` on the object behind a handle.
pub(crate) fn with<T>(handle: u32, use_it: impl FnOnce(&mut Held) -> Result<T>) -> Result<T> {
    HANDLES.with_borrow_mut(|handles| {
        use_it(handles.held.get_mut(&handle).ok_or_else(|| EngineError::disposed(handle))?)
    })
}

/// The data set behind a handle.
#[cfg(feature = "train")]
pub(crate) fn dataset(handle: u32) -> Result<Arc<Interactions>> {
    with(handle, |held| match held {
        Held::Dataset(data) => Ok(data.clone()),
        other => Err(EngineError::wrong_handle("a data set", other.what())),
    })
}

/// Runs `use_it` on the data set being filled behind a handle.
#[cfg(feature = "train")]
pub(crate) fn with_filling<T>(handle: u32, use_it: impl FnOnce(&mut Filling) -> Result<T>) -> Result<T> {
    with(handle, |held| match held {
        Held::Filling(filling) => use_it(filling),
        other => Err(EngineError::wrong_handle("a data set that is not finished", other.what())),
    })
}

/// Runs `use_it` on the model behind a handle.
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
        #[cfg(feature = "train")]
        Held::Dataset(data) => Ok(use_it(&data.users, &data.items)),
        Held::Model(model) => {
            let catalogue = model.fitted()?.catalogue();
            Ok(use_it(&catalogue.users, &catalogue.items))
        }
        #[cfg(feature = "train")]
        Held::Filling(_) => Err(EngineError::wrong_handle("a data set or a model", held.what())),
    })
}

/// Runs `use_it` on the titles and genres of the items behind a data set or a trained model, where there are any.
pub(crate) fn with_item_texts<T>(handle: u32, use_it: impl FnOnce(Option<&ItemTexts>) -> T) -> Result<T> {
    with(handle, |held| match held {
        #[cfg(feature = "train")]
        Held::Dataset(data) => {
            let texts = data.item_table.as_ref().map(|table| table.align(&data.items));
            Ok(use_it(texts.as_ref()))
        }
        Held::Model(model) => Ok(use_it(model.fitted()?.catalogue().texts.as_ref())),
        #[cfg(feature = "train")]
        Held::Filling(_) => Err(EngineError::wrong_handle("a data set or a model", held.what())),
    })
}

/// Removes the data set being filled from its handle, to finish it.
#[cfg(feature = "train")]
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

/// Stores an object under an existing handle.
#[cfg(feature = "train")]
pub(crate) fn put(handle: u32, held: Held) {
    HANDLES.with_borrow_mut(|handles| handles.held.insert(handle, held));
}
