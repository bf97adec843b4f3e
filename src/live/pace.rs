//! How often a page asks for prices: seldom while it is hidden, and on devices that are told to save data.

/// How long a page is hidden before it asks for a slower stream: somebody who looks for something in another tab is back sooner.
const HIDDEN_FOR_MS: i64 = 5_000;

/// Of a hidden page: prices every 25 seconds. Alerts and notifications come at once, whatever a stream's pace.
const HIDDEN: &str = "&max_hz=0.04";

/// Of a page that can be seen, on a device that saves data: prices every ten seconds.
const SAVING: &str = "&max_hz=0.1";

/// The pace of a page's stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Since when the page is hidden, in milliseconds since it began.
    hidden_since: Option<i64>,
    asked: &'static str,
}

impl Pace {
    /// Returns what the stream's address asks for: nothing, or `&max_hz=0.04`.
    pub fn asked(&self) -> &'static str {
        self.asked
    }

    /// Looks at the page once more; true where it wants another stream than it has. A page that is looked at again wants the whole
    /// pace at once, and goes on from its cursor: it misses nothing and is up to date with the first events.
    pub fn look(&mut self, is_hidden: bool, saves_data: bool, now_ms: i64) -> bool {
        self.hidden_since = is_hidden.then(|| self.hidden_since.unwrap_or(now_ms));
        let wanted = match self.hidden_since {
            Some(since) if now_ms - since >= HIDDEN_FOR_MS => HIDDEN,
            Some(_) => self.asked,
            None if saves_data => SAVING,
            None => "",
        };
        std::mem::replace(&mut self.asked, wanted) != wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_slows_down_once_it_has_been_hidden_for_five_seconds_and_is_quick_when_it_is_seen() {
        let mut pace = Pace::default();
        assert!(!pace.look(false, false, 0));
        assert!(!pace.look(true, false, 1_000) && !pace.look(true, false, 5_999));
        assert!(pace.look(true, false, 6_000), "hidden for five seconds");
        assert_eq!(pace.asked(), "&max_hz=0.04");
        assert!(!pace.look(true, false, 60_000));
        assert!(pace.look(false, false, 60_500));
        assert_eq!(pace.asked(), "");
        assert!(!pace.look(true, false, 61_000) && !pace.look(false, false, 62_000), "a short look at another tab");
        assert!(!pace.look(true, false, 63_000) && !pace.look(true, false, 67_000), "the five seconds begin again");
    }

    #[test]
    fn a_device_that_saves_data_asks_for_a_price_every_ten_seconds() {
        let mut pace = Pace::default();
        assert!(pace.look(false, true, 0));
        assert_eq!(pace.asked(), "&max_hz=0.1");
        assert!(!pace.look(true, true, 1_000));
        assert!(pace.look(true, true, 6_000));
        assert_eq!(pace.asked(), "&max_hz=0.04");
    }
}
