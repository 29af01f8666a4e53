//! The declarations: `options!` for a set of options, `choices!` for named values, `shape!` for values of any other form.

/// Declares a struct of options: each field with documentation, type, default and, where its type needs them, bounds
/// (see [`OptionType`](crate::OptionType)). Options that several structs share are a struct of their own, named after
/// `with`: in JSON they are keys like the others.
///
/// A field's documentation is also the text that users read in help and reference.
#[macro_export]
macro_rules! options {
    (
        $(#[$about:meta])*
        $visible:vis struct $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $default:expr $(, $bounds:expr)?;)*
        }
        $(with { $($group:ident: $group_type:ty = $group_default:expr;)* })?
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        $visible struct $name {
            $($(#[doc = $doc])+ pub $field: $type,)*
            $($(
                #[doc = concat!("See [`", stringify!($group_type), "`].")]
                pub $group: $group_type,
            )*)?
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* $($($group: $group_default,)*)? }
            }
        }

        impl $crate::OptionSet for $name {
            fn table() -> &'static [$crate::OptionDoc] {
                static TABLE: ::std::sync::OnceLock<Vec<$crate::OptionDoc>> = ::std::sync::OnceLock::new();
                TABLE.get_or_init(|| {
                    let mut table = Vec::new();
                    $($crate::OptionDoc::add(
                        &mut table,
                        stringify!($field),
                        $crate::documentation!(concat!($($doc, "\n"),+)),
                        <$type as $crate::OptionType>::domain($crate::bounds!($($bounds)?)),
                    );)*
                    $($(table.extend_from_slice(<$group_type as $crate::OptionSet>::table());)*)?
                    table
                })
            }

            fn read(values: &mut $crate::Reader) -> Option<Self> {
                // In the order of the table.
                Some(Self {
                    $($field: values.next()?,)*
                    $($($group: $crate::OptionSet::read(values)?,)*)?
                })
            }

            fn write(&self, values: &mut $crate::Writer) {
                $(values.add(&self.$field);)*
                $($($crate::OptionSet::write(&self.$group, values);)*)?
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&$crate::OptionSet::json(self), serializer)
            }
        }
    };
}

/// The documentation of an option, which a module that only serves leaves out.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "docs")]
macro_rules! documentation {
    ($text:expr) => {
        $text
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "docs"))]
macro_rules! documentation {
    ($text:expr) => {
        ""
    };
}

/// The bounds of an option, `()` where it has none.
#[doc(hidden)]
#[macro_export]
macro_rules! bounds {
    () => {
        ()
    };
    ($bounds:expr) => {
        $bounds
    };
}

/// Declares an enum whose variants are named in JSON as given.
#[macro_export]
macro_rules! choices {
    (
        $(#[$about:meta])*
        $visible:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "tastespace_options::serde")]
        $visible enum $name {
            $(
                #[doc = concat!("`", $text, "`.")]
                $(#[$doc])*
                #[serde(rename = $text)]
                $variant,
            )+
        }

        #[allow(dead_code)]
        impl $name {
            /// All of them.
            $visible const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in JSON and messages.
            $visible fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl $crate::OptionType for $name {
            type Bounds = ();
            fn domain((): ()) -> $crate::Domain {
                $crate::Domain::Choice(&[$($text),+])
            }
        }
    };
}

/// Declares a type that serde reads as the type of an option: its TypeScript type, the accepted values in words, and a check
/// of the value.
#[macro_export]
macro_rules! shape {
    ($type:ty, $typescript:expr, $expected:expr, $check:expr) => {
        impl $crate::OptionType for $type {
            type Bounds = ();
            fn domain((): ()) -> $crate::Domain {
                $crate::Domain::Shape($crate::Shape {
                    typescript: $typescript,
                    expected: $expected,
                    admits: |value| $crate::reads::<$type>(value, $check),
                })
            }
        }
    };
}
