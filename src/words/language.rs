//! The languages there are, their rules, and how a reader's language is found.

/// The cookie in which a browser keeps the language that its reader has chosen.
pub const LANGUAGE_COOKIE: &str = "foliostream_language";

/// A language in which everything is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, for everybody who asks for no other language that there is.
    #[default]
    English,
    /// German, as it is spoken in Germany.
    German,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Returns its code (BCP 47), as `lang` and the cookie have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Returns what its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// Returns the cookie by which a browser keeps this language as its reader's choice, for a year.
    pub fn cookie(self) -> String {
        [LANGUAGE_COOKIE, "=", self.code(), "; Path=/; Max-Age=31536000; SameSite=Lax"].concat()
    }

    /// Reads a code; a region or script after it is no matter: `de-AT` is German.
    ///
    /// ```
    /// use foliostream::words::Language;
    /// assert_eq!(Language::of_code("de-AT"), Some(Language::German));
    /// assert_eq!(Language::of_code("fr"), None);
    /// ```
    pub fn of_code(code: &str) -> Option<Self> {
        let primary = code.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// Finds the language that a request accepts most gladly (`Accept-Language`, RFC 9110): the highest weight counts, the first
    /// among equals. None where it accepts no language that there is.
    ///
    /// ```
    /// use foliostream::words::Language;
    /// assert_eq!(Language::accepted("fr, de;q=0.8, en;q=0.7"), Some(Language::German));
    /// assert_eq!(Language::accepted("fr"), None);
    /// ```
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for (language, weight) in header.split(',').filter_map(wanted) {
            if weight > best.map_or(0, |(weight, _)| weight) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// Returns how many forms a counted text has.
    pub const fn plural_forms(self) -> usize {
        match self {
            Self::English | Self::German => 2,
        }
    }

    /// Returns which form goes with a count, from 0.
    pub const fn plural_form(self, count: u64) -> usize {
        match self {
            Self::English | Self::German => {
                if count == 1 {
                    0
                } else {
                    1
                }
            }
        }
    }
}

/// Reads one range of `Accept-Language` with its weight in thousandths; one that is not to be taken has a weight of 0.
fn wanted(range: &str) -> Option<(Language, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?;
    let language = if tag == "*" { Language::default() } else { Language::of_code(tag)? };
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        Some(text) => thousandths(text)?,
        None => 1_000,
    };
    Some((language, weight))
}

/// Reads a weight, `0` to `1` with three decimals at most.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = [decimals, &"000"[decimals.len()..]].concat().parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_weight_counts_and_the_first_among_equals() {
        for (header, language) in [
            ("de", Some(Language::German)),
            ("de-AT, en;q=0.9", Some(Language::German)),
            ("en-GB,de;q=0.9", Some(Language::English)),
            ("de;q=0.5, en;q=0.7", Some(Language::English)),
            ("en, de", Some(Language::English)),
            ("fr, *;q=0.1", Some(Language::English)),
            ("fr;q=1, de;q=0.001", Some(Language::German)),
            ("DE-ch ; q=0.3", Some(Language::German)),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }

    #[test]
    fn what_is_refused_or_cannot_be_read_is_not_chosen() {
        for header in ["", "fr", "de;q=0", "de;q=0.000", "de;q=2", "de;q=0.1234", "de;q=x", "deutsch", ",;,", "de;q=-1"] {
            assert_eq!(Language::accepted(header), None, "{header}");
        }
    }

    #[test]
    fn a_language_survives_its_code() {
        for language in Language::ALL {
            assert_eq!(Language::of_code(language.code()), Some(language));
        }
    }
}
