//! What an engine that fails said, in our words: where, what, what to do. Neither a token nor the values of a row are repeated.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use tonic::{Code, Status};

use crate::domain::number::mask_sentence;
use crate::domain::text::{one_line, plain};
use crate::engine::place::EnginePlace;
use crate::error::{Error, Place, system_words};

/// Characters of an engine's own sentence, at most.
const MAX_SENTENCE_CHARS: usize = 300;
/// What to do about a statement that failed.
const SEE_ENGINE: &str = "see the log of the engine";
/// What to do about a token.
const SET_TOKEN: &str = "set PORTSTATUS_ENGINE_TOKEN to a token that the engine knows";

/// What is kept of an answer that is a failure.
#[derive(Debug)]
struct Refusal {
    code: Code,
    class: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gRPC status {:?}", self.code)?;
        if self.class.is_empty() { Ok(()) } else { write!(f, ", {}", self.class) }
    }
}

impl StdError for Refusal {}

/// The error of a call that the engine at `place` answered with `status`, or did not answer.
pub fn explain(status: &Status, place: &EnginePlace) -> Error {
    if let Some(error) = broken_connection(status, place) {
        return error;
    }
    let at = place.to_string();
    let (said, class, state) = said(status.message());
    let error = match status.code() {
        Code::Unauthenticated => Error::permission(at, "the engine does not let us in without a token that it knows", SET_TOKEN),
        Code::PermissionDenied => Error::permission(at, format!("the engine refuses this{}", said.behind(": ")), "ask whoever runs it"),
        Code::Unimplemented | Code::NotFound if class.is_empty() => {
            Error::unavailable(at, "what answers there does not speak Spark Connect", "check the port; a Spark Connect server has 15002")
        }
        Code::DeadlineExceeded | Code::Unavailable => {
            Error::unavailable(at, format!("the engine does not answer{}", said.behind(": ")), "see whether it runs, and run it again")
        }
        Code::OutOfRange if status.message().contains("message length too large") => {
            Error::data(at, "a row of the answer is larger than a message may be", "select fewer columns or shorter texts")
        }
        _ => match state.as_str() {
            "42P01" | "42704" | "42K03" => {
                Error::no_input(at, format!("the statement failed{}", said.behind(": ")), "check the names in it")
            }
            "42501" => Error::permission(at, format!("the statement failed{}", said.behind(": ")), "ask whoever runs the engine"),
            state if state.starts_with("42") => Error::usage(at, format!("the statement failed{}", said.behind(": ")), SEE_ENGINE),
            state if state.starts_with("22") => Error::data(at, format!("the statement failed{}", said.behind(": ")), SEE_ENGINE),
            _ => Error::unavailable(at, format!("the statement failed{}", said.behind(": ")), SEE_ENGINE),
        },
    };
    error.with_cause(Refusal { code: status.code(), class })
}

