//! A reader of frames comes to what a reader of the full form has, as far as that is shown, from whatever cursor it goes on.

use jiff::Timestamp;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::derived::shown;
use super::{Frame, HoldingTrack, PortfolioTrack, PriceTrack, Reader, Unreadable};
use crate::domain::instrument::Ticker;
use crate::domain::money::{Currency, percent};
use crate::domain::quote::Freshness;
use crate::wire::views::{CashAccountView, HoldingView, PortfolioView, QuoteView};

const TICKERS: [&str; 4] = ["A", "^BIG", "EURUSD=X", "Z.L"];

/// What of an instrument happens at once: an amount that may outgrow everything, or be unknown.
#[derive(Clone, Debug)]
enum Step {
    Price { index: usize, price: Decimal, close: Option<Decimal>, spread: Option<Decimal>, freshness: Freshness, later_ms: i64 },
    Holding { index: usize, quantity: Decimal, cost: Decimal, told: [Option<Decimal>; 6] },
    Totals { amounts: Vec<Option<Decimal>>, percents: Vec<Option<Decimal>>, tracks: Option<bool>, accounts: u8 },
}

/// A server's side: the newest views, their tracks, and the number of the last change.
#[derive(Clone)]
struct Server {
    at: u64,
    time: Timestamp,
    quotes: [Option<(QuoteView, PriceTrack)>; 4],
    holdings: [Option<(HoldingView, HoldingTrack, u64)>; 4],
    totals: Option<(PortfolioView, PortfolioTrack, u64)>,
}

fn ticker(index: usize) -> Ticker {
    TICKERS[index].parse().unwrap()
}

impl Server {
    fn new() -> Self {
        let (quotes, holdings) = ([const { None }; 4], [const { None }; 4]);
        let time = "2026-11-02T10:00:00Z".parse().unwrap();
        let mut server = Self { at: 0, time, quotes, holdings, totals: None };
        server.take_totals(&[None; 10], &[None; 3], None, 0);
        server
    }

    fn take(&mut self, step: Step) {
        self.at += 1;
        match step {
            Step::Price { index, price, close, spread, freshness, later_ms } => {
                self.time = Timestamp::from_millisecond(self.time.as_millisecond() + later_ms).unwrap();
                let change = close.and_then(|close| price.checked_sub(close));
                let view = QuoteView {
                    ticker: ticker(index),
                    price,
                    bid: spread.and_then(|spread| price.checked_sub(spread)),
                    ask: spread.and_then(|spread| price.checked_add(spread)),
                    previous_close: close,
                    change,
                    change_percent: change.zip(close).and_then(|(change, close)| percent(change, close)),
                    currency: Currency::USD,
                    time: self.time,
                    freshness,
                };
                match &mut self.quotes[index] {
                    Some((known, track)) => {
                        track.follow(&view, self.at);
                        *known = view;
                    }
                    none => *none = Some((view.clone(), PriceTrack::new(&view, self.at))),
                }
            }
            Step::Holding { index, quantity, cost, told } => {
                let mut view = HoldingView { quantity, ..HoldingView::closed(ticker(index)) };
                if !quantity.is_zero() {
                    view.cost_basis = cost;
                    (view.price, view.market_value, view.unrealized_pnl) = (told[0], told[1], told[2]);
                    (view.unrealized_pnl_percent, view.day_change, view.day_change_percent) = (told[3], told[4], told[5]);
                }
                match &mut self.holdings[index] {
                    Some((known, track, at)) => {
                        track.follow(&view, self.at);
                        (*known, *at) = (view, self.at);
                    }
                    none if !quantity.is_zero() => *none = Some((view.clone(), HoldingTrack::new(&view, self.at), self.at)),
                    _ => {}
                }
            }
            Step::Totals { amounts, percents, tracks, accounts } => self.take_totals(&amounts, &percents, tracks, accounts),
        }
    }

