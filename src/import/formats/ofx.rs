//! OFX and QFX, which many banks and brokers write: the older form with tags that are not closed, and the one that is XML.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::ofx_records::{Record, records};
use super::settled;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::instrument::AssetClass;
use crate::domain::money::Currency;
use crate::import::dates::{DateForm, When, when};
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::numbers::{DecimalMark, number};

/// The name of the format.
pub const NAME: &str = "ofx";

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

fn recognise(text: &str) -> bool {
    let begin = text.chars().take(4_000).collect::<String>().to_ascii_uppercase();
    begin.trim_start().starts_with("OFXHEADER") || begin.contains("<OFX>") || begin.contains("<?OFX ")
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let records = records(text);
    let securities = securities(&records);
    let is_entry = |record: &&Record| !record.tag.ends_with("INFO") && record.tag != "STATUS";
    let row = |record: &Record| Row { line: record.line, fate: fate(record, &securities).unwrap_or_else(Fate::Refused) };
    let rows: Vec<Row> = records.iter().filter(is_entry).map(row).collect();
    let failed = records.iter().find(|record| record.tag == "STATUS" && record.text("SEVERITY") == "ERROR");
    match failed {
        Some(status) if rows.is_empty() => {
            let words = status.optional("MESSAGE").unwrap_or_else(|| status.text("CODE"));
            Err(Refusal::Failed(words.to_owned()))
        }
        _ => Ok(rows),
    }
}

/// Returns the instruments by the numbers that entries name them by.
fn securities(records: &[Record]) -> BTreeMap<String, Named> {
    let mut securities = BTreeMap::new();
    for record in records {
        let class = match record.tag.as_str() {
            "MFINFO" => Some(AssetClass::Fund),
            "DEBTINFO" => Some(AssetClass::Bond),
            "STOCKINFO" | "OTHERINFO" => None,
            _ => continue,
        };
        let id = record.text("UNIQUEID");
        let isin = record.optional("UNIQUEID").filter(|_| record.text("UNIQUEIDTYPE") == "ISIN");
        let named =
            Named::of(record.optional("TICKER").or_else(|| record.optional("UNIQUEID")), isin, record.optional("SECNAME"));
        securities.extend(named.map(|named| (id.to_owned(), Named { class, ..named })));
    }
    securities
}

impl Record {
    fn number(&self, name: &str) -> Result<Option<Decimal>, Fault> {
        let Some(text) = self.optional(name) else { return Ok(None) };
        let mark = if text.contains(',') && !text.contains('.') { DecimalMark::Comma } else { DecimalMark::Point };
        number(text, mark).map(Some)
    }

    fn or_zero(&self, name: &str) -> Result<Decimal, Fault> {
        Ok(self.number(name)?.unwrap_or_default())
    }

    fn required(&self, name: &str) -> Result<Decimal, Fault> {
        self.number(name)?.ok_or_else(|| Fault::Missing(name.to_lowercase()))
    }

    fn sum(&self, names: &[&str]) -> Result<Decimal, Fault> {
        let mut sum = Decimal::ZERO;
        for name in names {
            sum = sum.checked_add(self.or_zero(name)?).ok_or_else(|| Fault::Senseless(name.to_lowercase()))?;
        }
        Ok(sum)
    }

    /// Returns the day. Times are those of a close or of midnight, and none of a trade.
    fn day(&self) -> Result<When, Fault> {
        let name = if self.has("DTTRADE") { "DTTRADE" } else { "DTPOSTED" };
        let text = self.optional(name).ok_or_else(|| Fault::Missing(name.to_lowercase()))?;
        let day = text.get(..8).filter(|day| day.bytes().all(|byte| byte.is_ascii_digit()));
        when(day.ok_or_else(|| Fault::NotADate(text.to_owned()))?, DateForm::YearFirst, &TimeZone::UTC)
    }

    /// Returns the currency of its amounts: that of the statement, unless it says that they are in another one.
    fn currency(&self) -> Result<Currency, Fault> {
        let own = self.optional("CURSYM").filter(|_| self.has("CURRENCY"));
        currency(own.or(self.statement_currency.as_deref()).ok_or_else(|| Fault::Missing("curdef".to_owned()))?)
    }

