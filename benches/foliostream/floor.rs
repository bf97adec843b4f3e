//! The floor under fan-out: a thread that writes one ready frame to each client and does nothing else. What a server adds
//! to it is its own; what the kernel takes for a write over loopback, every server pays.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use super::{Failure, machine};

/// As long as what a stream of one ticker is written for one price.
const FRAME: &str = "144\r\nevent: price_update\ndata: {\"ticker\":\"AAPL\",\"price\":\"100000\",\"bid\":null,\"ask\":null,\
    \"previous_close\":\"229.10000000000000000000\",\"change\":\"99770.9\",\"change_percent\":\"43549.061545\",\
    \"currency\":\"USD\",\"time\":\"2026-11-21T12:00:00.000Z\",\"freshness\":\"live\",\"padding\":\"................\"}\n\
    id: 1-0123abcd-0-123456\n\n\r\n";

/// A thread that accepts its clients and then writes when it is told to.
pub(crate) struct Floor {
    /// Where it listens.
    pub address: SocketAddr,
    write: SyncSender<()>,
    thread: std::thread::JoinHandle<Result<Vec<f64>, String>>,
}

impl Floor {
    /// Starts one that waits for `clients` clients.
    pub(crate) fn start(clients: usize) -> Result<Self, Failure> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (write, told) = sync_channel(1);
        let thread = std::thread::spawn(move || serve(&listener, clients, &told).map_err(|failure| failure.to_string()));
        Ok(Self { address, write, thread })
    }

    /// Writes to every client `times` times, `pause` between, and returns microseconds of processor time for one write, by turn.
    pub(crate) async fn finish(self, times: usize, pause: Duration) -> Result<Vec<f64>, Failure> {
        for _ in 0..times {
            self.write.send(()).map_err(|_| "the floor's thread ended early")?;
            tokio::time::sleep(pause).await;
        }
        drop(self.write);
        Ok(self.thread.join().map_err(|_| "the floor's thread panicked")??)
    }
}

fn serve(listener: &TcpListener, clients: usize, told: &Receiver<()>) -> Result<Vec<f64>, Failure> {
    let mut streams = Vec::with_capacity(clients);
    for _ in 0..clients {
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        // The request; and the answer that the reader takes for an opened stream.
        let _ = stream.read(&mut [0; 1_024])?;
        stream.write_all(b"event: synced\n")?;
        streams.push(stream);
    }
    let mut turns = Vec::new();
    while told.recv().is_ok() {
        let before = machine::thread_seconds()?;
        for stream in &mut streams {
            stream.write_all(FRAME.as_bytes())?;
        }
        turns.push((machine::thread_seconds()? - before) * 1e6 / clients as f64);
    }
    Ok(turns)
}
