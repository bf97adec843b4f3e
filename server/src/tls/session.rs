//! One connection's TLS without its socket, and without a buffer that outlives its bytes: who has the socket hands in what came, and
//! takes out what is to go.

use std::io::{self, IoSlice};
use std::sync::Arc;

use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{ConnectionState, EncodeError, EncodeTlsData, EncryptError, InsufficientSizeError, WriteTraffic};
use rustls::{Error, ServerConfig};

/// The plaintext of the largest record (RFC 8446, 5.1).
pub(crate) const RECORD_BYTES: usize = 16_384;

/// What a record is longer than its plaintext, at most: five bytes of head, eight of nonce and sixteen of tag, in TLS 1.2; what rustls
/// sends before it (the answer to a key update) has room as well.
const MORE_THAN_PLAINTEXT: usize = 128;

/// The most bytes that are kept of records and handshake messages which have not come whole, as in rustls' own buffers.
const MOST_KEPT: usize = 65_536;

/// A session: keys and counters, and the few bytes that are on their way.
pub(crate) struct Session {
    connection: UnbufferedServerConnection,
    standing: Standing,
    is_closed_by_peer: bool,
    /// What came of a record or a handshake message that is not whole. Rustls knows parts of it by their index.
    incoming: Vec<u8>,
    /// Records that the socket has not taken, and how many bytes of them it has.
    outgoing: Vec<u8>,
    sent: usize,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// From the handshake on.
    Open,
    /// We have said that nothing follows.
    Closed,
    /// The peer broke the protocol. Rustls must not be asked again.
    Failed,
}

/// What is to be written once the session may.
enum Writing<'a> {
    Nothing,
    Plaintext(&'a [u8]),
    Close,
}

impl Session {
    /// Begins with a handshake.
    pub(crate) fn new(config: Arc<ServerConfig>) -> io::Result<Self> {
        let connection = UnbufferedServerConnection::new(config).map_err(invalid)?;
        let (incoming, outgoing) = (Vec::new(), Vec::new());
        Ok(Self { connection, standing: Standing::Open, is_closed_by_peer: false, incoming, outgoing, sent: 0 })
    }

    /// Returns whether the handshake is not over.
    pub(crate) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// Returns the protocol that was agreed upon (RFC 7301).
    pub(crate) fn protocol(&self) -> Option<&[u8]> {
        self.connection.alpn_protocol()
    }

    /// Returns whether the peer has said that nothing follows.
    pub(crate) fn is_closed_by_peer(&self) -> bool {
        self.is_closed_by_peer
    }

    /// Takes bytes that came, and calls `took` with the plaintext of each record. What is to be answered is then
    /// [to be sent](Self::to_send), after a failure as well: the alert that says why.
    pub(crate) fn receive(&mut self, bytes: &mut [u8], took: impl FnMut(&[u8])) -> io::Result<()> {
        match self.standing {
            Standing::Open => {}
            // What comes behind our last word is not read.
            Standing::Closed => return Ok(()),
            Standing::Failed => return Err(io::ErrorKind::InvalidData.into()),
        }
        if self.incoming.is_empty() {
            let used = self.process(bytes, Writing::Nothing, took)?;
            self.incoming = bytes[used..].to_vec();
        } else {
            self.incoming.extend_from_slice(bytes);
            self.process_incoming(Writing::Nothing, took)?;
        }
        if self.incoming.len() > MOST_KEPT {
            self.standing = Standing::Failed;
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(())
    }

    /// Encrypts as much of some plaintext as one record holds, and returns how much that was.
    pub(crate) fn seal(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.standing != Standing::Open {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let gathered;
        let mut filled = slices.iter().filter(|slice| !slice.is_empty());
        let plaintext = match (filled.next(), filled.next()) {
            (None, _) => return Ok(0),
            (Some(only), None) => &only[..only.len().min(RECORD_BYTES)],
            _ => {
                gathered = gather(slices);
                &gathered[..]
            }
        };
        self.process_incoming(Writing::Plaintext(plaintext), |_| {})?;
        Ok(plaintext.len())
    }

    /// Says that nothing follows, once.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        if self.standing != Standing::Open {
            return Ok(());
        }
        self.process_incoming(Writing::Close, |_| {})?;
        self.standing = Standing::Closed;
        Ok(())
    }

    /// Returns the records that are to be written next.
    pub(crate) fn to_send(&self) -> &[u8] {
        &self.outgoing[self.sent..]
    }

