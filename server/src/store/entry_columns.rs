//! An entry of the ledger as a row.

use foliostream::domain::account::AccountId;
use foliostream::domain::activity::{Activity, ActivityId};

use super::columns::{micros, name, named, parsed, ticker_option, time, undecodable};
use super::entry_records::NewActivity;
use super::statement::Row;
use super::value::Value;

/// Returns the portfolio and an activity's fields, $1 to $18.
pub(super) fn values(portfolio_id: &str, activity: &NewActivity) -> Vec<Value> {
    vec![
        portfolio_id.into(),
        name(activity.kind).into(),
        micros(activity.time).into(),
        activity.ticker.as_ref().map(|ticker| ticker.as_str()).into(),
        activity.quantity.to_string().into(),
        activity.price.to_string().into(),
        activity.amount.to_string().into(),
        activity.fee.to_string().into(),
        activity.tax.to_string().into(),
        activity.currency.as_str().into(),
        activity.exchange_rate.to_string().into(),
        activity.converted.into(),
        activity.note.as_deref().into(),
        activity.date_only.into(),
        activity.exchange_rate_estimated.into(),
        activity.opens_short.into(),
        activity.account.map(|account| account.0).into(),
        written_tags(&activity.tags).into(),
    ]
}

/// Writes tags as a JSON array.
fn written_tags(tags: &[String]) -> String {
    serde_json::Value::from(tags).to_string()
}

fn read_tags(row: &Row) -> std::result::Result<Vec<String>, sqlx::Error> {
    let text: String = row.get("tags")?;
    if text == "[]" {
        // So has most of a ledger of 100,000 entries.
        return Ok(Vec::new());
    }
    serde_json::from_str(&text).map_err(|error| undecodable("tags", error))
}

pub(super) fn activity_row(row: &Row) -> std::result::Result<Activity, sqlx::Error> {
    Ok(Activity {
        id: ActivityId(row.get("activity_id")?),
        kind: named(row, "kind")?,
        time: time(row, "time_us")?,
        date_only: row.get("date_only")?,
        ticker: ticker_option(row, "ticker")?,
        quantity: parsed(row, "quantity")?,
        price: parsed(row, "price")?,
        amount: parsed(row, "amount")?,
        fee: parsed(row, "fee")?,
        tax: parsed(row, "tax")?,
        currency: parsed(row, "currency")?,
        exchange_rate: parsed(row, "exchange_rate")?,
        exchange_rate_estimated: row.get("exchange_rate_estimated")?,
        converted: row.get("converted")?,
        opens_short: row.get("opens_short")?,
        account: row.get::<Option<i64>>("account_id")?.map(AccountId),
        tags: read_tags(row)?,
        note: row.get("note")?,
        revision: row.get("revision")?,
    })
}
