//! `/settings`: portfolios, language, appearance, connected tabs, browser notifications, and what runs here.

mod about;
mod appearance;
mod devices;
mod language;
mod notices;
mod portfolios;

use crate::app::prelude::*;
use leptos_meta::Title;

use about::About;
use appearance::Appearance;
use devices::Devices;
use language::LanguageChoice;
use notices::BrowserNotifications;
use portfolios::Portfolios;

/// The page of choices.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    view! {
        <Title text=words().settings()/>
        <div class="page settings-page">
            <header class="page-head"><h1>{words().settings()}</h1></header>
            <div class="main-column"><Portfolios/><Devices/></div>
            <div class="side">
                <LanguageChoice/>
                <Appearance/>
                <BrowserNotifications/>
                <About/>
            </div>
        </div>
    }
}
