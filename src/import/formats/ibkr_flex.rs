//! Interactive Brokers: Flex queries as XML.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

use super::carried;
use super::ibkr::{Action, Piece, ZONE, class_of, corporate, joined, named_in, payment};
use super::settled;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::{DateForm, Shown, When, shown_form, when_shown};
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::numbers::{DecimalMark, number};
use crate::import::text::Lines;

/// The name of the format.
pub const NAME: &str = "ibkr_flex";

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

fn recognise(text: &str) -> bool {
    let begin: String = text.chars().take(500).collect();
    begin.trim_start().starts_with('<') && (begin.contains("<FlexQueryResponse") || begin.contains("<FlexStatementResponse"))
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let document = Document::parse(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Refusal::Broken(usize::try_from(error.pos().row).ok()))?;
    let message = document.descendants().find(|node| node.has_tag_name("ErrorMessage"));
    if let Some(message) = message {
        return Err(Refusal::Failed(message.text().unwrap_or_default().trim().to_owned()));
    }
    let report = Report::of(&document);
    let lines = Lines::of(text);
    let mut pieces = Vec::new();
    let mut actions = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        let line = lines.at(node.range().start);
        match report.read(node) {
            Some(Read::Piece(piece)) => pieces.push((line, piece)),
            Some(Read::Action(action)) => actions.push((line, action)),
            None => {}
        }
    }
    let mut steps = joined(pieces);
    steps.extend(corporate(actions));
    let mut rows = carried::rows(steps);
    rows.sort_by_key(|row| row.line);
    Ok(rows)
}

enum Read {
    Piece(Piece),
    Action(Action),
}

/// What all elements of a report say about one of them.
struct Report {
    /// Instruments by the broker's number.
    names: BTreeMap<String, Named>,
    /// The form of its dates.
    date: Option<DateForm>,
    zone: TimeZone,
    /// The levels of detail that stand for themselves: those of others say the same.
    levels: BTreeSet<&'static str>,
    /// Trades that were cancelled, by where they stand, and those that cancel them.
    cancelled: BTreeSet<usize>,
}

/// The attributes that hold dates.
const DATES: [&str; 4] = ["dateTime", "tradeDate", "reportDate", "date"];

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute(name).map(str::trim).filter(|text| !text.is_empty() && *text != "--")
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    attribute(node, name).unwrap_or_default()
}

fn optional(node: Node<'_, '_>, name: &str) -> Result<Option<Decimal>, Fault> {
    attribute(node, name).map(|text| number(text, DecimalMark::Point)).transpose()
}

fn or_zero(node: Node<'_, '_>, name: &str) -> Result<Decimal, Fault> {
    Ok(optional(node, name)?.unwrap_or_default())
}

fn required<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str, Fault> {
    attribute(node, name).ok_or_else(|| Fault::Missing(name.to_owned()))
}

fn is_cancel(trade: Node<'_, '_>) -> bool {
    text(trade, "buySell").contains("(Ca.)")
        || text(trade, "transactionType") == "TradeCancel"
        || text(trade, "notes").split(';').any(|code| code.trim() == "Ca")
}

impl Report {
    fn of(document: &Document<'_>) -> Self {
        let elements = || document.descendants().filter(Node::is_element);
        let mut names = BTreeMap::new();
        for name in ["Trade", "Order", "OpenPosition", "SecurityInfo", "CashTransaction"] {
            for node in elements().filter(|node| node.has_tag_name(name)) {
                if let (Some(id), Some(named)) = (attribute(node, "conid"), own_name(node)) {
                    names.entry(id.to_owned()).or_insert(named);
                }
            }
        }
        let dates = elements()
            .filter(|node| is_event(*node))
            .flat_map(|node| DATES.into_iter().filter_map(move |name| node.attribute(name)));
        let date = match shown_form(dates) {
            Some(Shown::Form(form)) => Some(form),
            Some(Shown::Ambiguous) => None,
            None => Some(DateForm::YearFirst),
        };
        let has = |name: &str, level: &str| {
            elements().any(|node| node.has_tag_name(name) && attribute(node, "levelOfDetail").unwrap_or(level) == level)
        };
        let mut levels = BTreeSet::new();
        levels.insert(if has("Trade", "EXECUTION") { "EXECUTION" } else { "ORDER" });
        levels.insert(if has("CashTransaction", "DETAIL") { "DETAIL" } else { "SUMMARY" });
        let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
        Self { names, date, zone, levels, cancelled: cancelled(document) }
    }

