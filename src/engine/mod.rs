//! An engine that runs statements where the rows are: a client of Spark Connect, SQL in, columns out.
//!
//! An answer counts once the engine says that it is complete. One that breaks off is taken up where it broke off, and what cannot be
//! taken up is an error: no part of an answer is ever taken for all of it.

mod answer;
mod backoff;
mod failure;
mod interruption;
mod place;
mod session;
mod statement;

use crate::error::{Error, Result};

pub use answer::{AnswerBatch, SmallAnswer};
pub use interruption::Interruption;
pub use place::{EnginePlace, EngineToken, TOKEN_VARIABLE};
pub use statement::Progress;

use session::Session;
use statement::{Listeners, Statement};

/// A session with an engine. Statements of one session are run one after another.
///
/// It waits on threads of its own, so it must not be used by one that drives futures.
pub struct Engine {
    session: Session,
}

impl Engine {
    /// Connects to the engine at `place` and begins a session. Whatever `interruption` is told ends what runs.
    ///
    /// # Errors
    /// A token that others could read on its way (64); an engine that is not reached within some twenty seconds, does not answer
    /// within two minutes, cannot be trusted, or is no Spark Connect server (69); a token that it refuses (77); an interruption (75);
    /// no threads (71).
    pub fn connect(place: &EnginePlace, token: Option<&EngineToken>, interruption: Interruption) -> Result<Self> {
        let session = Session::connect(place, token, interruption)?;
        session.greet()?;
        Ok(Self { session })
    }

    /// The version of Spark that the engine says it is.
    ///
    /// # Errors
    /// Those of its connection, and an engine that does not say it.
    pub fn version(&mut self) -> Result<String> {
        self.session.version()
    }

    /// Sets settings of the session, by Spark's names for them.
    ///
    /// # Errors
    /// A setting that the engine refuses, and the errors of its connection.
    pub fn configure(&mut self, settings: &[(&str, &str)]) -> Result<()> {
        self.session.configure(settings)
    }

    /// Runs one statement to its end. Each batch of its answer is handed to `batch`, in order and once, and is not kept; `progress`
    /// hears what the engine says of its work. A statement that does not end well is interrupted on the engine.
    ///
    /// # Errors
    /// A statement that the engine refuses (64, 66, 77) or that fails (65, 69), an engine that is lost (69), an answer that is not
    /// what was promised (69), an interruption (75), and whatever `batch` gives.
    pub fn run(&mut self, sql: &str, progress: &mut dyn FnMut(Progress), batch: &mut dyn FnMut(&AnswerBatch) -> Result<()>) -> Result<()> {
        Statement::new(&self.session, sql).run(&mut Listeners { progress, batch })
    }

    /// Runs one statement whose answer is small, and gives all of it.
    ///
    /// # Errors
    /// As [`run`](Self::run); an answer of more than `max_rows`, or with a column that has no text (65).
    pub fn small_answer(&mut self, sql: &str, max_rows: usize, progress: &mut dyn FnMut(Progress)) -> Result<SmallAnswer> {
        let place = self.session.place.to_string();
        let mut answer = SmallAnswer::default();
        self.run(sql, progress, &mut |batch| {
            if answer.rows.len() + batch.len() > max_rows {
                let what = format!("an answer that is to be small has more than {max_rows} rows");
                return Err(Error::data(&place, what, "see whether the table is the one that was meant"));
            }
            answer.add(batch)
        })?;
        Ok(answer)
    }
}
