//! What the simulated market trades: instruments people know, at levels near those of early 2026.

use foliostream::domain::instrument::{AssetClass, Details, Instrument, Ticker};
use foliostream::domain::money::Currency;

use super::sessions::Exchange;

/// The market factor's volatility over a year; an instrument takes `beta` times it.
pub(crate) const MARKET_VOLATILITY: f64 = 0.16;

/// What moves an instrument beside the market and its own story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sector {
    /// Companies that make chips, software or platforms.
    Technology,
    /// Banks, insurers and companies that handle payments.
    Finance,
    /// Companies that make drugs or care for patients.
    Health,
    /// Companies that sell to consumers.
    Consumer,
    /// What follows the prices of oil and gas, such as shares of their producers.
    Energy,
    /// Companies that make machines and aircraft.
    Industry,
    /// Funds that hold shares of all sectors.
    World,
    /// Funds of bonds, which interest rates move.
    Rates,
    /// What follows the price of gold.
    Gold,
    /// Crypto coins, which move together.
    Coins,
    /// A currency priced in dollars.
    AgainstDollar,
    /// The dollar priced in another currency: the same factor, turned round.
    Dollar,
}

impl Sector {
    /// Returns the name of the factor.
    pub(crate) fn factor(self) -> &'static str {
        match self {
            Self::Technology => "technology",
            Self::Finance => "finance",
            Self::Health => "health",
            Self::Consumer => "consumer",
            Self::Energy => "energy",
            Self::Industry => "industry",
            Self::World => "world",
            Self::Rates => "rates",
            Self::Gold => "gold",
            Self::Coins => "coins",
            Self::AgainstDollar | Self::Dollar => "dollar",
        }
    }

    /// Returns how much of an instrument's volatility the sector carries; negative turns it round.
    pub(crate) fn share(self) -> f64 {
        match self {
            Self::World => 0.2,
            Self::Energy => 0.5,
            Self::Rates | Self::Coins => 0.7,
            Self::Gold => 0.8,
            Self::AgainstDollar => 0.65,
            Self::Dollar => -0.65,
            _ => 0.38,
        }
    }
}

/// An instrument with what the model needs to move it.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    /// The description of the instrument that the rest of the program gets.
    pub instrument: Instrument,
    /// The exchange whose trading hours it has.
    pub exchange: Exchange,
    /// The price on the model's reference day, in the instrument's currency.
    pub level: f64,
    /// The standard deviation of a year's log return.
    pub volatility: f64,
    /// The factor with which it follows the market: 1.2 moves a fifth more.
    pub beta: f64,
    /// The sector, whose factor moves it beside the market.
    pub sector: Sector,
    /// Units traded on a usual day.
    pub daily_volume: f64,
}

/// Ticker, name, level, volatility, beta, sector, units a day in thousands.
type Row = (&'static str, &'static str, f64, f64, f64, Sector, f64);

/// Rows that share where and how they are quoted.
struct Board {
    exchange: Exchange,
    currency: &'static str,
    class: AssetClass,
    decimals: u32,
    rows: &'static [Row],
}

use AssetClass::{Bond, Commodity, Crypto, Fund, Share};
use Exchange::{AroundTheClock, Continental, Interbank, London, UnitedStates, Zurich};
use Sector::{AgainstDollar, Coins, Consumer, Dollar, Energy, Finance, Gold, Health, Industry, Rates, Technology, World};

const US_SHARES: &[Row] = &[
    ("AAPL", "Apple", 268.0, 0.27, 1.15, Technology, 52_000.0),
    ("MSFT", "Microsoft", 485.0, 0.24, 1.05, Technology, 21_000.0),
    ("NVDA", "NVIDIA", 186.0, 0.42, 1.60, Technology, 190_000.0),
    ("AMZN", "Amazon", 232.0, 0.30, 1.20, Technology, 41_000.0),
    ("GOOGL", "Alphabet", 305.0, 0.28, 1.10, Technology, 32_000.0),
    ("META", "Meta Platforms", 655.0, 0.34, 1.25, Technology, 14_000.0),
    ("TSLA", "Tesla", 430.0, 0.52, 1.70, Consumer, 85_000.0),
    ("AMD", "Advanced Micro Devices", 214.0, 0.46, 1.65, Technology, 44_000.0),
    ("NFLX", "Netflix", 96.0, 0.33, 1.10, Consumer, 36_000.0),
    ("JPM", "JPMorgan Chase", 318.0, 0.23, 1.05, Finance, 9_000.0),
    ("V", "Visa", 342.0, 0.20, 0.90, Finance, 6_500.0),
    ("BRK-B", "Berkshire Hathaway", 502.0, 0.16, 0.70, Finance, 4_600.0),
    ("JNJ", "Johnson & Johnson", 207.0, 0.17, 0.50, Health, 8_000.0),
    ("UNH", "UnitedHealth", 334.0, 0.29, 0.55, Health, 9_500.0),
    ("XOM", "Exxon Mobil", 119.0, 0.24, 0.70, Energy, 15_000.0),
    ("KO", "Coca-Cola", 70.0, 0.15, 0.45, Consumer, 15_500.0),
    ("PG", "Procter & Gamble", 144.0, 0.16, 0.45, Consumer, 8_800.0),
    ("WMT", "Walmart", 112.0, 0.19, 0.60, Consumer, 18_000.0),
    ("COST", "Costco", 872.0, 0.20, 0.75, Consumer, 2_200.0),
    ("DIS", "Walt Disney", 113.0, 0.25, 1.00, Consumer, 9_100.0),
];