    fn take_totals(&mut self, amounts: &[Option<Decimal>], percents: &[Option<Decimal>], tracks: Option<bool>, accounts: u8) {
        let account = |code: &str, amount: Option<Decimal>| CashAccountView {
            currency: code.parse().unwrap(),
            amount: amount.unwrap_or_default(),
            value: amount,
            cost_basis: Decimal::ONE,
            currency_gain: amount,
            day_change: None,
        };
        let all = [account("EUR", amounts[0]), account("JPY", amounts[1]), account("USD", amounts[0])];
        let view = PortfolioView {
            portfolio_id: "demo".to_owned(),
            currency: Currency::EUR,
            market_value: amounts[0],
            cost_basis: amounts[1].unwrap_or_default(),
            unrealized_pnl: amounts[2],
            unrealized_pnl_percent: percents[0],
            realized_pnl: amounts[3].unwrap_or_default(),
            day_change: amounts[4],
            day_change_percent: percents[1],
            track_cash: tracks,
            asks_about_cash: tracks.is_none(),
            cash: amounts[5],
            cash_accounts: (0..3).filter(|bit| accounts >> bit & 1 == 1).map(|index| all[index].clone()).collect(),
            total_value: amounts[6],
            income: amounts[7].unwrap_or_default(),
            total_gain: amounts[8],
            total_gain_percent: percents[2],
            time: self.time,
            incomplete: (0..4).filter(|index| accounts >> index & 1 == 0).map(ticker).collect(),
            holdings: Vec::new(),
        };
        match &mut self.totals {
            Some((known, track, at)) => {
                track.follow(&view, amounts[9], self.at);
                (*known, *at) = (view, self.at);
            }
            none => *none = Some((view.clone(), PortfolioTrack::new(&view, amounts[9], self.at), self.at)),
        }
    }

    /// Writes what changed after a number, as a server does.
    fn frame(&self, since: Option<u64>, names: bool) -> Option<String> {
        let is_newer = |at: u64| since.is_none_or(|since| at > since);
        let mut frame = Frame::new(self.time);
        if names {
            (0..4).for_each(|index| frame.name(index as u32 + 34, &ticker(index)));
        }
        let mut priced = [false; 4];
        for (index, quote) in self.quotes.iter().enumerate() {
            if let Some((_, track)) = quote.as_ref().filter(|(_, track)| is_newer(track.at())) {
                priced[index] = true;
                frame.price(index as u32 + 34, track, since);
            }
        }
        if let Some((_, portfolio, at)) = &self.totals {
            for (index, holding) in self.holdings.iter().enumerate() {
                let Some((view, track, at)) = holding else { continue };
                if (is_newer(*at) || priced[index]) && !(since.is_none() && view.quantity.is_zero()) {
                    let price = self.quotes[index].as_ref().map(|(_, track)| track);
                    frame.holding(index as u32 + 34, (view, track), price, priced[index], 2, since);
                }
            }
            if is_newer(*at) {
                frame.portfolio(portfolio, since);
            }
        }
        frame.finish()
    }

    fn seed(&self, reader: &mut Reader) {
        let quotes: Vec<QuoteView> = self.quotes.iter().flatten().map(|(view, _)| view.clone()).collect();
        let held = self.holdings.iter().flatten().map(|(view, ..)| view).filter(|view| !view.quantity.is_zero());
        let portfolio =
            self.totals.as_ref().map(|(view, ..)| PortfolioView { holdings: held.cloned().collect(), ..view.clone() });
        let count = portfolio.as_ref().map_or(0, |portfolio| portfolio.holdings.len());
        reader.seed(&quotes, portfolio.as_ref(), count);
    }
}

/// What a client keeps of the changes that its reader tells: the replica of a page.
#[derive(Default)]
struct Page {
    quotes: std::collections::BTreeMap<Ticker, QuoteView>,
    holdings: std::collections::BTreeMap<Ticker, HoldingView>,
    totals: Option<PortfolioView>,
}

impl Page {
    fn seeded(server: &Server) -> Self {
        let mut page = Self::default();
        page.quotes.extend(server.quotes.iter().flatten().map(|(view, _)| (view.ticker.clone(), view.clone())));
        if let Some((view, ..)) = &server.totals {
            page.totals = Some(view.clone());
            page.holdings.extend(server.holdings.iter().flatten().map(|(view, ..)| (view.ticker.clone(), view.clone())));
            page.holdings.retain(|_, holding| !holding.quantity.is_zero());
        }
        page
    }

    fn take(&mut self, changes: super::Changes) {
        self.quotes.extend(changes.quotes.into_iter().map(|quote| (quote.ticker.clone(), quote)));
        if let Some(mut portfolio) = changes.portfolio {
            for holding in std::mem::take(&mut portfolio.holdings) {
                self.holdings.insert(holding.ticker.clone(), holding);
            }
            self.holdings.retain(|_, holding| !holding.quantity.is_zero());
            self.totals = Some(portfolio);
        }
    }

