//! Reads JSON into the shapes of this crate, in less code than the JSON library's own reader needs for each shape.
//!
//! The library's reader can make a struct of an object and of a list, knows a field by its name and by its number, and says exactly what
//! was expected where. A browser downloads all of that for each of some sixty shapes, and uses none of it: here the text becomes a
//! value first, by the library, and a struct is made of an object alone. What is read is the same, which a property holds.

use std::vec::IntoIter;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_json::{Error, Map, Value};

/// Reads a text.
///
/// ```
/// use foliostream::wire::json;
/// assert_eq!(json::read::<Vec<u8>>("[1,2]").expect("two numbers"), [1, 2]);
/// assert!(json::read::<Vec<u8>>("[1,-2]").is_err());
/// assert!(json::read::<Vec<u8>>("[1,2").is_err());
/// ```
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(Read(serde_json::from_str(text)?))
}

fn not_of_the_shape<T>() -> Result<T, Error> {
    Err(Error::custom("not of the shape that is read here"))
}

/// A value on its way into a shape.
struct Read(Value);

impl Read {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Number(number) = self.0 else { return not_of_the_shape() };
        match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => visitor.visit_u64(number),
            (None, Some(number)) => visitor.visit_i64(number),
            // No figure of this crate is a binary fraction.
            (None, None) => not_of_the_shape(),
        }
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Read {
    type Error = Error;

    /// For shapes that look at the value before they know what they are.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(values) => visitor.visit_seq(Values(values.into_iter())),
            Value::Object(fields) => visitor.visit_map(Fields::of(fields)),
            number @ Value::Number(_) => Self(number).number(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Object(fields) = self.0 else { return not_of_the_shape() };
        visitor.visit_map(Fields::of(fields))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Array(values) = self.0 else { return not_of_the_shape() };
        let mut values = Values(values.into_iter());
        let read = visitor.visit_seq(&mut values)?;
        if values.0.len() == 0 { Ok(read) } else { not_of_the_shape() }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Object(fields) if fields.len() == 1 => {
                let (name, content) = fields.into_iter().next().unwrap_or_default();
                visitor.visit_enum(Variant { name, content: Some(content) })
            }
            _ => not_of_the_shape(),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::String(text) = self.0 else { return not_of_the_shape() };
        visitor.visit_string(text)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Bool(value) = self.0 else { return not_of_the_shape() };
        visitor.visit_bool(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_unit() } else { not_of_the_shape() }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    numbers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    deserialize_f32 deserialize_f64 }

    serde::forward_to_deserialize_any! { i128 u128 bytes byte_buf }
}

/// The values of a list.
struct Values(IntoIter<Value>);

impl<'de> SeqAccess<'de> for Values {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|value| seed.deserialize(Read(value))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The fields of an object.
struct Fields {
    left: serde_json::map::IntoIter,
    value: Value,
}

impl Fields {
    fn of(fields: Map<String, Value>) -> Self {
        Self { left: fields.into_iter(), value: Value::Null }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.left.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Read(Value::String(name))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Read(self.value.take()))
    }
}

/// The chosen variant of an enum, by its name.
struct Variant {
    name: String,
    content: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), Error> {
        let variant = seed.deserialize(Read(Value::String(self.name)))?;
        Ok((variant, Content(self.content)))
    }
}

/// What a variant holds, where it holds something.
struct Content(Option<Value>);

impl Content {
    fn held(self) -> Result<Read, Error> {
        self.0.map_or_else(not_of_the_shape, |value| Ok(Read(value)))
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.0.is_none_or(|value| value.is_null()).then_some(()).map_or_else(not_of_the_shape, Ok)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.held()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.held()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.held()?.deserialize_map(visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;

    /// Everything that shapes are made of.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Shape {
        text: String,
        #[serde(default)]
        flag: bool,
        small: i8,
        large: u64,
        perhaps: Option<Choice>,
        pair: (i64, Option<String>),
        list: Vec<Choice>,
        named: BTreeMap<String, Unit>,
        #[serde(flatten)]
        tagged: Tagged,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        Nothing,
        One(String),
        Two(u8, char),
        Fields { a: i32, b: Option<Box<Choice>> },
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Tagged {
        Plain,
        Full { level: i64 },
    }

    fn choices() -> impl Strategy<Value = Choice> {
        let flat = prop_oneof![
            Just(Choice::Nothing),
            ".{0,4}".prop_map(Choice::One),
            any::<(u8, char)>().prop_map(|(number, letter)| Choice::Two(number, letter)),
        ];
        (flat, prop::option::of(any::<i32>()), any::<bool>()).prop_map(|(flat, number, is_inner)| match number {
            Some(a) => Choice::Fields { a, b: is_inner.then(|| Box::new(flat)) },
            None => flat,
        })
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        let tagged = prop_oneof![Just(Tagged::Plain), any::<i64>().prop_map(|level| Tagged::Full { level })];
        let scalars = (".{0,8}", any::<bool>(), any::<i8>(), any::<u64>(), any::<(i64, Option<String>)>());
        let named = prop::collection::btree_map("[a-z]{1,3}", Just(Unit), 0..3);
        (scalars, prop::option::of(choices()), prop::collection::vec(choices(), 0..4), named, tagged).prop_map(
            |((text, flag, small, large, pair), perhaps, list, named, tagged)| Shape {
                text,
                flag,
                small,
                large,
                perhaps,
                pair,
                list,
                named,
                tagged,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_library_reads_it(shape in shapes(), cut in any::<prop::sample::Index>(), other in "[0-9a-z\\[\\]{}\",:]") {
            let text = serde_json::to_string(&shape).unwrap();
            prop_assert_eq!(read::<Shape>(&text).unwrap(), serde_json::from_str::<Shape>(&text).unwrap());
            // With one character changed, it is refused or read as the library reads it.
            let at = cut.index(text.chars().count());
            let changed: String = text.chars().enumerate().map(|(place, was)| if place == at { other.clone() } else { was.to_string() }).collect();
            if let Ok(read) = read::<Shape>(&changed) {
                prop_assert_eq!(read, serde_json::from_str::<Shape>(&changed).unwrap(), "{}", changed);
            }
        }
    }

    #[test]
    fn a_text_that_is_not_of_the_shape_is_refused() {
        assert!(read::<Choice>(r#""nothing""#).is_ok());
        for text in
            [r#""other""#, r#"{"one":1}"#, r#"{"one":"a","two":[1,"b"]}"#, r#"{"two":[1,"b",2]}"#, r#""one""#, "7", "null", "{"]
        {
            assert!(read::<Choice>(text).is_err(), "{text}");
        }
        assert!(read::<(u8, u8)>("[1,2,3]").is_err());
        assert!(read::<Vec<u8>>("[256]").is_err());
        assert!(read::<Unit>("0").is_err());
    }
}
