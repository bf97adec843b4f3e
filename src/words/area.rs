//! How keys are declared and checked.

/// Declares an area whose texts are refusals: beside the method of [`Words`](crate::words::Words), each key has a function that
/// makes a [`Sentence`](crate::words::Sentence), which is written once the reader's language is known.
macro_rules! refusals {
    ($(#[$about:meta])* $area:ident from $base:expr; $($key:ident $(($($part:ident),+))?: $text:literal;)+) => {
        area! { $(#[$about])* $area from $base; $($key $(($($part),+))?: $text;)+ }

        impl $area {
            $(
                #[doc = concat!("Refuses with “", $text, "”.")]
                pub fn $key($($($part: impl Into<$crate::words::sentence::Value>),+)?) -> $crate::words::Sentence {
                    $crate::words::Sentence::new($base + Number::$key as usize, vec![$($($part.into()),+)?])
                }
            )+
        }
    };
}

/// Declares an area of the catalogue: a key with its English text on each line. `$base` is the number of the first key: the end
/// of the area before.
///
/// - `total_value: "Total value";` is a text;
/// - `is_at(ticker, price): "{ticker} is at {price}";` has placeholders;
/// - `entries[count]: "{count} entry|{count} entries";` is counted, with one form for each that the language has, and may have
///   placeholders as well: `entries[count](ticker): …`.
macro_rules! area {
    ($(#[$about:meta])* $area:ident from $base:expr; $($key:ident $([$count:ident])? $(($($part:ident),+))?: $text:literal;)+) => {
        $(#[$about])*
        #[allow(unreachable_pub, reason = "refusals and answers are named by the server as well")]
        pub struct $area {
            $(#[doc = $text] pub $key: &'static str,)+
        }

        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "a number for each key, under the key's own name")]
        enum Number {
            $($key,)+
        }

        impl $area {
            /// The number of the key after the last one.
            #[allow(dead_code, reason = "no area follows the last one")]
            pub(crate) const END: usize = $base + Self::NAMES.len();
            /// The keys' names, in the order of their numbers.
            pub(crate) const NAMES: &'static [&'static str] = &[$(stringify!($key),)+];
            /// The keys' placeholders; of a counted text, the count is the first.
            pub(crate) const PLACEHOLDERS: &'static [&'static [&'static str]] =
                &[$(&[$(stringify!($count),)? $($(stringify!($part),)+)?],)+];

            /// Refuses to compile where a text does not fit its key in a language.
            pub(crate) const fn checked(self, language: $crate::words::Language) -> Self {
                $(assert!(
                    $crate::words::check::fits(
                        self.$key,
                        &[$(stringify!($count),)? $($(stringify!($part),)+)?],
                        [$(stringify!($count),)? ""].len() > 1,
                        language,
                    ),
                    concat!("the text of `", stringify!($key), "` has other placeholders or plural forms than its key asks for"),
                );)+
                self
            }

            /// Returns the texts, in the order of their numbers.
            pub(crate) fn texts(&self) -> Vec<&'static str> {
                vec![$(self.$key,)+]
            }
        }

        impl $crate::words::Words {
            $(area!(@method $base; $key; [$($count)?]; [$($($part),+)?]; $text);)+
        }

        /// The texts of this area in English.
        pub(crate) const ENGLISH: $area = $area { $($key: $text,)+ }.checked($crate::words::Language::English);
    };
    (@method $base:expr; $key:ident; []; []; $text:literal) => {
        #[doc = concat!("Returns the text “", $text, "”.")]
        pub fn $key(self) -> &'static str {
            self.text($base + Number::$key as usize)
        }
    };
    (@method $base:expr; $key:ident; []; [$($part:ident),+]; $text:literal) => {
        #[doc = concat!("Returns the sentence “", $text, "”.")]
        pub fn $key(self, $($part: &str),+) -> String {
            self.filled($base + Number::$key as usize, &[$($part),+])
        }
    };
    (@method $base:expr; $key:ident; [$count:ident]; []; $text:literal) => {
        #[doc = concat!("Returns the counted text “", $text, "”.")]
        pub fn $key(self, $count: u64) -> String {
            self.counted($base + Number::$key as usize, $count, &[])
        }
    };
    (@method $base:expr; $key:ident; [$count:ident]; [$($part:ident),+]; $text:literal) => {
        #[doc = concat!("Returns the counted sentence “", $text, "”.")]
        pub fn $key(self, $count: u64, $($part: &str),+) -> String {
            self.counted($base + Number::$key as usize, $count, &[$($part),+])
        }
    };
}