/// The error of a connection to `place` that was not made, or broke, if `error` is one.
pub fn broken_connection(error: &(dyn StdError + 'static), place: &EnginePlace) -> Option<Error> {
    let causes = || causes(error);
    let innermost = causes().last()?;
    let input_output = causes().filter_map(|cause| cause.downcast_ref::<io::Error>());
    let wrapped = input_output.clone().filter_map(|error| error.get_ref()?.downcast_ref::<rustls::Error>());
    let of_tls = causes().filter_map(|cause| cause.downcast_ref::<rustls::Error>()).chain(wrapped).next();
    let at = place.to_string();
    Some(match (of_tls, input_output.clone().next()) {
        (Some(rustls::Error::InvalidCertificate(why)), _) => {
            let what = format!("the engine cannot be trusted: its certificate is refused ({})", lower(why));
            Error::unavailable(at, what, "name the host as its certificate does, and have the system trust its authority")
        }
        (Some(why), _) => {
            let what = format!("no encrypted connection can be made: {}", lower(why));
            Error::unavailable(at, what, "leave out use_ssl=true if the engine does not encrypt")
        }
        (None, Some(why)) if why.kind() == io::ErrorKind::ConnectionRefused => {
            Error::unavailable(at, "nothing listens there", "start the engine, or check the host and the port")
        }
        (None, Some(why)) if !is_broken(why.kind()) => {
            Error::unavailable(at, format!("the engine cannot be reached: {}", system_words(why)), "check the host")
        }
        (None, _) => {
            let what = format!("the connection to the engine broke: {}", lower(innermost));
            Error::unavailable(at, what, "see whether a Spark Connect server listens there, and with or without use_ssl=true")
        }
    })
}

/// Whether a connection that was made broke.
fn is_broken(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    matches!(kind, Kind::BrokenPipe | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::UnexpectedEof | Kind::InvalidData)
}

/// The error of a statement that somebody asked to end.
pub fn interrupted(place: &EnginePlace) -> Error {
    Error::try_later(place.to_string(), "the statement was interrupted", "run it again")
}

/// The error of an answer at `place` that breaks what the protocol promises.
pub fn broken_promise(place: &EnginePlace, what: &str) -> Error {
    Error::unavailable(Place::from(place.to_string()), what, "the answer is not used; run it again, and report it if it happens twice")
}

/// The error of a statement that the engine at `place` no longer knows, as `status` says, when a part of its answer was received.
pub fn forgotten(status: &Status, place: &EnginePlace) -> Error {
    let (_, class, _) = said(status.message());
    let what = "the engine forgot the statement in the middle of its answer";
    broken_promise(place, what).with_cause(Refusal { code: status.code(), class })
}

/// Whether the same call, or attaching to its answer again, may succeed.
pub fn is_transient(status: &Status) -> bool {
    let is_broken = status.source().is_some() && matches!(status.code(), Code::Unknown | Code::Internal | Code::Cancelled);
    // Another stream was attached to the same answer, such as one of ours whose end the server did not see.
    is_broken || status.code() == Code::Unavailable || status.message().contains("INVALID_CURSOR.DISCONNECTED")
}

/// Whether the engine does not know the statement that was asked about, as Spark and Sail say it.
pub fn is_unknown(status: &Status) -> bool {
    let words = ["INVALID_HANDLE.OPERATION_NOT_FOUND", "INVALID_HANDLE.SESSION_NOT_FOUND", "operation not found"];
    words.iter().any(|words| status.message().contains(words)) || status.code() == Code::NotFound && status.source().is_none()
}

/// Whether the engine already runs the statement that it was asked to run.
pub fn is_running_already(status: &Status) -> bool {
    status.message().contains("INVALID_HANDLE.OPERATION_ALREADY_EXISTS")
}

/// A sentence of an engine, fit for a message.
struct Said(String);

impl Said {
    /// The sentence with `mark` before it; nothing, if it says nothing.
    fn behind(&self, mark: &str) -> String {
        if self.0.is_empty() { String::new() } else { format!("{mark}{}", self.0) }
    }
}

/// What a `message` says, its error class and its SQLSTATE. Errors of names and grammar (class 42 of SQL) are told in full, as they
/// speak of the statement; others may quote rows, so what stands behind their class, or between quotes, is left out.
fn said(message: &str) -> (Said, String, String) {
    let first = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let class = error_class(first);
    let state = message.split_once("SQLSTATE: ").map_or("", |(_, rest)| rest.get(..5).unwrap_or_default()).to_owned();
    let told = match &class {
        _ if state.starts_with("42") => first.to_owned(),
        Some(class) => first[..class.end].to_owned(),
        None => without_quoted(first),
    };
    let told: String = mask_sentence(&plain(&one_line(&told))).chars().take(MAX_SENTENCE_CHARS).collect();
    (
        Said(told.trim_end_matches('.').to_owned()),
        class.map(|class| first[class].trim_matches(['[', ']']).to_owned()).unwrap_or_default(),
        state,
    )
}

/// Where an error class such as `[CAST_INVALID_INPUT]` stands in `text`, with its brackets.
fn error_class(text: &str) -> Option<std::ops::Range<usize>> {
    text.match_indices('[').find_map(|(start, _)| {
        let end = start + text[start..].find(']')? + 1;
        let name = &text[start + 1..end - 1];
        let is_class =
            name.len() > 3 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_.".contains(&byte));
        is_class.then_some(start..end)
    })
}

/// `text` with dots for whatever stands between quotes.
fn without_quoted(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut quote = None;
    for letter in text.chars() {
        match quote {
            Some(mark) if letter == mark => quote = None,
            Some(_) => continue,
            None if matches!(letter, '\'' | '"') => {
                quote = Some(letter);
                told.push(letter);
                told.push('…');
                continue;
            }
            None => {}
        }
        told.push(letter);
    }
    told
}

/// What caused `error`, the outermost first.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> + Clone {
    std::iter::successors(error.source(), |cause: &&'a (dyn StdError + 'static)| (*cause).source())
}

fn lower(error: &(impl fmt::Display + ?Sized)) -> String {
    system_words(&mask_sentence(&plain(&error.to_string())))
}
