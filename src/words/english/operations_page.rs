//! What the page of operators says.

area! {
    /// What the page of operators says.
    OperationsPage from super::settings_page::SettingsPage::END;

    ticks_conflated: "Ticks conflated";
    a_second: "per second";
    slowest_worker: "Slowest worker";
    behind: "behind";
    all_workers_together: "All workers together";
    streams: "Streams";
    open_word: "open";
    frames: "Frames";
    written_bytes: "Sent";
    milliseconds_short(number): "{number} ms";
    one_process: "Single process";
    no_worker_yet: "No worker has reported yet";
    no_worker_yet_hint: "Workers report once a second. Their figures appear here.";
    no_report_for(seconds): "No worker has reported for {seconds} seconds or more. These are the last figures known.";
    state: "State";
    engine: "Engine";
    redis: "Redis";
    market_data: "Market data";
    conflation: "Conflation";
    slow_readers: "Slow readers";
    prometheus_metrics: "Prometheus metrics of this process";
    this_process_term(term): "This process, term {term}";
    worker_term(worker, term): "{worker}, term {term}";
    nobody_is_engine: "None right now. A worker takes over within seconds; nothing is lost.";
    redis_connected: "Connected on every worker";
    redis_lost(workers): "Lost on {workers}. Streams stay open and show that prices are old.";
    feed_live: "Live";
    feed_delayed: "Delayed";
    feed_stale: "Stale: no tick for a while";
    feed_closed: "Market closed";
    feed_not_known: "Not known";
    no_tick_replaced: "None in the last second";
    ticks_replaced[count]: "{count} tick in the last second was replaced by a newer one. Alerts saw both.|{count} ticks in the last second were replaced by newer ones. Alerts saw all of them.";
    none_closed: "None";
    readers_closed[count]: "{count} was closed because it took nothing for 30 seconds|{count} were closed because they took nothing for 30 seconds";
    frames_a_second: "Frames per second";
    written_a_second: "Sent per second";
    lag: "Lag";
    conflated_a_second: "Conflated per second";
    slow_readers_closed: "Slow readers closed";
    workers: "Workers";
    a_minute_ago: "1 min ago";
    most_of_the_minute: "Most in the last minute:";
    lines_show_last_minute: "Lines show the last minute";
    worker: "Worker";
    connected: "Connected";
    lost: "Lost";
    silent_for(seconds): "No heartbeat for {seconds} s";
    made_this_page: "Serves this page";
    reporting: "Reporting";
}
