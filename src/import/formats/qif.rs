//! QIF, the older form of Quicken and many programs after it: accounts one after the other, and records of lines that begin with a letter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::kinds::class_named;
use super::settled;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::import::dates::{DateForm, Shown, When, shown_form, when_shown};
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::numbers::{DecimalMark, decimal_mark, number};

/// The name of the format.
pub const NAME: &str = "qif";

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

fn recognise(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_ascii_lowercase();
    ["!type:", "!account", "!option:", "!clear:"].iter().any(|begin| first.starts_with(begin))
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let records = records(text);
    let file = File::of(&records);
    let row = |record: &Record| {
        let fate = match record.section.as_str() {
            "invst" => Some(file.investment(record)),
            "bank" | "cash" | "ccard" | "oth a" | "oth l" | "invoice" => Some(file.cash(record)),
            "prices" => Some(Ok(Fate::Skipped(Skip::NotKept("Prices".to_owned())))),
            // Lists of accounts, securities and categories are no entries.
            _ => None,
        };
        fate.map(|fate| Row { line: record.line, fate: fate.unwrap_or_else(Fate::Refused) })
    };
    Ok(records.iter().filter_map(row).collect())
}

/// Lines up to a `^`.
#[derive(Debug)]
struct Record {
    line: usize,
    /// What the header above it says, in lower case: `invst` of `!Type:Invst`.
    section: String,
    /// The account that it stands under.
    account: String,
    fields: Vec<(char, String)>,
}

impl Record {
    fn text(&self, letter: char) -> Option<&str> {
        let written = |(known, text): &&(char, String)| *known == letter && !text.is_empty();
        self.fields.iter().find(written).map(|(_, text)| text.as_str())
    }
}

fn records(text: &str) -> Vec<Record> {
    let mut found: Vec<Record> = Vec::new();
    let (mut section, mut account) = (String::new(), String::new());
    let mut current: Option<Record> = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if let Some(header) = line.strip_prefix('!') {
            let header = header.trim().to_lowercase();
            section = header.strip_prefix("type:").unwrap_or(&header).trim().to_owned();
            continue;
        }
        let mut letters = line.chars();
        match letters.next() {
            Some('^') => {
                if let Some(record) = current.take() {
                    if record.section == "account" {
                        account = record.text('N').unwrap_or_default().to_owned();
                    }
                    found.push(record);
                }
            }
            Some(letter) => {
                let begin = || Record { line: at + 1, section: section.clone(), account: account.clone(), fields: Vec::new() };
                current.get_or_insert_with(begin).fields.push((letter, letters.as_str().trim().to_owned()));
            }
            None => {}
        }
    }
    found.extend(current);
    found
}

/// Writes a date with the same mark between its parts: of `1/ 2' 5` it makes `1/2/05`.
fn plain_date(text: &str) -> String {
    let plain: String = text.chars().filter(|character| !character.is_whitespace()).collect::<String>().replace('\'', "/");
    match plain.rsplit_once('/') {
        Some((before, year)) if year.len() == 1 => format!("{before}/0{year}"),
        _ => plain,
    }
}

/// What all records say about each of them.
struct File {
    date: Option<DateForm>,
    decimal: DecimalMark,
    securities: BTreeMap<String, Named>,
    /// Accounts of investments.
    accounts: BTreeSet<String>,
    /// Money that moved by the records of these accounts, by its day.
    moved: BTreeSet<(Timestamp, Decimal)>,
}

/// The letters of numbers.
const NUMBERS: [char; 6] = ['I', 'Q', 'T', 'O', 'U', '$'];

impl File {
    fn of(records: &[Record]) -> Self {
        let dates: Vec<String> = records.iter().filter_map(|record| record.text('D')).map(plain_date).collect();
        let date = match shown_form(dates.iter().map(String::as_str)) {
            Some(Shown::Form(form)) => Some(form),
            Some(Shown::Ambiguous) => None,
            None => Some(DateForm::YearFirst),
        };
        let is_entry = |record: &&Record| !["security", "account", "prices", "cat", "class"].contains(&record.section.as_str());
        let numbers = records.iter().filter(is_entry).flat_map(|record| &record.fields);
        let numbers = numbers.filter(|(letter, _)| NUMBERS.contains(letter)).map(|(_, text)| text.as_str());
        let decimal = decimal_mark(numbers).unwrap_or(DecimalMark::Point);
        let mut file = Self { date, decimal, securities: BTreeMap::new(), accounts: BTreeSet::new(), moved: BTreeSet::new() };
        for record in records {
            match record.section.as_str() {
                "security" => file.add_security(record),
                "account" if record.text('T').is_some_and(|kind| ["Invst", "Port", "401(k)/403(b)"].contains(&kind)) => {
                    file.accounts.extend(record.text('N').map(str::to_owned));
                }
                "invst" => {
                    file.accounts.insert(record.account.clone());
                    let amount = file.number(record, '$').ok().flatten().or(file.number(record, 'T').ok().flatten());
                    file.moved
                        .extend(file.when(record).ok().map(|when| when.time).zip(amount.map(|amount| amount.abs().normalize())));
                }
                _ => {}
            }
        }
        file
    }

