// Follows the job whose bar is on the page: its counts move, and once it is over the page is asked for again.
const bar = document.getElementById('job');

if (bar) {
  const told = document.getElementById('job-told');
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const stream = new EventSource(`/api/v1/sse/jobs/${encodeURIComponent(bar.dataset.job)}`);
  stream.addEventListener('job_progress', (event) => {
    const job = JSON.parse(event.data);
    if (job.finished_at) {
      stream.close();
      location.reload();
    } else if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
      const stored = told.dataset.stored.replace('{done}', number.format(job.done)).replace('{total}', number.format(job.total));
      const left = job.eta_s == null ? '' : ` ${told.dataset.left.replace('{seconds}', number.format(Math.max(1, job.eta_s)))}`;
      told.textContent = stored + left;
    }
  });
  stream.addEventListener('error', () => {
    // A stream that is refused, as one too many, does not come back by itself.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5_000);
  });
}