    /// Checks the page against the server, as far as it is shown.
    fn shows(&self, server: &Server) {
        let quotes: Vec<&QuoteView> = server.quotes.iter().flatten().map(|(view, _)| view).collect();
        let mut known: Vec<&QuoteView> = self.quotes.values().collect();
        known.sort_by_key(|quote| TICKERS.iter().position(|ticker| *ticker == quote.ticker.as_str()));
        assert_eq!(known, quotes);
        let Some((totals, ..)) = &server.totals else { return };
        let held: Vec<HoldingView> = server
            .holdings
            .iter()
            .flatten()
            .filter(|(view, ..)| !view.quantity.is_zero())
            .map(|(view, ..)| as_shown(view))
            .collect();
        let mut known: Vec<HoldingView> = self.holdings.values().map(as_shown).collect();
        known.sort_by_key(|holding| TICKERS.iter().position(|ticker| *ticker == holding.ticker.as_str()));
        assert_eq!(known, held);
        assert_eq!(self.totals.as_ref().map(totals_as_shown), Some(totals_as_shown(totals)));
    }
}

fn money(amount: Option<Decimal>) -> Option<Decimal> {
    amount.map(|amount| shown(amount, 2))
}

fn as_shown(holding: &HoldingView) -> HoldingView {
    HoldingView {
        ticker: holding.ticker.clone(),
        quantity: holding.quantity,
        price: holding.price,
        market_value: money(holding.market_value),
        cost_basis: holding.cost_basis,
        unrealized_pnl: money(holding.unrealized_pnl),
        unrealized_pnl_percent: money(holding.unrealized_pnl_percent),
        day_change: money(holding.day_change),
        day_change_percent: money(holding.day_change_percent),
        weight: None,
    }
}

fn totals_as_shown(totals: &PortfolioView) -> PortfolioView {
    let account = |account: &CashAccountView| CashAccountView {
        value: money(account.value),
        cost_basis: shown(account.cost_basis, 2),
        currency_gain: money(account.currency_gain),
        day_change: money(account.day_change),
        ..account.clone()
    };
    PortfolioView {
        market_value: money(totals.market_value),
        unrealized_pnl: money(totals.unrealized_pnl),
        unrealized_pnl_percent: money(totals.unrealized_pnl_percent),
        realized_pnl: shown(totals.realized_pnl, 2),
        day_change: money(totals.day_change),
        day_change_percent: money(totals.day_change_percent),
        cash: money(totals.cash),
        total_value: money(totals.total_value),
        income: shown(totals.income, 2),
        total_gain: money(totals.total_gain),
        total_gain_percent: money(totals.total_gain_percent),
        cash_accounts: totals.cash_accounts.iter().map(account).collect(),
        ..totals.clone()
    }
}

fn amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        6 => (-9_999_999_i64..9_999_999, 0_u32..8).prop_map(|(units, scale)| Decimal::new(units, scale)),
        1 => Just(Decimal::ZERO),
        1 => Just(Decimal::MAX),
        1 => Just(Decimal::new(1, 28)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let maybe = || proptest::option::weighted(0.8, amount());
    let freshness = prop_oneof![Just(Freshness::Live), Just(Freshness::Stale), Just(Freshness::Closed), Just(Freshness::Delayed)];
    prop_oneof![
        (0_usize..4, amount(), maybe(), maybe(), freshness, -500_i64..2_000).prop_map(
            |(index, price, close, spread, freshness, later_ms)| Step::Price { index, price, close, spread, freshness, later_ms }
        ),
        (0_usize..4, amount(), amount(), proptest::array::uniform6(maybe()))
            .prop_map(|(index, quantity, cost, told)| Step::Holding { index, quantity, cost, told }),
        (
            proptest::collection::vec(maybe(), 10),
            proptest::collection::vec(maybe(), 3),
            proptest::option::of(any::<bool>()),
            0_u8..8
        )
            .prop_map(|(amounts, percents, tracks, accounts)| Step::Totals { amounts, percents, tracks, accounts }),
    ]
}