    fn add_security(&mut self, record: &Record) {
        let named = Named::of(record.text('S'), None, record.text('N'));
        let class = record.text('T').and_then(class_named);
        self.securities.extend(record.text('N').map(str::to_owned).zip(named.map(|named| Named { class, ..named })));
    }

    fn number(&self, record: &Record, letter: char) -> Result<Option<Decimal>, Fault> {
        record.text(letter).map(|text| number(text, self.decimal)).transpose()
    }

    fn required(&self, record: &Record, letter: char, name: &str) -> Result<Decimal, Fault> {
        self.number(record, letter)?.ok_or_else(|| Fault::Missing(name.to_owned()))
    }

    fn when(&self, record: &Record) -> Result<When, Fault> {
        let text = record.text('D').ok_or_else(|| Fault::Missing("date".to_owned()))?;
        let faulty = |fault: Fault| match fault {
            Fault::AmbiguousDate(_) => Fault::AmbiguousDate(text.to_owned()),
            _ => Fault::NotADate(text.to_owned()),
        };
        when_shown(&plain_date(text), self.date, &TimeZone::UTC).map_err(faulty)
    }

    /// Reads a record of an account that holds no investments. What it says of those that do may stand there, too.
    fn cash(&self, record: &Record) -> Result<Fate, Fault> {
        let Some(amount) = self.to_investments(record)? else { return Ok(Fate::Skipped(Skip::NotKept(record.section.clone()))) };
        let when = self.when(record)?;
        if self.moved.contains(&(when.time, amount.abs().normalize())) {
            return Ok(Fate::Skipped(Skip::Detail));
        }
        let note = record.text('M').or(record.text('P')).map(str::to_owned);
        Ok(settled::moved(Entry { note, ..Entry::new(ActivityKind::Deposit, when) }, amount))
    }

    /// Returns how much of a record went to accounts of investments; nothing where none did.
    fn to_investments(&self, record: &Record) -> Result<Option<Decimal>, Fault> {
        let is_of = |name: &str| {
            name.strip_prefix('[').and_then(|name| name.split(']').next()).is_some_and(|name| self.accounts.contains(name))
        };
        if record.text('L').is_some_and(is_of) {
            return Ok(Some(-self.required(record, 'T', "amount")?));
        }
        let mut sum: Option<Decimal> = None;
        let mut counts = false;
        for (letter, text) in &record.fields {
            if *letter == 'S' {
                counts = is_of(text);
            } else if *letter == '$' && counts {
                let amount = number(text, self.decimal)?;
                let less = sum.unwrap_or_default().checked_sub(amount);
                sum = Some(less.ok_or_else(|| Fault::Senseless("amount".to_owned()))?);
            }
        }
        Ok(sum)
    }

    fn investment(&self, record: &Record) -> Result<Fate, Fault> {
        let action = record.text('N').ok_or_else(|| Fault::Missing("action".to_owned()))?;
        let lower = action.to_lowercase();
        let named =
            record.text('Y').and_then(|name| self.securities.get(name).cloned().or_else(|| Named::of(None, None, Some(name))));
        let entry = Entry {
            instrument: named,
            note: record.text('M').or(record.text('P')).map(str::to_owned),
            ..Entry::new(ActivityKind::Deposit, self.when(record)?)
        };
        // An X at the end says that money came from another account for it, or went to one after it.
        let (base, is_paid_elsewhere) = match lower.strip_suffix('x') {
            Some(base) if !["contrib", "withdrw"].contains(&base) => (base, true),
            _ => (lower.as_str(), false),
        };
        let paid = self.number(record, '$')?.or(self.number(record, 'T')?);
        let total = || self.required(record, 'T', "amount");
        let fate = match base {
            "buy" | "cvrshrt" | "shrsin" | "reinvdiv" | "reinvint" | "reinvlg" | "reinvmd" | "reinvsh" => {
                return self.bought(record, entry, base, paid, is_paid_elsewhere);
            }
            "sell" | "shtsell" | "shrsout" => return self.sold(record, entry, base, paid, is_paid_elsewhere),
            "div" | "cglong" | "cgshort" | "cgmid" | "rtrncap" => settled::dividend(entry, total()?)?,
            "miscinc" if entry.instrument.is_some() => settled::dividend(entry, total()?)?,
            "intinc" | "miscinc" => settled::interest(entry, total()?),
            "miscexp" | "margint" => settled::charged(entry, ActivityKind::Fee, -total()?),
            "xin" | "contribx" => settled::moved(entry, total()?.abs()),
            "xout" | "withdrwx" => settled::moved(entry, -total()?.abs()),
            "cash" => settled::moved(entry, total()?),
            "stksplit" => return self.split(record, entry),
            "reminder" => Fate::Skipped(Skip::Nothing),
            "exercise" | "expire" | "grant" | "vest" => Fate::Skipped(Skip::NotKept(action.to_owned())),
            _ => return Err(Fault::UnknownKind(action.to_owned())),
        };
        Ok(if is_paid_elsewhere { with_transfer(fate) } else { fate })
    }