    fn read(&self, node: Node<'_, '_>) -> Option<Read> {
        let piece = |fate: Result<Fate, Fault>| Some(Read::Piece(fate.into()));
        let is_detail = |level: &str| !self.levels.contains(attribute(node, "levelOfDetail").unwrap_or(level));
        match node.tag_name().name() {
            "Trade" | "Order" if is_cancel(node) || self.cancelled.contains(&node.range().start) => piece(self.cancelled(node)),
            "Trade" if is_detail("EXECUTION") => piece(Ok(Fate::Skipped(Skip::Detail))),
            "Order" if is_detail("ORDER") => piece(Ok(Fate::Skipped(Skip::Detail))),
            "Trade" | "Order" => piece(self.trade(node)),
            "Lot" | "WashSale" | "SymbolSummary" | "AssetSummary" => piece(Ok(Fate::Skipped(Skip::Detail))),
            "CashTransaction" if is_detail("DETAIL") => piece(Ok(Fate::Skipped(Skip::Detail))),
            "CashTransaction" => Some(Read::Piece(self.cash(node).unwrap_or_else(|fault| Err(fault).into()))),
            "CorporateAction" if text(node, "levelOfDetail") == "SUMMARY" => piece(Ok(Fate::Skipped(Skip::Detail))),
            "CorporateAction" => self.action(node).map_or_else(|fault| piece(Err(fault)), |action| Some(Read::Action(action))),
            "Transfer" => piece(self.transfer(node)),
            "OpenPosition" => piece(Ok(Fate::Skipped(Skip::NotKept("OpenPosition".to_owned())))),
            _ => None,
        }
    }

    fn cancelled(&self, node: Node<'_, '_>) -> Result<Fate, Fault> {
        if self.cancelled.contains(&node.range().start) { Ok(Fate::Skipped(Skip::Cancelled)) } else { Err(Fault::Unpaired) }
    }

    /// Returns the instrument of an element as its trades name it.
    fn named(&self, node: Node<'_, '_>) -> Option<Named> {
        attribute(node, "conid").and_then(|id| self.names.get(id)).cloned().or_else(|| own_name(node))
    }

    fn trade(&self, node: Node<'_, '_>) -> Result<Fate, Fault> {
        let class = match class_of(text(node, "assetCategory"), text(node, "subCategory"))? {
            Ok(class) => class,
            Err(skip) => return Ok(Fate::Skipped(skip)),
        };
        let signed = number(required(node, "quantity")?, DecimalMark::Point)?;
        let kind = match attribute(node, "buySell") {
            Some("BUY") => ActivityKind::Buy,
            Some("SELL") => ActivityKind::Sell,
            Some(other) => return Err(Fault::UnknownKind(other.to_owned())),
            None if signed.is_sign_negative() => ActivityKind::Sell,
            None => ActivityKind::Buy,
        };
        let of = currency(required(node, "currency")?)?;
        let named = self.named(node).ok_or_else(|| Fault::Missing("symbol".to_owned()))?;
        let commission = -or_zero(node, "ibCommission")?;
        let commission_in = attribute(node, "ibCommissionCurrency").map(currency).transpose()?.unwrap_or(of);
        // Interest that had accrued is paid with the units of a bond, and is given back with them.
        let accrued = or_zero(node, "accruedInt")?;
        let own = if commission_in == of { commission } else { Decimal::ZERO };
        let fee = own.checked_sub(accrued).ok_or_else(|| Fault::Senseless("accruedInt".to_owned()))?;
        let tax = -or_zero(node, "taxes")?;
        let trade = Entry {
            instrument: Some(Named { class, currency: Some(of), ..named }),
            quantity: signed.abs(),
            price: price(node, kind, signed, fee, tax)?,
            fee,
            tax,
            currency: Some(of),
            opens_short: kind == ActivityKind::Sell && text(node, "openCloseIndicator").contains('O'),
            reference: reference(node),
            ..Entry::new(kind, self.time(node)?)
        };
        if commission_in == of || commission.is_zero() {
            return Ok(trade.into());
        }
        let fee = Entry { currency: Some(commission_in), ..settled::beside(&trade, ActivityKind::Fee, commission) };
        Ok(Fate::Entries(vec![trade, fee]))
    }

