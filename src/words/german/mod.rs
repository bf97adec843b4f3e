//! The German texts, area by area; a text that is missing does not compile.

mod activity;
mod alerts;
mod answers;
mod books_page;
mod charts;
mod common;
mod firing;
mod frame;
mod import_page;
mod inbox_page;
mod instrument;
mod operations_page;
mod overview;
mod performance_page;
mod refusals;
mod settings_page;

/// Returns the German texts, in the order of their numbers.
pub(crate) fn texts() -> Vec<&'static str> {
    [
        common::GERMAN.texts(),
        frame::GERMAN.texts(),
        overview::GERMAN.texts(),
        alerts::GERMAN.texts(),
        activity::GERMAN.texts(),
        instrument::GERMAN.texts(),
        charts::GERMAN.texts(),
        inbox_page::GERMAN.texts(),
        settings_page::GERMAN.texts(),
        operations_page::GERMAN.texts(),
        performance_page::GERMAN.texts(),
        firing::GERMAN.texts(),
        answers::GERMAN.texts(),
        refusals::GERMAN.texts(),
        import_page::GERMAN.texts(),
        books_page::GERMAN.texts(),
    ]
    .concat()
}
