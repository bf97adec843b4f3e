//! Interactive Brokers: Flex queries as CSV, of trades and of cash.

use rust_decimal::Decimal;

use super::carried::{self, Step};
use super::ibkr::{Piece, ZONE, class_of, joined, named_in, payment};
use super::settled;
use crate::domain::activity::ActivityKind;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

/// The name of the format of trades.
pub const TRADES: &str = "ibkr_flex_trades";

/// The name of the format of cash.
pub const CASH: &str = "ibkr_flex_cash";

const SIDE: Column = &["buy/sell"];
const TIME: Column = &["datetime", "date/time", "tradedate"];
const DAY: Column = &["date/time", "datetime", "settledate", "reportdate"];
const ISIN: Column = &["isin"];
const SYMBOL: Column = &["symbol"];
const DESCRIPTION: Column = &["description"];
const CATEGORY: Column = &["assetclass", "assetcategory"];
const NARROWER: Column = &["subcategory"];
const LEVEL: Column = &["levelofdetail"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["tradeprice"];
const MONEY: Column = &["trademoney"];
const CURRENCY: Column = &["currencyprimary", "currency"];
const COMMISSION: Column = &["ibcommission"];
const COMMISSION_CURRENCY: Column = &["ibcommissioncurrency"];
const TAXES: Column = &["taxes"];
const OPENS: Column = &["open/closeindicator"];
const ID: Column = &["transactionid", "tradeid"];
const AMOUNT: Column = &["amount"];
const TYPE: Column = &["type"];

/// How trades are recognised and read.
pub const FORMAT_TRADES: Format = Format {
    name: TRADES,
    reader: Reader::Table(TableFormat {
        header: &[SIDE, TIME, QUANTITY, PRICE, CURRENCY, COMMISSION],
        numbers: &[],
        dates: &[TIME],
        decimal: Some(DecimalMark::Point),
        date: None,
        zone: Some(ZONE),
        read: trades,
    }),
};

/// How cash is recognised and read.
pub const FORMAT_CASH: Format = Format {
    name: CASH,
    reader: Reader::Table(TableFormat {
        header: &[TYPE, DAY, DESCRIPTION, AMOUNT, &["currencyprimary"]],
        numbers: &[],
        dates: &[DAY],
        decimal: Some(DecimalMark::Point),
        date: None,
        zone: Some(ZONE),
        read: cash,
    }),
};

fn trades(sheet: &Sheet<'_>) -> Vec<Row> {
    let has_executions = sheet.lines().any(|line| line.text(LEVEL) == "EXECUTION");
    sheet.rows(|line| match line.optional(LEVEL) {
        Some("ORDER") if !has_executions => trade(line),
        Some("EXECUTION") | None => trade(line),
        Some(_) => Ok(Fate::Skipped(Skip::Detail)),
    })
}

fn trade(line: Line<'_>) -> Result<Fate, Fault> {
    let class = match class_of(line.text(CATEGORY), line.text(NARROWER))? {
        Ok(class) => class,
        Err(skip) => return Ok(Fate::Skipped(skip)),
    };
    if is_exchange(line) {
        return Ok(Fate::Skipped(Skip::CurrencyExchange));
    }
    let kind = match line.text(SIDE) {
        "BUY" => ActivityKind::Buy,
        "SELL" => ActivityKind::Sell,
        other => return Err(Fault::UnknownKind(other.to_owned())),
    };
    let of = line.currency(CURRENCY)?;
    let named = Named::of(line.optional(SYMBOL), line.optional(ISIN), line.optional(DESCRIPTION));
    let named = named.ok_or_else(|| Fault::Missing(line.named(ISIN)))?;
    let quantity = line.number(QUANTITY)?.abs();
    let commission = -line.number_or_zero(COMMISSION)?;
    let commission_in = line.optional(COMMISSION_CURRENCY).map(currency).transpose()?.unwrap_or(of);
    let price = settled::price(kind, quantity, line.optional_number(PRICE)?, line.optional_number(MONEY)?, Decimal::ZERO)?;
    let trade = Entry {
        instrument: Some(Named { class, currency: Some(of), ..named }),
        quantity,
        price,
        fee: if commission_in == of { commission } else { Decimal::ZERO },
        tax: -line.number_or_zero(TAXES)?,
        currency: Some(of),
        opens_short: kind == ActivityKind::Sell && line.text(OPENS).contains('O'),
        reference: line.optional(ID).map(|id| format!("{TRADES} {id}")),
        ..Entry::new(kind, line.when(TIME)?)
    };
    if commission_in == of || commission.is_zero() {
        return Ok(trade.into());
    }
    let fee = Entry { currency: Some(commission_in), ..settled::beside(&trade, ActivityKind::Fee, commission) };
    Ok(Fate::Entries(vec![trade, fee]))
}

/// Returns whether a trade exchanges currencies: it is of a pair of them, or of nothing, where no symbol is told.
fn is_exchange(line: Line<'_>) -> bool {
    match line.optional(SYMBOL) {
        Some(symbol) => symbol.split_once('.').is_some_and(|(one, other)| currency(one).is_ok() && currency(other).is_ok()),
        None => line.optional(ISIN).is_none() && line.optional(DESCRIPTION).is_none(),
    }
}

fn cash(sheet: &Sheet<'_>) -> Vec<Row> {
    let has_details = sheet.lines().any(|line| line.text(LEVEL) == "DETAIL");
    let piece = |line: Line<'_>| {
        let piece = match line.passed_over() {
            Some(skip) => Ok(Fate::Skipped(skip)).into(),
            None if has_details && line.text(LEVEL) == "SUMMARY" => Piece::Step(Step::Fate(Fate::Skipped(Skip::Detail))),
            None => paid(line).unwrap_or_else(|fault| Err(fault).into()),
        };
        (line.number_of_line(), piece)
    };
    carried::rows(joined(sheet.lines().map(piece).collect()))
}