const EURO_SHARES: &[Row] = &[
    ("ASML.AS", "ASML", 925.0, 0.34, 1.40, Technology, 650.0),
    ("SAP.DE", "SAP", 208.0, 0.26, 1.10, Technology, 1_700.0),
    ("SIE.DE", "Siemens", 239.0, 0.26, 1.15, Industry, 1_100.0),
    ("ALV.DE", "Allianz", 388.0, 0.19, 0.85, Finance, 650.0),
    ("AIR.PA", "Airbus", 198.0, 0.28, 1.05, Industry, 950.0),
    ("MC.PA", "LVMH", 645.0, 0.30, 1.10, Consumer, 420.0),
    ("OR.PA", "L'Oréal", 367.0, 0.22, 0.75, Consumer, 330.0),
    ("TTE.PA", "TotalEnergies", 55.0, 0.22, 0.70, Energy, 4_200.0),
];

const SWISS_SHARES: &[Row] = &[
    ("NESN.SW", "Nestlé", 78.5, 0.17, 0.45, Consumer, 5_200.0),
    ("ROG.SW", "Roche", 327.0, 0.20, 0.50, Health, 1_100.0),
    ("NOVN.SW", "Novartis", 109.0, 0.18, 0.50, Health, 3_600.0),
];

const LONDON_SHARES: &[Row] = &[
    ("SHEL.L", "Shell", 2_735.0, 0.22, 0.75, Energy, 9_500.0),
    ("AZN.L", "AstraZeneca", 13_700.0, 0.22, 0.55, Health, 1_700.0),
    ("HSBA.L", "HSBC", 1_168.0, 0.22, 0.90, Finance, 22_000.0),
    ("ULVR.L", "Unilever", 4_850.0, 0.16, 0.45, Consumer, 2_900.0),
    ("BP.L", "BP", 433.0, 0.26, 0.85, Energy, 38_000.0),
];

const EURO_FUNDS: &[Row] = &[
    ("VWCE.DE", "Vanguard FTSE All-World", 146.0, 0.145, 0.80, World, 210.0),
    ("EUNL.DE", "iShares Core MSCI World", 112.0, 0.145, 0.82, World, 380.0),
];

const US_FUNDS: &[Row] = &[
    ("VOO", "Vanguard S&P 500", 627.0, 0.16, 0.92, World, 8_200.0),
    ("QQQ", "Invesco QQQ", 614.0, 0.21, 1.10, Technology, 52_000.0),
];

const SIMULATED_BOARDS: &[Board] = &[
    Board { exchange: UnitedStates, currency: "USD", class: Share, decimals: 2, rows: US_SHARES },
    Board { exchange: Continental, currency: "EUR", class: Share, decimals: 2, rows: EURO_SHARES },
    Board { exchange: Zurich, currency: "CHF", class: Share, decimals: 2, rows: SWISS_SHARES },
    Board { exchange: London, currency: "GBp", class: Share, decimals: 1, rows: LONDON_SHARES },
    Board { exchange: Continental, currency: "EUR", class: Fund, decimals: 2, rows: EURO_FUNDS },
    Board { exchange: UnitedStates, currency: "USD", class: Fund, decimals: 2, rows: US_FUNDS },
    Board {
        exchange: London,
        currency: "GBp",
        class: Fund,
        decimals: 2,
        rows: &[("ISF.L", "iShares Core FTSE 100", 968.0, 0.13, 0.65, World, 6_300.0)],
    },
    Board {
        exchange: Continental,
        currency: "EUR",
        class: Bond,
        decimals: 4,
        rows: &[("AGGH.AS", "iShares Global Aggregate Bond", 5.05, 0.045, 0.03, Rates, 900.0)],
    },
    Board {
        exchange: UnitedStates,
        currency: "USD",
        class: Bond,
        decimals: 2,
        rows: &[("BND", "Vanguard Total Bond Market", 74.1, 0.055, 0.03, Rates, 6_100.0)],
    },
    Board {
        exchange: London,
        currency: "USD",
        class: Commodity,
        decimals: 2,
        rows: &[("SGLD.L", "Invesco Physical Gold", 418.0, 0.16, 0.05, Gold, 120.0)],
    },
    Board {
        exchange: Continental,
        currency: "EUR",
        class: Commodity,
        decimals: 3,
        rows: &[("4GLD.DE", "Xetra-Gold", 118.5, 0.15, 0.05, Gold, 190.0)],
    },
    Board {
        exchange: AroundTheClock,
        currency: "USD",
        class: Crypto,
        decimals: 2,
        rows: &[
            ("BTC-USD", "Bitcoin", 89_000.0, 0.50, 0.90, Coins, 28.0),
            ("ETH-USD", "Ethereum", 3_050.0, 0.65, 1.10, Coins, 410.0),
            ("SOL-USD", "Solana", 131.0, 0.80, 1.20, Coins, 4_900.0),
        ],
    },
    Board {
        exchange: Interbank,
        currency: "USD",
        class: AssetClass::Currency,
        decimals: 5,
        rows: &[
            ("EURUSD=X", "Euro in US dollars", 1.1742, 0.072, 0.0, AgainstDollar, 900_000.0),
            ("GBPUSD=X", "Pound in US dollars", 1.3468, 0.080, 0.0, AgainstDollar, 420_000.0),
        ],
    },
    Board {
        exchange: Interbank,
        currency: "CHF",
        class: AssetClass::Currency,
        decimals: 5,
        rows: &[("USDCHF=X", "US dollar in Swiss francs", 0.7924, 0.075, 0.0, Dollar, 210_000.0)],
    },
    Board {
        exchange: Interbank,
        currency: "JPY",
        class: AssetClass::Currency,
        decimals: 3,
        rows: &[("USDJPY=X", "US dollar in yen", 156.70, 0.095, 0.0, Dollar, 640_000.0)],
    },
];

