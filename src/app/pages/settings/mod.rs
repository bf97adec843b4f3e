//! `/settings`: portfolios, appearance, browser notifications, and what runs here.

mod about;
mod appearance;
mod notices;
mod portfolios;

use crate::app::prelude::*;
use leptos_meta::Title;

use about::About;
use appearance::Appearance;
use notices::BrowserNotifications;
use portfolios::Portfolios;

/// The page of choices.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <Title text="Settings"/>
        <div class="page settings-page">
            <header class="page-head"><h1>"Settings"</h1></header>
            <div class="main-column"><Portfolios/></div>
            <div class="side">
                <Appearance/>
                <BrowserNotifications/>
                <About/>
            </div>
        </div>
    }
}
