//! `/settings`: portfolios, appearance, connected tabs, browser notifications, and what runs here.

mod about;
mod appearance;
mod devices;
mod notices;
mod portfolios;

use crate::app::prelude::*;
use leptos_meta::Title;

use about::About;
use appearance::Appearance;
use devices::Devices;
use notices::BrowserNotifications;
use portfolios::Portfolios;

/// The page of choices.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <Title text="Settings"/>
        <div class="page settings-page">
            <header class="page-head"><h1>"Settings"</h1></header>
            <div class="main-column"><Portfolios/><Devices/></div>
            <div class="side">
                <Appearance/>
                <BrowserNotifications/>
                <About/>
            </div>
        </div>
    }
}
