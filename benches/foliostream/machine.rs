//! On what and when was measured, and what the kernel says about processes: Linux only, as files under `/proc`.

use std::fs;

use foliostream_server::clock::Clock;

use super::Failure;

/// Ticks of `/proc/PID/stat` in a second: USER_HZ, 100 on every Linux architecture this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Bytes of a page, as `/proc/net/sockstat` counts.
const PAGE_BYTES: u64 = 4_096;

/// Says machine, load and date in one line.
pub(crate) fn heading(quick: bool) -> String {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processor = text("/proc/cpuinfo");
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (kernel, load) = (text("/proc/sys/kernel/osrelease"), text("/proc/loadavg"));
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let date = Clock::system().now().strftime("%Y-%m-%d %H:%M UTC");
    let form = if quick { " · quick form" } else { "" };
    format!(
        "Foliostream {} · {date} · {model}, {cores} cores · Linux {} · load before {load}{form}",
        env!("CARGO_PKG_VERSION"),
        kernel.trim()
    )
}

/// Returns the resident memory of a process in bytes, exactly.
pub(crate) fn resident_bytes(process: u32) -> Result<u64, Failure> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    Ok(kilobytes(&text, "Rss:").ok_or("smaps_rollup has no Rss")? * 1_024)
}

/// Returns the processor time a process has used, user and system, in seconds; the kernel counts hundredths.
pub(crate) fn processor_seconds(process: u32) -> Result<f64, Failure> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name stands in brackets and may hold anything.
    let (_, rest) = text.rsplit_once(')').ok_or("stat has no name")?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let mut next = || fields.next().and_then(|field| field.parse::<u64>().ok()).ok_or("stat is too short");
    Ok((next()? + next()?) as f64 / TICKS_PER_SECOND)
}

/// Returns the processor time this thread has used, in seconds, exactly.
pub(crate) fn thread_seconds() -> Result<f64, Failure> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: u64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds as f64 / 1e9)
}

/// Returns what the kernel holds for all of TCP's buffers, and for all its small objects (sockets, files, epoll entries
/// among them), in bytes, of the whole machine.
pub(crate) fn kernel_bytes() -> Result<(u64, u64), Failure> {
    let sockets = fs::read_to_string("/proc/net/sockstat")?;
    let buffers = sockets
        .lines()
        .find(|line| line.starts_with("TCP:"))
        .and_then(|line| line.rsplit_once("mem ")?.1.trim().parse::<u64>().ok());
    let objects = kilobytes(&fs::read_to_string("/proc/meminfo")?, "Slab:").ok_or("meminfo has no Slab")?;
    Ok((buffers.ok_or("sockstat has no TCP memory")? * PAGE_BYTES, objects * 1_024))
}

/// Returns how many files this process, and so its children, may open.
pub(crate) fn open_files_limit() -> Result<usize, Failure> {
    let text = fs::read_to_string("/proc/self/limits")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files")).ok_or("limits do not name open files")?;
    let soft = line.split_ascii_whitespace().next().unwrap_or_default();
    Ok(soft.parse().unwrap_or(usize::MAX))
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
