//! Sends a file to a reader piece by piece while it is written, waits where the reader is slow, and gives up where they are too slow.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::clock::RunTimer;
use crate::error::Result;

/// Bytes that are sent together, and how many such pieces wait for a slow reader.
const PIECE: usize = 64 * 1024;
const WAITING: usize = 8;

/// How slow a reader may be.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long they may take for a piece: whoever takes none keeps others from their exports.
    patience: Duration,
    /// Bytes a second that they have to take of all of it, beyond that.
    slowest: f64,
}

impl Pace {
    /// That of readers of exports.
    pub const USUAL: Self = Self { patience: Duration::from_secs(60), slowest: 32.0 * 1024.0 };
}

/// What is sent: a piece of the file, or why it ends here unfinished.
pub type Piece = Result<Bytes>;

/// Sends what is written to it.
pub struct PieceWriter {
    pieces: Sender<Piece>,
    buffer: Vec<u8>,
    runtime: Handle,
    timer: RunTimer,
    pace: Pace,
    /// Seconds for which the reader was waited for.
    waited: f64,
    /// Bytes that were sent.
    sent: usize,
}

impl PieceWriter {
    /// Sends to who takes what is received here, at this `pace` at least. It waits by `runtime`, and is to be used outside of it.
    pub fn new(pace: Pace, runtime: Handle) -> (Self, Receiver<Piece>) {
        let (pieces, receiver) = mpsc::channel(WAITING);
        let writer = Self { pieces, buffer: Vec::with_capacity(PIECE), runtime, timer: RunTimer::start(), pace, waited: 0.0, sent: 0 };
        (writer, receiver)
    }

    /// Sends `piece`.
    ///
    /// # Errors
    /// [`io::ErrorKind::BrokenPipe`] where the reader is gone, or too slow.
    pub fn send(&mut self, piece: Piece) -> io::Result<()> {
        // Only what the reader takes counts: some formats take long to be made.
        let allowed = self.pace.patience.as_secs_f64() + self.sent as f64 / self.pace.slowest;
        let patience = Duration::from_secs_f64((allowed - self.waited).max(0.0)).min(self.pace.patience);
        self.sent += piece.as_ref().map_or(0, Bytes::len);
        let before = self.timer.seconds();
        let sent = self.runtime.block_on(self.pieces.send_timeout(piece, patience));
        self.waited += self.timer.seconds() - before;
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }

    /// Sends what is left, and that the file is whole, also where nothing is in it.
    ///
    /// # Errors
    /// As [`PieceWriter::send`].
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.send(Ok(Bytes::new()))
    }
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE { self.flush() } else { Ok(()) }.map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.buffer);
        self.send(Ok(piece.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use crate::clock::RunTimer;
    use crate::serve::piece_writer::{PIECE, Pace, PieceWriter, WAITING};

    /// How many of 40 pieces are written, and the seconds it takes, where the reader rests before each that they take; `None` for a
    /// reader who takes none.
    fn written(pace: Pace, rest: Option<Duration>) -> (usize, f64) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (mut out, mut receiver) = PieceWriter::new(pace, runtime.handle().clone());
        runtime.spawn(async move {
            match rest {
                None => tokio::time::sleep(Duration::from_secs(60)).await,
                Some(rest) => {
                    while receiver.recv().await.is_some() {
                        tokio::time::sleep(rest).await;
                    }
                }
            }
        });
        let timer = RunTimer::start();
        let count = (0..40).take_while(|_| out.write_all(&vec![0; PIECE]).is_ok()).count();
        let seconds = timer.seconds();
        runtime.shutdown_background();
        (count, seconds)
    }

    #[test]
    fn a_reader_slower_than_the_pace_is_cut_off_and_no_other_is() {
        let (patience, rest) = (Duration::from_millis(600), Some(Duration::from_millis(60)));
        // Some 1 MB a second are taken: a tenth of what one pace asks for, and ten times what the other does.
        let (count, seconds) = written(Pace { patience, slowest: 1e7 }, rest);
        assert!((WAITING..38).contains(&count) && (0.5..5.0).contains(&seconds), "{count} pieces in {seconds} s");
        assert_eq!(written(Pace { patience, slowest: 1e5 }, rest).0, 40);
        let (count, seconds) = written(Pace { patience, slowest: 1e5 }, None);
        assert!(count == WAITING && (0.5..5.0).contains(&seconds), "{count} pieces in {seconds} s of a reader who takes none");
    }
}