    fn reference(&self) -> Option<String> {
        // Some banks give one number to several entries, so the day and the figure tell them apart.
        let figure = ["TOTAL", "TRNAMT", "UNITS"].iter().find_map(|name| self.optional(name)).unwrap_or_default();
        let day = self.optional("DTTRADE").or_else(|| self.optional("DTPOSTED")).and_then(|day| day.get(..8)).unwrap_or_default();
        let id = self.optional("FITID")?;
        Some(format!("{NAME} {} {id} {day} {figure}", self.account))
    }
}

fn fate(record: &Record, securities: &BTreeMap<String, Named>) -> Result<Fate, Fault> {
    let not_kept = || Ok(Fate::Skipped(Skip::NotKept(record.tag.clone())));
    match record.tag.as_str() {
        tag if tag.starts_with("POS") => return not_kept(),
        "BUYOPT" | "SELLOPT" | "CLOSUREOPT" => return not_kept(),
        "JRNLFUND" | "JRNLSEC" => return Ok(Fate::Skipped(Skip::InternalTransfer)),
        _ if record.is_of_card => return Ok(Fate::Skipped(Skip::NotKept("CCSTMTRS".to_owned()))),
        _ => {}
    }
    let id = record.text("UNIQUEID");
    let isin = record.optional("UNIQUEID").filter(|_| record.text("UNIQUEIDTYPE") == "ISIN");
    let entry = Entry {
        instrument: securities.get(id).cloned().or_else(|| Named::of(Some(id), isin, None)),
        currency: Some(record.currency()?),
        note: record.optional("MEMO").or_else(|| record.optional("NAME")).map(str::to_owned),
        reference: record.reference(),
        ..Entry::new(ActivityKind::Deposit, record.day()?)
    };
    match record.tag.as_str() {
        "BUYMF" | "BUYSTOCK" | "BUYOTHER" | "BUYDEBT" => Ok(trade(record, entry, ActivityKind::Buy)?.into()),
        "SELLMF" | "SELLSTOCK" | "SELLOTHER" | "SELLDEBT" => Ok(trade(record, entry, ActivityKind::Sell)?.into()),
        "REINVEST" => {
            with_money(trade(record, entry, ActivityKind::Buy)?, income_kind(record), record.number("TOTAL")?, "amount")
                .map(Fate::Entries)
        }
        "INCOME" => income(record, entry),
        "RETOFCAP" => settled::dividend(entry, record.required("TOTAL")?),
        "INVEXPENSE" => Ok(settled::charged(entry, expense_kind(record), record.required("TOTAL")?)),
        "MARGININTEREST" => Ok(settled::interest(entry, record.required("TOTAL")?)),
        "SPLIT" => split(record, entry),
        "TRANSFER" => transfer(record, entry),
        "INVBANKTRAN" | "STMTTRN" => bank(record, entry),
        _ => Err(Fault::UnknownKind(record.tag.clone())),
    }
}

fn trade(record: &Record, entry: Entry, kind: ActivityKind) -> Result<Entry, Fault> {
    let units = record.required("UNITS")?;
    if entry.instrument.is_none() {
        return Err(Fault::Missing("uniqueid".to_owned()));
    }
    if kind == ActivityKind::Buy && units.is_sign_negative() {
        return Err(Fault::Senseless("units".to_owned()));
    }
    let accrued = record.or_zero("ACCRDINT")?.abs();
    let accrued = if kind == ActivityKind::Sell { -accrued } else { accrued };
    let fee = record.sum(&["COMMISSION", "FEES", "LOAD", "PENALTY"])?;
    let fee = fee.checked_add(accrued).ok_or_else(|| Fault::Senseless("accrdint".to_owned()))?.normalize();
    let tax = record.sum(&["TAXES", "WITHHOLDING", "STATEWITHHOLDING"])?.normalize();
    let charges = fee.checked_add(tax).ok_or_else(|| Fault::Senseless("taxes".to_owned()))?;
    let price = settled::price(kind, units, record.number("UNITPRICE")?, record.number("TOTAL")?, charges)?;
    let opens_short = record.text("SELLTYPE").trim() == "SELLSHORT";
    Ok(Entry { kind, quantity: units.abs().normalize(), price: price.normalize(), fee, tax, opens_short, note: None, ..entry })
}

fn income_kind(record: &Record) -> ActivityKind {
    if record.text("INCOMETYPE") == "INTEREST" { ActivityKind::Interest } else { ActivityKind::Dividend }
}

