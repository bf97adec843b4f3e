//! Reads the configuration, binds the port, and serves until it is told to stop.

use std::process::ExitCode;

use foliostream::server::clock::Clock;
use foliostream::server::config::{Config, EXIT_USAGE, NoConfig};
use foliostream::server::serve::{ServeError, bind, serve};
use foliostream::server::telemetry;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let config = match Config::read(std::env::args_os()) {
        Ok(config) => config,
        Err(NoConfig::Asked(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(NoConfig::Wrong(line)) => return fail(EXIT_USAGE, &line),
    };
    telemetry::log(&config.log);
    // Two libraries speak TLS; they share one implementation, and fails only where one is chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("no threads to run on: {error}")),
    };
    match runtime.block_on(run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.exit_code(), &error.to_string()),
    }
}

async fn run(config: Config) -> Result<(), ServeError> {
    let listener = bind(&config).await?;
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
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate => {}
    }
    shutdown.cancel();
}

fn fail(code: u8, line: &str) -> ExitCode {
    eprintln!("foliostream: {line}");
    ExitCode::from(code)
}
