//! Redis and PostgreSQL over TLS, with an authority that only this installation knows.

use std::path::Path;
use std::sync::Arc;

use crate::support::postgres::{Database, Server};
use crate::support::{Authority, Folders, Process, Redis, TOKEN, Worker, fail};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn secured(authority: &Authority, options: &[&str]) -> Redis {
    let [certificate, key] = authority.server();
    Redis::start_tls(&certificate, &key, &authority.certificate(), options)
}

/// Two workers are one installation over this address.
async fn they_join(redis_url: &str, authority: &Authority) {
    let (folders, certificate) = (Arc::new(Folders::new()), authority.certificate());
    let options = ["--redis-ca", text(&certificate), "--ingest-token", TOKEN];
    let [here, there] = [(), ()].map(|()| Worker::launch(&folders, redis_url, "all", &options));
    here.until_ready().await;
    there.until_ready().await;
    let mut stream = there.stream("notifications").await;
    here.push("A", "189.84").await.expect(202);
    while stream.until("status").await.data["feed"] != "live" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_join_over_tls_with_the_authority_they_were_told() {
    let authority = Authority::new();
    let redis = secured(&authority, &["--requirepass", "s3cret"]);
    they_join(&format!("rediss://:s3cret@127.0.0.1:{}", redis.port()), &authority).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_join_a_cluster_over_tls() {
    let authority = Authority::new();
    let bus_port = Redis::free_port().to_string();
    let cluster = secured(&authority, &["--cluster-enabled", "yes", "--cluster-port", &bus_port, "--tls-cluster", "yes"]);
    let certificate = authority.certificate();
    let over_tls = |command: &[&str]| cluster.run(&[&["--tls", "--cacert", text(&certificate)], command].concat());
    over_tls(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    while !over_tls(&["CLUSTER", "INFO"]).contains("cluster_state:ok") {
        tokio::task::yield_now().await;
    }
    they_join(&format!("rediss+cluster://127.0.0.1:{}", cluster.port()), &authority).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_join_the_master_that_sentinels_name_over_tls() {
    let authority = Authority::new();
    let master = secured(&authority, &["--requirepass", "s3cret"]);
    let [certificate, key] = authority.server();
    let rules = format!(
        "port 0\ntls-port {{port}}\ntls-replication yes\ntls-auth-clients no\ntls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\n\
         sentinel monitor mymaster 127.0.0.1 {} 1\nsentinel auth-pass mymaster s3cret\n",
        certificate.display(),
        key.display(),
        authority.certificate().display(),
        master.port()
    );
    let sentinel = Redis::start_sentinel(&rules);
    they_join(&format!("rediss+sentinel://:s3cret@127.0.0.1:{}/mymaster", sentinel.port()), &authority).await;
}

#[test]
fn a_redis_whose_certificate_is_not_trusted_is_64_and_one_line() {
    let (authority, other, folders) = (Authority::new(), Authority::new(), Folders::new());
    let (redis, plain) = (secured(&authority, &[]), Redis::start());
    let (right, wrong) = (authority.certificate(), other.certificate());
    let (tls, no_tls) = (format!("rediss://:s3cret@127.0.0.1:{}", redis.port()), format!("rediss://127.0.0.1:{}", plain.port()));
    let cluster = format!("rediss+cluster://:s3cret@127.0.0.1:{}", redis.port());
    let plainly = format!("redis://:s3cret@127.0.0.1:{}", redis.port());
    for (url, further, named) in [
        (&tls, &[][..], "--redis-ca"),
        (&tls, &["--redis-ca", text(&wrong)], "--redis-ca"),
        (&cluster, &["--redis-ca", text(&wrong)], "--redis-url"),
        (&no_tls, &["--redis-ca", text(&right)], "--redis-url"),
        (&plainly, &[], "--redis-url"),
    ] {
        let (code, line) = fail(&folders, &[&["--listen", "127.0.0.1:0", "--redis-url", url], further].concat(), &[]);
        assert_eq!(code, 64, "{line}");
        assert!(line.contains("--redis-url") && line.contains(named) && !line.contains("s3cret"), "{line}");
    }
}

#[tokio::test]
async fn a_postgresql_is_checked_against_the_authority_its_url_names() {
    let (authority, other, folders) = (Authority::new(), Authority::new(), Folders::new());
    let server: &'static Server = Box::leak(Box::new(Server::start()));
    let [certificate, key] = authority.server();
    server.speak_tls(&certificate, &key);
    let database = Database::on(server, None).await;
    let url = |file: &Path| format!("{}?sslmode=verify-full&sslrootcert={}", database.url(), file.display());

    let right = url(&authority.certificate());
    let process = Process::start(&folders, &["--feed", "none", "--database-url", &right]);
    assert_eq!(process.request("GET", "/readyz").send().await.status(), 200);
    let over_tls =
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'foliostream'";
    let over_tls: Option<bool> = sqlx::query_scalar(over_tls).fetch_one(&mut database.connect().await).await.unwrap();
    assert_eq!(over_tls, Some(true));
    assert_eq!(process.terminate(), Some(0));

    for (file, named) in [(other.certificate(), "certificate"), (folders.path("nothing.pem"), "nothing.pem")] {
        for options in [&["--listen", "127.0.0.1:0"][..], &["db", "migrate"]] {
            let (code, line) = fail(&folders, &[options, &["--database-url", &url(&file)]].concat(), &[]);
            assert_eq!(code, 64, "{line}");
            assert!(line.contains("--database-url") && line.contains(named), "{line}");
        }
    }
}
