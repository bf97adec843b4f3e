//! The time zone in which a page's reader lives, as her browser last told it: the server writes times in it, so that they read
//! the same before and after the page comes to life.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The cookie by which a browser tells its zone; `theme.js` writes it.
pub const ZONE_COOKIE: &str = "foliostream_zone";

/// The reader's zone, which the server puts into the context of what it renders.
#[derive(Clone, Debug)]
pub struct ReaderZone {
    /// Its name, as the browser wrote it: `Europe/Berlin`.
    pub name: String,
    /// Its rules.
    pub rules: TimeZone,
}

impl ReaderZone {
    /// Takes a time apart in the zone.
    pub fn civil(&self, time: Timestamp) -> DateTime {
        time.to_zoned(self.rules.clone()).datetime()
    }
}
