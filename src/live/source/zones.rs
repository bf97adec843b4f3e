//! In which zone the page's times are written.

use js_sys::Date;
use leptos::prelude::document;
use wasm_bindgen::JsValue;

use super::LocalTime;

/// Takes a time, in milliseconds since 1970, apart in the reader's zone.
pub fn local_time(milliseconds: i64) -> Option<LocalTime> {
    let date = Date::new(&JsValue::from_f64(milliseconds as f64));
    if let Some(time) = CHOSEN_ZONE.with(|zone| zone.as_ref().and_then(|zone| zone_time(zone, &date))) {
        return Some(time);
    }
    let part = |number: u32| u8::try_from(number).ok();
    Some(LocalTime {
        year: i16::try_from(date.get_full_year()).ok()?,
        month: part(date.get_month() + 1)?,
        day: part(date.get_date())?,
        hour: part(date.get_hours())?,
        minute: part(date.get_minutes())?,
        second: part(date.get_seconds())?,
    })
}

thread_local! {
    /// What takes times apart in the zone that the reader has chosen in place of her browser's, as `theme.js` names it.
    static CHOSEN_ZONE: Option<js_sys::Function> = chosen_zone();
}

fn chosen_zone() -> Option<js_sys::Function> {
    let name = document().document_element()?.get_attribute("data-chosen-zone")?;
    let options = js_sys::Object::new();
    let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&options, &name.into(), value);
    set("timeZone", &name.into()).ok()?;
    set("hourCycle", &"h23".into()).ok()?;
    for part in ["year", "month", "day", "hour", "minute", "second"] {
        set(part, &"numeric".into()).ok()?;
    }
    let locales = js_sys::Array::of1(&"en-US".into());
    Some(js_sys::Intl::DateTimeFormat::new(&locales, &options).format())
}

/// Reads what a formatter of English writes: `11/27/2026, 9:05:03`.
fn zone_time(format: &js_sys::Function, date: &Date) -> Option<LocalTime> {
    let text = format.call1(&JsValue::NULL, date).ok()?.as_string()?;
    let mut numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut next = || numbers.next()?.parse::<i16>().ok();
    let (month, day, year) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next()?);
    let part = |number: i16| u8::try_from(number).ok();
    Some(LocalTime {
        year,
        month: part(month)?,
        day: part(day)?,
        hour: part(hour)?,
        minute: part(minute)?,
        second: part(second)?,
    })
}

/// Returns the zone in which the server wrote the page's times; nothing where that was UTC.
pub fn written_zone() -> Option<String> {
    document().document_element().and_then(|root| root.get_attribute("data-zone"))
}

/// Returns the zone in which the page writes times once it lives, where `theme.js` has found it.
pub fn own_zone() -> Option<String> {
    document().document_element().and_then(|root| root.get_attribute("data-own-zone"))
}

/// Whether the page was written in this browser's zone: the root says in which zone the server wrote, and `theme.js` which one
/// the browser is in.
pub fn is_zone_known() -> bool {
    let zone = |name: &str| document().document_element().and_then(|root| root.get_attribute(name));
    zone("data-zone").is_some_and(|written| zone("data-own-zone") == Some(written))
}
