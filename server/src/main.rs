//! Reads the configuration, binds the port, and serves until it is told to stop; or does what it is asked about a database.

use std::process::ExitCode;

use foliostream_server::clock::Clock;
use foliostream_server::config::{Asked, Config, EXIT_USAGE, NoConfig};
use foliostream_server::memory;
use foliostream_server::serve::{ServeError, bind, serve};
use foliostream_server::telemetry;
use tokio_util::sync::CancellationToken;

/// Keeps sizes apart, so that what lives for hours does not keep freed buffers from being joined (decision 17).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    memory::give_back_at_once();
    let asked = match Asked::read(std::env::args_os()) {
        Ok(asked) => asked,
        Err(NoConfig::Asked(text)) => return say(&text),
        Err(NoConfig::Wrong(line)) => return fail(EXIT_USAGE, &line),
    };
    // Two libraries speak TLS and share one implementation; this fails only where one was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("no threads to run on: {error}")),
    };
    let ended = match asked {
        Asked::Serve(config) => {
            telemetry::log(&config.log);
            runtime.block_on(run(*config)).map(|()| String::new()).map_err(|error| (error.exit_code(), error.to_string()))
        }
        Asked::Database(command) => runtime.block_on(command.run()).map_err(|error| (error.exit_code(), error.to_string())),
        Asked::Backup(options) => runtime.block_on(options.back_up()).map_err(|error| (error.exit_code(), error.to_string())),
        Asked::Restore(options) => runtime.block_on(options.restore()).map_err(|error| (error.exit_code(), error.to_string())),
    };
    ended.map_or_else(|(code, line)| fail(code, &line), |text| say(&text))
}

async fn run(config: Config) -> Result<(), ServeError> {
    let listener = bind(&config)?;
    let shutdown = CancellationToken::new();
    tokio::spawn(watch_signals(shutdown.clone()));
    serve(config, listener, Clock::system(), shutdown).await
}

async fn watch_signals(shutdown: CancellationToken) {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate => {}
    }
    shutdown.cancel();
}

fn say(text: &str) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

fn fail(code: u8, line: &str) -> ExitCode {
    telemetry::say_last(line);
    ExitCode::from(code)
}
