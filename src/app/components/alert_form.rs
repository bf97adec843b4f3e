//! The alert form, laid out as a sentence such as `alert me when [AAPL] [crosses above] [230.00] [once]`.

use crate::app::prelude::*;

use crate::app::components::distance::{distance, distance_words, in_typical_days, typical_days_text};
use crate::app::components::field::{Field, FormRefusal, Refused, TextField};
use crate::app::components::level_chart::{FormFields, LevelChart};
use crate::app::components::numbers::{NumbersLanguage, typed_number};
use crate::app::components::post_form::{Command, FormKey, PostForm};
use crate::app::components::sentences::{CONDITIONS, condition_choice, condition_word, read_condition, repeat_word};
use crate::app::reactive::memo;
use crate::app::refused_form::Typed;
use crate::domain::alert::{Condition, Repeat};
use crate::domain::instrument::Ticker;
use crate::live::expect_live;
use crate::wire::views::AlertView;

/// The fields that show their own refusals.
const FIELDS: &[&str] = &["ticker", "condition", "threshold", "note", "repeat", "cooldown_s", "expires_at"];

/// What the form's inputs hold at first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertStart {
    /// The ticker of the instrument to watch, such as `AAPL`.
    pub ticker: String,
    /// The condition as the API names it, such as `crosses_above`.
    pub condition: String,
    /// The level in the reader's number form: a price, or a percentage for a day change.
    pub threshold: String,
    /// The person's own note, which the notification repeats.
    pub note: String,
    /// How often the alert fires: `once` or `every`.
    pub repeat: String,
    /// The seconds that pass after a firing before the alert may fire again.
    pub cooldown_s: String,
    /// A date, or a time.
    pub expires_at: String,
}

impl AlertStart {
    /// Takes the inputs from an alert that is to be changed.
    pub fn of(alert: &AlertView) -> Self {
        Self {
            ticker: alert.ticker.to_string(),
            condition: condition_word(alert.condition).into(),
            threshold: words().editable(alert.threshold),
            note: alert.note.clone().unwrap_or_default(),
            repeat: repeat_word(alert.repeat).into(),
            cooldown_s: alert.cooldown_s.to_string(),
            expires_at: alert.expires_at.map(|time| time.to_string()).unwrap_or_default(),
        }
    }
}

impl AlertStart {
    /// Replaces the first value of each input with what was typed into it, where the form around it was refused.
    fn or_typed(self) -> Self {
        let or = |name: &str, first: String| Typed::value(name).unwrap_or(first);
        Self {
            ticker: or("ticker", self.ticker),
            condition: or("condition", self.condition),
            threshold: or("threshold", self.threshold),
            note: or("note", self.note),
            repeat: or("repeat", self.repeat),
            cooldown_s: or("cooldown_s", self.cooldown_s),
            expires_at: or("expires_at", self.expires_at),
        }
    }
}

/// How the form knows its instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// A person types it.
    Asked,
    /// The page is about it.
    Fixed,
    /// The alert exists and keeps it.
    Kept,
}

/// Makes a new alert.
#[component]
pub fn NewAlertForm(
    /// The server function that the form posts to: it makes an alert.
    action: Command,
    /// What the inputs hold at first.
    start: AlertStart,
    /// The last refusal of the form, shown beside its field.
    refused: Refused,
    /// Whether the instrument is typed or given.
    #[prop(default = Watched::Asked)]
    watched: Watched,
) -> impl IntoView {
    view! {
        <PostForm command=action>
            <FormKey command=action/>
            <AlertSentence start refused watched/>
            <FormRefusal refused fields=FIELDS/>
            <p class="submit"><button class="primary" type="submit">{words().set_the_alert()}</button></p>
        </PostForm>
    }
}