    /// Notes that the socket took so many bytes of them.
    pub(crate) fn note_sent(&mut self, count: usize) {
        self.sent += count;
        if self.sent >= self.outgoing.len() {
            (self.outgoing, self.sent) = (Vec::new(), 0);
        }
    }

    fn process_incoming(&mut self, writing: Writing<'_>, took: impl FnMut(&[u8])) -> io::Result<()> {
        let mut incoming = std::mem::take(&mut self.incoming);
        let used = self.process(&mut incoming, writing, took)?;
        if used < incoming.len() {
            incoming.drain(..used);
            self.incoming = incoming;
        }
        Ok(())
    }

    /// Has rustls go on until it needs more bytes, and returns how many of these it is done with.
    fn process(&mut self, bytes: &mut [u8], writing: Writing<'_>, took: impl FnMut(&[u8])) -> io::Result<usize> {
        let processed = self.step_through(bytes, writing, took);
        if processed.is_err() {
            self.standing = Standing::Failed;
            // Only while it has something to send it looks at nothing else.
            while self.connection.wants_write()
                && let Ok(ConnectionState::EncodeTlsData(mut message)) = self.connection.process_tls_records(&mut []).state
                && encode(&mut message, &mut self.outgoing).is_ok()
            {}
        }
        processed.map_err(invalid)
    }

    fn step_through(&mut self, bytes: &mut [u8], writing: Writing<'_>, mut took: impl FnMut(&[u8])) -> Result<usize, Error> {
        let mut used = 0;
        loop {
            let status = self.connection.process_tls_records(&mut bytes[used..]);
            let mut discard = status.discard;
            match status.state? {
                ConnectionState::ReadTraffic(mut traffic) => {
                    while let Some(record) = traffic.next_record() {
                        let record = record?;
                        discard += record.discard;
                        took(record.payload);
                    }
                }
                ConnectionState::EncodeTlsData(mut message) => encode(&mut message, &mut self.outgoing)?,
                ConnectionState::TransmitTlsData(sent) => sent.done(),
                ConnectionState::PeerClosed => self.is_closed_by_peer = true,
                ConnectionState::WriteTraffic(traffic) => {
                    write(traffic, &writing, &mut self.outgoing)?;
                    return Ok(used + discard);
                }
                // The handshake waits for more, or both sides have said that nothing follows. Early data is not offered.
                _ => {
                    let is_late = matches!(writing, Writing::Plaintext(_));
                    return if is_late { Err(Error::HandshakeNotComplete) } else { Ok(used + discard) };
                }
            }
            used += discard;
        }
    }
}

