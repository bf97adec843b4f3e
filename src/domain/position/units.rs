//! Exact numbers of units: what splits multiply and divide comes back to where it was.
//!
//! A third of 100 has no exact decimal. 119 units split 3:1 and back 1:3 are 119 again only where the third is kept as a third.

use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, minus, plus, times};

/// The greatest denominator that a decimal is read as: shares are not split by more than 1,000.
const GREATEST_DENOMINATOR: u64 = 1_000;

/// How rare a fraction must be among decimals of so many digits before a decimal is read as that fraction. With `n` digits only
/// denominators up to √10ⁿ / 50 are tried: 20 with six digits, so that 0.333333 is read as 1:3 and 0.3333 as it is written. About
/// twenty of 100,000 decimals that mean no fraction are read as one.
const RARITY: u64 = 50;

/// A split's ratio: units after, for units before.
///
/// ```
/// use foliostream::domain::position::Ratio;
/// let third = Ratio::of("0.333333333333".parse().expect("a decimal"));
/// assert_eq!((third.after.to_string(), third.before.to_string()), ("1".into(), "3".into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio {
    /// Units after the split.
    pub after: Decimal,
    /// Units before the split, a whole number of at least one.
    pub before: Decimal,
}

impl Ratio {
    /// Reads a ratio that was written as a decimal. One of few decimals is what it says, 0.5 is 1:2. One whose many decimals are
    /// those of a simple fraction is that fraction, rounded or cut off: 0.333333 is 1:3.
    pub fn of(written: Decimal) -> Self {
        let written = written.normalize();
        simple_fraction(written).or_else(|| decimal_fraction(written)).unwrap_or(Self { after: written, before: Decimal::ONE })
    }
}

/// Returns the fraction of the smallest denominator whose decimals begin with those of a positive number.
fn simple_fraction(written: Decimal) -> Option<Ratio> {
    let last_place = Decimal::new(1, written.scale());
    let greatest =
        10_u64.checked_pow(written.scale() / 2).map_or(GREATEST_DENOMINATOR, |root| (root / RARITY).min(GREATEST_DENOMINATOR));
    (3..=greatest).map(Decimal::from).find_map(|before| {
        let after = written.checked_mul(before)?.round();
        let apart = (written - after.checked_div(before)?).abs();
        (after > Decimal::ZERO && apart < last_place).then_some(Ratio { after, before })
    })
}

/// Returns a decimal of at most six places over a power of ten.
fn decimal_fraction(written: Decimal) -> Option<Ratio> {
    let before = 10_u64.checked_pow(written.scale()).filter(|_| written.scale() <= 6).map(Decimal::from)?;
    let after = written.checked_mul(before)?.normalize();
    let exact = Units { amount: after, parts: before }.reduced();
    Some(Ratio { after: exact.amount, before: exact.parts })
}

/// A number of units, held as a decimal over a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Units {
    amount: Decimal,
    /// The denominator, a whole number of at least one.
    parts: Decimal,
}

impl Units {
    /// Takes units as they are written.
    pub(crate) fn whole(amount: Decimal) -> Self {
        Self { amount, parts: Decimal::ONE }
    }

    /// Returns the nearest decimal.
    pub(crate) fn value(self) -> Decimal {
        if self.parts == Decimal::ONE { self.amount } else { self.amount.checked_div(self.parts).unwrap_or(self.amount) }
    }

    /// Adds exactly. Where the exact sum does not fit into a decimal, it is rounded to the last digit that fits.
    pub(crate) fn plus(self, other: Self) -> Result<Self, ArithmeticError> {
        match self.together(other, Decimal::checked_add) {
            Some(sum) => Ok(sum),
            None => plus(self.value(), other.value()).map(Self::whole),
        }
    }

    /// Subtracts exactly. Where the exact difference does not fit into a decimal, it is rounded to the last digit that fits.
    pub(crate) fn minus(self, other: Self) -> Result<Self, ArithmeticError> {
        match self.together(other, Decimal::checked_sub) {
            Some(rest) => Ok(rest),
            None => minus(self.value(), other.value()).map(Self::whole),
        }
    }

    /// Applies a split exactly: 119 units split 1:3 are 119/3. Where that does not fit into a decimal, it is rounded to the last
    /// digit that fits.
    pub(crate) fn split(self, ratio: Ratio) -> Result<Self, ArithmeticError> {
        let exact =
            || Some(Self { amount: exact_product(self.amount, ratio.after)?, parts: exact_product(self.parts, ratio.before)? });
        if let Some(units) = exact() {
            return Ok(units.reduced());
        }
        let grown = times(self.value(), ratio.after)?;
        grown.checked_div(ratio.before).map(Self::whole).ok_or(ArithmeticError::Overflow)
    }

