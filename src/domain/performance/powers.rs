//! Powers, logarithms and roots of exact decimals, to some twenty digits: what a return over years is annualised with.

use rust_decimal::Decimal;

/// ln 2.
const LN_2: Decimal = Decimal::from_parts(2_860_148_159, 2_180_329_217, 375_755_839, false, 28);

/// Terms of a series at most: each is less than a third of the one before.
const MOST_TERMS: u32 = 80;

/// Returns the natural logarithm; nothing for zero and less.
pub(super) fn ln(number: Decimal) -> Option<Decimal> {
    if number <= Decimal::ZERO {
        return None;
    }
    // number = mantissa × 2^halvings, the mantissa between 2/3 and 4/3, where the series below goes quickly.
    let (mut mantissa, mut halvings) = (number, 0_i64);
    let (low, high) = (Decimal::new(6_666_667, 7), Decimal::new(13_333_334, 7));
    while mantissa > high {
        mantissa = mantissa.checked_div(Decimal::TWO)?;
        halvings += 1;
    }
    while mantissa < low {
        mantissa = mantissa.checked_mul(Decimal::TWO)?;
        halvings -= 1;
    }
    // ln m = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1) / (m + 1).
    let ratio = mantissa.checked_sub(Decimal::ONE)?.checked_div(mantissa.checked_add(Decimal::ONE)?)?;
    let square = ratio.checked_mul(ratio)?;
    let (mut power, mut sum) = (ratio, ratio);
    for term in 1..MOST_TERMS {
        power = power.checked_mul(square)?;
        let more = power.checked_div(Decimal::from(2 * term + 1))?;
        if more.is_zero() {
            break;
        }
        sum = sum.checked_add(more)?;
    }
    sum.checked_mul(Decimal::TWO)?.checked_add(LN_2.checked_mul(Decimal::from(halvings))?)
}

/// Returns e to a power; nothing where that outgrows a decimal.
pub(super) fn exp(exponent: Decimal) -> Option<Decimal> {
    let doublings = exponent.checked_div(LN_2)?.round();
    let rest = exponent.checked_sub(doublings.checked_mul(LN_2)?)?;
    let (mut term, mut sum) = (Decimal::ONE, Decimal::ONE);
    for place in 1..MOST_TERMS {
        term = term.checked_mul(rest)?.checked_div(Decimal::from(place))?;
        if term.is_zero() {
            break;
        }
        sum = sum.checked_add(term)?;
    }
    let doublings: i64 = doublings.try_into().ok()?;
    for _ in 0..doublings.unsigned_abs().min(200) {
        sum = if doublings > 0 { sum.checked_mul(Decimal::TWO)? } else { sum.checked_div(Decimal::TWO)? };
    }
    Some(sum)
}

/// Returns a positive number to any power; nothing where that outgrows a decimal.
pub(super) fn power(number: Decimal, exponent: Decimal) -> Option<Decimal> {
    exp(ln(number)?.checked_mul(exponent)?)
}

/// Returns a number to a whole power, and zero once it is too small for a decimal; nothing where it outgrows one.
pub(super) fn whole_power(number: Decimal, exponent: u32) -> Option<Decimal> {
    let (mut result, mut square, mut left) = (Decimal::ONE, number, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result = result.checked_mul(square)?;
        }
        left >>= 1;
        if left > 0 {
            square = square.checked_mul(square)?;
        }
    }
    Some(result)
}

/// Returns the square root of a number that is not negative.
pub(super) fn square_root(number: Decimal) -> Option<Decimal> {
    if number.is_sign_negative() {
        return None;
    }
    if number.is_zero() {
        return Some(number);
    }
    let mut root = exp(ln(number)?.checked_div(Decimal::TWO)?)?;
    for _ in 0..3 {
        root = root.checked_add(number.checked_div(root)?)?.checked_div(Decimal::TWO)?;
    }
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::super::super::position::fixture::decimal;
    use super::*;

    fn near(one: Option<Decimal>, other: &str) -> bool {
        (one.unwrap() - decimal(other)).abs() <= decimal("0.000000000000000001")
    }

    #[test]
    fn logarithms_and_powers_are_exact_to_eighteen_digits() {
        assert!(near(ln(Decimal::TWO), "0.6931471805599453094172321215"));
        assert!(near(ln(Decimal::TEN), "2.3025850929940456840179914547"));
        assert!(near(ln(decimal("0.0001")), "-9.2103403719761827360719658187"));
        assert!(near(exp(Decimal::ONE), "2.7182818284590452353602874714"));
        assert!(near(exp(decimal("-3")), "0.0497870683678639429793424157"));
        assert!(near(power(decimal("1.1"), decimal("0.5")), "1.0488088481701515469914535137"));
        assert!(near(square_root(Decimal::TWO), "1.4142135623730950488016887242"));
        assert_eq!(
            (ln(Decimal::ZERO), ln(decimal("-1")), square_root(decimal("-1")), square_root(Decimal::ZERO)),
            (None, None, None, Some(Decimal::ZERO))
        );
    }

    #[test]
    fn what_outgrows_a_decimal_is_nothing_and_what_is_too_small_is_zero() {
        assert_eq!((exp(decimal("100")), whole_power(Decimal::TEN, 40)), (None, None));
        assert_eq!(exp(decimal("-100")), Some(Decimal::ZERO));
        assert_eq!(whole_power(decimal("0.5"), 4_000), Some(Decimal::ZERO));
        assert_eq!(whole_power(decimal("1.5"), 3), Some(decimal("3.375")));
    }
}