    /// Returns when a trade or an action happened, with its time where there is one.
    fn time(&self, node: Node<'_, '_>) -> Result<When, Fault> {
        let written = match (attribute(node, "dateTime"), attribute(node, "tradeDate"), attribute(node, "tradeTime")) {
            (Some(time), _, _) => time.to_owned(),
            (None, Some(day), Some(time)) => format!("{day};{time}"),
            (None, Some(day), None) => day.to_owned(),
            (None, None, _) => required(node, "reportDate")?.to_owned(),
        };
        when_shown(&written, self.date, &self.zone)
    }

    /// Returns the day of a payment, whose time is no more than the end of the broker's day.
    fn day(&self, node: Node<'_, '_>) -> Result<When, Fault> {
        let written =
            attribute(node, "dateTime").or_else(|| attribute(node, "reportDate")).or_else(|| attribute(node, "settleDate"));
        let written = written.ok_or_else(|| Fault::Missing("dateTime".to_owned()))?;
        let day = written.split([';', ',', ' ', 'T']).next().unwrap_or_default();
        when_shown(day, self.date, &self.zone)
    }

    fn cash(&self, node: Node<'_, '_>) -> Result<Piece, Fault> {
        let amount = number(required(node, "amount")?, DecimalMark::Point)?;
        let kind = required(node, "type")?;
        let description = text(node, "description");
        let of = currency(required(node, "currency")?)?;
        let told = named_in(description).filter(|_| attribute(node, "symbol").is_some());
        let isin = told.and_then(|named| named.isin);
        let instrument = self.named(node).map(|named| Named { isin: named.isin.or(isin), ..named });
        let entry = Entry {
            instrument,
            currency: Some(of),
            note: Some(description).filter(|text| !text.is_empty()).map(str::to_owned),
            reference: reference(node),
            ..Entry::new(ActivityKind::Deposit, self.day(node)?)
        };
        payment(kind, entry, amount, description)
    }

    fn action(&self, node: Node<'_, '_>) -> Result<Action, Fault> {
        let of: Option<Currency> = attribute(node, "currency").map(currency).transpose()?;
        let entry = Entry {
            instrument: Some(self.named(node).ok_or_else(|| Fault::Missing("symbol".to_owned()))?),
            currency: of,
            note: attribute(node, "description").map(str::to_owned),
            reference: reference(node),
            ..Entry::new(ActivityKind::Split, self.time(node)?)
        };
        Ok(Action {
            entry,
            text: text(node, "description").to_owned(),
            quantity: or_zero(node, "quantity")?,
            proceeds: or_zero(node, "proceeds")?,
            value: or_zero(node, "value")?,
        })
    }

