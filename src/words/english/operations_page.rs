//! What the page of operators says.

area! {
    /// What the page of operators says.
    OperationsPage from super::settings_page::SettingsPage::END;

    ticks_conflated: "Ticks conflated";
    a_second: "a second";
    slowest_worker: "Slowest worker";
    behind: "behind";
    all_workers_together: "All workers together";
    streams: "Streams";
    open_word: "open";
    frames: "Frames";
    written_bytes: "Written";
    milliseconds_short(number): "{number} ms";
    one_process: "One process without Redis: these are all the figures there are.";
    no_worker_yet: "No worker has reported yet";
    no_worker_yet_hint: "Each tells its figures once a second; they show here as soon as the first ones are made.";
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
    nobody_is_engine: "Nobody right now; a worker takes over within seconds. Prices wait, nothing is lost.";
    redis_connected: "Connected on every worker";
    redis_lost(workers): "Lost on {workers}. Streams stay open and say that prices are old.";
    feed_live: "Live";
    feed_delayed: "Delayed";
    feed_stale: "Stale: no tick for a while";
    feed_closed: "The market is closed";
    feed_not_known: "Not known";
    no_tick_replaced: "No tick was replaced by a newer one in the last second";
    ticks_replaced[count]: "One tick was replaced by a newer one before it left. Alerts saw both.|{count} ticks were replaced by newer ones before they left. Alerts saw every one.";
    none_closed: "None was closed since the start";
    readers_closed[count]: "One was closed because it took nothing for 30 seconds|{count} were closed because they took nothing for 30 seconds";
    frames_a_second: "Frames a second";
    written_a_second: "Written a second";
    lag: "Lag";
    conflated_a_second: "Conflated a second";
    slow_readers_closed: "Slow readers closed";
    workers: "Workers";
    lines_show_last_minute: "Lines show the last minute";
    worker: "Worker";
    connected: "Connected";
    lost: "Lost";
    silent_for(seconds): "Silent for {seconds} s";
    made_this_page: "Made this page";
    reporting: "Reporting";
}
