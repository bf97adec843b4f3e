//! A row that shows what is settled, and opens to change it; one at a time.

use crate::app::prelude::*;

use crate::app::components::icon::Icon;

/// One setting.
#[component]
pub(crate) fn Setting(
    /// The id of the row, for links to it.
    id: &'static str,
    /// What is settled.
    label: &'static str,
    /// How it is now, in a few words.
    #[prop(into)]
    value: Signal<String>,
    /// Whether the row is open at first: where its form was refused.
    #[prop(optional)]
    is_open: bool,
    /// Rows of one group are open one at a time.
    #[prop(default = "setting")]
    group: &'static str,
    /// What changes it.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="setting" name=group id=id open=is_open>
            <summary>
                <span class="setting-label">{label}</span>
                <span class="setting-value">{move || value.get()}</span>
                <Icon name="below"/>
            </summary>
            <div class="setting-body">{children()}</div>
        </details>
    }
}
