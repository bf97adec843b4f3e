//! What is said of answers that do not come from the server, and of what is typed.

refusals! {
    /// What is said of answers that do not come from the server, and of what is typed.
    Answers from super::firing::Firing::END;

    signed_out: "You are signed out. Reload the page and sign in. Nothing was changed.";
    refused_on_the_way: "Something between this page and the server blocked this. Nothing was changed. Ask your administrator.";
    not_known_any_more: "This no longer exists. Reload the page.";
    took_too_long_to_send: "Sending took too long. Try again.";
    too_long_to_be_sent: "This is too long to send. Shorten it and try again.";
    too_much_at_once: "Too many requests at once. Wait a moment and try again.";
    not_available_now: "The server is unavailable. Try again in a moment.";
    server_did_not_answer: "The server did not answer. Check whether your change was saved before you try again.";
    answer_not_from_server: "The answer did not come from the server. Reload the page. You may have to sign in.";
    server_not_reached: "Can't reach the server. Nothing was saved. Try again.";
    no_such_zone: "Enter a time zone such as Europe/Berlin.";
    say_that_you_are_sure: "Tick the box to delete everything.";
    not_a_number: "Enter a number, such as 150.25.";
    at_most_28_digits: "Enter at most 28 digits.";
    leave_out_nul: "Remove the NUL character.";
    at_most_1000_characters: "Enter at most 1,000 characters.";
    not_a_time: "Enter a date such as 2026-11-02, or a date and time such as 2026-11-02T09:30:00Z.";
    not_a_date: "Enter a date such as 2026-11-02.";
    on_one_line: "Enter a single line, without tabs.";
    no_control_characters: "Remove control characters and characters that change the text direction.";
    something_visible: "Enter at least one visible character.";
    form_not_read(reason): "The form could not be read: {reason}.";
    this_is_missing: "This field is required.";
    choose_from_the_list: "Choose one from the list.";
    not_a_whole_number: "Enter a whole number.";
    figure_too_large: "The amount is too large to calculate exactly.";
    instrument_missing: "The instrument is missing.";
    quantity_above_zero: "The quantity must be above 0.";
    price_not_negative: "The price must be 0 or more.";
    rate_above_zero: "The exchange rate must be above 0.";
    amount_not_negative: "The amount must be 0 or more.";
}
