use crate::app::prelude::*;

use super::icon::Icon;
use crate::app::shortcuts::{Dialogs, SHORTCUTS};
use crate::live::source;

/// The keyboard's help, a dialog.
#[component]
pub(crate) fn Help() -> impl IntoView {
    let dialog = expect_context::<Dialogs>().help;
    let rows: Vec<_> = SHORTCUTS
        .into_iter()
        .map(|(keys, meaning)| {
            let keys: Vec<_> = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }.into_any()).collect();
            view! { <div><dt>{keys}</dt><dd>{meaning(words())}</dd></div> }
        })
        .collect();
    view! {
        <dialog class="sheet help" node_ref=dialog aria-labelledby="help-title">
            <header>
                <h2 id="help-title">{words().keyboard()}</h2>
                <button class="icon end" type="button" aria-label=words().close() on:click=move |_| source::close_dialog(dialog)>
                    <Icon name="close"/>
                </button>
            </header>
            <dl>{rows}</dl>
        </dialog>
    }
}
