#![recursion_limit = "512"]
//! What runs: the adapters around the engine, floor by floor. A room imports only rooms of lower floors, and within a room a file
//! only files before it; `tests/architecture/floors.rs` holds the list, and the test fails on an import that climbs.
//! Public are the rooms that the program, the tests and the benches see from outside.

// ---- Floor 1. The ground: what knows nothing of the rest.
// Who acts: only this room makes an actor of a request.
pub(crate) mod actor;
// The two clocks: a date for stamps, and elapsed time for all that is measured or waited for. Tests hand in their own.
pub mod clock;
// Reads paths and queries of requests, with refusals in our own words.
pub(crate) mod extract;
// The requests that are answered at all: hosts, origins, and headers that keep browsers safe.
pub(crate) mod guard;
// The reader's language, from a cookie or as the browser asks for it.
pub(crate) mod language;
// Gives memory that bursts left behind back to the system.
pub mod memory;
// Whose word about a client's address counts.
pub(crate) mod proxies;
// Texts that are never shown: tokens, and addresses with passwords.
pub(crate) mod secret;
// The built site: its files, their names and what browsers may keep of them.
pub(crate) mod site;
// What must survive: one SQLite file or one PostgreSQL database.
pub(crate) mod store;
// Counts of what the server does, for metrics and the page of operations.
pub(crate) mod tally;
// TLS by the server itself: its certificate, and the session of each connection.
pub(crate) mod tls;
// The reader's time zone, from a cookie.
pub(crate) mod zone;

// ---- Floor 2. What one process knows.
// How many connections there may be, of all and from one address.
pub(crate) mod admission;
// How long a request may take to arrive, and how much of all memory it may hold until then.
pub(crate) mod arrival;
// Backups on a schedule: which is due, and how many are kept.
pub(crate) mod backups;
// This process' replica of what the engine says: the newest of everything, as text that is ready to be written.
pub mod board;
// Turns what went wrong into problem documents.
pub(crate) mod error;
// Where prices come from by themselves: what every source offers, the simulated market and replays of files.
pub(crate) mod feed;
// How processes reach each other: addresses, connections, keys, scripts and messages of Redis.
pub(crate) mod relay;
// Log lines and metrics.
pub mod telemetry;

// ---- Floor 3. What charts show.
// Bars, from the sources and from the store.
pub(crate) mod history;

// ---- Floor 4. What all parts of a process share.
// The board, the store, the clock, the bars and the counts, handed on together.
pub(crate) mod ground;

// ---- Floor 5. What people and programs are given of it.
// How what the engine says reaches the boards: a call in one process, Redis between several.
pub(crate) mod bus;
// Every option, read before a port is bound.
pub mod config;
// Posts of plain forms, answered as pages.
pub(crate) mod forms;
// Whether traffic may come, and what stands in the way.
pub(crate) mod readiness;
// Large answers are made beside the runtime's threads, a few at a time.
pub(crate) mod renders;
// The event streams: cursors over the board, in groups that share each frame.
pub mod sse;
// Ledgers in the currency in which all portfolios of a user are looked at as one.
pub(crate) mod together;

// ---- Floor 6. What runs all the time.
// Takes connections: deadlines, TLS on their sockets, and the hand-over of streams to reactors.
pub(crate) mod accept;
// `foliostream db`: makes, checks or moves a database.
pub(crate) mod database_commands;
// The engine as a task: one writer of live truth, what it decides stored before it is told.
pub(crate) mod engine_task;
// How the workers are doing, once a second.
pub(crate) mod operations;
// Says at the start which files others may read.
pub(crate) mod permissions;
// Who is connected: every tab is an entry, over all workers.
pub(crate) mod presence;

// ---- Floor 7. Where every command and query ends.
// Commands and queries, whichever door they came through.
pub(crate) mod hub;

// ---- Floor 8. The doors, and what comes in by itself.
// Opens the sources that were named, hands their ticks to the engine, and makes the demo portfolio.
pub(crate) mod feeds;
// The JSON API and the event streams as handlers, and the document that describes them.
pub mod rest;

// ---- Floor 9. While this process is the engine.
// Everything that runs in a term of the engine, for one process and for one of many.
pub(crate) mod term;

// ---- Floor 10. What ties one process, or many, together.
// The roles of a worker among others: who is the engine, who follows, who takes over.
pub(crate) mod cluster;
// Every route and every layer around it.
pub(crate) mod router;

// ---- Floor 11. The whole.
// Start, drain and stop.
pub mod serve;