    fn trade(&self, record: &Record, entry: Entry, kind: ActivityKind, is_free: bool) -> Result<Entry, Fault> {
        if entry.instrument.is_none() {
            return Err(Fault::Missing("security".to_owned()));
        }
        let quantity = self.required(record, 'Q', "quantity")?.abs();
        let fee = self.number(record, 'O')?.unwrap_or_default();
        let (written, net) = (self.number(record, 'I')?, self.number(record, 'T')?);
        let net = if is_free && written.is_none() { net.or(Some(Decimal::ZERO)) } else { net };
        let price = settled::price(kind, quantity, written, net, fee)?;
        Ok(Entry { kind, quantity, price, fee, ..entry })
    }

    fn bought(&self, record: &Record, entry: Entry, base: &str, paid: Option<Decimal>, is_paid: bool) -> Result<Fate, Fault> {
        // Units that come in without a price come for nothing.
        let trade = self.trade(record, entry, ActivityKind::Buy, base == "shrsin")?;
        match base {
            "reinvint" => with_money(trade, ActivityKind::Interest, paid, "amount").map(Fate::Entries),
            reinvested if reinvested.starts_with("reinv") => {
                with_money(trade, ActivityKind::Dividend, paid, "amount").map(Fate::Entries)
            }
            "shrsin" => with_money(trade, ActivityKind::Deposit, paid, "amount").map(Fate::Entries),
            _ if is_paid => with_money(trade, ActivityKind::Deposit, paid, "amount").map(Fate::Entries),
            _ => Ok(trade.into()),
        }
    }

    fn sold(&self, record: &Record, entry: Entry, base: &str, paid: Option<Decimal>, is_paid: bool) -> Result<Fate, Fault> {
        let trade = self.trade(record, entry, ActivityKind::Sell, false)?;
        let trade = Entry { opens_short: base == "shtsell", ..trade };
        if is_paid || base == "shrsout" {
            with_money(trade, ActivityKind::Withdrawal, paid, "amount").map(Fate::Entries)
        } else {
            Ok(trade.into())
        }
    }

    /// A split is written as the units after it for ten before.
    fn split(&self, record: &Record, entry: Entry) -> Result<Fate, Fault> {
        let units = self.required(record, 'Q', "quantity")?;
        let ratio = units.checked_div(Decimal::TEN).filter(|ratio| *ratio > Decimal::ZERO);
        let quantity = ratio.ok_or_else(|| Fault::Senseless("quantity".to_owned()))?.normalize();
        if entry.instrument.is_none() {
            return Err(Fault::Missing("security".to_owned()));
        }
        Ok(Entry { kind: ActivityKind::Split, quantity, ..entry }.into())
    }
}

