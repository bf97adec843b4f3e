//! Long lists in pages: `?limit=` and `?cursor=` are answered with `{"items","next"}`. `next` is the cursor of the page that
//! follows, `null` on the last.

use serde::Serialize;

use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::Refusals;

/// Entries of a page, unless told.
pub(crate) const USUAL: i64 = 100;

/// The most entries of a page.
pub(crate) const MOST: i64 = 1_000;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Page<T> {
    /// The page's entries, in the order of the list.
    pub items: Vec<T>,
    /// The cursor of the page that follows; `null` on the last.
    pub next: Option<String>,
}

/// A page that is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The most entries of the page, 1 to [`MOST`].
    pub limit: i64,
    /// The `next` of the page before; `None` asks for the first page.
    pub cursor: Option<String>,
}

/// Reads which page is asked for; none where neither `limit` nor `cursor` is given.
pub(crate) fn asked(limit: Option<i64>, cursor: Option<String>) -> Result<Option<Asked>, ApiError> {
    let is_asked = limit.is_some() || cursor.is_some();
    match limit.unwrap_or(USUAL) {
        _ if !is_asked => Ok(None),
        limit @ 1..=MOST => Ok(Some(Asked { limit, cursor })),
        _ => {
            let refusal = ApiError::new(ErrorCode::BadRequest, Refusals::ask_for_entries(MOST.to_string()));
            Err(ApiError { field: Some("limit".to_owned()), ..refusal })
        }
    }
}

/// Reads the same from a query's pairs; what is named twice counts once, as it stands last.
pub(crate) fn asked_in(pairs: &[(String, String)]) -> Result<Option<Asked>, ApiError> {
    let last = |wanted: &str| pairs.iter().rev().find(|(name, _)| name == wanted).map(|(_, text)| text.as_str());
    let limit = last("limit").map(|text| text.parse().unwrap_or(0));
    asked(limit, last("cursor").map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_by_limit_or_cursor_and_holds_a_thousand_at_most() {
        assert_eq!(asked(None, None), Ok(None));
        assert_eq!(asked(None, Some("7".into())), Ok(Some(Asked { limit: USUAL, cursor: Some("7".into()) })));
        assert_eq!(asked(Some(1_000), None), Ok(Some(Asked { limit: 1_000, cursor: None })));
        for limit in [0, -1, 1_001, i64::MAX] {
            assert_eq!(asked(Some(limit), None).unwrap_err().field.as_deref(), Some("limit"));
        }
    }
}