fn income(record: &Record, entry: Entry) -> Result<Fate, Fault> {
    let total = record.required("TOTAL")?;
    let tax = record.sum(&["WITHHOLDING", "TAXES"])?.abs();
    let gross = total.checked_add(tax).ok_or_else(|| Fault::Senseless("total".to_owned()))?;
    let entry = Entry { tax, ..entry };
    if income_kind(record) == ActivityKind::Interest {
        Ok(settled::interest(entry, gross))
    } else {
        settled::dividend(entry, gross)
    }
}

/// An expense that is called a tax is one.
fn expense_kind(record: &Record) -> ActivityKind {
    let words = record.text("MEMO").to_uppercase();
    if words.contains("W/H") || words.contains("WITHH") || words.split_whitespace().any(|word| word == "TAX") {
        ActivityKind::Tax
    } else {
        ActivityKind::Fee
    }
}

fn split(record: &Record, entry: Entry) -> Result<Fate, Fault> {
    let (new, old) = match record.number("NUMERATOR")?.zip(record.number("DENOMINATOR")?) {
        Some(ratio) => ratio,
        None => (record.required("NEWUNITS")?, record.required("OLDUNITS")?),
    };
    let ratio = new.checked_div(old).filter(|ratio| *ratio > Decimal::ZERO);
    let quantity = ratio.ok_or_else(|| Fault::Senseless("numerator".to_owned()))?.normalize();
    if entry.instrument.is_none() {
        return Err(Fault::Missing("uniqueid".to_owned()));
    }
    Ok(Entry { kind: ActivityKind::Split, quantity, ..entry }.into())
}

/// Reads units that came from elsewhere or went there, at what they had cost or else were worth. Units whose cost is not told come for
/// nothing.
fn transfer(record: &Record, entry: Entry) -> Result<Fate, Fault> {
    let units = record.required("UNITS")?;
    if entry.instrument.is_none() {
        return Err(Fault::Missing("uniqueid".to_owned()));
    }
    let is_out = match record.optional("TFERACTION") {
        Some("OUT") => true,
        Some("IN") => false,
        _ => units.is_sign_negative(),
    };
    let price = record.number("AVGCOSTBASIS")?.or(record.number("UNITPRICE")?).map(|price| price.abs().normalize());
    let moved = Entry { quantity: units.abs().normalize(), ..entry };
    if units.is_zero() {
        return Err(Fault::Senseless("units".to_owned()));
    }
    if !is_out {
        return with_money(
            Entry { kind: ActivityKind::Buy, price: price.unwrap_or_default(), ..moved },
            ActivityKind::Deposit,
            None,
            "amount",
        )
        .map(Fate::Entries);
    }
    let price = price.ok_or_else(|| Fault::Missing("unitprice".to_owned()))?;
    with_money(Entry { kind: ActivityKind::Sell, price, ..moved }, ActivityKind::Withdrawal, None, "amount").map(Fate::Entries)
}