/// Puts the money to an entry that came from another account for it, or went to one.
fn with_transfer(fate: Fate) -> Fate {
    let Fate::Entries(mut entries) = fate else { return fate };
    if let [entry] = entries.as_slice() {
        let takes = entry.kind.takes_money() != entry.amount.is_sign_negative();
        let kind = if takes { ActivityKind::Deposit } else { ActivityKind::Withdrawal };
        entries.push(settled::beside(entry, kind, entry.amount.abs()));
    }
    Fate::Entries(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{cash, count, decimal, entries, faults, read_as, skips, units};

    fn of(text: &str) -> Reading {
        crate::import::read(text.as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn actions_are_read_with_the_money_of_other_accounts() {
        let reading = of("!Account\nNDepot\nTInvst\n^\n!Type:Invst\n\
            D1/25'24\nNBuy\nYApple\nI10\nQ3\nO1\nT31\n^\n\
            D1/26'24\nNDivX\nYApple\nT2.5\nL[Home]\n$2.5\n^\n\
            D1/27'24\nNStkSplit\nYApple\nQ15\n^\n\
            D1/28'24\nNGrant\nYApple\nQ15\n^\n\
            D1/29'24\nNBarter\nYApple\nQ15\n^\n\
            D1/30'24\nNSell\nYApple\nI10\n^\n\
            !Account\nNHome\nTBank\n^\n!Type:Bank\n\
            D1/26'24\nT2.5\nL[Depot]\n^\n\
            D1/26'24\nT-9\nLFood\n^\n\
            D1/26'24\nT-70\nL[Depot]\n^\n\
            !Type:Security\nNApple\nSAAPL\nTStock\n^\n");
        let all = entries(&reading);
        assert_eq!(
            (all[0].instrument.as_ref().unwrap().symbol.as_deref(), all[0].price, all[0].fee),
            (Some("AAPL"), decimal("10"), decimal("1"))
        );
        assert_eq!((all[1].kind, all[2].kind, all[2].amount), (ActivityKind::Dividend, ActivityKind::Withdrawal, decimal("2.5")));
        assert_eq!((all[3].kind, all[3].quantity), (ActivityKind::Split, decimal("1.5")));
        let not_kept = |word: &str| Skip::NotKept(word.to_owned());
        assert_eq!(skips(&reading), [(26, not_kept("Grant")), (46, Skip::Detail), (50, not_kept("bank"))]);
        assert_eq!(
            faults(&reading),
            [(31, Fault::UnknownKind("Barter".to_owned())), (36, Fault::Missing("quantity".to_owned()))]
        );
        assert_eq!((all[4].kind, all[4].amount), (ActivityKind::Deposit, decimal("70")), "it stands in no record of the depot");
    }

    #[test]
    fn dates_that_do_not_show_their_day_are_asked() {
        let reading = of("!Type:Invst\nD3/4'05\nNXIn\nT5\n^\nD 3/ 4/ 5\nNXOut\nT5");
        let ambiguous = |text: &str| Fault::AmbiguousDate(text.to_owned());
        assert_eq!(faults(&reading), [(2, ambiguous("3/4'05")), (6, ambiguous("3/ 4/ 5"))]);
    }

    #[test]
    fn the_figures_are_those_of_the_samples() {
        let Some(new) = read_as("ok/qif-investments-2026.qif", NAME) else { return };
        assert_eq!((units(&new)["VTSAX"], units(&new)["ACME"], faults(&new).len()), (decimal("20.2913"), decimal("6"), 0));
        assert_eq!(entries(&new).iter().map(|entry| entry.fee).sum::<Decimal>(), decimal("5.95"));
        let sums = [ActivityKind::Interest, ActivityKind::Dividend, ActivityKind::Fee]
            .map(|kind| entries(&new).iter().filter(|entry| entry.kind == kind).map(|entry| entry.amount).sum::<Decimal>());
        assert_eq!(sums, [decimal("2.50"), decimal("30"), decimal("12")]);
        assert_eq!(cash(&new, "").round_dp(2), decimal("3234.55"));
        assert_eq!(
            skips(&new).iter().map(|(_, skip)| skip.clone()).collect::<Vec<_>>(),
            [Skip::Detail, Skip::NotKept("Prices".to_owned())]
        );
        let old = read_as("ok/qif-quicken-1993.qif", NAME).unwrap();
        assert_eq!(
            (units(&old)["ibm4"], entries(&old)[0].amount, cash(&old, "").round_dp(2)),
            (decimal("97.876"), decimal("1000"), decimal("0"))
        );
        assert_eq!(entries(&old)[0].when.time.to_string(), "1993-08-25T00:00:00Z");
        let split = read_as("ok/qif-split-per-ten.qif", NAME).unwrap();
        assert_eq!((entries(&split)[1].quantity, units(&split)["VTI"]), (decimal("2"), decimal("100")));
        let day_first = read_as("ok/qif-day-first.qif", NAME).unwrap();
        assert_eq!((units(&day_first)["ibm4"], faults(&day_first).len(), skips(&day_first).len()), (decimal("97.876"), 0, 3));
        assert_eq!((count(&day_first, ActivityKind::Deposit), count(&day_first, ActivityKind::Withdrawal)), (3, 1));
        assert_eq!(cash(&day_first, "").round_dp(2), decimal("0"));
    }
}
