//! The time zone of a page's reader, as the browser last sent it in a cookie. The server writes times in it, so that they read
//! the same before and after the page is hydrated.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The cookie that holds the browser's time zone, such as `Europe/Berlin`. `theme.js` writes it.
pub const ZONE_COOKIE: &str = "foliostream_zone";

/// The reader's zone, which the server puts into the context of what it renders.
#[derive(Clone, Debug)]
pub struct ReaderZone {
    /// Its name, as the browser wrote it: `Europe/Berlin`.
    pub name: String,
    /// The zone's rules: its offsets and when they change.
    pub rules: TimeZone,
}

impl ReaderZone {
    /// Takes a time apart in the zone.
    pub fn civil(&self, time: Timestamp) -> DateTime {
        time.to_zoned(self.rules.clone()).datetime()
    }
}
