//! Prices of days that the reader enters, and how the instrument is described: of one that no source knows.

use crate::app::prelude::*;

use crate::api::{DescribeInstrument, EnterPrices};
use crate::app::components::calendar::written_day;
use crate::app::components::field::{Field, FormRefusal, TextField};
use crate::app::components::numbers::NumbersLanguage;
use crate::app::components::post_form::{Command, PostForm};
use crate::app::components::today;
use crate::app::said::Said;
use crate::domain::instrument::AssetClass;
use crate::live::source;
use crate::wire::views::{EnteredView, InstrumentView};

/// The commands of the card, which outlive what is fetched again.
#[derive(Clone, Copy)]
pub(crate) struct PriceForms {
    enter: Command,
    describe: Command,
}

impl PriceForms {
    /// Makes them for a page; what was saved is said.
    pub(crate) fn new() -> Self {
        let forms = Self { enter: Command::of::<EnterPrices>(), describe: Command::of::<DescribeInstrument>() };
        let said = Said::expect();
        for (command, what) in [(forms.enter, words().dated_prices()), (forms.describe, words().description())] {
            command.when_done(move |_| said.say(words().said_saved(what), None));
        }
        forms
    }

    /// Returns a number that grows with what is saved.
    pub(crate) fn version(self) -> Signal<i64> {
        let (enter, describe) = (self.enter.version(), self.describe.version());
        Signal::derive(move || enter.get() + describe.get())
    }
}

/// The newest prices that were entered, a form for the next, one for many at once, and the description.
#[component]
pub(crate) fn Prices(
    /// The instrument of the page.
    instrument: InstrumentView,
    /// What was entered about it.
    entered: EnteredView,
    /// The commands of the page.
    forms: PriceForms,
) -> impl IntoView {
    let InstrumentView { ticker, name, currency, class, price_decimals, .. } = instrument;
    let EnteredView { isin, sector, country, prices } = entered;
    let PriceForms { enter, describe } = forms;
    let described_ticker = ticker.to_string();
    let ticker = ticker.to_string();
    let day = today(source::is_zone_known());
    let rows = prices.into_iter().map(|price| {
        let figure = words().quoted(price.price, price_decimals);
        view! { <tr><th scope="row"><time datetime=price.date.clone()>{written_day(&price.date)}</time></th><td>{figure}</td></tr> }
            .into_any()
    });
    let rows = rows.collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table class="entered-prices">
                <caption class="sr">{words().dated_prices()}</caption>
                <thead class="sr"><tr><th scope="col">{words().day_of_price()}</th><th scope="col">{words().price_of_day()}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    });
    let classes = CLASSES.into_iter().map(move |other| {
        view! { <option value=class_word(other) selected=other == class>{words().class_name(other)}</option> }.into_any()
    });
    let refused = enter.refused();
    let described = describe.refused();
    view! {
        <section class="card entered" aria-labelledby="entered-prices">
            <header><h2 id="entered-prices">{words().dated_prices()}</h2><span class="muted">{words().in_currency(currency.as_str())}</span></header>
            {table}
            <PostForm command=enter>
                <input type="hidden" name="ticker" value=ticker/>
                <NumbersLanguage/>
                <FormRefusal refused fields=&["date", "price", "lines"]/>
                <div class="pair">
                    <TextField id="price-date" label=words().day_of_price() name="date" refused value=day kind="date"/>
                    <TextField id="price-price" label=words().price_of_day() name="price" refused value=String::new() inputmode="decimal"
                        pattern=words().number_pattern() placeholder=words().price_example()/>
                </div>
                <details class="more">
                    <summary>{words().paste_prices()}</summary>
                    <Field id="price-lines" label=words().prices_per_line() name="lines" refused>
                        <textarea id="price-lines" name="lines" placeholder=words().prices_example()></textarea>
                    </Field>
                </details>
                <p class="submit"><button class="subtle" type="submit">{words().save_prices()}</button></p>
            </PostForm>
            <details class="more described">
                <summary>{words().description()}</summary>
                <PostForm command=describe>
                    <input type="hidden" name="ticker" value=described_ticker/>
                    <FormRefusal refused=described fields=&["name", "class", "isin", "sector", "country"]/>
                    <TextField id="described-name" label=words().name() name="name" refused=described value=name maxlength=100 required=true/>
                    <Field id="described-class" label=words().asset_class() name="class" refused=described>
                        <select id="described-class" name="class">{classes.collect_view()}</select>
                    </Field>
                    <TextField id="described-isin" label="ISIN" name="isin" refused=described value=isin.map(|isin| isin.to_string()).unwrap_or_default()
                        maxlength=12 placeholder="US0378331005"/>
                    <div class="pair">
                        <TextField id="described-sector" label=words().sector() name="sector" refused=described value=sector.unwrap_or_default() maxlength=100/>
                        <TextField id="described-country" label=words().country() name="country" refused=described value=country.unwrap_or_default() maxlength=100/>
                    </div>
                    <p class="submit"><button class="subtle" type="submit">{words().save_description()}</button></p>
                </PostForm>
            </details>
        </section>
    }
}

/// The classes that an instrument of one's own may have.
const CLASSES: [AssetClass; 7] = [
    AssetClass::Share,
    AssetClass::Fund,
    AssetClass::Bond,
    AssetClass::Commodity,
    AssetClass::Crypto,
    AssetClass::Currency,
    AssetClass::Other,
];

/// Returns a class as forms and programs write it.
fn class_word(class: AssetClass) -> &'static str {
    match class {
        AssetClass::Share => "share",
        AssetClass::Fund => "fund",
        AssetClass::Bond => "bond",
        AssetClass::Commodity => "commodity",
        AssetClass::Crypto => "crypto",
        AssetClass::Currency => "currency",
        AssetClass::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_written_as_programs_write_it() {
        for class in CLASSES {
            assert_eq!(serde_json::to_value(class).unwrap(), class_word(class));
        }
    }
}