fn paid(line: Line<'_>) -> Result<Piece, Fault> {
    let description = line.text(DESCRIPTION);
    let told = named_in(description).filter(|_| line.optional(ISIN).is_some() || line.optional(SYMBOL).is_some());
    let symbol = line.optional(SYMBOL).map(str::to_owned).or_else(|| told.as_ref()?.symbol.clone());
    let instrument = Named::of(symbol.as_deref(), line.optional(ISIN), None);
    let day = line.text(DAY).split([';', ',', ' ', 'T']).next().unwrap_or_default();
    let entry = Entry {
        instrument: instrument.map(|named| Named { isin: named.isin.or(told.and_then(|told| told.isin)), ..named }),
        currency: Some(line.currency(CURRENCY)?),
        note: line.optional(DESCRIPTION).map(str::to_owned),
        reference: line.optional(ID).map(|id| format!("{CASH} {id}")),
        ..Entry::new(ActivityKind::Deposit, line.when_of(day)?)
    };
    payment(line.text(TYPE), entry, line.number(AMOUNT)?, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    fn of(text: &str) -> Reading {
        crate::import::read(text.as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn trades_are_read_and_exchanges_left_out() {
        let reading = of(
            "\"Buy/Sell\",\"TradeDate\",\"ISIN\",\"Quantity\",\"TradePrice\",\"TradeMoney\",\"CurrencyPrimary\",\"IBCommission\",\"IBCommissionCurrency\"\n\
            \"BUY\",\"20240305\",\"US9220427424\",\"3\",\"100.5\",\"301.5\",\"USD\",\"-1.2\",\"CHF\"\n\
            \"SELL\",\"20240306\",\"\",\"-500\",\"1.1\",\"-550\",\"USD\",\"-2\",\"CHF\"\n\
            \"LEND\",\"20240306\",\"US9220427424\",\"1\",\"1\",\"1\",\"USD\",\"0\",\"USD\"\n",
        );
        assert_eq!(reading.format, TRADES);
        let all = entries(&reading);
        assert_eq!((all[0].quantity, all[0].price, all[0].fee), (decimal("3"), decimal("100.5"), decimal("0")));
        assert_eq!((all[1].kind, all[1].amount, all[1].currency.unwrap().as_str()), (ActivityKind::Fee, decimal("1.2"), "CHF"));
        assert_eq!(skips(&reading), [(3, Skip::CurrencyExchange)]);
        assert_eq!(faults(&reading), [(4, Fault::UnknownKind("LEND".to_owned()))]);
    }

    #[test]
    fn cash_is_read_with_the_taxes_of_dividends() {
        let reading = of("\"Type\",\"SettleDate\",\"ISIN\",\"Description\",\"Amount\",\"CurrencyPrimary\"\n\
            \"Withholding Tax\",\"20240305\",\"US9220427424\",\"VT(US9220427424) CASH DIVIDEND - US TAX\",\"-3\",\"USD\"\n\
            \"Dividends\",\"20240305\",\"US9220427424\",\"VT(US9220427424) CASH DIVIDEND (Ordinary Dividend)\",\"20\",\"USD\"\n\
            \"Dividends\",\"20240305\",\"US9220427424\",\"VT(US9220427424) CASH DIVIDEND (Ordinary Dividend)\",\"\",\"USD\"\n");
        let dividend = entries(&reading)[0];
        assert_eq!((dividend.amount, dividend.tax), (decimal("20"), decimal("3")));
        assert_eq!(dividend.instrument.as_ref().unwrap().symbol.as_deref(), Some("VT"));
        assert_eq!(skips(&reading), [(2, Skip::Detail)]);
        assert_eq!(faults(&reading), [(4, Fault::Missing("amount".to_owned()))]);
    }

    #[test]
    fn the_figures_are_those_of_the_samples() {
        let Some(trades) = read_as("ok/ibkr-flex-trades.csv", TRADES) else { return };
        let held = units(&trades);
        assert_eq!((held["US9220427424"], held["CH0111762537"], held.len()), (decimal("323"), decimal("7"), 2));
        assert_eq!((skips(&trades).len(), faults(&trades).len(), entries(&trades).len()), (3, 0, 8));
        let cash = read_as("ok/ibkr-flex-dividends.csv", CASH).unwrap();
        let net = |of: &str| {
            let taxes: Decimal =
                entries(&cash).iter().filter(|entry| entry.currency.unwrap().as_str() == of).map(|entry| entry.tax).sum();
            sum(&cash, ActivityKind::Dividend, of) - taxes
        };
        assert_eq!((net("USD"), net("CHF"), net("JPY")), (decimal("334.61"), decimal("32.08"), decimal("455")));
        assert_eq!((count(&cash, ActivityKind::Dividend), count(&cash, ActivityKind::Tax), faults(&cash).len()), (7, 0, 0));
        let swiss: Vec<_> =
            entries(&cash).into_iter().filter(|entry| !entry.tax.is_zero() && entry.amount == decimal("41.93")).collect();
        assert_eq!(swiss[0].tax, decimal("14.68"), "and not of the capital that was returned");
    }
}
