//! The keys, with their English texts. Areas that the browser needs come first.

pub(crate) mod activity;
pub(crate) mod alerts;
pub(crate) mod answers;
pub(crate) mod books_page;
pub(crate) mod charts;
pub(crate) mod common;
pub(crate) mod firing;
pub(crate) mod frame;
pub(crate) mod import_page;
pub(crate) mod inbox_page;
pub(crate) mod instrument;
pub(crate) mod operations_page;
pub(crate) mod overview;
pub(crate) mod performance_page;
pub(crate) mod refusals;
pub(crate) mod settings_page;

use super::check::{FIRST, hashed_names};

/// How many texts the browser needs: those of all areas but the last ones.
pub(crate) const SEEN: usize = answers::Answers::END;

/// The names of all keys, area by area, in the order of their numbers.
const NAMES: [&[&str]; 16] = [
    common::Common::NAMES,
    frame::Frame::NAMES,
    overview::Overview::NAMES,
    alerts::Alerts::NAMES,
    activity::Activity::NAMES,
    instrument::Instrument::NAMES,
    charts::Charts::NAMES,
    inbox_page::InboxPage::NAMES,
    settings_page::SettingsPage::NAMES,
    operations_page::OperationsPage::NAMES,
    performance_page::PerformancePage::NAMES,
    firing::Firing::NAMES,
    answers::Answers::NAMES,
    refusals::Refusals::NAMES,
    import_page::ImportPage::NAMES,
    books_page::BooksPage::NAMES,
];

/// What stands for all keys and their order.
pub(crate) const KEYS: u32 = {
    let (mut hash, mut area) = (FIRST, 0);
    while area < NAMES.len() {
        hash = hashed_names(hash, NAMES[area]);
        area += 1;
    }
    // Half of it is enough to distinguish programs.
    (hash >> 32) as u32
};

/// Returns the placeholders of every key, in the order of their numbers.
pub(crate) fn placeholders() -> impl Iterator<Item = &'static [&'static str]> {
    let areas: [&'static [&'static [&'static str]]; 16] = [
        common::Common::PLACEHOLDERS,
        frame::Frame::PLACEHOLDERS,
        overview::Overview::PLACEHOLDERS,
        alerts::Alerts::PLACEHOLDERS,
        activity::Activity::PLACEHOLDERS,
        instrument::Instrument::PLACEHOLDERS,
        charts::Charts::PLACEHOLDERS,
        inbox_page::InboxPage::PLACEHOLDERS,
        settings_page::SettingsPage::PLACEHOLDERS,
        operations_page::OperationsPage::PLACEHOLDERS,
        performance_page::PerformancePage::PLACEHOLDERS,
        firing::Firing::PLACEHOLDERS,
        answers::Answers::PLACEHOLDERS,
        refusals::Refusals::PLACEHOLDERS,
        import_page::ImportPage::PLACEHOLDERS,
        books_page::BooksPage::PLACEHOLDERS,
    ];
    areas.into_iter().flatten().copied()
}

/// Returns the English texts, in the order of their numbers.
pub(crate) fn texts() -> Vec<&'static str> {
    [
        common::ENGLISH.texts(),
        frame::ENGLISH.texts(),
        overview::ENGLISH.texts(),
        alerts::ENGLISH.texts(),
        activity::ENGLISH.texts(),
        instrument::ENGLISH.texts(),
        charts::ENGLISH.texts(),
        inbox_page::ENGLISH.texts(),
        settings_page::ENGLISH.texts(),
        operations_page::ENGLISH.texts(),
        performance_page::ENGLISH.texts(),
        firing::ENGLISH.texts(),
        answers::ENGLISH.texts(),
        refusals::ENGLISH.texts(),
        import_page::ENGLISH.texts(),
        books_page::ENGLISH.texts(),
    ]
    .concat()
}
