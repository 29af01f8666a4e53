//! Column names that the caller chooses.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tastespace_options::{Domain, OptionType, Shape};

/// Declares the names of columns in the header, or their numbers from 1, and the shape of the option that holds them.
macro_rules! column_names {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $column:ident),+ }, $typescript:literal, $expected:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$doc])* pub $column: Option<String>,)+
        }

        impl OptionType for $name {
            type Bounds = ();
            fn domain((): ()) -> Domain {
                let admits = |value: &Value| {
                    value.as_object().is_some_and(|columns| {
                        columns.iter().all(|(key, name)| {
                            [$(stringify!($column)),+].contains(&key.as_str()) && (name.is_string() || name.is_null())
                        })
                    })
                };
                Domain::Shape(Shape { typescript: $typescript, expected: $expected, admits })
            }
        }
    };
}

column_names! {
    /// Columns of a file of interactions.
    ColumnNames {
        /// The user's id.
        user,
        /// The item's id.
        item,
        /// The rating.
        rating,
        /// The time.
        time
    },
    "{ readonly user?: string; readonly item?: string; readonly rating?: string; readonly time?: string }",
    "an object of user, item, rating and time, each a name in the header or a number from 1 as text"
}
column_names! {
    /// Columns of a file of items.
    ItemColumnNames {
        /// The item's id.
        item,
        /// The title.
        title,
        /// The genres.
        genres,
        /// The year, appended to titles that do not end with one.
        year
    },
    "{ readonly item?: string; readonly title?: string; readonly genres?: string; readonly year?: string }",
    "an object of item, title, genres and year, each a name in the header or a number from 1 as text"
}
