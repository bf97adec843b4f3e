//! Reads the configuration, binds the port, and serves until it is told to stop; or does what it is asked about a database.

use std::process::ExitCode;

use foliostream::server::clock::Clock;
use foliostream::server::config::{Asked, Config, EXIT_USAGE, NoConfig};
use foliostream::server::serve::{ServeError, bind, serve};
use foliostream::server::telemetry;
use tokio_util::sync::CancellationToken;

/// Keeps sizes apart, so that what lives for hours does not keep freed buffers from being joined (decision 17).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The allocator's option `purge_delay` (mimalloc.h, `mi_option_e`), which the bindings do not name.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    give_memory_back_at_once();
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
    };
    ended.map_or_else(|(code, line)| fail(code, &line), |text| say(&text))
}

/// Gives pages back when they become free, unless `MIMALLOC_PURGE_DELAY` in the environment says otherwise. With a delay they
/// go only when more is allocated and freed later, and after a ramp of streams that are idle from then on, nothing is.
fn give_memory_back_at_once() {
    #[expect(unsafe_code, reason = "the allocator has no other way to be told; it takes this from any thread, at any time")]
    // SAFETY: the number is that of an option; one that the allocator does not have would be left alone.
    unsafe {
        libmimalloc_sys::mi_option_set_default(PURGE_DELAY, 0);
    }
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
    eprintln!("foliostream: {line}");
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purge_delay() -> std::ffi::c_long {
        #[expect(unsafe_code, reason = "the allocator cannot be asked in another way")]
        // SAFETY: it reads a number.
        unsafe {
            libmimalloc_sys::mi_option_get(PURGE_DELAY)
        }
    }

    #[test]
    fn memory_is_given_back_at_once() {
        give_memory_back_at_once();
        assert_eq!(purge_delay(), 0);
    }

    #[test]
    fn the_environment_says_when_memory_is_given_back() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "tests::with_a_delay_in_the_environment", "--ignored"]).env("MIMALLOC_PURGE_DELAY", "4711");
        let told = String::from_utf8(again.output().unwrap().stdout).unwrap();
        assert!(told.contains("1 passed"), "{told}");
    }

    #[test]
    #[ignore = "needs an environment of its own: the test above gives it one"]
    fn with_a_delay_in_the_environment() {
        assert_eq!(purge_delay(), 4711, "the number names the option");
        give_memory_back_at_once();
        assert_eq!(purge_delay(), 4711);
    }
}
