//! Who is let in: whoever has the token of the printed address, or users who sign in and see what is theirs.

mod entry;
mod id_token;
mod json_fetch;
mod openid;
pub mod pages;
mod sessions;
mod signing_keys;
mod users;

pub use entry::{Entry, SignIn, Verdict};
pub use json_fetch::is_safe;
pub use users::Users;
