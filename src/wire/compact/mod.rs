//! The compact form of prices and portfolio figures: one `frame` event for all that changed, which tells names once and indices
//! afterwards, and only the fields that changed. Its grammar is in `docs/PROTOCOL.md`, "The compact form".
//!
//! Both ends are here. What a server keeps is [`PriceTrack`], [`HoldingTrack`] and [`PortfolioTrack`]: values, each with the
//! number of its last change. With these a [`Frame`] can be written from any cursor, and the frames are the same for all streams
//! at that cursor. A client keeps a [`Reader`], which makes the views of the full form of what it reads.
//!
//! What follows from other fields is worked out by the reader, and told only where the outcome would be shown differently. For
//! example: 12 units at 189.84 are worth 2278.08. Where the portfolio is in the price's currency only the price is told.

mod derived;
mod field;
mod frame;
mod holding;
mod portfolio;
mod price;
#[cfg(test)]
mod properties;
mod reader;
mod tracked;

pub use field::Unreadable;
pub use frame::{Frame, NAME};
pub use holding::HoldingTrack;
pub use portfolio::PortfolioTrack;
pub use price::PriceTrack;
pub use reader::{Changes, Reader};
