//! How answers are written and read: as JSON, always from text, so that the browser has one reader of each shape and not two.

use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;

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
        serde_json::from_str(&String::from_utf8_lossy(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_other_text_is_refused() {
        let written = JsonText::encode(&vec![1, 2]).unwrap();
        assert_eq!(<JsonText as Decodes<Vec<i64>>>::decode(written).unwrap(), [1, 2]);
        assert!(<JsonText as Decodes<Vec<i64>>>::decode(Bytes::from_static(b"{")).is_err());
    }
}
