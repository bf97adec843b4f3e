//! Sums that are changed by difference: what is added and taken away again leaves exactly what was there.

use rust_decimal::Decimal;

use super::ArithmeticError;

/// The most digits that a decimal has behind its point.
const DIGITS: u32 = 28;

/// Half of `DIGITS`, as a power of ten: two divisions by it are one by 10^28.
const HALF: u64 = 100_000_000_000_000;

/// The largest mantissa of a decimal: 96 bits.
const MOST: u128 = (1 << 96) - 1;

/// A sum of decimals to the last digit, in whatever order they come and go.
///
/// Adding decimals rounds a sum that has more than 28 digits, so that 10,000,000 plus a product with 26 digits behind its point,
/// less that product, need not be 10,000,000 again. This sum is rounded only when it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExactSum {
    /// Units of 10^-28 in two's complement, the lowest 64 bits first. A decimal takes 190 of the 256 bits, so that there is room for
    /// 2^65 of the largest.
    limbs: [u64; 4],
}

impl ExactSum {
    /// Adds an amount, of either sign.
    pub(crate) fn add(&mut self, amount: Decimal) {
        self.change(amount, amount.is_sign_negative());
    }

    /// Takes away an amount that was added before.
    pub(crate) fn take(&mut self, amount: Decimal) {
        self.change(amount, !amount.is_sign_negative());
    }

    fn change(&mut self, amount: Decimal, is_less: bool) {
        let units = units(amount.mantissa().unsigned_abs(), DIGITS - amount.scale());
        let mut carry = false;
        for (limb, units) in self.limbs.iter_mut().zip(units) {
            let step = if is_less { u64::overflowing_sub } else { u64::overflowing_add };
            let (changed, first) = step(*limb, units);
            let (changed, second) = step(changed, u64::from(carry));
            (*limb, carry) = (changed, first || second);
        }
    }

    /// Returns the sum as a decimal, rounded half-even where it has more digits than fit; fails where it is too large for one.
    pub(crate) fn value(&self) -> Result<Decimal, ArithmeticError> {
        let is_negative = self.limbs[3] >> 63 == 1;
        let mut units = if is_negative { negated(self.limbs) } else { self.limbs };
        let low = divide(&mut units, HALF);
        let high = divide(&mut units, HALF);
        let fraction = u128::from(high) * u128::from(HALF) + u128::from(low);
        let whole = u128::from(units[1]) << 64 | u128::from(units[0]);
        if units[2] != 0 || units[3] != 0 || whole > MOST {
            return Err(ArithmeticError::Overflow);
        }
        let (mantissa, scale) = fitted(whole, fraction).ok_or(ArithmeticError::Overflow)?;
        let mantissa = i128::try_from(mantissa).map_err(|_| ArithmeticError::Overflow)?;
        let signed = if is_negative { -mantissa } else { mantissa };
        Decimal::try_from_i128_with_scale(signed, scale).map_err(|_| ArithmeticError::Overflow)
    }
}

/// Returns a mantissa of 96 bits times a power of ten, in 64 bits each, the lowest first.
fn units(mantissa: u128, power: u32) -> [u64; 4] {
    let factor = 10_u128.pow(power);
    let halves = |number: u128| (number & u128::from(u64::MAX), number >> 64);
    let ((low, high), (factor_low, factor_high)) = (halves(mantissa), halves(factor));
    let (carry, first) = ((low * factor_low) >> 64, (low * factor_low) as u64);
    // Each product below is of 96 bits at most, so that their sum fits.
    let middle = carry + low * factor_high + high * factor_low;
    let top = (middle >> 64) + high * factor_high;
    [first, middle as u64, top as u64, (top >> 64) as u64]
}

fn negated(limbs: [u64; 4]) -> [u64; 4] {
    let mut carry = true;
    limbs.map(|limb| {
        let (negated, carries) = (!limb).overflowing_add(u64::from(carry));
        carry = carries;
        negated
    })
}

/// Divides in place, and returns what is left over.
fn divide(limbs: &mut [u64; 4], divisor: u64) -> u64 {
    let mut left = 0;
    for limb in limbs.iter_mut().rev().skip_while(|limb| **limb == 0) {
        let part = u128::from(left) << 64 | u128::from(*limb);
        let divisor = u128::from(divisor);
        // What is left over is smaller than the divisor, so that a quotient fits into 64 bits.
        (*limb, left) = ((part / divisor) as u64, (part % divisor) as u64);
    }
    left
}

/// Returns mantissa and scale of a whole number and a fraction in units of 10^-28: without zeros at the end, and with as many digits
/// as fit.
fn fitted(whole: u128, fraction: u128) -> Option<(u128, u32)> {
    let (fraction, digits) = shortened(fraction);
    (0..=digits).rev().find_map(|scale| {
        let whole = whole.checked_mul(10_u128.pow(scale)).filter(|whole| *whole <= MOST)?;
        let dropped = 10_u128.pow(digits - scale);
        let (kept, rest) = (whole + fraction / dropped, fraction % dropped);
        let is_up = rest * 2 > dropped || (rest * 2 == dropped && kept % 2 == 1);
        Some((kept + u128::from(is_up), scale)).filter(|(mantissa, _)| *mantissa <= MOST)
    })
}

