//! How answers, and what travels within a document, are written and read: as JSON, in the browser by one reader of each shape, the
//! small one of [`json`].

use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire::json;

/// JSON that is read from text.
pub struct JsonText;

/// The answers of server functions.
pub(crate) type Text = Post<JsonText>;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        json::read(&String::from_utf8_lossy(&bytes))
    }
}

/// What the server rendered a page from, as it stands in the document.
impl<T: Serialize> Encoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        json::read(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_other_text_is_refused() {
        let written = <JsonText as Encodes<_>>::encode(&vec![1, 2]).unwrap();
        assert_eq!(<JsonText as Decodes<Vec<i64>>>::decode(written).unwrap(), [1, 2]);
        assert!(<JsonText as Decodes<Vec<i64>>>::decode(Bytes::from_static(b"{")).is_err());
    }
}
