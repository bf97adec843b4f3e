//! The time zone of a page's reader, as the browser last sent it in a cookie. The server writes times in it, so that they read
//! the same before and after the page is hydrated.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The cookie that holds the browser's time zone, such as `Europe/Berlin`. `theme.js` writes it.
pub const ZONE_COOKIE: &str = "foliostream_zone";

/// The cookie that holds the zone that the reader has chosen in place of her browser's.
pub const ZONE_CHOICE_COOKIE: &str = "foliostream_zone_choice";

/// Zones that are suggested where one is chosen: one for most offsets.
pub const SUGGESTED: [&str; 24] = [
    "America/Anchorage",
    "America/Argentina/Buenos_Aires",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Hong_Kong",
    "Asia/Jakarta",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Sydney",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Zurich",
    "Pacific/Auckland",
    "UTC",
];

/// Returns the cookie by which a browser keeps a chosen zone for a year, or forgets it.
pub fn zone_choice_cookie(zone: Option<&str>) -> String {
    let age = if zone.is_some() { "31536000" } else { "0" };
    [ZONE_CHOICE_COOKIE, "=", zone.unwrap_or_default(), "; Path=/; Max-Age=", age, "; SameSite=Lax"].concat()
}

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
