//! How many messages one Redis hands to the workers of a channel, by the time of its processor: what the plan in
//! docs/SCALING.md counts with. What reads them has a processor of its own where there are two.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::LocalSet;

use super::Failure;
use super::machine;
use super::report::{Figure, Report};

/// Connections that hear the channel, as workers do.
const SUBSCRIBERS: usize = 100;

/// Bytes of a message: about those of a price's envelope.
const BYTES: usize = 400;

/// Messages that one script publishes, and how many scripts: a frame of the simulated market's tickers, and a message alone.
const FRAMES: [(usize, usize); 2] = [(52, 500), (1, 5_000)];

/// How long everybody may take to hear a frame.
const PATIENCE: Duration = Duration::from_secs(10);

const CHANNEL: &str = "{bench}:sse:prices";

/// Publishes ARGV[1] times.
const SCRIPT: &str = "for index = 1, ARGV[1] do redis.call('PUBLISH', KEYS[1], ARGV[2]) end";

/// Measures a Redis by its port and its process.
pub(crate) fn measure(port: u16, process: u32, quick: bool, report: &mut Report) -> Result<(), Failure> {
    let (rounds, part) = if quick { (1, 10) } else { (5, 1) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    let (mut publisher, heard) = local.block_on(&runtime, open(port))?;
    for (frame, scripts) in FRAMES {
        let scripts = scripts / part;
        let mut rates = Vec::new();
        for _ in 0..rounds {
            let before = machine::processor_seconds(process)?;
            for _ in 0..scripts {
                local.block_on(&runtime, publish(&mut publisher, &heard, frame))?;
            }
            let spent = machine::processor_seconds(process)? - before;
            rates.push((scripts * frame * SUBSCRIBERS) as f64 / spent);
        }
        let what = format!("Redis: {SUBSCRIBERS} subscribers, {frame} × {BYTES} bytes at once, per second of its processor");
        report.row(what, "deliveries/s", &Figure::of(rates), None);
    }
    Ok(())
}

/// Bytes that each subscriber has heard.
type Heard = Vec<watch::Receiver<usize>>;

async fn open(port: u16) -> Result<(TcpStream, Heard), Failure> {
    let mut heard = Vec::new();
    for _ in 0..SUBSCRIBERS {
        let mut subscriber = TcpStream::connect(("127.0.0.1", port)).await?;
        subscriber.write_all(command(&["SUBSCRIBE", CHANNEL]).as_bytes()).await?;
        let mut answer = [0; 256];
        if subscriber.read(&mut answer).await? == 0 {
            return Err("a subscription was refused".into());
        }
        let (count, counted) = watch::channel(0);
        heard.push(counted);
        tokio::task::spawn_local(async move {
            let mut bytes = vec![0; 65_536];
            // The end closes the channel, and the task that waits for more is woken.
            while let Ok(read @ 1..) = subscriber.read(&mut bytes).await {
                count.send_modify(|count| *count += read);
            }
        });
    }
    Ok((TcpStream::connect(("127.0.0.1", port)).await?, heard))
}

/// Publishes a frame and waits until everybody has heard it.
async fn publish(publisher: &mut TcpStream, heard: &Heard, frame: usize) -> Result<(), Failure> {
    let payload = "x".repeat(BYTES);
    let message = command(&["message", CHANNEL, &payload]).len() * frame;
    let wanted: Vec<usize> = heard.iter().map(|heard| *heard.borrow() + message).collect();
    let publish = command(&["EVAL", SCRIPT, "1", CHANNEL, &frame.to_string(), &payload]);
    publisher.write_all(publish.as_bytes()).await?;
    let hearing = async {
        publisher.read_exact(&mut [0; 5]).await?;
        for (heard, wanted) in heard.iter().zip(wanted) {
            heard.clone().wait_for(|count| *count >= wanted).await?;
        }
        Ok::<(), Failure>(())
    };
    tokio::time::timeout(PATIENCE, hearing).await?
}

/// Writes words as Redis speaks them; a message on a channel looks the same.
fn command(words: &[&str]) -> String {
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    std::iter::once(format!("*{}\r\n", words.len())).chain(words).collect()
}