proptest! {
    #[test]
    fn a_reader_shows_what_the_full_form_shows_from_whatever_cursor_it_goes_on(
        steps in proptest::collection::vec((step(), any::<(bool, bool)>()), 1..40),
        seeded_after in 0_usize..20,
    ) {
        let (mut server, mut reader, mut page, mut since) = (Server::new(), Reader::default(), Page::default(), None);
        let mut knows_names = false;
        for (index, (step, (writes, is_cut))) in steps.into_iter().enumerate() {
            server.take(step);
            if index == seeded_after {
                // A page is loaded: its stream goes on from its figures.
                server.seed(&mut reader);
                (page, since) = (Page::seeded(&server), Some(server.at));
            }
            if index == seeded_after || is_cut {
                // Another connection, on which names are told once more.
                reader.forget_names();
                knows_names = false;
            }
            if !writes {
                continue;
            }
            if let Some(text) = server.frame(since, !std::mem::replace(&mut knows_names, true)) {
                // A frame that came before a cut comes again after it.
                for _ in 0..2 {
                    let changes = reader.read(&text);
                    prop_assert!(changes.is_ok(), "{text}");
                    page.take(changes.unwrap_or_default());
                    page.shows(&server);
                }
            }
            since = Some(server.at);
        }
    }

    #[test]
    fn a_frame_of_another_place_is_refused_and_no_text_is_too_odd_to_be_read(text in "[@=+$#!%|,~.0-9a-zA-Z^-]{0,80}") {
        let mut reader = Reader::default();
        let _ = reader.read(&text);
        let _ = reader.read(&text);
    }
}

#[test]
fn what_builds_on_something_that_was_never_told_is_refused() {
    let read = |text: &str| Reader::default().read(text).err();
    for text in [
        "",
        "|",
        "0,189.84",
        "@mi8f0k2a|0,189.84",
        "@mi8f0k2a|=0,AAPL|0,189.84",
        "=0,AAPL|0,189.84,,~,~,~,,USD",
        "+0,12,2000",
        "=0,AAPL|+0,12,2000",
        "@mi8f0k2a|$100",
        "!AAPL",
        "%USD",
        "#USD,t,t",
        "=0,aapl?",
        "@zzzzzzzzzzzzz",
        "@mi8f0k2a|=0,AAPL|0,0x5,,~,~,~,,USD",
    ] {
        assert_eq!(read(text), Some(Unreadable), "{text:?}");
    }
    assert_eq!(read("@mi8f0k2a|=0,AAPL|0,189.84,,~,~,~,,USD"), None);
    assert_eq!((read("?a sign of tomorrow"), read("é")), (None, None));
}

#[test]
fn the_worked_example_of_the_protocol_is_read_as_it_says() {
    let protocol = include_str!("../../../docs/PROTOCOL.md");
    let frames: Vec<&str> = protocol.lines().filter_map(|line| line.strip_prefix("data: @")).collect();
    let [state, price, rate] = frames[..] else { panic!("{} frames", frames.len()) };
    let (mut reader, mut page) = (Reader::default(), Page::default());
    let mut after = |frame: &str| {
        page.take(reader.read(&format!("@{frame}")).unwrap());
        let value = |ticker: &str| page.holdings[&ticker.parse::<Ticker>().unwrap()].clone();
        let totals = page.totals.clone().unwrap();
        // Without cash the totals are those of the holdings.
        let sum = |of: fn(&HoldingView) -> Option<Decimal>| page.holdings.values().filter_map(of).sum::<Decimal>();
        assert_eq!(totals.market_value, Some(sum(|holding| holding.market_value)));
        assert_eq!(totals.unrealized_pnl, Some(sum(|holding| holding.unrealized_pnl)));
        assert_eq!(totals.day_change, money(Some(sum(|holding| holding.day_change))));
        let percents: Vec<_> = [totals.unrealized_pnl_percent, totals.total_gain_percent].into_iter().map(money).collect();
        assert_eq!(percents[0], percents[1], "the gain is all unrealised");
        (value("AAPL"), value("SAP.DE"), totals)
    };
    let decimal = |text: &str| text.parse::<Decimal>().ok();
    let (apple, sap, totals) = after(state);
    assert_eq!((apple.market_value, apple.day_change), (decimal("2278.08"), decimal("-1.92")));
    assert_eq!(
        (sap.market_value, sap.unrealized_pnl, totals.total_value),
        (decimal("1125.2"), decimal("325.2"), decimal("3903.28"))
    );
    let (apple, _, _) = after(price);
    assert_eq!(
        (apple.market_value, apple.unrealized_pnl, apple.weight),
        (decimal("2281.44"), decimal("281.44"), decimal("66.97"))
    );
    let (_, sap, totals) = after(rate);
    assert_eq!((sap.market_value, sap.unrealized_pnl, sap.day_change), (decimal("1126.21"), decimal("326.21"), decimal("7.96")));
    assert_eq!((totals.market_value, totals.cash), (decimal("3407.65"), decimal("500")));
}