/// Changes an alert, unless somebody else has changed it since.
#[component]
pub fn EditAlertForm(
    /// The server function that the form posts to: it changes an alert.
    action: Command,
    /// The alert that is changed, as it was when the form was opened.
    alert: AlertView,
    /// The last refusal of the form, shown beside its field.
    refused: Refused,
) -> impl IntoView {
    let newest = expect_live().alert(&alert.id);
    let shown = alert.clone();
    // A firing or a pause meanwhile changes nothing that stands in the form, and so takes nothing away.
    let revision = move || match newest.get().filter(|newest| AlertStart::of(newest) == AlertStart::of(&shown)) {
        Some(newest) => newest.revision.to_string(),
        None => shown.revision.to_string(),
    };
    view! {
        <PostForm command=action>
            <input type="hidden" name="id" value=alert.id.clone()/>
            <input type="hidden" name="revision" value=move || revision()/>
            <AlertSentence start=AlertStart::of(&alert) refused watched=Watched::Kept/>
            <FormRefusal refused fields=FIELDS/>
            <p class="submit">
                <a class="subtle" href="/alerts">{words().keep_it()}</a>
                <button class="primary" type="submit">{words().save_the_change()}</button>
            </p>
        </PostForm>
    }
}

/// The inputs, in the order of the sentence.
#[component]
fn AlertSentence(start: AlertStart, refused: Refused, watched: Watched) -> impl IntoView {
    let start = start.or_typed();
    let ticker = RwSignal::new(start.ticker.clone());
    let condition = RwSignal::new(if start.condition.is_empty() { "crosses_above".to_owned() } else { start.condition });
    let threshold = RwSignal::new(start.threshold.clone());
    let cooldown = RwSignal::new(start.cooldown_s.clone());
    let every = start.repeat == "every";
    // The page of an instrument draws it already.
    let has_chart = watched != Watched::Fixed;
    let level = if watched == Watched::Kept { words().new_level() } else { words().level() };
    let has_more = !start.note.is_empty() || !start.expires_at.is_empty() || !matches!(start.cooldown_s.as_str(), "" | "0");
    view! {
        <NumbersLanguage/>
        <div class="sentence">
            <p class="lead">{words().tell_me_when()}</p>
            <WatchedTicker ticker start=start.ticker refused watched/>
            <ConditionSelect condition refused/>
            <TextField id="alert-threshold" label=level name="threshold" refused value=start.threshold typed=threshold
                inputmode="decimal" pattern=words().number_pattern() required=true placeholder=words().level_example() class="level"/>
            <RepeatSelect every refused/>
        </div>
        <LiveDistance ticker condition threshold/>
        {has_chart.then(|| {
            let fields = FormFields { ticker, condition, threshold, cooldown, threshold_id: "alert-threshold" };
            view! { <LevelChart fields/> }.into_any()
        })}
        <details class="more" open=has_more>
            <summary class="subtle">{words().note_expiry_cooldown()}</summary>
            <div class="pair">
                <TextField id="alert-expires" label=words().until() name="expires_at" refused value=start.expires_at
                    placeholder="2026-12-31" hint=words().until_hint()/>
                <TextField id="alert-cooldown" label=words().cooldown_in_seconds() name="cooldown_s" refused value=start.cooldown_s typed=cooldown
                    inputmode="numeric" pattern="[0-9]{1,8}" placeholder="0" hint=words().cooldown_hint()/>
            </div>
            <TextField id="alert-note" label=words().note() name="note" refused value=start.note maxlength=1000
                placeholder=words().note_placeholder() hint=words().note_hint()/>
        </details>
    }
}

/// What to watch: an input with suggestions, or words where it is settled.
#[component]
fn WatchedTicker(ticker: RwSignal<String>, start: String, refused: Refused, watched: Watched) -> impl IntoView {
    match watched {
        Watched::Asked => view! { <TickerField ticker start refused/> }.into_any(),
        Watched::Kept => view! { <p class="lead"><b>{start}</b></p> }.into_any(),
        Watched::Fixed => {
            view! { <p class="lead"><b>{start.clone()}</b><input type="hidden" name="ticker" value=start/></p> }.into_any()
        }
    }
}

