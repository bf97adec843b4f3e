//! A large portfolio is valued in turns, so that others who need the board do not wait for all of it.
//!
//! When 5,000 holdings move at once, valuing them takes 7 ms. Between two turns the board is free for prices and for other streams. What
//! changes meanwhile is noted and valued, too, so that the last turn has the figures of one number.

use std::sync::atomic::Ordering;

use super::{Board, State};

/// Turns before the rest is valued in one: enough for 65,536 holdings. Rates that change faster than their holdings are valued would
/// otherwise keep it from its end.
const MOST_TURNS: usize = 256;

/// How often others that wait for the board are given way to between two turns, at most.
const MOST_YIELDS: usize = 64;

impl Board {
    /// Values what changed of a portfolio, unless it is small: as far as one turn is left to whoever asks for its figures.
    pub(super) fn value_in_turns(&self, portfolio_id: Option<&str>) {
        let Some(portfolio_id) = portfolio_id else { return };
        for _ in 0..MOST_TURNS {
            let mut state = self.lock();
            let seq = state.numbers.seq();
            let State { portfolios, quotes, .. } = &mut *state;
            if !portfolios.approach(portfolio_id, seq, quotes) {
                return;
            }
            drop(state);
            self.give_way();
        }
    }

    /// Lets others take the lock. A thread that sleeps until it is free is woken later than this one could take it again.
    fn give_way(&self) {
        for _ in 0..MOST_YIELDS {
            if self.waiting.load(Ordering::Relaxed) == 0 {
                return;
            }
            std::thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use foliostream::domain::money::Currency;
    use foliostream::domain::position::fold;
    use foliostream::domain::quote::Freshness;
    use foliostream::domain::source::SourceName;
    use foliostream::domain::user::UserId;
    use foliostream::wire::epoch::Epoch;
    use foliostream::wire::live::{Envelope, LiveEvent, QuoteEvent};
    use foliostream::wire::views::QuoteView;
    use jiff::Timestamp;
    use rust_decimal::Decimal;

    use super::super::portfolio::TURN;
    use super::super::testing::bought;
    use super::*;
    use crate::store::PortfolioRow;

    const EPOCH: Epoch = Epoch::new(3, 7);

    /// A board with a portfolio of one unit each of so many instruments.
    fn board(positions: usize) -> Board {
        let buy = |number: usize| bought(&format!("T{number}"));
        let board = Board::new(EPOCH, 0, Timestamp::UNIX_EPOCH);
        let row = PortfolioRow {
            portfolio_id: "large".to_owned(),
            owner: UserId::local(),
            name: "large".to_owned(),
            currency: Currency::EUR,
            revision: 1,
            created_at: Timestamp::UNIX_EPOCH,
            track_cash: None,
        };
        board.set_ledger(&row, fold(Currency::EUR, &(0..positions).map(buy).collect::<Vec<_>>()).unwrap());
        board
    }

    /// Gives instruments a price, one event after the other.
    fn price(board: &Board, numbers: impl Iterator<Item = usize>, price: i64) {
        let first = board.head().seq + 1;
        let envelope = |(seq, number): (u64, usize)| {
            let view = QuoteView {
                ticker: format!("T{number}").parse().unwrap(),
                price: price.into(),
                bid: None,
                ask: None,
                previous_close: None,
                change: None,
                change_percent: None,
                currency: Currency::EUR,
                time: Timestamp::UNIX_EPOCH,
                freshness: Freshness::Live,
            };
            let (session_start, source) = (Timestamp::UNIX_EPOCH, SourceName::PUSHED);
            let event = LiveEvent::PriceUpdate(QuoteEvent { view, session_start, source, delay_s: 0 });
            Envelope { epoch: EPOCH, seq, at: Timestamp::UNIX_EPOCH, event }
        };
        board.apply(&(first..).zip(numbers).map(envelope).collect::<Vec<_>>());
    }

    /// Values one turn, and returns whether there is more.
    fn turn(board: &Board) -> bool {
        let mut state = board.lock();
        let seq = state.numbers.seq();
        let State { portfolios, quotes, .. } = &mut *state;
        portfolios.approach("large", seq, quotes)
    }

    #[test]
    fn a_large_portfolio_is_valued_in_turns_between_which_prices_come() {
        let board = board(3 * TURN);
        price(&board, 0..3 * TURN, 2);
        assert!(turn(&board) && turn(&board));
        price(&board, 0..TURN, 3);
        assert!(turn(&board), "what changed meanwhile is due");
        let (valuation, _) = board.valuation("large").unwrap();
        assert_eq!(valuation.market_value, Some(Decimal::from(3 * TURN + 2 * 2 * TURN)));
        assert!(!turn(&board), "nothing is left");
        price(&board, 5..6, 9);
        assert!(!turn(&board), "one price is valued at once");
    }

    #[test]
    fn a_small_portfolio_is_valued_when_its_figures_are_asked_for() {
        let board = board(TURN);
        price(&board, 0..TURN, 2);
        assert!(!turn(&board));
        assert_eq!(board.valuation("large").unwrap().0.market_value, Some(Decimal::from(2 * TURN)));
    }
}
