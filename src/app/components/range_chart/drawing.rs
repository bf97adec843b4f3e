//! What the layers of a chart have in common.

use super::series::Series;
use crate::app::components::geometry::Scale;
use crate::app::prelude::*;
use crate::domain::money::Currency;
use crate::wire::range::Range;

/// Everything the chart's layers read: the series, its scale, and how to write prices and times.
#[derive(Clone, Copy)]
pub struct Drawing {
    /// The samples that the line is drawn through; they grow with the live price.
    pub series: Memo<Series>,
    /// Where a time and a price lie in the picture.
    pub scale: Memo<Scale>,
    /// The time that the chart covers, up to now.
    pub range: Range,
    /// With how many decimals prices are written.
    pub decimals: u32,
    /// The currency of the prices.
    pub currency: Currency,
    /// Whether times are written in the reader's zone.
    pub is_local: Signal<bool>,
}
