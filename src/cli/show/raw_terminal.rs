//! A terminal that gives every key at once and shows a screen of ours. However the program ends, the terminal is as it was before.

use std::io::{IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Mutex;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use crate::deliver::standard;
use crate::error::{Error, Result};

/// What the terminal was like before, while it is ours.
static BEFORE: Mutex<Option<(OwnedFd, Termios)>> = Mutex::new(None);

/// Another screen, which leaves what stood there as it was, without the cursor.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l";
/// Back, with the cursor.
const LEAVE: &[u8] = b"\x1b[0m\x1b[?25h\x1b[?1049l";

/// How long a read waits for a key, in tenths of a second; so often the size of the window is looked at.
const WAIT: u8 = 2;
/// The size of a window that does not tell its own.
const USUAL_SIZE: (usize, usize) = (80, 24);

/// A terminal that is ours until this is dropped.
pub struct RawTerminal {
    input: OwnedFd,
}

impl RawTerminal {
    /// Takes the terminal. Where the data come through standard input, keys come from the terminal of the process itself.
    ///
    /// # Errors
    /// [`Error::system`] where there is none.
    pub fn open() -> Result<Self> {
        let stdin = std::io::stdin();
        let input = match stdin.is_terminal() {
            true => stdin.as_fd().try_clone_to_owned().map_err(|error| refused(&error)),
            false => rustix::fs::open("/dev/tty", OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOCTTY, Mode::empty())
                .map_err(|error| refused(&error)),
        }?;
        let before = tcgetattr(&input).map_err(|error| refused(&error))?;
        let mut raw = before.clone();
        raw.make_raw();
        raw.special_codes[SpecialCodeIndex::VMIN] = 0;
        raw.special_codes[SpecialCodeIndex::VTIME] = WAIT;
        let kept = input.try_clone().map_err(|error| refused(&error))?;
        if let Ok(mut saved) = BEFORE.lock() {
            *saved = Some((kept, before));
        }
        let terminal = Self { input };
        tcsetattr(&terminal.input, OptionalActions::Flush, &raw).map_err(|error| refused(&error))?;
        terminal.write(ENTER)?;
        Ok(terminal)
    }

    /// The bytes of the keys that were pressed; none after a short while without any.
    ///
    /// # Errors
    /// [`Error::system`] when the terminal is gone.
    pub fn read(&self) -> Result<Vec<u8>> {
        let mut bytes = [0; 256];
        match rustix::io::read(&self.input, &mut bytes) {
            Ok(count) => Ok(bytes[..count].to_vec()),
            Err(Errno::INTR | Errno::AGAIN) => Ok(Vec::new()),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Columns and lines of the window.
    pub fn size(&self) -> (usize, usize) {
        let size = terminal_size::terminal_size_of(std::io::stdout());
        size.map_or(USUAL_SIZE, |(width, height)| (usize::from(width.0), usize::from(height.0)))
    }

    /// Shows `screen`, which is a whole one.
    ///
    /// # Errors
    /// When standard output refuses.
    pub fn draw(&self, screen: &str) -> Result<()> {
        self.write(screen.as_bytes())
    }

    fn write(&self, bytes: &[u8]) -> Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| standard::refused(&error))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was, if it is ours. Whoever ends the program calls this.
pub fn restore() {
    let before = BEFORE.lock().ok().and_then(|mut saved| saved.take());
    if let Some((input, before)) = before {
        let _ = rustix::io::write(rustix::stdio::stdout(), LEAVE);
        let _ = tcsetattr(&input, OptionalActions::Flush, &before);
    }
}

fn refused(error: &impl std::fmt::Display) -> Error {
    let help = "pipe the table into another program, as in portstatus show orders.csv | less -S";
    Error::system("terminal", format!("cannot be used: {error}"), help)
}
