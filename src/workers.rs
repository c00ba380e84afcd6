//! Pieces of work done beside each other, as many at a time as there are threads and never more.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Result;

/// What `make` makes of each of the first `count` numbers, in their order.
///
/// Threads of their own do it: one of rayon's that waits for a part of a piece, or for another pool, takes up further pieces
/// meanwhile, and in the end holds all of them at once.
///
/// # Errors
/// The first error that was met; what comes after it is not made.
pub fn in_order<T: Send>(count: usize, make: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let threads = rayon::current_num_threads().min(count);
    if threads < 2 {
        return (0..count).map(make).collect();
    }
    let (next, made) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let work = || {
        let mut result = Ok(());
        while result.is_ok() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            result = make(number).map(|piece| made.lock().unwrap_or_else(PoisonError::into_inner).push((number, piece)));
        }
        // The others stop as well.
        next.fetch_max(if result.is_err() { count } else { 0 }, Ordering::Relaxed);
        result
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ends = running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        ends.collect::<Vec<Result<()>>>().into_iter().collect::<Result<()>>()
    })?;
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|(number, _)| *number);
    Ok(made.into_iter().map(|(_, piece)| piece).collect())
}
