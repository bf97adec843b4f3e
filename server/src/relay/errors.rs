//! What Redis refuses, told apart: what passes by itself, what may pass, and what stays until somebody does something.

use redis::RedisError;

use super::connection::{Link, in_short};
use super::keys::Keys;

/// Whether it helps to try the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It helps soon: a connection was lost, a server starts, a slot moves.
    Passing,
    /// It may help: the server refuses to write now.
    Refusing,
    /// It does not help before somebody has changed something: a key is of another kind, a password is wrong.
    Standing,
}

/// Why something could not be done in Redis, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Whether it helps to try the same again.
    pub nature: Nature,
    /// The cause in one line.
    pub text: String,
}

/// What servers answer, by what stands in it, and what that means. Within a script some servers put their own words before the
/// code.
const KINDS: [(&str, Nature, &str); 16] = [
    ("WRONGTYPE", Nature::Standing, "a key is of another kind than it should be"),
    (
        "equal or smaller than the target stream top item",
        Nature::Standing,
        "an entry in the log has a number that is to come yet",
    ),
    ("exhausted the last possible ID", Nature::Standing, "a Stream has an entry with the greatest possible id"),
    ("Invalid stream ID", Nature::Standing, "a note of how far a Stream was taken cannot be read"),
    ("not an integer", Nature::Standing, "a number cannot be read"),
    ("NOPERM", Nature::Standing, "this user may not do what is needed there"),
    ("NOAUTH", Nature::Standing, "a password is asked for"),
    ("WRONGPASS", Nature::Standing, "the password or user was refused"),
    ("READONLY", Nature::Refusing, "it is a replica that only reads, not the master"),
    ("OOM", Nature::Refusing, "its memory is full (maxmemory)"),
    ("MISCONF", Nature::Refusing, "it cannot save to its disk and takes no writes"),
    ("NOREPLICAS", Nature::Refusing, "too few of its replicas are there, and it takes no writes"),
    ("LOADING", Nature::Passing, "it is starting"),
    ("BUSY", Nature::Passing, "it is busy with a script"),
    ("CLUSTERDOWN", Nature::Passing, "its Cluster is not whole"),
    ("MASTERDOWN", Nature::Passing, "its master is away"),
];

impl Cause {
    /// Returns what an error means. What a server answers in words that are not known is taken for a refusal; what did not come
    /// to an answer passes.
    pub fn of(error: &RedisError) -> Self {
        let said = in_short(error);
        // Where in a script it happened is of no use to people, and would make one cause many.
        let said = said.split(" script:").next().unwrap_or_default().to_owned();
        let answer = [error.code().unwrap_or_default(), " ", &error.to_string()].concat();
        let is_lost = error.is_io_error() || error.is_timeout() || error.is_connection_dropped() || error.is_connection_refusal();
        match KINDS.iter().find(|(word, ..)| answer.contains(word)) {
            Some((_, nature, meaning)) => Self { nature: *nature, text: format!("{meaning} ({said})") },
            None if is_lost || error.code().is_none() => Self { nature: Nature::Passing, text: said },
            None => Self { nature: Nature::Refusing, text: said },
        }
    }

    /// Names the key that is of another kind than it should be, where one is.
    pub async fn with_key(mut self, keys: &Keys, link: Option<&mut Link>) -> Self {
        if self.nature == Nature::Standing
            && let Some(link) = link
            && let Some(named) = wrong_key(keys, link).await
        {
            self.text = named;
        }
        self
    }
}

/// Looks for a key of another kind than it should be.
async fn wrong_key(keys: &Keys, link: &mut Link) -> Option<String> {
    for (key, kind) in keys.kinds() {
        let found: String = redis::cmd("TYPE").arg(&key).query_async(link).await.ok()?;
        if found != kind && found != "none" {
            return Some(format!("{key} is a {found} and not a {kind}: delete it, and it is made anew"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use redis::ErrorKind;

    /// An error as the library makes it of an answer.
    fn answer(text: &str) -> RedisError {
        redis::parse_redis_value(format!("-{text}\r\n").as_bytes()).and_then(redis::Value::extract_error).unwrap_err()
    }

    #[test]
    fn what_a_server_answers_is_told_apart_also_out_of_a_script() {
        for (text, nature, word) in [
            ("WRONGTYPE Operation against a key holding the wrong kind of value", Nature::Standing, "another kind"),
            (
                "ERR Error running script (call to f_1): @user_script:13: WRONGTYPE Operation against",
                Nature::Standing,
                "another kind",
            ),
            (
                "ERR The ID specified in XADD is equal or smaller than the target stream top item script: 1",
                Nature::Standing,
                "to come",
            ),
            ("ERR The stream has exhausted the last possible ID, unable to add more items", Nature::Standing, "greatest"),
            ("NOPERM User default has no permissions to run the 'eval' command", Nature::Standing, "may not"),
            ("NOAUTH Authentication required.", Nature::Standing, "password"),
            ("WRONGPASS invalid username-password pair or user is disabled.", Nature::Standing, "password"),
            ("READONLY You can't write against a read only replica. script: 1, on @user_script:3.", Nature::Refusing, "replica"),
            ("OOM command not allowed when used memory > 'maxmemory'. script: 1", Nature::Refusing, "memory"),
            ("MISCONF Redis is configured to save RDB snapshots", Nature::Refusing, "disk"),
            ("NOREPLICAS Not enough good replicas to write.", Nature::Refusing, "replicas"),
            ("ERR something new", Nature::Refusing, "something new"),
            ("LOADING Redis is loading the dataset in memory", Nature::Passing, "starting"),
            ("BUSY Redis is busy running a script.", Nature::Passing, "busy"),
            ("CLUSTERDOWN The cluster is down", Nature::Passing, "Cluster"),
        ] {
            let cause = Cause::of(&answer(text));
            assert_eq!(cause.nature, nature, "{text}: {cause:?}");
            assert!(cause.text.contains(word) && !cause.text.contains('\n'), "{text}: {cause:?}");
        }
    }

    #[test]
    fn what_came_to_no_answer_passes() {
        for kind in [std::io::ErrorKind::ConnectionRefused, std::io::ErrorKind::TimedOut, std::io::ErrorKind::BrokenPipe] {
            assert_eq!(Cause::of(&RedisError::from(std::io::Error::from(kind))).nature, Nature::Passing, "{kind:?}");
        }
        assert_eq!(Cause::of(&RedisError::from((ErrorKind::Io, "gone"))).nature, Nature::Passing);
    }
}
