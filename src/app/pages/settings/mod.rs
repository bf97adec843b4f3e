//! `/settings`: portfolios, preferences, notifications, devices, data, and what runs here. Rows show how things are and open to change
//! them.

mod about;
mod appearance;
mod data;
mod devices;
mod formats;
mod language;
mod notices;
mod portfolios;
mod setting;

use crate::app::prelude::*;
use leptos_meta::Title;

use crate::words::{Label, Words};
use about::About;
use appearance::AppearanceSettings;
use data::Data;
use devices::Devices;
use formats::FormatSettings;
use language::LanguageSetting;
use notices::BrowserNotifications;
use portfolios::Portfolios;

/// The parts of the page, by their ids.
const SECTIONS: [(&str, Label); 6] = [
    ("#portfolios", Words::portfolios),
    ("#preferences", Words::preferences),
    ("#notices", Words::browser_notifications),
    ("#devices", Words::connected_now),
    ("#data", Words::data_heading),
    ("#about", Words::about),
];

/// The page of choices.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let links = SECTIONS.map(|(address, label)| view! { <a href=address rel="external">{label(words())}</a> }.into_any());
    view! {
        <Title text=words().settings()/>
        <div class="page settings-page">
            <header class="page-head"><h1>{words().settings()}</h1></header>
            <nav class="sections" aria-label=words().settings()>{links.into_iter().collect_view()}</nav>
            <div class="settings-column">
                <Portfolios/>
                <section class="card settings-card" id="preferences" aria-labelledby="preferences-title">
                    <header><h2 id="preferences-title">{words().preferences()}</h2></header>
                    <LanguageSetting/>
                    <FormatSettings/>
                    <AppearanceSettings/>
                </section>
                <BrowserNotifications/>
                <Devices/>
                <Data/>
                <About/>
            </div>
        </div>
    }
}