/// Reads a line of cash by its type and, where that says no more than that money moved, by its words.
fn bank(record: &Record, entry: Entry) -> Result<Fate, Fault> {
    let amount = record.required("TRNAMT")?;
    let words = format!("{} {}", record.text("NAME"), record.text("MEMO")).to_uppercase();
    let says = |word: &str| {
        record.tag == "INVBANKTRAN" && words.split(|character: char| !character.is_alphabetic()).any(|known| known == word)
    };
    Ok(match record.text("TRNTYPE").trim() {
        "INT" | "DIV" => settled::interest(entry, amount),
        "FEE" | "SRVCHG" => settled::charged(entry, ActivityKind::Fee, amount),
        _ if says("INTEREST") => settled::interest(entry, amount),
        _ if says("FEE") || says("FEES") => settled::charged(entry, ActivityKind::Fee, amount),
        _ => settled::moved(entry, amount),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{cash, count, decimal, entries, faults, read_as, reading, skips, sum, units};

    fn of(inside: &str) -> Reading {
        let text = format!(
            "OFXHEADER:100\n\n<OFX><INVSTMTRS><CURDEF>USD<INVACCTFROM><ACCTID>77</INVACCTFROM>\n{inside}\n</INVSTMTRS>\n\
            <SECLIST><STOCKINFO><SECINFO><SECID><UNIQUEID>037833100<UNIQUEIDTYPE>CUSIP</SECID><SECNAME>Apple &amp; Co<TICKER>AAPL</SECINFO></STOCKINFO></SECLIST></OFX>"
        );
        crate::import::read(text.as_bytes(), &Choices::default()).unwrap()
    }

    const SECURITY: &str = "<SECID><UNIQUEID>037833100<UNIQUEIDTYPE>CUSIP</SECID>";

    #[test]
    fn tags_that_are_not_closed_are_read() {
        let reading = of(&format!(
            "<BUYSTOCK><INVBUY><INVTRAN><FITID>1<DTTRADE>20240305160000.000[-5:EST]</INVTRAN>{SECURITY}<UNITS>3<UNITPRICE>100<COMMISSION>1<FEES>0.5<TOTAL>-301.5</INVBUY><BUYTYPE>BUY</BUYSTOCK>\n\
            <INCOME><INVTRAN><FITID>2<DTTRADE>20240306</INVTRAN>{SECURITY}<INCOMETYPE>DIV<TOTAL>8.5<WITHHOLDING>1.5</INCOME>\n\
            <TRANSFER><INVTRAN><FITID>3<DTTRADE>20240307</INVTRAN>{SECURITY}<UNITS>2<TFERACTION>IN<UNITPRICE>90</TRANSFER>\n\
            <SPLIT><INVTRAN><FITID>4<DTTRADE>20240308</INVTRAN>{SECURITY}<NUMERATOR>4<DENOMINATOR>1</SPLIT>\n\
            <SELLOPT><INVSELL><INVTRAN><FITID>5<DTTRADE>20240308</INVTRAN></INVSELL></SELLOPT>\n\
            <INVBANKTRAN><STMTTRN><TRNTYPE>OTHER<DTPOSTED>20240309<TRNAMT>-4<FITID>6<NAME>WIRE FEE</STMTTRN></INVBANKTRAN>\n\
            <SELLSTOCK><INVSELL><INVTRAN><FITID>7<DTTRADE>20249909</INVTRAN>{SECURITY}<UNITS>-1<TOTAL>5</INVSELL></SELLSTOCK>\n\
            <TRANSFER><INVTRAN><FITID>8<DTTRADE>20240307</INVTRAN>{SECURITY}<UNITS>2<TFERACTION>OUT</TRANSFER>"
        ));
        let all = entries(&reading);
        let named = all[0].instrument.as_ref().unwrap();
        assert_eq!((named.symbol.as_deref(), named.name.as_deref()), (Some("AAPL"), Some("Apple & Co")));
        assert_eq!(
            (all[0].price, all[0].fee, all[0].reference.as_deref()),
            (decimal("100"), decimal("1.5"), Some("ofx 77 1 20240305 -301.5"))
        );
        assert_eq!((all[1].amount, all[1].tax), (decimal("10"), decimal("1.5")));
        assert_eq!((all[2].kind, all[2].amount, all[3].quantity), (ActivityKind::Deposit, decimal("180"), decimal("2")));
        assert_eq!(
            (all[4].kind, all[4].quantity, sum(&reading, ActivityKind::Fee, "USD")),
            (ActivityKind::Split, decimal("4"), decimal("4"))
        );
        assert_eq!(skips(&reading), [(8, Skip::NotKept("SELLOPT".to_owned()))]);
        assert_eq!(
            faults(&reading),
            [(10, Fault::NotADate("20249909".to_owned())), (11, Fault::Missing("unitprice".to_owned()))]
        );
    }

    #[test]
    fn buys_sales_and_incomes_are_those_of_the_samples() {
        let Some(rich) = read_as("ok/ofx-buy-sell-income.ofx", NAME) else { return };
        assert_eq!((units(&rich)["QTSAQ"], units(&rich)["EEBHF"]), (decimal("154.51185"), decimal("-41.50416")));
        assert_eq!(
            (sum(&rich, ActivityKind::Dividend, "USD"), sum(&rich, ActivityKind::Interest, "USD")),
            (decimal("693.5175"), decimal("57.9140"))
        );
        assert_eq!((sum(&rich, ActivityKind::Fee, "USD"), faults(&rich).len()), (decimal("8.485"), 0));
        let totals = decimal("-536.53479227500345")
            + decimal("-4120.22691658293784")
            + decimal("-5553.74721727685081")
            + decimal("-1479.08136722116060")
            + decimal("-892.26245586405019")
            + decimal("-4115.85833070548586")
            + decimal("1967.68231756111400")
            + decimal("84.32569283113285")
            + decimal("3382.59665742044688");
        let others = decimal("693.5175") + decimal("57.9140") - decimal("8.485");
        assert_eq!(cash(&rich, "USD").round_dp(1), (totals + others).round_dp(1));
        let plain = read_as("ok/ofx-fidelity.ofx", NAME).unwrap();
        let counts = [ActivityKind::Buy, ActivityKind::Sell, ActivityKind::Dividend].map(|kind| count(&plain, kind));
        assert_eq!((counts, skips(&plain).len(), faults(&plain).len()), ([8, 2, 4], 6, 0));
        assert_eq!(
            (sum(&plain, ActivityKind::Interest, "USD"), sum(&plain, ActivityKind::Fee, "USD")),
            (decimal("0.40"), decimal("0.97"))
        );
        assert_eq!((units(&plain)["XIN"], units(&plain)["SPY"]), (decimal("390.909"), decimal("-8.035")));
        let etrade = read_as("ok/qfx-etrade.qfx", NAME).unwrap();
        assert_eq!((units(&etrade)["TSM"], units(&etrade)["V"]), (decimal("0.76817"), decimal("5.55")));
        assert_eq!(
            (sum(&etrade, ActivityKind::Dividend, "USD"), sum(&etrade, ActivityKind::Tax, "USD")),
            (decimal("104.23"), decimal("21.89"))
        );
    }

    #[test]
    fn units_that_were_moved_or_reinvested_are_those_of_the_samples() {
        let Some(moved) = read_as("ok/ofx-401k.ofx", NAME) else { return };
        let held = units(&moved);
        assert_eq!((held["FOO"], held["BAR"], held["BAZ"]), (decimal("8.846699"), decimal("6.800992"), decimal("-9.060702")));
        assert_eq!(cash(&moved, "USD").round_dp(2), decimal("-197.2"), "units that move take no cash");
        let reinvested = read_as("ok/ofx-reinvest.ofx", NAME).unwrap();
        assert_eq!((units(&reinvested)["TYCDT"], cash(&reinvested, "USD")), (decimal("31.704"), decimal("0")));
        assert_eq!(sum(&reinvested, ActivityKind::Dividend, "USD"), decimal("93.20976"));
        let transfer = read_as("ok/ofx-transfer-in.ofx", NAME).unwrap();
        assert_eq!((units(&transfer)["701769101"], units(&transfer)["701765885"]), (decimal("223.828"), decimal("612.584")));
        let sale = read_as("ok/ofx-vanguard.ofx", NAME).unwrap();
        assert_eq!((units(&sale)["VFIAX"], cash(&sale, "USD")), (decimal("-42.123"), decimal("4212.3")));
        let twice = read_as("warn/qfx-duplicate-fitid.qfx", NAME).unwrap();
        assert_eq!(units(&twice)["012345678"], decimal("388"));
        assert_ne!(entries(&twice)[0].reference, entries(&twice)[1].reference);
    }

    #[test]
    fn cash_positions_and_failures_are_those_of_the_samples() {
        let Some(lines) = read_as("ok/ofx-investment-medium.ofx", NAME) else { return };
        assert_eq!((cash(&lines, "USD"), entries(&lines).len()), (decimal("-3.95"), 3), "the lines say that they are not in CAD");
        let positions = read_as("ok/ofx-tdameritrade-positions.ofx", NAME).unwrap();
        let skipped: Vec<Skip> = skips(&positions).into_iter().map(|(_, skip)| skip).collect();
        assert_eq!(skipped, ["POSSTOCK", "POSDEBT"].map(|tag| Skip::NotKept(tag.to_owned())));
        let bank = read_as("warn/ofx-bank-only.ofx", NAME).unwrap();
        assert_eq!((cash(&bank, "CAD"), entries(&bank).len()), (decimal("-345.27"), 3));
        let missing = |name: &str| Fault::Missing(name.to_owned());
        let dates = read_as("not-ok/ofx-date-missing.ofx", NAME).unwrap();
        assert_eq!(
            faults(&dates),
            [(33, missing("dtposted")), (40, missing("dtposted")), (48, Fault::NotADate("20120231".to_owned()))]
        );
        let failed = reading("not-ok/ofx-signon-fail.ofx").unwrap();
        assert!(matches!(failed, Err(Refusal::Failed(words)) if words.starts_with("Your request could not be processed")));
    }
}