/// Takes as much as one record holds.
fn gather(slices: &[IoSlice<'_>]) -> Vec<u8> {
    let mut gathered = Vec::with_capacity(slices.iter().map(|slice| slice.len()).sum::<usize>().min(RECORD_BYTES));
    for slice in slices {
        let room = RECORD_BYTES - gathered.len();
        gathered.extend_from_slice(&slice[..slice.len().min(room)]);
    }
    gathered
}

fn encode<Data>(message: &mut EncodeTlsData<'_, Data>, outgoing: &mut Vec<u8>) -> Result<(), Error> {
    append(outgoing, MORE_THAN_PLAINTEXT, |room| match message.encode(room) {
        Err(EncodeError::InsufficientSize(size)) => Ok(Err(size)),
        Err(error) => Err(Error::General(error.to_string())),
        Ok(count) => Ok(Ok(count)),
    })
}

fn write<Data>(mut traffic: WriteTraffic<'_, Data>, writing: &Writing<'_>, outgoing: &mut Vec<u8>) -> Result<(), Error> {
    let plaintext = match writing {
        Writing::Nothing => return Ok(()),
        Writing::Plaintext(plaintext) => Some(*plaintext),
        Writing::Close => None,
    };
    append(outgoing, plaintext.map_or(0, <[u8]>::len) + MORE_THAN_PLAINTEXT, |room| {
        let written = match plaintext {
            Some(plaintext) => traffic.encrypt(plaintext, room),
            None => traffic.queue_close_notify(room),
        };
        match written {
            Err(EncryptError::InsufficientSize(size)) => Ok(Err(size)),
            Err(EncryptError::EncryptExhausted) => Err(Error::EncryptError),
            Ok(count) => Ok(Ok(count)),
        }
    })
}

/// Appends what `fill` writes into a room of `guess` bytes, or of as many as it then asks for.
fn append(
    outgoing: &mut Vec<u8>,
    guess: usize,
    mut fill: impl FnMut(&mut [u8]) -> Result<Result<usize, InsufficientSizeError>, Error>,
) -> Result<(), Error> {
    let (before, mut room) = (outgoing.len(), guess);
    loop {
        outgoing.reserve_exact(room);
        outgoing.resize(before + room, 0);
        let filled = fill(&mut outgoing[before..]);
        outgoing.truncate(before + if let Ok(Ok(count)) = filled { count } else { 0 });
        match filled? {
            Ok(_) => return Ok(()),
            Err(InsufficientSizeError { required_size, .. }) => room = required_size,
        }
    }
}

fn invalid(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
#[path = "../../../tests/integration/support/certificates.rs"]
mod certificates;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::version::{TLS12, TLS13};
    use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};

    /// A session and a client of it, as two ends of a wire that a test carries bytes over.
    struct Pair {
        session: Session,
        client: ClientConnection,
        /// What the session has read.
        read: Vec<u8>,
    }

    impl Pair {
        fn new(version: &'static SupportedProtocolVersion) -> Self {
            let authority = certificates::Authority::new();
            let [certificate, key] = authority.server();
            let config = crate::tls::read(Some(&certificate), Some(&key)).unwrap().unwrap();
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(authority.certificate()).unwrap()).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let client = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
            let mut client = client.with_root_certificates(roots).with_no_client_auth();
            client.alpn_protocols = vec![crate::tls::HTTP_2.to_vec()];
            let client = ClientConnection::new(Arc::new(client), ServerName::try_from("localhost").unwrap()).unwrap();
            Self { session: Session::new(config).unwrap(), client, read: Vec::new() }
        }

        /// Makes one with hands shaken.
        fn open(version: &'static SupportedProtocolVersion) -> Self {
            let mut pair = Self::new(version);
            pair.carry(usize::MAX);
            assert!(!pair.session.is_handshaking() && !pair.client.is_handshaking());
            pair
        }

        /// Carries what either has to send, so many bytes at a time, until neither has any.
        fn carry(&mut self, at_once: usize) {
            loop {
                let mut sent = self.sent_by_client();
                let to_client = self.session.to_send().to_vec();
                if sent.is_empty() && to_client.is_empty() {
                    return;
                }
                for part in sent.chunks_mut(at_once) {
                    self.session.receive(part, |record| self.read.extend_from_slice(record)).unwrap();
                }
                for part in to_client.chunks(at_once) {
                    self.session.note_sent(part.len());
                    self.client.read_tls(&mut &*part).unwrap();
                    self.client.process_new_packets().unwrap();
                }
            }
        }

        fn sent_by_client(&mut self) -> Vec<u8> {
            let mut sent = Vec::new();
            while self.client.write_tls(&mut sent).unwrap() > 0 {}
            sent
        }

        fn read_by_client(&mut self) -> Vec<u8> {
            let mut read = Vec::new();
            // An end without a word is a failure, and so is a pause.
            let _ = self.client.reader().read_to_end(&mut read);
            read
        }

        fn keeps_nothing(&self) -> bool {
            self.session.incoming.capacity() == 0 && self.session.outgoing.capacity() == 0
        }
    }

    #[test]
    fn hands_are_shaken_and_words_exchanged_however_the_bytes_are_cut() {
        for version in [&TLS12, &TLS13] {
            for at_once in [1, 2, 3, 7, 100, 5_000] {
                let mut pair = Pair::new(version);
                pair.carry(at_once);
                assert_eq!(pair.session.protocol(), Some(crate::tls::HTTP_2));
                pair.client.writer().write_all(b"question").unwrap();
                assert_eq!(pair.session.seal(&[IoSlice::new(b"ans"), IoSlice::new(b""), IoSlice::new(b"wer")]).unwrap(), 6);
                pair.carry(at_once);
                assert_eq!(pair.read, b"question", "{at_once} at once");
                assert_eq!(pair.read_by_client(), b"answer", "{at_once} at once");
                assert!(pair.keeps_nothing(), "{version:?}, {at_once} at once");
            }
        }
    }

    #[test]
    fn more_than_a_record_holds_is_taken_in_parts_and_comes_whole() {
        let text: Vec<u8> = (0..100_000_u32).map(|number| (number % 251) as u8).collect();
        for version in [&TLS12, &TLS13] {
            let (mut pair, mut rest, mut read) = (Pair::open(version), &text[..], Vec::new());
            while !rest.is_empty() {
                let (one, other) = rest.split_at(rest.len() / 3);
                let taken = pair.session.seal(&[IoSlice::new(one), IoSlice::new(other)]).unwrap();
                assert_eq!(taken, rest.len().min(RECORD_BYTES));
                rest = &rest[taken..];
                pair.carry(4_096);
                read.extend(pair.read_by_client());
            }
            assert!(read == text && pair.keeps_nothing(), "{version:?}");
        }
    }

    #[test]
    fn a_record_of_which_half_has_come_is_kept_until_it_is_whole() {
        let mut pair = Pair::open(&TLS13);
        pair.client.writer().write_all(&[b'x'; 1_000]).unwrap();
        let mut sent = pair.sent_by_client();
        let (first, second) = sent.split_at_mut(600);
        let mut read = Vec::new();
        pair.session.receive(first, |record| read.extend_from_slice(record)).unwrap();
        assert!(read.is_empty() && pair.session.incoming.len() == 600);
        pair.session.seal(&[IoSlice::new(b"meanwhile")]).unwrap();
        pair.session.receive(second, |record| read.extend_from_slice(record)).unwrap();
        assert_eq!(read, [b'x'; 1_000]);
        pair.carry(usize::MAX);
        assert_eq!(pair.read_by_client(), b"meanwhile");
        assert!(pair.keeps_nothing());
    }

    #[test]
    fn keys_change_when_the_client_changes_them_and_the_answer_goes_before_what_is_written_next() {
        let mut pair = Pair::open(&TLS13);
        for round in 0..20_u8 {
            pair.client.refresh_traffic_keys().unwrap();
            pair.client.writer().write_all(&[round]).unwrap();
            pair.carry(3);
            pair.session.seal(&[IoSlice::new(&[round])]).unwrap();
            pair.carry(3);
            assert_eq!(pair.read_by_client(), [round]);
        }
        assert_eq!(pair.read, (0..20).collect::<Vec<u8>>());
    }

    #[test]
    fn either_end_says_that_nothing_follows() {
        for version in [&TLS12, &TLS13] {
            let mut pair = Pair::open(version);
            pair.session.seal(&[IoSlice::new(b"last")]).unwrap();
            pair.session.close().unwrap();
            pair.session.close().unwrap();
            assert_eq!(pair.session.seal(&[IoSlice::new(b"more")]).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
            let records = pair.session.to_send().to_vec();
            pair.client.read_tls(&mut &records[..]).unwrap();
            assert!(pair.client.process_new_packets().unwrap().peer_has_closed());
            assert_eq!(pair.read_by_client(), b"last");
            let mut late = [0; 100];
            pair.session.receive(&mut late, |_| {}).unwrap();

            let mut pair = Pair::open(version);
            pair.client.send_close_notify();
            pair.carry(usize::MAX);
            assert!(pair.session.is_closed_by_peer());
        }
    }

    #[test]
    fn what_is_no_tls_fails_with_an_alert_and_for_good() {
        for version in [&TLS12, &TLS13] {
            for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 32], b"\x17\x03\x03\x00\x20and these are thirty-two characters"]
            {
                let mut pair = Pair::open(version);
                let mut bytes = garbage.to_vec();
                assert_eq!(pair.session.receive(&mut bytes, |_| {}).unwrap_err().kind(), io::ErrorKind::InvalidData);
                let alert = pair.session.to_send().to_vec();
                pair.client.read_tls(&mut &alert[..]).unwrap();
                assert!(matches!(pair.client.process_new_packets(), Err(Error::AlertReceived(_))), "{version:?}");
                assert!(pair.session.receive(&mut bytes, |_| {}).is_err() && pair.session.seal(&[IoSlice::new(b"x")]).is_err());
                pair.session.close().unwrap();
            }
        }
    }

    #[test]
    fn a_session_is_as_small_as_rustls_lets_it_be() {
        let connection = size_of::<UnbufferedServerConnection>();
        assert!(size_of::<Session>() <= connection + 64, "{} and {connection} bytes", size_of::<Session>());
    }

    #[test]
    fn a_handshake_that_never_comes_to_an_end_is_not_kept_for_ever() {
        let mut session = Pair::new(&TLS13).session;
        // A message of 16 MiB, as its head says, in records of 16 KiB.
        let mut record = vec![0; RECORD_BYTES + 5];
        record[..9].copy_from_slice(&[0x16, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff]);
        assert!((0..8).any(|_| session.receive(&mut record.clone(), |_| {}).is_err()));
    }
}