    /// Reads what came from another broker or went to it.
    fn transfer(&self, node: Node<'_, '_>) -> Result<Fate, Fault> {
        let is_out = text(node, "direction") == "OUT";
        let entry = Entry {
            instrument: self.named(node),
            currency: attribute(node, "currency").map(currency).transpose()?,
            note: attribute(node, "description").map(str::to_owned),
            reference: reference(node),
            ..Entry::new(if is_out { ActivityKind::Sell } else { ActivityKind::Buy }, self.day(node)?)
        };
        let quantity = or_zero(node, "quantity")?.abs();
        let cash = or_zero(node, "cashTransfer")?;
        if !cash.is_zero() || quantity.is_zero() {
            return Ok(settled::moved(entry, cash));
        }
        if entry.instrument.is_none() {
            return Err(Fault::Missing("symbol".to_owned()));
        }
        let worth = optional(node, "positionAmount")?.filter(|worth| !worth.is_zero());
        let price = settled::price(entry.kind, quantity, None, worth.or((!is_out).then_some(Decimal::ZERO)), Decimal::ZERO)?;
        let moved = Entry { quantity, price, ..entry };
        if is_out {
            with_money(moved, ActivityKind::Withdrawal, worth, "amount").map(Fate::Entries)
        } else {
            with_money(moved, ActivityKind::Deposit, worth, "amount").map(Fate::Entries)
        }
    }
}

fn price(node: Node<'_, '_>, kind: ActivityKind, units: Decimal, fee: Decimal, tax: Decimal) -> Result<Decimal, Fault> {
    let (written, gross) = (optional(node, "tradePrice")?, optional(node, "tradeMoney")?);
    if written.is_some() || gross.is_some() {
        return settled::price(kind, units, written, gross, Decimal::ZERO);
    }
    let charges = fee.checked_add(tax).ok_or_else(|| Fault::Senseless("taxes".to_owned()))?;
    // The cost of a sale is that of the units which it closes.
    let cost = if kind == ActivityKind::Buy { optional(node, "cost")? } else { None };
    settled::price(kind, units, None, optional(node, "netCash")?.or(cost), charges)
}

fn own_name(node: Node<'_, '_>) -> Option<Named> {
    // A trade describes its instrument, and a payment what is paid.
    let is_traded = !node.has_tag_name("CashTransaction") && !node.has_tag_name("CorporateAction");
    let name = attribute(node, "description").filter(|_| is_traded);
    attribute(node, "symbol").or_else(|| attribute(node, "isin"))?;
    Named::of(attribute(node, "symbol"), attribute(node, "isin"), name)
}

fn reference(node: Node<'_, '_>) -> Option<String> {
    let id = attribute(node, "transactionID").or_else(|| attribute(node, "tradeID"))?;
    Some(format!("{NAME} {id}"))
}

fn is_event(node: Node<'_, '_>) -> bool {
    ["Trade", "Order", "CashTransaction", "CorporateAction", "Transfer"].iter().any(|name| node.has_tag_name(*name))
}