    fn together(self, other: Self, join: fn(Decimal, Decimal) -> Option<Decimal>) -> Option<Self> {
        if self.parts == Decimal::ONE && other.parts == Decimal::ONE {
            return join(self.amount, other.amount).map(Self::whole);
        }
        if self.parts == other.parts {
            return Some(Self { amount: join(self.amount, other.amount)?, parts: self.parts }.reduced());
        }
        let (left, right) = (exact_product(self.amount, other.parts)?, exact_product(other.amount, self.parts)?);
        Some(Self { amount: join(left, right)?, parts: exact_product(self.parts, other.parts)? }.reduced())
    }

    /// Takes out what amount and parts have in common.
    fn reduced(self) -> Self {
        let (amount, parts) = (self.amount.normalize(), self.parts.normalize());
        let (Ok(whole), 0) = (u128::try_from(parts.mantissa()), parts.scale()) else { return self };
        let common = greatest_common_divisor(amount.mantissa().unsigned_abs(), whole);
        let reduced = || {
            let divisor = Decimal::try_from_i128_with_scale(i128::try_from(common).ok()?, 0).ok()?;
            Some(Self { amount: amount.checked_div(divisor)?, parts: parts.checked_div(divisor)? })
        };
        if common <= 1 { Self { amount, parts } } else { reduced().unwrap_or(self) }
    }
}

/// Multiplies where the product has every digit: `Decimal` rounds what is longer than it can hold.
fn exact_product(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right) = (left.normalize(), right.normalize());
    let mantissa = left.mantissa().checked_mul(right.mantissa())?;
    Decimal::try_from_i128_with_scale(mantissa, left.scale() + right.scale()).ok()
}

fn greatest_common_divisor(left: u128, right: u128) -> u128 {
    let (mut left, mut right) = (left, right);
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn ratio(text: &str) -> (String, String) {
        let ratio = Ratio::of(decimal(text));
        (ratio.after.to_string(), ratio.before.to_string())
    }

    fn pair(after: &str, before: &str) -> (String, String) {
        (after.to_owned(), before.to_owned())
    }

    #[test]
    fn a_ratio_of_few_decimals_is_what_it_says() {
        assert_eq!([ratio("3"), ratio("0.5"), ratio("1.05")], [pair("3", "1"), pair("1", "2"), pair("21", "20")]);
        assert_eq!(
            [ratio("0.33"), ratio("0.3333"), ratio("1.0374")],
            [pair("33", "100"), pair("3333", "10000"), pair("5187", "5000")]
        );
    }

    #[test]
    fn the_decimals_of_a_simple_fraction_are_that_fraction_rounded_or_cut_off() {
        assert_eq!(
            [ratio("0.333333"), ratio("0.6666666667"), ratio("0.66666666")],
            [pair("1", "3"), pair("2", "3"), pair("2", "3")]
        );
        assert_eq!([ratio("0.142857"), ratio("2.33333333")], [pair("1", "7"), pair("7", "3")]);
        assert_eq!(ratio("0.3333333333333333333333333333"), pair("1", "3"));
        assert_eq!(ratio("0.0027397260273972602739726027"), pair("1", "365"));
    }

    #[test]
    fn decimals_that_are_no_simple_fraction_s_stay() {
        assert_eq!([ratio("0.12345671").0, ratio("1.0372911").0], ["0.12345671", "1.0372911"].map(str::to_owned));
    }

    #[test]
    fn thirds_add_up_to_a_whole() {
        let third = Units::whole(Decimal::ONE).split(Ratio::of(decimal("0.333333333"))).unwrap();
        let whole = third.plus(third).unwrap().plus(third).unwrap();
        assert_eq!(
            (whole, whole.minus(third).unwrap().value()),
            (Units::whole(Decimal::ONE), decimal("0.6666666666666666666666666667"))
        );
    }

    #[test]
    fn what_outgrows_a_decimal_is_rounded_or_refused_never_wrapped() {
        let large = Units::whole(Decimal::MAX);
        assert_eq!(large.split(Ratio::of(Decimal::TWO)), Err(ArithmeticError::Overflow));
        assert_eq!(large.plus(large), Err(ArithmeticError::Overflow));
        let long = Units::whole(decimal("0.1234567890123456789012345678"));
        assert!(long.split(Ratio::of(decimal("1.000001"))).is_ok());
    }

    proptest! {
        #[test]
        fn splits_and_their_reverse_come_back_to_where_they_began(
            held in 1_i64..1_000_000_000,
            places in 0_u32..6,
            numbers in prop::collection::vec(2_u64..=100, 1..5),
            scale in 12_u32..=28,
        ) {
            let began = Units::whole(Decimal::new(held, places));
            let mut units = began;
            for number in &numbers {
                units = units.split(Ratio::of(Decimal::from(*number))).unwrap();
            }
            for number in &numbers {
                units = units.split(Ratio::of((Decimal::ONE / Decimal::from(*number)).round_dp(scale))).unwrap();
            }
            prop_assert_eq!(units.value(), began.value());
            for number in &numbers {
                units = units.split(Ratio::of((Decimal::ONE / Decimal::from(*number)).round_dp(scale))).unwrap();
            }
            for number in &numbers {
                units = units.split(Ratio::of(Decimal::from(*number))).unwrap();
            }
            prop_assert_eq!(units.value(), began.value());
        }
    }
}
