//! Named blocks of parameters.

use ndarray::Array2;
use std::borrow::Cow;

/// The meaning of a tensor's first dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// One row per user.
    Users,
    /// One row per item.
    Items,
    /// One row per item feature.
    Features,
    /// None of these.
    Whole,
}

/// A named block of parameters.
pub struct Tensor<'a> {
    /// Name in the file.
    pub name: Cow<'static, str>,
    /// Extent of each dimension.
    pub shape: Vec<usize>,
    /// Values, row-major.
    pub values: &'a [f32],
    /// Meaning of the rows.
    pub axis: Axis,
}

impl<'a> Tensor<'a> {
    /// The largest magnitude of the values; not a number if one is none.
    pub fn largest(&self) -> f32 {
        // As integers, magnitudes are in the same order, and the loop is vectorized.
        let magnitude = |value: &f32| value.to_bits() & 0x7fff_ffff;
        f32::from_bits(self.values.iter().map(magnitude).max().unwrap_or(0))
    }

    /// A matrix as a tensor.
    pub fn matrix(name: &'static str, axis: Axis, matrix: &'a Array2<f32>) -> Self {
        Self { name: name.into(), shape: matrix.shape().to_vec(), values: values(matrix), axis }
    }

    /// A vector as a tensor.
    pub fn vector(name: &'static str, axis: Axis, values: &'a [f32]) -> Self {
        Self { name: name.into(), shape: vec![values.len()], values, axis }
    }
}

/// The values of a matrix, row-major.
pub fn values(matrix: &Array2<f32>) -> &[f32] {
    matrix.as_slice().expect("parameters are in standard layout")
}

/// The values of a matrix, row-major and mutable.
pub fn values_mut(matrix: &mut Array2<f32>) -> &mut [f32] {
    matrix.as_slice_mut().expect("parameters are in standard layout")
}

/// One row of a matrix.
pub fn row(matrix: &Array2<f32>, index: u32) -> &[f32] {
    let width = matrix.ncols();
    &values(matrix)[index as usize * width..][..width]
}

/// Owned tensors by name, with shape and values.
#[derive(Clone)]
pub struct Tensors(pub Vec<(String, Vec<usize>, Vec<f32>)>);

/// A tensor that is missing, or whose shape does not match the options.
#[derive(Debug)]
pub struct WrongTensor {
    /// Its name.
    pub name: &'static str,
    /// The expected shape.
    pub expected: Vec<usize>,
    /// The shape in the file, or none if the tensor is missing or its values are invalid.
    pub found: Option<Vec<usize>>,
}

impl Tensors {
    /// The values of the tensor of this name.
    pub fn values(&self, name: &str) -> Option<&[f32]> {
        self.0.iter().find(|(found, ..)| found == name).map(|(.., values)| &values[..])
    }

    /// The shape of the tensor of this name.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.0.iter().find(|(found, ..)| found == name).map(|(_, shape, _)| &shape[..])
    }

    /// A copy of the tensors whose names begin with `prefix`, without the prefix.
    pub fn copy_of_part(&self, prefix: &str) -> Self {
        let part = self.0.iter().filter_map(|(name, shape, values)| {
            Some((name.strip_prefix(prefix)?.to_owned(), shape.clone(), values.clone()))
        });
        Self(part.collect())
    }

    /// Takes the tensors whose names begin with `prefix`, and removes the prefix.
    pub fn part(&mut self, prefix: &str) -> Self {
        let (mut part, rest): (Vec<_>, Vec<_>) =
            self.0.drain(..).partition(|(name, ..)| name.starts_with(prefix));
        self.0 = rest;
        part.iter_mut().for_each(|(name, ..)| drop(name.drain(..prefix.len())));
        Self(part)
    }

    /// Takes the values of the tensor of this name, which must have this shape.
    pub fn take(&mut self, name: &'static str, expected: &[usize]) -> Result<Vec<f32>, WrongTensor> {
        let wrong = |found| WrongTensor { name, expected: expected.to_vec(), found };
        let index = self.0.iter().position(|(found, ..)| found == name).ok_or_else(|| wrong(None))?;
        let (_, shape, values) = self.0.swap_remove(index);
        if shape == expected { Ok(values) } else { Err(wrong(Some(shape))) }
    }

    /// Takes a matrix of this shape.
    pub fn take_matrix(
        &mut self,
        name: &'static str,
        rows: usize,
        columns: usize,
    ) -> Result<Array2<f32>, WrongTensor> {
        let values = self.take(name, &[rows, columns])?;
        Ok(Array2::from_shape_vec((rows, columns), values).expect("the shape was checked"))
    }
}