/// Finds trades that were cancelled and those that cancel them, by where they stand.
fn cancelled(document: &Document<'_>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut known: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for node in document.descendants().filter(|node| node.has_tag_name("Trade") || node.has_tag_name("Order")) {
        let at = node.range().start;
        let by = |name: &str| attribute(node, name).filter(|id| *id != "0").map(str::to_owned);
        if is_cancel(node) {
            let of = |(kind, original): (&'static str, &str)| known.remove(&(kind, by(original)?));
            if let Some(original) = [("transaction", "origTransactionID"), ("trade", "origTradeID")].into_iter().find_map(of) {
                found.extend([at, original]);
            }
        } else {
            known.extend(by("tradeID").map(|id| (("trade", id), at)));
            known.extend(by("transactionID").map(|id| (("transaction", id), at)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    fn of(inside: &str) -> Reading {
        let text = format!(
            "<FlexQueryResponse queryName=\"q\">\n<FlexStatements><FlexStatement>\n{inside}\n</FlexStatement></FlexStatements></FlexQueryResponse>"
        );
        crate::import::read(text.as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn trades_and_payments_are_read_and_the_rest_is_told() {
        let reading = of(r#"<Trades>
<Trade assetCategory="STK" subCategory="ETF" symbol="VT" isin="US9220427424" conid="7" description="VANGUARD TOTAL WORLD" currency="USD" buySell="BUY" quantity="10" tradePrice="99.5" ibCommission="-1.5" ibCommissionCurrency="USD" taxes="-0.25" dateTime="20240305;103015" transactionID="501" levelOfDetail="EXECUTION" />
<Trade assetCategory="STK" symbol="VT" conid="7" currency="USD" buySell="SELL" quantity="-4" tradePrice="101" ibCommission="-2" ibCommissionCurrency="EUR" dateTime="20240306" transactionID="502" />
<Order assetCategory="STK" symbol="VT" conid="7" currency="USD" buySell="BUY" quantity="10" tradePrice="99.5" levelOfDetail="ORDER" />
<Trade assetCategory="OPT" symbol="VT  C" currency="USD" buySell="BUY" quantity="1" tradePrice="3" dateTime="20240306" />
<Trade assetCategory="STK" symbol="VT" currency="USD" buySell="BUY" quantity="x" dateTime="20240306" />
</Trades><CashTransactions>
<CashTransaction type="Dividends" conid="7" symbol="VT" description="VT(US9220427424) CASH DIVIDEND (Ordinary Dividend)" amount="6" currency="USD" dateTime="20240320;202000" />
<CashTransaction type="Withholding Tax" conid="7" symbol="VT" description="VT(US9220427424) CASH DIVIDEND - US TAX" amount="-0.9" currency="USD" dateTime="20240320;202000" />
<CashTransaction type="Broker Interest Paid" description="DEBIT INT" amount="-3" currency="USD" dateTime="20240320" />
<CashTransaction type="Lottery" amount="5" currency="USD" dateTime="20240320" />
</CashTransactions>"#);
        let all = entries(&reading);
        let bought = all[0];
        assert_eq!(
            (bought.quantity, bought.price, bought.fee, bought.tax),
            (decimal("10"), decimal("99.5"), decimal("1.5"), decimal("0.25"))
        );
        assert_eq!(bought.reference.as_deref(), Some("ibkr_flex 501"));
        let named = bought.instrument.as_ref().unwrap();
        assert_eq!((named.symbol.as_deref(), named.name.as_deref()), (Some("VT"), Some("VANGUARD TOTAL WORLD")));
        assert_eq!(
            (all[1].fee, all[2].kind, all[2].amount),
            (decimal("0"), ActivityKind::Fee, decimal("2")),
            "the fee is of another currency"
        );
        assert_eq!((all[3].amount, all[3].tax, all[3].when.date_only), (decimal("6"), decimal("0.9"), true));
        assert_eq!(sum(&reading, ActivityKind::Fee, "USD"), decimal("3"));
        let skipped = [(6, Skip::Detail), (7, Skip::NotKept("OPT".to_owned())), (11, Skip::Detail)];
        assert_eq!(skips(&reading), skipped);
        assert_eq!(faults(&reading), [(8, Fault::NotANumber("x".to_owned())), (13, Fault::UnknownKind("Lottery".to_owned()))]);
    }

    #[test]
    fn a_dated_form_that_cannot_be_told_is_asked() {
        let trade =
            |day: &str| format!("<Trade symbol=\"A\" currency=\"USD\" quantity=\"1\" tradePrice=\"1\" tradeDate=\"{day}\"/>");
        let reading = of(&trade("03/04/2024"));
        assert_eq!(faults(&reading), [(3, Fault::AmbiguousDate("03/04/2024".to_owned()))]);
        assert!(faults(&of(&format!("{}{}", trade("03/04/2024"), trade("03/14/2024")))).is_empty());
    }

    #[test]
    fn a_cancelled_trade_is_left_out_with_its_cancellation() {
        let trade = |attributes: &str| {
            format!("<Trade symbol=\"A\" currency=\"USD\" tradePrice=\"1\" dateTime=\"20240305\" {attributes}/>\n")
        };
        let original = trade("quantity=\"5\" buySell=\"BUY\" tradeID=\"9\" transactionID=\"90\"");
        let cancel = trade("quantity=\"-5\" buySell=\"BUY (Ca.)\" origTradeID=\"9\" origTransactionID=\"90\"");
        let again = trade("quantity=\"6\" buySell=\"BUY\" tradeID=\"9\" transactionID=\"91\"");
        let reading = of(&format!("{original}{cancel}{again}"));
        assert_eq!((units(&reading)["A"], skips(&reading).len()), (decimal("6"), 2));
        assert_eq!(faults(&of(&cancel)), [(3, Fault::Unpaired)]);
    }

    #[test]
    fn an_answer_that_failed_says_why_and_broken_xml_where() {
        let failed =
            "<FlexStatementResponse><Status>Fail</Status><ErrorMessage>Token has expired.</ErrorMessage></FlexStatementResponse>";
        let read = |text: &str| crate::import::read(text.as_bytes(), &Choices::default());
        assert_eq!(read(failed), Err(Refusal::Failed("Token has expired.".to_owned())));
        assert_eq!(read("<FlexQueryResponse>\n<Trades>\n</Trade>"), Err(Refusal::Broken(Some(3))));
        assert_eq!(read(&format!("<FlexQueryResponse>{}", "<a>".repeat(200_000))), Err(Refusal::Broken(Some(1))), "however deep");
        assert_eq!(read("<FlexQueryResponse></FlexQueryResponse>"), Err(Refusal::NoRows));
    }

    fn trades(reading: &Reading) -> Vec<String> {
        let is_trade = |entry: &&&Entry| entry.kind.figures().price;
        let told = |entry: &&Entry| {
            format!("{} {} {} {}", entry.kind.word(), entry.quantity.normalize(), entry.price.normalize(), entry.fee.normalize())
        };
        entries(reading).iter().filter(is_trade).map(told).collect()
    }

    #[test]
    fn the_oldest_form_is_read_with_its_corporate_actions() {
        let Some(old) = read_as("ok/ibkr-flex-01.xml", NAME) else { return };
        assert_eq!(faults(&old), []);
        let held = units(&old);
        assert_eq!((held.get("UUU"), held.get("UUU.TEN2"), held["GCM"]), (None, None, decimal("12000")));
        let split = entries(&old).into_iter().find(|entry| entry.kind == ActivityKind::Split).unwrap();
        assert_eq!((split.quantity, split.instrument.as_ref().unwrap().symbol.as_deref()), (decimal("0.04"), Some("GCM")));
        assert!(
            trades(&old).contains(&"buy 10000 2.72 100".to_owned()) && trades(&old).contains(&"sell 12000 2.86 0".to_owned())
        );
        assert_eq!((sum(&old, ActivityKind::Fee, "CHF"), sum(&old, ActivityKind::Fee, "USD")), (decimal("19.49"), decimal("0")));
        assert_eq!(
            (sum(&old, ActivityKind::Interest, "CAD"), sum(&old, ActivityKind::Fee, "CAD")),
            (decimal("1.23"), decimal("15.17"))
        );
        assert_eq!(sum(&old, ActivityKind::Tax, "USD"), decimal("2.07"));
    }

    #[test]
    fn trades_and_fees_are_those_of_the_samples() {
        let Some(options) = read_as("ok/ibkr-flex-02.xml", NAME) else { return };
        let expected =
            ["buy 100 50 2", "buy 141 81.97 16.180878", "buy 10 11.5 5.8", "buy 80 41.899 5.8", "buy 100 71.78 10.0492"];
        assert_eq!(trades(&options), expected);
        let dividend = entries(&options).into_iter().find(|entry| entry.kind == ActivityKind::Dividend).unwrap();
        assert_eq!((dividend.amount, dividend.tax), (decimal("19"), decimal("2.85")));
        assert!(dividend.instrument.as_ref().unwrap().isin.is_some());
        assert_eq!(sum(&options, ActivityKind::Fee, "EUR"), decimal("17.16"));
        let once = read_as("ok/ibkr-flex-03.xml", NAME).unwrap();
        assert_eq!((sum(&once, ActivityKind::Interest, "USD"), skips(&once).len()), (decimal("0.02"), 1));
        let of = |name: &str| trades(&read_as(&format!("ok/ibkr-flex-{name}.xml"), NAME).unwrap());
        assert_eq!(of("04"), ["buy 14 60.33 0.32505725"]);
        assert_eq!(of("05"), ["buy 7 181.35 5.8", "buy 25 114.6 5"]);
        assert_eq!(of("07"), ["buy 120 6 6"]);
        assert_eq!(of("10"), ["buy 10 14.05 0.33125725"]);
        assert_eq!(of("12"), ["buy 400 3.075 4", "buy 200 29.06 2", "buy 35 129.8142857143 2", "buy 50 30.05 2"]);
        assert_eq!(of("16"), ["buy 1 100 0.33", "sell 1 200 0.3"]);
        let exchanges = read_as("ok/ibkr-flex-28.xml", NAME).unwrap();
        assert_eq!((entries(&exchanges).len(), skips(&exchanges).len()), (0, 3));
    }

    #[test]
    fn payments_are_those_of_the_samples() {
        let Some(both) = read_as("ok/ibkr-flex-05.xml", NAME) else { return };
        assert_eq!(sum(&both, ActivityKind::Dividend, "USD"), decimal("19.02"));
        let one = read_as("ok/ibkr-flex-08.xml", NAME).unwrap();
        let dividend = entries(&one)[0];
        assert_eq!(
            (entries(&one).len(), dividend.amount, dividend.tax, dividend.fee),
            (1, decimal("10.56"), decimal("1.58"), decimal("3.67"))
        );
        let many = read_as("ok/ibkr-flex-12.xml", NAME).unwrap();
        assert_eq!(faults(&many), []);
        let taxes = |currency: &str| {
            let is_of = |entry: &&&Entry| entry.currency.is_some_and(|known| known.as_str() == currency);
            entries(&many).iter().filter(is_of).map(|entry| entry.tax).sum::<Decimal>() + sum(&many, ActivityKind::Tax, currency)
        };
        assert_eq!((taxes("CAD"), taxes("USD")), (decimal("15.9"), decimal("11.10")));
        assert_eq!(
            (sum(&many, ActivityKind::Dividend, "CAD"), sum(&many, ActivityKind::Dividend, "USD")),
            (decimal("88.75"), decimal("83.69"))
        );
        assert_eq!(
            (sum(&many, ActivityKind::Deposit, "EUR"), sum(&many, ActivityKind::Fee, "USD")),
            (decimal("999"), decimal("9.99"))
        );
        let nine = read_as("ok/ibkr-flex-24.xml", NAME).unwrap();
        assert_eq!((count(&nine, ActivityKind::Dividend), sum(&nine, ActivityKind::Dividend, "USD")), (9, decimal("454.35")));
        assert_eq!(sum(&nine, ActivityKind::Fee, "USD"), decimal("245.92"));
    }

    #[test]
    fn accounts_of_one_report_are_read_together() {
        let Some(two) = read_as("ok/ibkr-flex-two-accounts.xml", NAME) else { return };
        assert_eq!(trades(&two), ["buy 2 140 1.25", "sell 1 155 1.1"]);
        assert_eq!((units(&two)["AAPL"], sum(&two, ActivityKind::Deposit, "CHF")), (decimal("1"), decimal("500")));
        let dividend = entries(&two).into_iter().find(|entry| entry.kind == ActivityKind::Dividend).unwrap();
        assert_eq!((dividend.amount, dividend.instrument.as_ref().unwrap().symbol.as_deref()), (decimal("2.50"), Some("AAPL")));
        assert_eq!(skips(&two), [(18, Skip::NotKept("OpenPosition".to_owned()))]);
    }
}