/// Returns a fraction in units of 10^-28 without the zeros at its end, and how many digits are left.
fn shortened(mut fraction: u128) -> (u128, u32) {
    if fraction == 0 {
        return (0, 0);
    }
    let mut digits = DIGITS;
    for zeros in [16, 8, 4, 2, 1] {
        let power = 10_u128.pow(zeros);
        if fraction.is_multiple_of(power) {
            (fraction, digits) = (fraction / power, digits - zeros);
        }
    }
    (fraction, digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(amounts: impl IntoIterator<Item = Decimal>) -> ExactSum {
        let mut sum = ExactSum::default();
        amounts.into_iter().for_each(|amount| sum.add(amount));
        sum
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn written(amounts: &[Decimal]) -> Result<String, ArithmeticError> {
        sum(amounts.iter().copied()).value().map(|sum| sum.to_string())
    }

    #[test]
    fn a_sum_is_written_without_zeros_at_its_end() {
        for (amounts, expected) in [
            (vec![], "0"),
            (vec!["1.50", "2.50"], "4"),
            (vec!["-0.0000000000000000000000000001"], "-0.0000000000000000000000000001"),
            (vec!["79228162514264337593543950335", "-1"], "79228162514264337593543950334"),
            (vec!["0.1", "-0.1"], "0"),
            (vec!["100.000", "20"], "120"),
            (vec!["-7.9228162514264337593543950335", "0.5"], "-7.4228162514264337593543950335"),
        ] {
            let amounts: Vec<Decimal> = amounts.into_iter().map(decimal).collect();
            assert_eq!(written(&amounts).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_sum_with_more_digits_than_fit_is_rounded_half_even_when_it_is_read() {
        let tiny = decimal("0.0000000000000000000000000005");
        assert_eq!(written(&[decimal("10"), tiny]).as_deref(), Ok("10.000000000000000000000000000"));
        assert_eq!(written(&[decimal("10"), tiny, tiny, tiny]).as_deref(), Ok("10.000000000000000000000000002"));
        let mut held = sum([decimal("10"), tiny]);
        held.take(decimal("10"));
        assert_eq!(held.value(), Ok(tiny), "what was added is still there");
    }

    #[test]
    fn a_sum_that_is_too_large_is_refused_and_is_right_again_when_it_is_smaller() {
        let mut held = sum([Decimal::MAX, Decimal::MAX]);
        assert_eq!(held.value(), Err(ArithmeticError::Overflow));
        held.take(Decimal::MAX);
        assert_eq!(held.value(), Ok(Decimal::MAX));
        assert_eq!(written(&[Decimal::MAX, decimal("0.4")]), Ok(Decimal::MAX.to_string()));
        assert_eq!(written(&[Decimal::MAX, decimal("0.5")]), Err(ArithmeticError::Overflow));
        assert_eq!(sum([Decimal::MIN, decimal("-1")]).value(), Err(ArithmeticError::Overflow));
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        (any::<[u32; 3]>(), any::<bool>(), 0u32..=28, 0u32..96).prop_map(|([low, middle, high], is_negative, scale, shift)| {
            let mantissa = (u128::from(high) << 64 | u128::from(middle) << 32 | u128::from(low)) >> shift;
            let mantissa = i128::try_from(mantissa).unwrap();
            Decimal::from_i128_with_scale(if is_negative { -mantissa } else { mantissa }, scale)
        })
    }

    proptest! {
        #[test]
        fn what_is_taken_away_leaves_what_was_there(kept in prop::collection::vec(any_decimal(), 0..8), gone in prop::collection::vec(any_decimal(), 0..8)) {
            let mut held = sum(kept.iter().chain(&gone).copied());
            gone.iter().rev().for_each(|amount| held.take(*amount));
            prop_assert_eq!(held, sum(kept.iter().rev().copied()));
            prop_assert_eq!(held == sum([]), held.value() == Ok(Decimal::ZERO));
        }

        #[test]
        fn one_amount_is_its_own_sum(amount in any_decimal()) {
            prop_assert_eq!(sum([amount]).value().unwrap().to_string(), amount.normalize().to_string());
        }

        #[test]
        fn a_sum_that_decimals_hold_exactly_is_theirs(amounts in prop::collection::vec((any::<i64>(), 0u32..8), 0..20)) {
            let amounts: Vec<Decimal> = amounts.into_iter().map(|(mantissa, scale)| Decimal::new(mantissa, scale)).collect();
            let expected: Decimal = amounts.iter().sum();
            prop_assert_eq!(written(&amounts).unwrap(), expected.normalize().to_string());
        }
    }
}
