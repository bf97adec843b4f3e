//! Certificates, made by `openssl`: an authority of its own for each test, and servers that it speaks for.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A certificate authority that only clients which are given its certificate trust.
#[derive(Debug)]
pub(crate) struct Authority(TempDir);

impl Authority {
    /// Makes one.
    pub(crate) fn new() -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        openssl(authority.0.path(), &["-subj", "/CN=Tests", "-keyout", "ca.key", "-out", "ca.pem"]);
        let server = [
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:portfolio.example",
            "-addext",
            "basicConstraints=CA:FALSE",
        ];
        let signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.pem"];
        openssl(authority.0.path(), &[&server[..], &signed].concat());
        authority
    }

    /// The certificate to be trusted.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.0.path().join("ca.pem")
    }

    /// The certificate of a server at 127.0.0.1, localhost or portfolio.example, and its key.
    pub(crate) fn server(&self) -> [PathBuf; 2] {
        [self.0.path().join("server.pem"), self.0.path().join("server.key")]
    }
}

fn openssl(folder: &Path, options: &[&str]) {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    let output = command.args(options).current_dir(folder).output().expect("openssl can be started; it comes with Debian");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
