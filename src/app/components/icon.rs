use crate::app::prelude::*;

/// A line drawing of 20 by 20, which says nothing to a screen reader: its button or link has the words.
#[component]
pub(crate) fn Icon(
    /// Which: `overview`, `activity`, `alerts`, `inbox`, `settings`, `search`, `eye`, `eye-off`, `moon`, `sun`, `close`,
    /// `plus`, `minus`, `up`, `down`, `coin`, `receipt`, `split`, `trend`, `pause`, `below`, `more`, `edit`, `copy`, `trash`, `help`, `go`, `check`, `back`.
    name: &'static str,
) -> impl IntoView {
    view! { <svg class="i" viewBox="0 0 20 20" aria-hidden="true"><path d=path(name)></path></svg> }
}

/// Returns the SVG path of an icon, in a square of 20 by 20.
fn path(name: &str) -> &'static str {
    match name {
        "overview" => "M3 10l7-6 7 6v7h-5v-4H8v4H3z",
        "activity" => "M4 5h12M4 10h12M4 15h8",
        "alerts" => "M10 3a5 5 0 00-5 5v4l-1.5 2.5h13L15 12V8a5 5 0 00-5-5zM8.5 17h3",
        "inbox" => "M3 5h14v10H3zM3 5l7 6 7-6",
        "settings" => "M3 6h7M14 6h3M3 14h3M10 14h7M12 4a2 2 0 110 4 2 2 0 010-4zM8 12a2 2 0 110 4 2 2 0 010-4z",
        "search" => "M9 3a6 6 0 104 10.5L17 17M9 3a6 6 0 014 10.5",
        "eye" => "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 12.2a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4z",
        "eye-off" => "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM4 3l12 14",
        "moon" => "M16 11.5A6.5 6.5 0 118.5 4a5 5 0 007.5 7.5z",
        "sun" => {
            "M10 6.5a3.5 3.5 0 110 7 3.5 3.5 0 010-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.5 4.5l1 1M14.5 14.5l1 1M4.5 15.5l1-1M14.5 5.5l1-1"
        }
        "close" => "M5 5l10 10M15 5L5 15",
        "plus" => "M10 4v12M4 10h12",
        "down" => "M10 4v11M5.5 10.5L10 15l4.5-4.5",
        "up" => "M10 16V5M5.5 9.5L10 5l4.5 4.5",
        "minus" => "M4 10h12",
        "coin" => {
            "M10 3a7 7 0 110 14 7 7 0 010-14zM12 7.5c-.5-.7-1.2-1-2-1-1.2 0-2 .7-2 1.7 0 2.3 4.1 1.2 4.1 3.6 0 1-.9 1.7-2.1 1.7-.9 0-1.7-.4-2.2-1.1M10 5.5v1M10 13.5v1"
        }
        "receipt" => "M5 3h10v14l-2.5-1.5L10 17l-2.5-1.5L5 17zM8 7h4M8 10h4",
        "split" => "M4 10h4l4-5h4M8 10l4 5h4",
        "trend" => "M3 15l5-5 3 3 6-7M13 6h4v4",
        "clock" => "M10 3a7 7 0 110 14 7 7 0 010-14zM10 6v4.5l3 2",
        "pause" => "M7 4v12M13 4v12",
        "below" => "M5 8l5 5 5-5",
        "more" => "M5 10h.01M10 10h.01M15 10h.01",
        "edit" => "M4 16l1-4 8-8 3 3-8 8zM11.5 5.5l3 3",
        "copy" => "M7 7h9v9H7zM4 13V4h9",
        "trash" => "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6",
        "help" => "M7.5 7.5a2.5 2.5 0 113.6 2.2c-.8.4-1.1 1-1.1 1.8M10 14.5v.1M10 2.5a7.5 7.5 0 110 15 7.5 7.5 0 010-15z",
        "go" => "M4 10h11M11 5l5 5-5 5",
        "check" => "M4 10.5l4 4 8-9",
        "back" => "M12 4l-6 6 6 6",
        _ => "",
    }
}
