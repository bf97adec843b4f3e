//! What the page of performance says.

area! {
    /// What the page of performance says.
    PerformancePage from super::operations_page::OperationsPage::END;

    performance: "Performance";
    period_navigation: "Period";
    period_day: "1D";
    period_week: "1W";
    period_month: "1M";
    period_quarter: "3M";
    period_ytd: "YTD";
    period_year: "1Y";
    period_three_years: "3Y";
    period_five_years: "5Y";
    period_all: "All";
    choose_dates: "Dates";
    first_day: "First day";
    last_day: "Last day";
    show_period: "Show";
    from_to(from, to): "{from} – {to}";
    time_weighted_return: "Return, time-weighted";
    time_weighted_about: "What one unit of money became: deposits and withdrawals do not move it";
    a_year: "a year";
    gain_of_period: "Gain over the period";
    gain_word: "gain";
    compared_with: "Compared with";
    compare_add: "Compare";
    compare_ticker: "Ticker to compare with";
    compare_remove(ticker): "Do not compare with {ticker}";
    this_portfolio: "This portfolio";
    by_price_alone: "Benchmarks by price alone, without dividends";
    money_weighted_return: "Money-weighted (XIRR)";
    money_weighted_about: "a year, on your own deposits";
    against_benchmark(ticker): "Against {ticker}";
    points_of_percent(figure): "{figure} pp";
    volatility: "Volatility";
    volatility_about: "over the period, from daily returns";
    largest_drawdown: "Largest drawdown";
    never_fell: "never below a peak";
    not_recovered: "not recovered yet";
    recovered_on(day): "recovered {day}";
    of_value_now(value): "of {value} at the end";
    not_meaningful_year: "needs a year";
    not_meaningful_flows: "needs money in and out on two days";
    not_meaningful_days: "needs two days";
    where_it_came_from: "Where it came from";
    part_unrealized: "Unrealised price gains";
    part_realized: "Realised price gains";
    part_interest: "Interest";
    part_currency: "Currency";
    part_fees: "Fees";
    part_taxes: "Taxes";
    part_other: "Other";
    adds_up_to(end, start, put_in): "Value {end}, less {start} at the start and {put_in} put in.";
    gain_by_holding: "By holding";
    cash_and_charges: "Cash, interest and charges";
    closed_word: "closed";
    returns_by_month: "Returns by month";
    in_percent_hint: "time-weighted, in %";
    months_of_year: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    drawdown_below: "below the last peak";
    no_performance_yet: "No performance yet";
    no_performance_hint: "Add a first transaction: from its day on returns are worked out.";
    line_from_to(name, change): "{name}: {change} over the period";
}