/// The instrument's input, with those that are held as suggestions.
#[component]
fn TickerField(ticker: RwSignal<String>, start: String, refused: Refused) -> impl IntoView {
    let live = expect_live();
    let names = move || {
        live.holdings()
            .get()
            .into_iter()
            .map(|ticker| {
                let name = live.instrument(&ticker).map(|instrument| instrument.name).unwrap_or_default();
                view! { <option value=ticker.to_string()>{name}</option> }
            })
            .collect_view()
    };
    view! {
        <TextField id="alert-ticker" label=words().instrument() name="ticker" refused value=start typed=ticker required=true
            maxlength=32 placeholder="AAPL" list="alert-tickers" class="ticker" pattern="[A-Za-z0-9.^=_\\-]{1,32}"/>
        <datalist id="alert-tickers">{move || names()}</datalist>
    }
}

/// The choice of the condition, such as "crosses above".
#[component]
fn ConditionSelect(condition: RwSignal<String>, refused: Refused) -> impl IntoView {
    let chosen = condition.get_untracked();
    let options = CONDITIONS
        .into_iter()
        .map(|(condition, word)| {
            view! { <option value=word selected=word == chosen>{condition_choice(condition)}</option> }.into_any()
        })
        .collect_view();
    view! {
        <Field id="alert-condition" label=words().condition() name="condition" refused class="condition">
            <select id="alert-condition" name="condition" aria-describedby="alert-condition-wrong"
                on:change=move |event| condition.set(event_target_value(&event))>
                {options}
            </select>
        </Field>
    }
}

/// Once, or every time.
#[component]
fn RepeatSelect(every: bool, refused: Refused) -> impl IntoView {
    view! {
        <Field id="alert-repeat" label=words().how_often() name="repeat" refused class="repeat">
            <select id="alert-repeat" name="repeat" aria-describedby="alert-repeat-wrong">
                <option value=repeat_word(Repeat::Once) selected=!every>{words().once()}</option>
                <option value=repeat_word(Repeat::Every) selected=every>{words().every_time()}</option>
            </select>
        </Field>
    }
}

/// How far the typed level is from the newest price, while it is typed.
#[component]
fn LiveDistance(ticker: RwSignal<String>, condition: RwSignal<String>, threshold: RwSignal<String>) -> impl IntoView {
    let text = memo(move || {
        let condition = read_condition(&condition.get())?;
        typed_distance(&ticker.get(), condition, &threshold.get())
    });
    view! { <p class="away" aria-live="off">{move || text.get().unwrap_or_default()}</p> }
}

/// Returns `US$421.53 now, 2.66% away`, or what is wrong with the number; nothing while there is nothing to say.
fn typed_distance(ticker: &str, condition: Condition, threshold: &str) -> Option<String> {
    let ticker: Ticker = ticker.trim().parse().ok()?;
    let live = expect_live();
    let quote = live.quote(&ticker).get()?;
    let decimals = live.instrument(&ticker).map_or(2, |instrument| instrument.price_decimals);
    let now = match (condition.is_day_change(), quote.change_percent) {
        (true, Some(change)) => words().change_today(&words().signed_percent(change)),
        (true, None) => return Some(words().previous_close_not_known().into()),
        (false, _) => words().ticker_is_at(ticker.as_str(), &words().quoted(quote.price, decimals)),
    };
    if threshold.trim().is_empty() {
        return Some(now);
    }
    match typed_number(threshold) {
        Ok(level) => {
            let distance = distance(condition, level, Some(&quote))?;
            let far = [now.as_str(), ", ", &distance_words(condition, distance)].concat();
            let days = in_typical_days(Some(distance), live.typical_day(&ticker)).map(typical_days_text);
            Some(days.map_or(far.clone(), |days| words().that_is(&far, &days)))
        }
        Err(wrong) => Some(wrong),
    }
}