/// Returns everything the simulated market trades, in a fixed order.
pub(crate) fn listings() -> Vec<Listing> {
    SIMULATED_BOARDS.iter().flat_map(|board| board.rows.iter().map(|row| listing(board, row))).collect()
}

fn listing(board: &Board, row: &Row) -> Listing {
    let (ticker, name, level, volatility, beta, sector, thousands) = *row;
    let ticker: Ticker = ticker.parse().expect("the catalogue's tickers are well formed");
    let currency: Currency = board.currency.parse().expect("the catalogue's currencies are well formed");
    Listing {
        instrument: Instrument {
            ticker,
            name: name.to_owned(),
            currency,
            class: board.class,
            price_decimals: board.decimals,
            details: Details::default(),
        },
        exchange: board.exchange,
        level,
        volatility,
        beta,
        sector,
        daily_volume: thousands * 1_000.0,
    }
}

/// Returns the expected log return of a year.
pub(crate) fn drift(class: AssetClass) -> f64 {
    match class {
        Share | Fund | Crypto => 0.06,
        Commodity => 0.05,
        Bond => 0.02,
        AssetClass::Currency | AssetClass::Other => 0.0,
    }
}

/// Returns the difference between ask and bid, in hundredths of a percent of the price.
pub(crate) fn spread_basis_points(class: AssetClass) -> f64 {
    match class {
        AssetClass::Currency => 0.8,
        Crypto => 1.5,
        Share | Fund => 2.0,
        Bond | Commodity | AssetClass::Other => 3.0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn there_are_instruments_of_every_promised_kind() {
        let listings = listings();
        let mut classes: BTreeMap<AssetClass, usize> = BTreeMap::new();
        for listing in &listings {
            *classes.entry(listing.instrument.class).or_default() += 1;
        }
        assert!(listings.len() >= 46, "{}", listings.len());
        assert!(classes[&Share] >= 30 && classes[&Fund] + classes[&Bond] + classes[&Commodity] >= 8);
        assert_eq!((classes[&Crypto], classes[&AssetClass::Currency]), (3, 4));
        let currencies: BTreeSet<_> = listings.iter().map(|listing| listing.instrument.currency.as_str()).collect();
        assert!(currencies.is_superset(&BTreeSet::from(["USD", "EUR", "CHF", "GBp"])));
    }

    #[test]
    fn no_ticker_is_listed_twice() {
        let listings = listings();
        let tickers: BTreeSet<_> = listings.iter().map(|listing| &listing.instrument.ticker).collect();
        assert_eq!(tickers.len(), listings.len());
    }

    #[test]
    fn london_shares_are_quoted_in_pence() {
        for listing in listings() {
            let ticker = listing.instrument.ticker.as_str().to_owned();
            if ticker.ends_with(".L") && listing.instrument.class == Share {
                assert_eq!(listing.instrument.currency, Currency::GBX, "{ticker}");
            }
        }
    }

    #[test]
    fn market_and_sector_leave_room_for_an_own_story() {
        for listing in listings() {
            let market = listing.beta * MARKET_VOLATILITY;
            let sector = listing.sector.share() * listing.volatility;
            let own = listing.volatility.powi(2) - market.powi(2) - sector.powi(2);
            assert!(own > 0.01 * listing.volatility.powi(2), "{}: {own}", listing.instrument.ticker);
        }
    }
}
