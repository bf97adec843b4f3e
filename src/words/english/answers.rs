//! What is said of answers that do not come from the server, and of what is typed.

refusals! {
    /// What is said of answers that do not come from the server, and of what is typed.
    Answers from super::firing::Firing::END;

    signed_out: "You are signed out. Load the page again and sign in; nothing was changed.";
    refused_on_the_way: "Something between this page and the server refused this. Nothing was changed; ask who runs it.";
    not_known_any_more: "The server does not know this any more. Load the page again.";
    took_too_long_to_send: "This took too long to send. Try again.";
    too_long_to_be_sent: "This is too long to be sent. Shorten it and try again.";
    too_much_at_once: "Too much was asked at once. Wait a moment and try again.";
    not_available_now: "The server is not available just now. Try again in a moment.";
    server_did_not_answer: "The server did not answer. Check whether your change was made before you try again.";
    answer_not_from_server: "The answer did not come from the server. Load the page again; you may have to sign in.";
    server_not_reached: "the server cannot be reached; nothing was changed, try again";
    not_a_number: "write a plain number, such as 150.25";
    at_most_28_digits: "write at most 28 digits";
    leave_out_nul: "leave out the NUL character";
    at_most_1000_characters: "write at most 1,000 characters";
    not_a_time: "write a time such as 2026-11-02T09:30:00Z, or a date such as 2026-11-02";
    not_a_date: "write a date such as 2026-11-02";
    on_one_line: "write it on one line, without tabs";
    no_control_characters: "leave out control characters and marks that turn the direction of the text";
    something_visible: "write something that can be seen";
    form_not_read(reason): "the form could not be read: {reason}";
    this_is_missing: "this is missing";
    choose_from_the_list: "choose one of the list";
    not_a_whole_number: "write a whole number";
    figure_too_large: "the amount is too large to hold exactly";
    instrument_missing: "the instrument is missing";
    quantity_above_zero: "the quantity must be greater than zero";
    price_not_negative: "the price must not be negative";
    rate_above_zero: "the exchange rate must be greater than zero";
    amount_not_negative: "the amount must not be negative";
}
